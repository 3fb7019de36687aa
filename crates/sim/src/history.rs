//! Which outcomes are legal.
//!
//! Requests to one name seem to happen one after the other, each at some moment between its beginning and its answer. A
//! request whose answer never came (the power was cut, the caller went away, or the answer was an error) may have
//! happened, wholly, at any moment since, or never; once everything has come to rest it has or hasn't.
//!
//! A [`History`] keeps all states that the name may be in, given what was answered so far, and tells the first
//! answer that fits none of them.

use crate::model::{Answer, Id, Name, Op, Request, Version};
use std::collections::{BTreeMap, BTreeSet};

/// Outcomes that contradict what was answered before.
#[derive(Clone, Debug)]
pub struct Violation(pub String);

/// What is known of one name.
#[derive(Clone, Debug)]
pub struct History {
    possible: BTreeSet<Possible>,
    /// Begun and not answered, or never to be answered.
    open: BTreeMap<Op, Request>,
}

/// One course of events that explains everything.
#[derive(Clone, Debug, Default, PartialEq, Eq, PartialOrd, Ord)]
struct Possible {
    name: Name,
    /// Open requests that have happened, with their answers.
    done: BTreeMap<Op, Answer>,
    /// Which requests made the delete markers that were seen under these ids. (Other versions tell it themselves.)
    makers: BTreeMap<u128, Op>,
}

impl Default for History {
    fn default() -> Self {
        History { possible: BTreeSet::from([Possible::default()]), open: BTreeMap::new() }
    }
}

impl History {
    /// A request begins.
    pub fn begin(&mut self, op: Op, request: Request) {
        self.open.insert(op, request);
    }

    /// A request got its answer.
    pub fn answer(&mut self, op: Op, seen: &Answer) -> Result<(), Violation> {
        self.answer_any(op, std::slice::from_ref(seen))
    }

    /// A request got an answer that stands for any of these.
    pub fn answer_any(&mut self, op: Op, seen: &[Answer]) -> Result<(), Violation> {
        let mut fitting = BTreeSet::new();
        let mut answers = BTreeSet::new();
        let mut work: Vec<Possible> = self.possible.iter().cloned().collect();
        let mut known: BTreeSet<Possible> = self.possible.clone();
        while let Some(possible) = work.pop() {
            if let Some(answer) = possible.done.get(&op) {
                for seen in seen {
                    let mut fits = possible.clone();
                    if fits.same_answer(answer, seen) {
                        fits.done.remove(&op);
                        fitting.insert(fits);
                    } else {
                        answers.insert(answer.clone());
                    }
                }
                continue;
            }
            self.each_next(&possible, |next| {
                if known.insert(next.clone()) {
                    work.push(next);
                }
            });
        }
        if fitting.is_empty() {
            let request = &self.open[&op];
            return Err(Violation(format!(
                "request {op} {request:?} was answered {seen:?}; possible were {answers:?}\n  states {:?}\n  open {:?}",
                self.possible, self.open
            )));
        }
        self.open.remove(&op);
        self.possible = fitting;
        Ok(())
    }

    /// A request will never get an answer, or got an error.
    pub fn lose(&mut self, op: Op) {
        if self.open.get(&op).is_some_and(|request| !request.changes()) {
            self.open.remove(&op);
            self.possible = std::mem::take(&mut self.possible)
                .into_iter()
                .map(|mut possible| {
                    possible.done.remove(&op);
                    possible
                })
                .collect();
        }
    }

    /// A request did not happen: what it needed wasn't there.
    pub fn refuse(&mut self, op: Op) {
        self.open.remove(&op);
        self.possible.retain(|possible| !possible.done.contains_key(&op));
    }

    /// Changes that may still happen or have happened.
    pub fn open_changes(&self) -> usize {
        self.open.values().filter(|request| request.changes()).count()
    }

    /// Nothing is going on any more, and this is what there is. `facts` says of some requests whether they happened.
    /// Requests without an answer are at an end.
    pub fn settle(&mut self, seen: &Name, facts: &[(Op, bool)]) -> Result<(), Violation> {
        let mut known: BTreeSet<Possible> = self.possible.clone();
        let mut work: Vec<Possible> = self.possible.iter().cloned().collect();
        while let Some(possible) = work.pop() {
            self.each_next(&possible, |next| {
                if known.insert(next.clone()) {
                    work.push(next);
                }
            });
        }
        let fits = |possible: &Possible| {
            let mut possible = possible.clone();
            let same = possible.same_name(seen)
                && facts.iter().all(|(op, happened)| possible.done.contains_key(op) == *happened);
            same.then_some(possible)
        };
        let Some(fitting) = known.iter().find_map(fits) else {
            let names: BTreeSet<_> =
                known.iter().map(|possible| (&possible.name, possible.done.keys().collect::<Vec<_>>())).collect();
            return Err(Violation(format!(
                "there is {seen:?} (facts {facts:?})\n  possible were {names:#?}\n  open {:?}",
                self.open
            )));
        };
        let Possible { name, mut makers, .. } = fitting;
        makers.retain(|_, maker| name.versions.iter().any(|version| version.id == Id::Of(*maker)));
        self.open.clear();
        self.possible = BTreeSet::from([Possible { name, done: BTreeMap::new(), makers }]);
        Ok(())
    }

    /// The state of a name at rest; any of the possible ones while it isn't.
    pub fn name(&self) -> &Name {
        &self.possible.first().expect("there is always one").name
    }

    /// One more open request happens.
    fn each_next(&self, possible: &Possible, mut take: impl FnMut(Possible)) {
        for (op, request) in self.open.iter().filter(|(op, _)| !possible.done.contains_key(op)) {
            let mut next = possible.clone();
            let request = next.translate(request);
            let answer = next.name.apply(*op, &request);
            next.done.insert(*op, answer);
            take(next);
        }
    }
}

impl Possible {
    /// The request with the id of a marker replaced by its maker.
    fn translate(&self, request: &Request) -> Request {
        let id = |id: Id| match id {
            Id::Unheard(uuid) => self.makers.get(&uuid).map_or(id, |op| Id::Of(*op)),
            _ => id,
        };
        match request {
            Request::Remove { id: named } => Request::Remove { id: id(*named) },
            Request::Tag { id: named, touch } => Request::Tag { id: named.map(id), touch: *touch },
            Request::Read { id: named } => Request::Read { id: named.map(id) },
            other => other.clone(),
        }
    }

    /// Whether they may be the same; then they are from now on.
    fn same_id(&mut self, model: Id, seen: Id) -> bool {
        let (Id::Of(op), Id::Unheard(uuid)) = (model, seen) else { return model == seen };
        if self.makers.iter().any(|(other, maker)| *maker == op && *other != uuid) {
            return false;
        }
        *self.makers.entry(uuid).or_insert(op) == op
    }

    fn same_version(&mut self, model: &Version, seen: &Version) -> bool {
        self.same_id(model.id, seen.id)
            && (model.written, model.marker, model.tagged) == (seen.written, seen.marker, seen.tagged)
    }

    fn same_name(&mut self, seen: &Name) -> bool {
        let ours = self.name.clone();
        ours.versions.len() == seen.versions.len()
            && ours.versions.iter().zip(&seen.versions).all(|(model, seen)| self.same_version(model, seen))
    }

    fn same_answer(&mut self, model: &Answer, seen: &Answer) -> bool {
        match (model, seen) {
            (Answer::Found(model), Answer::Found(seen)) => self.same_version(model, seen),
            (Answer::IsMarker { id: model }, Answer::IsMarker { id: seen }) => self.same_id(*model, *seen),
            (Answer::Deleted { id: model, marker: one }, Answer::Deleted { id: seen, marker: other }) => {
                one == other && self.same_id(*model, *seen)
            }
            _ => model == seen,
        }
    }
}
