//! Python's values as JSON text, and JSON text as Python's values, without anything in between.

use std::fmt;
use std::sync::{PoisonError, RwLock};

use authmint_jose::{Error, check_json};
use pyo3::exceptions::{PyTypeError, PyValueError};
use pyo3::intern;
use pyo3::prelude::*;
use pyo3::sync::RwLockExt as _;
use pyo3::types::{PyBool, PyBytes, PyDict, PyFloat, PyInt, PyList, PyString, PyTuple};
use serde::de::{DeserializeSeed, Error as _, MapAccess, SeqAccess, Visitor};

use crate::errors::{named, raise};

/// As deep as the core reads.
const MAX_DEPTH: u8 = 16;

/// Writes a value as compact JSON.
///
/// # Errors
/// `TypeError` for what JSON has no form for, `ValueError` for a number that is none and for what is nested too deeply.
pub(crate) fn write(value: &Bound<'_, PyAny>, out: &mut Vec<u8>) -> PyResult<()> {
    write_at(value, out, 0)
}

fn write_at(value: &Bound<'_, PyAny>, out: &mut Vec<u8>, depth: u8) -> PyResult<()> {
    if let Ok(text) = value.cast::<PyString>() {
        return write_text(text, out);
    }
    // A bool is an int to Python.
    if let Ok(truth) = value.cast::<PyBool>() {
        out.extend_from_slice(if truth.is_true() { b"true" } else { b"false" });
        return Ok(());
    }
    if let Ok(number) = value.cast::<PyInt>() {
        return write_integer(number, out);
    }
    if depth == MAX_DEPTH {
        return Err(PyValueError::new_err("the value is nested too deeply"));
    }
    let inside = depth.saturating_add(1);
    if let Ok(object) = value.cast::<PyDict>() {
        return write_object(object, out, inside);
    }
    if let Ok(list) = value.cast::<PyList>() {
        return write_array(list.iter(), out, inside);
    }
    if let Ok(tuple) = value.cast::<PyTuple>() {
        return write_array(tuple.iter(), out, inside);
    }
    if value.is_none() {
        out.extend_from_slice(b"null");
        return Ok(());
    }
    if let Ok(number) = value.cast::<PyFloat>() {
        let number: f64 = number.extract()?;
        if !number.is_finite() {
            return Err(PyValueError::new_err("JSON has no form for a number that is not finite"));
        }
        return serde_json::to_writer(out, &number)
            .map_err(|_| PyValueError::new_err("JSON can't be written"));
    }
    let kind = value.get_type().name()?.to_string();
    Err(PyTypeError::new_err(format!("JSON has no form for a value of the type {kind}")))
}

pub(crate) fn write_text(text: &Bound<'_, PyString>, out: &mut Vec<u8>) -> PyResult<()> {
    serde_json::to_writer(out, text.to_str()?).map_err(|_| PyValueError::new_err("JSON can't be written"))
}

fn write_integer(number: &Bound<'_, PyInt>, out: &mut Vec<u8>) -> PyResult<()> {
    if let Ok(number) = number.extract::<i64>() {
        return serde_json::to_writer(out, &number)
            .map_err(|_| PyValueError::new_err("JSON can't be written"));
    }
    // `int` itself, since a subclass may print itself as something else.
    let digits = number.py().get_type::<PyInt>().call_method1(intern!(number.py(), "__repr__"), (number,))?;
    out.extend_from_slice(digits.cast::<PyString>()?.to_str()?.as_bytes());
    Ok(())
}

fn write_object(object: &Bound<'_, PyDict>, out: &mut Vec<u8>, depth: u8) -> PyResult<()> {
    out.push(b'{');
    let mut first = true;
    for (name, value) in object {
        if !std::mem::take(&mut first) {
            out.push(b',');
        }
        let name =
            name.cast::<PyString>().map_err(|_| PyTypeError::new_err("a name in JSON must be a str"))?;
        write_text(name, out)?;
        out.push(b':');
        write_at(&value, out, depth)?;
    }
    out.push(b'}');
    Ok(())
}

fn write_array<'py>(
    items: impl Iterator<Item = Bound<'py, PyAny>>,
    out: &mut Vec<u8>,
    depth: u8,
) -> PyResult<()> {
    out.push(b'[');
    let mut first = true;
    for item in items {
        if !std::mem::take(&mut first) {
            out.push(b',');
        }
        write_at(&item, out, depth)?;
    }
    out.push(b']');
    Ok(())
}

/// The text of a value.
pub(crate) fn text(value: &Bound<'_, PyAny>) -> PyResult<String> {
    let mut out = Vec::with_capacity(256);
    write(value, &mut out)?;
    String::from_utf8(out).map_err(|_| PyValueError::new_err("JSON is UTF-8"))
}

/// The text of a message that came as a dict.
///
/// # Errors
/// `DecodeError` for what no JSON text is read as: half a surrogate pair, a number that is none, deep nesting.
pub(crate) fn message(message: &Bound<'_, PyDict>) -> PyResult<String> {
    let py = message.py();
    text(message).map_err(|problem| {
        if problem.is_instance_of::<PyValueError>(py) {
            return raise(py, &Error::Malformed { what: "the message", expected: "a JSON object" });
        }
        problem
    })
}

/// Reads an object, strictly: no name twice, no deep nesting. `what` names the text in the error.
///
/// # Errors
/// `DecodeError` for what is no JSON object.
pub(crate) fn read_object<'py>(
    py: Python<'py>,
    what: &'static str,
    text: &str,
) -> PyResult<Bound<'py, PyDict>> {
    check_json(what, text).map_err(|error| raise(py, &error))?;
    let malformed = || raise(py, &Error::Malformed { what, expected: "a JSON object" });
    // A number that no machine word holds: the core has found the text sound, so Python may read it.
    let value = if has_long_number(text) {
        py.import(intern!(py, "json"))?.call_method1(intern!(py, "loads"), (text,))?
    } else {
        let mut reader = serde_json::Deserializer::from_str(text);
        Reader(py).deserialize(&mut reader).map_err(|_| malformed())?
    };
    value.cast_into::<PyDict>().map_err(|_| malformed())
}

/// Reads a header. Tokens of one kind and one issuer share theirs, so the last one is remembered.
pub(crate) fn read_header<'py>(py: Python<'py>, text: &str) -> PyResult<Bound<'py, PyDict>> {
    static LAST: RwLock<Option<(Box<str>, Py<PyDict>)>> = RwLock::new(None);
    if let Some((known, header)) = &*LAST.read_py_attached(py).unwrap_or_else(PoisonError::into_inner)
        && **known == *text
    {
        return header.bind(py).copy();
    }
    let header = read_object(py, "the header", text)?;
    // A copy goes deep enough only where nothing is in it that can be changed.
    let is_flat = header.values().iter().all(|value| value.is_instance_of::<PyString>());
    if is_flat && text.len() <= 256 {
        let known = (text.into(), header.copy()?.unbind());
        *LAST.write_py_attached(py).unwrap_or_else(PoisonError::into_inner) = Some(known);
    }
    Ok(header)
}

/// As [`read_object`], of bytes.
pub(crate) fn read_object_bytes<'py>(
    py: Python<'py>,
    what: &'static str,
    text: &[u8],
) -> PyResult<Bound<'py, PyDict>> {
    let text =
        std::str::from_utf8(text).map_err(|_| raise(py, &Error::Malformed { what, expected: "UTF-8" }))?;
    read_object(py, what, text)
}

/// Whether there are so many digits in a row that a number of 64 bits may not hold them. One in a string does no harm: it
/// is only read more slowly.
fn has_long_number(text: &str) -> bool {
    const LONG: usize = 19;
    let bytes = text.as_bytes();
    // Every run of so many digits has one at a multiple of this place.
    bytes.iter().skip(LONG.saturating_sub(1)).step_by(LONG).enumerate().any(|(nth, byte)| {
        byte.is_ascii_digit() && {
            let at = nth.saturating_mul(LONG).saturating_add(LONG).saturating_sub(1);
            let (before, after) = bytes.split_at_checked(at).unwrap_or((bytes, &[]));
            let digits =
                |run: &mut dyn Iterator<Item = &u8>| run.take_while(|byte| byte.is_ascii_digit()).count();
            digits(&mut before.iter().rev()).saturating_add(digits(&mut after.iter())) >= LONG
        }
    })
}

/// The text of a `str` or of UTF-8 bytes.
///
/// # Errors
/// `TypeError` for anything else, `DecodeError` for what is no UTF-8: half a surrogate pair in a `str`, too.
pub(crate) fn str_or_bytes<'a>(value: &'a Bound<'_, PyAny>, what: &'static str) -> PyResult<&'a str> {
    let malformed = || named(value.py(), "DecodeError", None, &format!("{what} must be UTF-8"));
    if let Ok(text) = value.cast::<PyString>() {
        return text.to_str().map_err(|_| malformed());
    }
    let bytes: &[u8] =
        value.extract().map_err(|_| PyTypeError::new_err(format!("{what} must be a str or bytes")))?;
    std::str::from_utf8(bytes).map_err(|_| malformed())
}

struct Reader<'py>(Python<'py>);

impl<'de, 'py> DeserializeSeed<'de> for Reader<'py> {
    type Value = Bound<'py, PyAny>;

    fn deserialize<D: serde::Deserializer<'de>>(self, deserializer: D) -> Result<Self::Value, D::Error> {
        deserializer.deserialize_any(self)
    }
}

impl<'de, 'py> Visitor<'de> for Reader<'py> {
    type Value = Bound<'py, PyAny>;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("JSON")
    }

    fn visit_bool<E>(self, value: bool) -> Result<Self::Value, E> {
        Ok(PyBool::new(self.0, value).to_owned().into_any())
    }

    fn visit_i64<E: serde::de::Error>(self, value: i64) -> Result<Self::Value, E> {
        value.into_pyobject(self.0).map(Bound::into_any).map_err(E::custom)
    }

    fn visit_u64<E: serde::de::Error>(self, value: u64) -> Result<Self::Value, E> {
        value.into_pyobject(self.0).map(Bound::into_any).map_err(E::custom)
    }

    fn visit_f64<E>(self, value: f64) -> Result<Self::Value, E> {
        Ok(PyFloat::new(self.0, value).into_any())
    }

    fn visit_str<E>(self, value: &str) -> Result<Self::Value, E> {
        Ok(PyString::new(self.0, value).into_any())
    }

    fn visit_unit<E>(self) -> Result<Self::Value, E> {
        Ok(self.0.None().into_bound(self.0))
    }

    fn visit_seq<A: SeqAccess<'de>>(self, mut items: A) -> Result<Self::Value, A::Error> {
        let list = PyList::empty(self.0);
        while let Some(item) = items.next_element_seed(Reader(self.0))? {
            list.append(item).map_err(A::Error::custom)?;
        }
        Ok(list.into_any())
    }

    fn visit_map<A: MapAccess<'de>>(self, mut members: A) -> Result<Self::Value, A::Error> {
        let object = PyDict::new(self.0);
        while let Some(name) = members.next_key_seed(Reader(self.0))? {
            let value = members.next_value_seed(Reader(self.0))?;
            object.set_item(name, value).map_err(A::Error::custom)?;
        }
        Ok(object.into_any())
    }
}

/// A JSON object from its text, strictly.
#[pyfunction(name = "read_object")]
pub(crate) fn parse_object<'py>(text: &Bound<'py, PyAny>) -> PyResult<Bound<'py, PyDict>> {
    read_object(text.py(), "the text", str_or_bytes(text, "the text")?)
}

/// The bytes of strict base64url.
#[pyfunction]
pub(crate) fn base64url_decode<'py>(text: &Bound<'py, PyAny>) -> PyResult<Bound<'py, PyBytes>> {
    let py = text.py();
    let bytes = authmint_jose::base64url::decode(str_or_bytes(text, "base64url")?);
    let bytes = bytes.map_err(|error| raise(py, &error))?;
    Ok(PyBytes::new(py, &bytes))
}
