//! Health probes: `/minio/health/live`, `ready`, `cluster`, `cluster/read`.

use super::Answer;
use http::{HeaderName, HeaderValue, Method, Request, Response, StatusCode};
use rustfs_http::ResponseBody;
use store::SetHealth;

const SERVER_STATUS: HeaderName = HeaderName::from_static("x-minio-server-status");
const WRITE_QUORUM: HeaderName = HeaderName::from_static("x-minio-write-quorum");
const READ_QUORUM: HeaderName = HeaderName::from_static("x-minio-read-quorum");
const CLASS_DEFAULTS: HeaderName = HeaderName::from_static("x-minio-storage-class-defaults");
const HEALING_DRIVES: HeaderName = HeaderName::from_static("x-minio-healing-drives");

/// What is asked.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Probe {
    /// Does the process answer?
    Alive,
    /// Can objects be written? `maintenance`: and would they still, without this machine?
    Write { maintenance: bool },
    /// Can objects be read?
    Read { maintenance: bool },
}

impl Probe {
    /// The probe that a request is, if it is one.
    pub fn of<B>(request: &Request<B>) -> Option<Self> {
        let place = request.uri().path().strip_prefix("/minio/health/")?;
        if ![Method::GET, Method::HEAD].contains(request.method()) {
            return None;
        }
        let query = request.uri().query().unwrap_or("");
        let maintenance = query.split('&').any(|pair| pair == "maintenance=true");
        match place.trim_end_matches('/') {
            "live" | "ready" => Some(Probe::Alive),
            "cluster" => Some(Probe::Write { maintenance }),
            "cluster/read" => Some(Probe::Read { maintenance }),
            _ => None,
        }
    }

    /// Whether its answer depends on the drives.
    pub fn looks_at_drives(self) -> bool {
        self != Probe::Alive
    }
}

/// The answer to a probe. `health` is `None` when the drives couldn't be asked (in time).
pub fn answer(probe: Probe, open: bool, health: Option<&[SetHealth]>) -> Answer {
    let mut answer = Response::new(ResponseBody::empty());
    let (maintenance, reading) = match probe {
        Probe::Alive => {
            if !open {
                answer.headers_mut().insert(SERVER_STATUS, HeaderValue::from_static("offline"));
            }
            return answer;
        }
        Probe::Write { maintenance } => (maintenance, false),
        Probe::Read { maintenance } => (maintenance, true),
    };
    let Some(sets) = health else {
        *answer.status_mut() = StatusCode::SERVICE_UNAVAILABLE;
        answer.headers_mut().insert(SERVER_STATUS, HeaderValue::from_static("offline"));
        return answer;
    };
    let quorum = |set: &SetHealth| if reading { set.read_quorum } else { set.write_quorum };
    // Every drive is this machine's: without it none is left.
    let online = |set: &SetHealth| if maintenance { 0 } else { set.online };
    let healthy = sets.iter().all(|set| online(set) >= quorum(set));
    let name = if reading { READ_QUORUM } else { WRITE_QUORUM };
    answer.headers_mut().insert(name, HeaderValue::from(sets.iter().map(quorum).max().unwrap_or(0)));
    // MinIO says `false` whatever the settings of storage classes are, once it is up.
    answer.headers_mut().insert(CLASS_DEFAULTS, HeaderValue::from_static("false"));
    let healing: usize = sets.iter().map(|set| set.healing).sum();
    if healing > 0 {
        answer.headers_mut().insert(HEALING_DRIVES, HeaderValue::from(healing));
    }
    *answer.status_mut() = match (healthy, maintenance) {
        (true, _) => StatusCode::OK,
        (false, true) => StatusCode::PRECONDITION_FAILED,
        (false, false) => StatusCode::SERVICE_UNAVAILABLE,
    };
    answer
}
