//! The audit trail: what an operator may have to account for later, as lines of JSON in a file of its own.
//!
//! Whatever writes to the target [`TARGET`] is in it, whatever the log's filter says. A line is written with one call to a file
//! that is open for appending, so that commands and a running provider can share one.

use std::fmt;
use std::fs::{File, OpenOptions};
use std::io::{self, Write};
use std::path::{Path, PathBuf};
use std::sync::{LazyLock, Mutex, PoisonError};

use prometheus_client::encoding::EncodeLabelSet;
use prometheus_client::metrics::counter::Counter;
use prometheus_client::metrics::family::Family;
use serde::Serialize;
use serde_json::{Map, Value};
use tracing::field::{Field, Visit};
use tracing::{Event, Subscriber, span};
use tracing_subscriber::Layer;
use tracing_subscriber::filter::{LevelFilter, Targets};
use tracing_subscriber::layer::Context;
use tracing_subscriber::registry::LookupSpan;

pub(crate) use authmint_server::audit::{REQUEST, TARGET};

use crate::output::{Failure, say};

/// The trail of this process, as there is one log.
pub(crate) fn trail() -> &'static Trail {
    static TRAIL: LazyLock<Trail> = LazyLock::new(Trail::default);
    &TRAIL
}

/// Where events go, and how many there were.
#[derive(Debug, Default)]
pub(crate) struct Trail {
    file: Mutex<Destination>,
    pub(crate) events: Family<EventName, Counter>,
    pub(crate) store_errors: Counter,
    pub(crate) lost: Counter,
}

/// The name of an event: one of a few that the code knows.
#[derive(Clone, Debug, PartialEq, Eq, Hash, EncodeLabelSet)]
pub(crate) struct EventName {
    pub(crate) event: String,
}

#[derive(Debug, Default)]
struct Destination {
    path: Option<PathBuf>,
    open: Option<File>,
    complained: bool,
}

impl Trail {
    /// Names the file, which is opened when there is something to write.
    pub(crate) fn write_to(&self, path: Option<PathBuf>) {
        *self.destination() = Destination { path, ..Destination::default() };
    }

    /// Opens the file now, in place of the one that was open: somebody may have moved that away.
    ///
    /// # Errors
    /// When it can't be written.
    pub(crate) fn reopen(&self) -> Result<(), Failure> {
        let mut destination = self.destination();
        let Some(path) = destination.path.clone() else { return Ok(()) };
        destination.open = None;
        destination.open = Some(open(&path).map_err(|error| {
            Failure::new(format!("the audit file {} can't be written: {error}", path.display()))
                .advice("see that its folder is there and that this user may write it, or name another one in [audit]")
        })?);
        destination.complained = false;
        Ok(())
    }

    fn destination(&self) -> std::sync::MutexGuard<'_, Destination> {
        self.file.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn record(&self, line: &Line<'_>) {
        self.events.get_or_create(&EventName { event: line.event.to_owned() }).inc();
        let mut destination = self.destination();
        let Some(path) = destination.path.clone() else { return };
        if let Err(error) = destination.write(&path, line) {
            self.lost.inc();
            // Not to the log: this may be the log's own doing. Once, not for every line.
            if !std::mem::replace(&mut destination.complained, true) {
                say(&format!("error: the audit file {} can't be written: {error}", path.display()));
            }
        }
    }
}

impl Destination {
    fn write(&mut self, path: &Path, line: &Line<'_>) -> io::Result<()> {
        let mut text = serde_json::to_vec(line)?;
        text.push(b'\n');
        let file = match &mut self.open {
            Some(file) => file,
            none => none.insert(open(path)?),
        };
        file.write_all(&text)
    }
}

/// Names and addresses of people are in it: its owner alone reads it.
fn open(path: &Path) -> io::Result<File> {
    let mut options = OpenOptions::new();
    options.append(true).create(true);
    #[cfg(unix)]
    std::os::unix::fs::OpenOptionsExt::mode(&mut options, 0o600);
    options.open(path)
}

/// A line of the file.
#[derive(Serialize)]
struct Line<'a> {
    time: String,
    event: &'a str,
    level: &'static str,
    #[serde(skip_serializing_if = "Option::is_none")]
    peer: Option<String>,
    #[serde(flatten)]
    fields: Map<String, Value>,
}

/// The part of the log that sees the events.
pub(crate) struct TrailLayer(&'static Trail);

/// The layer, which sees no more than it needs and all of that, whatever the log shows.
pub(crate) fn layer<S: Subscriber + for<'s> LookupSpan<'s>>(trail: &'static Trail) -> impl Layer<S> {
    let targets = [TARGET, REQUEST, authmint_server::STORE_TARGET];
    let seen = targets.into_iter().map(|target| (target, LevelFilter::TRACE));
    TrailLayer(trail).with_filter(Targets::new().with_targets(seen))
}

/// The address of a request, kept beside its span.
struct Peer(String);

impl<S: Subscriber + for<'s> LookupSpan<'s>> Layer<S> for TrailLayer {
    fn on_new_span(&self, attributes: &span::Attributes<'_>, id: &span::Id, context: Context<'_, S>) {
        let mut fields = Fields::default();
        attributes.record(&mut fields);
        if let (Some(span), Some(Value::String(peer))) = (context.span(id), fields.0.remove("peer")) {
            span.extensions_mut().replace(Peer(peer));
        }
    }

    fn on_event(&self, event: &Event<'_>, context: Context<'_, S>) {
        let metadata = event.metadata();
        match metadata.target() {
            TARGET => {}
            authmint_server::STORE_TARGET => {
                self.0.store_errors.inc();
                return;
            }
            // The filter knows how a target begins.
            _ => return,
        }
        let mut fields = Fields::default();
        event.record(&mut fields);
        let Some(Value::String(name)) = fields.0.remove("event") else { return };
        let mut around = context.event_scope(event).into_iter().flatten();
        let peer = || around.find_map(|span| span.extensions().get::<Peer>().map(|peer| peer.0.clone()));
        let said = fields.0.remove("peer").and_then(|said| said.as_str().map(str::to_owned));
        let peer = said.or_else(peer);
        self.0.record(&Line {
            time: jiff::Timestamp::now().to_string(),
            event: &name,
            level: metadata.level().as_str(),
            peer,
            fields: fields.0,
        });
    }
}

/// The fields of an event as JSON.
#[derive(Default)]
struct Fields(Map<String, Value>);

impl Visit for Fields {
    fn record_str(&mut self, field: &Field, value: &str) {
        self.0.insert(field.name().to_owned(), value.into());
    }

    fn record_bool(&mut self, field: &Field, value: bool) {
        self.0.insert(field.name().to_owned(), value.into());
    }

    fn record_i64(&mut self, field: &Field, value: i64) {
        self.0.insert(field.name().to_owned(), value.into());
    }

    fn record_u64(&mut self, field: &Field, value: u64) {
        self.0.insert(field.name().to_owned(), value.into());
    }

    fn record_debug(&mut self, field: &Field, value: &dyn fmt::Debug) {
        self.0.insert(field.name().to_owned(), format!("{value:?}").into());
    }
}

#[cfg(test)]
mod tests {
    use tracing_subscriber::layer::SubscriberExt;

    use super::*;

    #[test]
    fn a_line_has_the_event_its_fields_and_the_address_of_its_request() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("audit.jsonl");
        let trail: &'static Trail = Box::leak(Box::default());
        trail.write_to(Some(path.clone()));
        tracing::subscriber::with_default(tracing_subscriber::registry().with(layer(trail)), || {
            let request = tracing::debug_span!(target: REQUEST, "request", peer = %"203.0.113.9");
            request.in_scope(|| {
                tracing::debug!(target: TARGET, event = "token_issued", client_id = "app", subject = None::<&str>, "issued");
                tracing::info!("not of the trail");
            });
            tracing::error!(target: authmint_server::STORE_TARGET, "the store failed");
            std::fs::rename(&path, folder.path().join("old.jsonl")).unwrap();
            trail.reopen().unwrap();
            tracing::warn!(target: TARGET, event = "code_replayed", "again");
        });
        let read = |name: &str| -> Vec<Value> {
            let text = std::fs::read_to_string(folder.path().join(name)).unwrap();
            text.lines().map(|line| serde_json::from_str(line).unwrap()).collect()
        };
        let old = read("old.jsonl");
        assert_eq!(old.len(), 1);
        assert!(old[0]["time"].as_str().unwrap().ends_with('Z'));
        for (name, value) in [
            ("event", "token_issued"),
            ("client_id", "app"),
            ("peer", "203.0.113.9"),
            ("level", "DEBUG"),
            ("message", "issued"),
        ] {
            assert_eq!(old[0][name], value);
        }
        assert!(old[0].get("subject").is_none());
        let new = read("audit.jsonl");
        assert_eq!(
            (new.len(), new[0]["event"].as_str(), new[0].get("peer")),
            (1, Some("code_replayed"), None)
        );
        assert_eq!(trail.store_errors.get(), 1);
        assert_eq!(trail.lost.get(), 0);
    }

    #[test]
    fn what_can_not_be_written_is_counted() {
        let folder = tempfile::tempdir().unwrap();
        let trail: &'static Trail = Box::leak(Box::default());
        trail.write_to(Some(folder.path().join("none").join("audit.jsonl")));
        assert!(trail.reopen().is_err());
        tracing::subscriber::with_default(tracing_subscriber::registry().with(layer(trail)), || {
            tracing::info!(target: TARGET, event = "signed_in", "signed in");
        });
        assert_eq!(trail.lost.get(), 1);
        let name = EventName { event: "signed_in".to_owned() };
        assert_eq!(trail.events.get_or_create(&name).get(), 1);
    }
}
