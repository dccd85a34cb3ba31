//! What the core warns of, in Python's log `authmint`.
//!
//! A warning waits until the call that it came up in is back in Python: a handler of the log may take locks, and so may the core where
//! it speaks. Failures are not here: whoever called is told, and tells the log.

use std::cell::RefCell;
use std::fmt::{Debug, Write as _};

use pyo3::prelude::*;
use pyo3::sync::PyOnceLock;
use tracing::field::{Field, Visit};
use tracing::level_filters::LevelFilter;
use tracing::span::{Attributes, Id, Record};
use tracing::{Event, Level, Metadata, Subscriber};

/// How many warnings of one call are kept.
const MOST: usize = 16;

thread_local! {
    static HEARD: RefCell<Vec<String>> = const { RefCell::new(Vec::new()) };
}

/// Begins to listen; a second time does nothing.
pub(crate) fn listen() {
    // Another subscriber can't be there: the core is this library's own.
    let _ = tracing::subscriber::set_global_default(Ear);
}

/// Hands what this thread heard to Python's log.
pub(crate) fn tell(py: Python<'_>) {
    for text in HEARD.take() {
        // A log that fails changes no answer.
        let _ = warn(py, &text);
    }
}

fn warn(py: Python<'_>, text: &str) -> PyResult<()> {
    static LOG: PyOnceLock<Py<PyAny>> = PyOnceLock::new();
    let log = LOG.get_or_try_init(py, || {
        py.import("logging")?.call_method1("getLogger", ("authmint",)).map(Bound::unbind)
    })?;
    log.call_method1(py, "warning", ("%s", text)).map(drop)
}

struct Ear;

impl Subscriber for Ear {
    fn enabled(&self, metadata: &Metadata<'_>) -> bool {
        *metadata.level() == Level::WARN
    }

    fn max_level_hint(&self) -> Option<LevelFilter> {
        Some(LevelFilter::WARN)
    }

    fn event(&self, event: &Event<'_>) {
        let mut line = Line::default();
        event.record(&mut line);
        HEARD.with_borrow_mut(|heard| {
            if heard.len() < MOST {
                heard.push(line.message + &line.fields);
            }
        });
    }

    // No span is of interest.
    fn new_span(&self, _: &Attributes<'_>) -> Id {
        Id::from_u64(1)
    }
    fn record(&self, _: &Id, _: &Record<'_>) {}
    fn record_follows_from(&self, _: &Id, _: &Id) {}
    fn enter(&self, _: &Id) {}
    fn exit(&self, _: &Id) {}
}

/// `message; field=value; …`
#[derive(Default)]
struct Line {
    message: String,
    fields: String,
}

impl Visit for Line {
    fn record_debug(&mut self, field: &Field, value: &dyn Debug) {
        // To a String, it does not fail.
        let _ = match field.name() {
            "message" => write!(self.message, "{value:?}"),
            name => write!(self.fields, "; {name}={value:?}"),
        };
    }
}
