//! JWT (RFC 7519) as Authlib's `jwt` has it: claims are signed as they are, and returned once the signature is verified. What
//! they say is checked by the claims class; by a policy at once, see `policy`.

use pyo3::exceptions::PyTypeError;
use pyo3::intern;
use pyo3::prelude::*;
use pyo3::types::{PyBytes, PyDict, PyString};

use crate::algorithms::Algorithms;
use crate::errors::{OrRaise as _, named};
use crate::json;
use crate::jws::{allowed, sign, verify_plain};
use crate::key_set::Keys;

/// Names that a token must not have: what it says is there for all to read.
const SENSITIVE: [&str; 4] = ["password", "token", "secret", "secret_key"];

/// Signs claims in the compact form.
///
/// A time may be a `datetime`. Claims that look like secrets are refused where `check`.
#[pyfunction]
pub(crate) fn encode_jwt<'py>(
    header: &Bound<'py, PyDict>,
    claims: &Bound<'py, PyDict>,
    key: Keys<'py>,
    algorithms: &Bound<'py, Algorithms>,
    check: bool,
) -> PyResult<Bound<'py, PyBytes>> {
    let py = header.py();
    let payload = write_claims(claims, check)?;
    let Some(plain) = PlainHeader::of(header)? else {
        // What a plain header gets, any other gets, too.
        let header = header.copy()?;
        let (typ, kid) = (intern!(py, "typ"), intern!(py, "kid"));
        if !header.contains(typ)? {
            header.set_item(typ, "JWT")?;
        }
        if let (Keys::One(key), false) = (&key, header.contains(kid)?)
            && let Some(name) = key.get().jwk().kid()
        {
            header.set_item(kid, name)?;
        }
        return sign(&header, payload.as_bytes(), key, algorithms, false);
    };
    let algorithm = allowed(py, plain.algorithm.to_str()?, algorithms.get())?;
    let (signer, name) = key.to_sign(algorithm, None).or_raise(py)?;
    let signer = match name {
        Some(name) => signer.with_kid(name),
        None => signer,
    };
    let typ = plain.typ.as_ref().map_or(Ok("JWT"), |typ| typ.to_str())?;
    let builder = authmint_jose::JwsBuilder::new().typ(typ);
    let token = py.detach(|| builder.sign(&signer, payload.as_bytes())).or_raise(py)?;
    Ok(PyBytes::new(py, token.as_bytes()))
}

/// A header that says nothing but `alg` and `typ`, as almost all do.
struct PlainHeader<'py> {
    algorithm: Bound<'py, PyString>,
    typ: Option<Bound<'py, PyString>>,
}

impl<'py> PlainHeader<'py> {
    fn of(header: &Bound<'py, PyDict>) -> PyResult<Option<Self>> {
        let py = header.py();
        let text = |name: &Bound<'py, PyString>| match header.get_item(name)? {
            Some(value) => value
                .cast_into::<PyString>()
                .map(Some)
                .map_err(|_| PyTypeError::new_err(format!("{name} must be a str"))),
            None => Ok(None),
        };
        let algorithm = text(intern!(py, "alg"))?;
        let algorithm =
            algorithm.ok_or_else(|| named(py, "MissingAlgorithmError", None, "the header has no alg"))?;
        let typ = text(intern!(py, "typ"))?;
        let plain = header.len() == if typ.is_some() { 2 } else { 1 };
        Ok(plain.then_some(Self { algorithm, typ }))
    }
}

/// The claims as JSON.
fn write_claims(claims: &Bound<'_, PyDict>, check: bool) -> PyResult<String> {
    let py = claims.py();
    let mut claims = claims.clone();
    for name in [intern!(py, "exp"), intern!(py, "nbf"), intern!(py, "iat")] {
        // Python counts the seconds of a datetime that knows no zone in the local one; a token's times are UTC.
        if let Some(time) = claims.get_item(name)?
            && time.hasattr(intern!(py, "utctimetuple"))?
        {
            let seconds = py
                .import(intern!(py, "calendar"))?
                .call_method1(intern!(py, "timegm"), (time.call_method0(intern!(py, "utctimetuple"))?,))?;
            claims = claims.copy()?;
            claims.set_item(name, seconds)?;
        }
    }
    if check {
        check_sensitive(&claims)?;
    }
    json::text(&claims)
}

fn check_sensitive(claims: &Bound<'_, PyDict>) -> PyResult<()> {
    for (name, value) in claims {
        let is_named = name
            .cast::<PyString>()
            .is_ok_and(|name| name.to_str().is_ok_and(|name| SENSITIVE.contains(&name)));
        let looks_so = || value.cast::<PyString>().is_ok_and(|text| text.to_str().is_ok_and(looks_sensitive));
        if is_named || looks_so() {
            return Err(named(claims.py(), "InsecureClaimError", Some(&name.str()?.to_string()), ""));
        }
    }
    Ok(())
}

/// Private keys, the numbers of payment cards, and those of social security in the United States.
fn looks_sensitive(text: &str) -> bool {
    let mut words = text.split(|c: char| !c.is_alphanumeric());
    (text.contains("-----BEGIN") && text.contains("PRIVATE KEY-----"))
        || is_card_number(text)
        || words.any(is_card_number)
        || begins_with_social_security_number(text)
}

/// As `123-45-6789`; none begins with 000, 666 or 9, or has a group of zeros.
fn begins_with_social_security_number(text: &str) -> bool {
    let Some((number, rest)) = text.split_at_checked(11) else { return false };
    let groups: Vec<&str> = number.split('-').collect();
    let [area, group, serial] = groups.as_slice() else { return false };
    let digits = |text: &str, length| text.len() == length && text.bytes().all(|byte| byte.is_ascii_digit());
    digits(area, 3)
        && digits(group, 2)
        && digits(serial, 4)
        && !area.starts_with('9')
        && !["000", "666"].contains(area)
        && *group != "00"
        && *serial != "0000"
        && !rest.starts_with(|c: char| c.is_alphanumeric() || c == '_')
}

/// The digits of a payment card, with spaces or dashes between them, of a network's length and beginning, whose checksum is right
/// (ISO/IEC 7812-1). Other numbers of that length are identifiers of people more often than not.
fn is_card_number(text: &str) -> bool {
    if !text.chars().all(|c| c.is_ascii_digit() || matches!(c, ' ' | '-')) {
        return false;
    }
    let digits: Vec<u32> = text.chars().filter_map(|c| c.to_digit(10)).collect();
    let beginning =
        digits.iter().take(4).fold(0, |number: u32, digit| number.saturating_mul(10).saturating_add(*digit));
    let is_of_a_network = match digits.len() {
        15 => matches!(beginning, 3400..=3499 | 3700..=3799),
        16 => matches!(beginning, 2221..=2720 | 3528..=3589 | 4000..=4999 | 5100..=5599 | 6011 | 6440..=6599),
        _ => false,
    };
    if !is_of_a_network {
        return false;
    }
    let sum: u32 = digits
        .iter()
        .rev()
        .enumerate()
        .map(|(at, digit)| match (at % 2, digit.saturating_mul(2)) {
            (0, _) => *digit,
            (_, twice @ ..10) => twice,
            (_, twice) => twice.saturating_sub(9),
        })
        .sum();
    sum.is_multiple_of(10)
}

/// Verifies a token: its header, and its claims.
#[pyfunction]
pub(crate) fn decode_jwt<'py>(
    token: &Bound<'py, PyAny>,
    key: Keys<'py>,
    algorithms: &Bound<'py, Algorithms>,
) -> PyResult<(Bound<'py, PyDict>, Bound<'py, PyDict>)> {
    let py = token.py();
    let token = json::str_or_bytes(token, "the token")?;
    let jws = verify_plain(py, token, &key, algorithms.get()).or_raise(py)?;
    let header = json::read_header(py, jws.header.as_json())?;
    let claims = json::read_object_bytes(py, "the claims set", &jws.payload)?;
    Ok((header, claims))
}

/// The claims as the text of JSON.
#[pyfunction]
pub(crate) fn claims_json(claims: &Bound<'_, PyDict>, check: bool) -> PyResult<String> {
    write_claims(claims, check)
}
