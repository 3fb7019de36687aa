//! What was asked and answered so far.

use crate::bodies::Body;
use rustfs_sim::history::{History, Violation};
use rustfs_sim::machine::Machine;
use rustfs_sim::model::{Answer, Id, Mode, Op, Request};
use std::collections::{BTreeMap, BTreeSet, VecDeque};
use store::VersionId;
use uuid::Uuid;

/// Open changes to a name beyond which nobody asks for more: what may have happened multiplies with each.
const MOST_OPEN: usize = 4;

/// How many events are told with a violation.
const LAST_EVENTS: usize = 60;

pub struct Ledger {
    machine: Machine,
    next: Op,
    pub keys: Vec<Key>,
    pub uploads: Vec<Upload>,
    bodies: BTreeMap<Op, Body>,
    by_uuid: BTreeMap<Uuid, Op>,
    /// Uploads that may have been begun though nobody was told.
    pub lost_begins: BTreeMap<Op, (usize, Mode)>,
    /// Errors are answers, too: drives are failing.
    pub tolerant: bool,
    pub violations: Vec<String>,
    events: VecDeque<String>,
    pub answered: u64,
    pub failed: u64,
    /// A number that tells one course of events from another.
    pub digest: u64,
}

pub struct Key {
    pub name: String,
    pub modes: Vec<Mode>,
    pub history: History,
    /// Versions that clients have been told of.
    pub told: BTreeSet<Id>,
}

/// An upload and its parts.
#[derive(Clone, Debug)]
pub struct Upload {
    pub key: usize,
    pub id: String,
    pub mode: Mode,
    pub parts: BTreeMap<u32, Part>,
    pub state: UploadState,
    /// Somebody is at it.
    pub busy: bool,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum UploadState {
    Open,
    /// A completion or an abortion had no answer.
    Unknown {
        completing: Option<Op>,
    },
    Ended,
}

/// What may be found under a part's number.
#[derive(Clone, Debug, Default)]
pub struct Part {
    pub acked: Option<Op>,
    pub maybe: BTreeSet<Op>,
}

impl Part {
    /// A part that is put again is taken away first: if that is cut off, neither is there.
    pub fn allows(&self, found: Option<Op>) -> bool {
        found == self.acked || found.map_or(!self.maybe.is_empty(), |op| self.maybe.contains(&op))
    }
}

impl Ledger {
    pub fn new(machine: Machine, keys: &[(&str, &[Mode])]) -> Self {
        let key = |(name, modes): &(&str, &[Mode])| Key {
            name: (*name).to_owned(),
            modes: modes.to_vec(),
            history: History::default(),
            told: BTreeSet::new(),
        };
        Ledger {
            machine,
            next: 0,
            keys: keys.iter().map(key).collect(),
            uploads: Vec::new(),
            bodies: BTreeMap::new(),
            by_uuid: BTreeMap::new(),
            lost_begins: BTreeMap::new(),
            tolerant: false,
            violations: Vec::new(),
            events: VecDeque::new(),
            answered: 0,
            failed: 0,
            digest: 0,
        }
    }

    pub fn broken(&self) -> bool {
        !self.violations.is_empty()
    }

    pub fn violate(&mut self, what: String) {
        let events: Vec<&str> = self.events.iter().map(String::as_str).collect();
        self.violations.push(format!("{what}\nlast events:\n{}", events.join("\n")));
    }

    /// Something failed. That is fine while drives fail, and in the moment in which the power goes.
    pub fn unexpected(&mut self, what: String) {
        if !self.tolerant && !self.machine.is_off() {
            self.violate(what);
        }
    }

    pub fn check(&mut self, key: usize, result: Result<(), Violation>) {
        if let Err(Violation(what)) = result {
            let name = self.keys[key].name.clone();
            self.violate(format!("'{name}': {what}"));
        }
    }

    pub fn note(&mut self, event: String) {
        tracing::info!("{event}");
        for byte in event.bytes() {
            self.digest = (self.digest ^ u64::from(byte)).wrapping_mul(0x0100_0000_01b3);
        }
        if self.events.len() == LAST_EVENTS {
            self.events.pop_front();
        }
        self.events.push_back(event);
    }

    pub fn new_op(&mut self) -> Op {
        self.next += 1;
        self.next
    }

    pub fn has_room(&self, key: usize) -> bool {
        self.keys[key].history.open_changes() < MOST_OPEN
    }

    pub fn begin(&mut self, key: usize, request: Request) -> Op {
        let op = self.new_op();
        self.note(format!("{op} '{}' {request:?}", self.keys[key].name));
        self.keys[key].history.begin(op, request);
        op
    }

    pub fn answer(&mut self, key: usize, op: Op, answer: Answer) {
        self.answered += 1;
        self.note(format!("{op} -> {answer:?}"));
        match &answer {
            Answer::Written { id } | Answer::Deleted { id, .. } => drop(self.keys[key].told.insert(*id)),
            Answer::Found(version) => drop(self.keys[key].told.insert(version.id)),
            _ => {}
        }
        let history = &mut self.keys[key].history;
        let result = if self.tolerant && matches!(answer, Answer::Deleted { marker: false, .. }) {
            // With too many drives failing a removal can't tell whether there was anything.
            history.answer_any(op, &[answer, Answer::Nothing])
        } else {
            history.answer(op, &answer)
        };
        self.check(key, result);
    }

    pub fn lose(&mut self, key: usize, op: Op, why: &str) {
        self.note(format!("{op} lost: {why}"));
        self.keys[key].history.lose(op);
    }

    /// A request ended in an error that the model doesn't know.
    pub fn fail(&mut self, key: usize, op: Op, error: &dyn std::fmt::Display) {
        self.failed += 1;
        self.unexpected(format!("request {op} failed: {error}"));
        self.lose(key, op, &error.to_string());
    }

    // Bodies and ids

    pub fn keep_body(&mut self, op: Op, body: Body) {
        self.bodies.insert(op, body);
    }

    pub fn body(&self, op: Op) -> Option<Body> {
        self.bodies.get(&op).cloned()
    }

    pub fn learn(&mut self, id: VersionId, op: Op) -> Id {
        if let VersionId::Id(uuid) = id {
            self.by_uuid.insert(uuid, op);
        }
        self.id(id)
    }

    pub fn id(&self, id: VersionId) -> Id {
        match id {
            VersionId::Null => Id::Null,
            VersionId::Id(uuid) => self.by_uuid.get(&uuid).map_or(Id::Unheard(uuid.as_u128()), |op| Id::Of(*op)),
        }
    }

    pub fn version_id(&self, id: Id) -> Option<VersionId> {
        match id {
            Id::Null => Some(VersionId::Null),
            Id::Unheard(uuid) => Some(VersionId::Id(Uuid::from_u128(uuid))),
            Id::Of(op) => self.by_uuid.iter().find(|(_, made)| **made == op).map(|(uuid, _)| VersionId::Id(*uuid)),
        }
    }
}
