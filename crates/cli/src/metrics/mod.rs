//! Figures for Prometheus, and answers for whoever asks whether this node is well: on an address of their own, so that strangers
//! meet neither.
//!
//! Every label has few values, all of them this program's own: nothing that a request says becomes one.

mod measure;
mod pages;
#[cfg(test)]
mod tests;

use std::sync::Arc;
use std::sync::atomic::AtomicBool;

use authmint_provider::Provider;
use authmint_server::storage::KeyPurpose;
use prometheus_client::encoding::EncodeLabelSet;
use prometheus_client::metrics::counter::Counter;
use prometheus_client::metrics::family::Family;
use prometheus_client::metrics::gauge::Gauge;
use prometheus_client::metrics::histogram::Histogram;
use prometheus_client::registry::{Registry, Unit};

use crate::audit::Trail;

pub(crate) use measure::measured;
pub(crate) use pages::pages;

/// In seconds: from an answer out of memory to a request that is given up.
const DURATIONS: [f64; 12] = [0.0005, 0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 1.0, 5.0, 30.0];

/// The figures of a node.
#[derive(Debug)]
pub(crate) struct Metrics {
    registry: Registry,
    requests: Family<Request, Counter>,
    durations: Family<Endpoint, Histogram>,
    keys: Family<Purpose, Gauge<i64>>,
    pub(crate) connections: Gauge,
    pub(crate) purged: Counter,
    /// Whether this node was asked to end: it answers, and wants no new work.
    pub(crate) ending: AtomicBool,
}

#[derive(Clone, Debug, PartialEq, Eq, Hash, EncodeLabelSet)]
struct Request {
    endpoint: &'static str,
    method: &'static str,
    /// `none` where nobody waited for the answer.
    status: String,
}

#[derive(Clone, Debug, PartialEq, Eq, Hash, EncodeLabelSet)]
struct Endpoint {
    endpoint: &'static str,
}

#[derive(Clone, Debug, PartialEq, Eq, Hash, EncodeLabelSet)]
struct Purpose {
    purpose: &'static str,
    algorithm: String,
}

impl Metrics {
    /// The figures, with those that the audit trail counts.
    pub(crate) fn new(trail: &Trail) -> Arc<Self> {
        let durations: Family<Endpoint, Histogram> =
            Family::new_with_constructor(|| Histogram::new(DURATIONS));
        let mut metrics = Self {
            registry: Registry::with_prefix("authmint"),
            requests: Family::default(),
            durations,
            keys: Family::default(),
            connections: Gauge::default(),
            purged: Counter::default(),
            ending: AtomicBool::new(false),
        };
        let registry = &mut metrics.registry;
        registry.register("http_requests", "Requests that were answered", metrics.requests.clone());
        registry.register_with_unit(
            "http_request_duration",
            "How long answers took",
            Unit::Seconds,
            metrics.durations.clone(),
        );
        registry.register("connections", "Connections that are open", metrics.connections.clone());
        registry.register("audit_events", "Events of the audit trail", trail.events.clone());
        registry.register(
            "audit_lost",
            "Events that could not be written to the audit file",
            trail.lost.clone(),
        );
        registry.register("store_errors", "Failures of the store", trail.store_errors.clone());
        registry.register("purged_records", "Expired records that were removed", metrics.purged.clone());
        registry.register_with_unit(
            "key_age",
            "How long the keys in use have been in use",
            Unit::Seconds,
            metrics.keys.clone(),
        );
        Arc::new(metrics)
    }

    /// Reads the keys' age, which nobody counts.
    async fn look_at_keys(&self, provider: &Provider) {
        let Ok(keys) = provider.server().keys().list().await else { return };
        let now = provider.server().now();
        for key in keys.iter().filter(|key| key.published_until.is_none()) {
            let purpose = match key.purpose {
                KeyPurpose::Sign(_) => "sign",
                KeyPurpose::Decrypt(_) => "decrypt",
            };
            let age = i64::try_from(now.since(key.active_from).as_secs()).unwrap_or(i64::MAX);
            self.keys.get_or_create(&Purpose { purpose, algorithm: key.purpose.to_string() }).set(age);
        }
    }
}
