//! The documents of the interface: names, cases and order are those its clients know.

use crate::times;
use kms::{KeyDescription, KeyService, Route};
use serde::Serialize;
use std::collections::BTreeMap;

#[derive(Serialize)]
pub(super) struct Status {
    name: &'static str,
    #[serde(rename = "default-key-id")]
    default_key_id: String,
    endpoints: BTreeMap<String, &'static str>,
    state: State,
}

/// Nothing of this is known; the names are expected all the same.
#[derive(Default, Serialize)]
#[serde(rename_all = "PascalCase")]
struct State {
    version: &'static str,
    key_store_latency: u64,
    key_store_reachable: bool,
    keystore_available: bool,
    #[serde(rename = "OS")]
    os: &'static str,
    arch: &'static str,
    up_time: u64,
    #[serde(rename = "CPUs")]
    cpus: u64,
    #[serde(rename = "UsableCPUs")]
    usable_cpus: u64,
    heap_alloc: u64,
    stack_alloc: u64,
}

impl Status {
    pub async fn of(keys: &dyn KeyService) -> Self {
        let state = |online| if online { "online" } else { "offline" };
        let endpoints = keys.endpoints().await.into_iter().map(|endpoint| (endpoint.url, state(endpoint.online)));
        Status {
            name: keys.name(),
            default_key_id: keys.default_key_id().to_owned(),
            endpoints: endpoints.collect(),
            state: State::default(),
        }
    }
}

#[derive(Serialize)]
pub(super) struct Metrics {
    kms_req_success: u64,
    kms_req_error: u64,
    kms_req_failure: u64,
    /// By nanoseconds.
    kms_resp_time: BTreeMap<String, u64>,
}

impl From<kms::Metrics> for Metrics {
    fn from(read: kms::Metrics) -> Self {
        Metrics {
            kms_req_success: read.success,
            kms_req_error: read.error,
            kms_req_failure: read.failure,
            kms_resp_time: read.times.into_iter().map(|(bound, count)| (bound.as_nanos().to_string(), count)).collect(),
        }
    }
}

#[derive(Serialize)]
pub(super) struct Version {
    pub version: String,
}

#[derive(Serialize)]
#[serde(rename_all = "PascalCase")]
pub(super) struct RouteItem {
    method: String,
    path: String,
    max_body: u64,
    /// Seconds.
    timeout: u64,
}

impl From<Route> for RouteItem {
    fn from(route: Route) -> Self {
        let Route { method, path, max_body, timeout } = route;
        RouteItem { method, path, max_body, timeout: timeout.as_secs() }
    }
}

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
pub(super) struct KeyItem {
    created_at: String,
    created_by: String,
    name: String,
}

impl From<KeyDescription> for KeyItem {
    fn from(key: KeyDescription) -> Self {
        let created_at = times::text(key.created_at);
        KeyItem { created_at, created_by: key.created_by, name: key.key_id }
    }
}

#[derive(Serialize)]
#[serde(rename_all = "kebab-case")]
pub(super) struct KeyState {
    pub key_id: String,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub encryption_error: Option<&'static str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub decryption_error: Option<&'static str>,
}
