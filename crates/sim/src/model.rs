//! The reference model: what a name holds, and what requests do to it, without drives, failures or concurrency.

/// The number of a request: it also names what the request wrote.
pub type Op = u64;

/// A version's id as the model knows it: which request made it.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Id {
    /// The null version.
    Null,
    Of(Op),
    /// The id of a delete marker as it was seen: it doesn't tell which request made it.
    Unheard(u128),
}

/// One version of a name.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Version {
    pub id: Id,
    /// The request that wrote it: stands for the content. Zero for delete markers.
    pub written: Op,
    pub marker: bool,
    /// The request that last changed its metadata, or zero.
    pub tagged: Op,
}

/// A name with its versions, newest first. Without versions it doesn't exist.
#[derive(Clone, Debug, Default, PartialEq, Eq, PartialOrd, Ord)]
pub struct Name {
    pub versions: Vec<Version>,
}

/// The versioning that a request is made under.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Mode {
    Off,
    Suspended,
    Enabled,
}

/// What is asked of a name.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Request {
    /// A new version, or a new null version: PUT, copy, completed upload.
    Write { mode: Mode },
    /// A deletion without a version id.
    Delete { mode: Mode, always_mark: bool },
    /// Removes a version for good.
    Remove { id: Id },
    /// Changes the metadata of a version, of the latest if `None`; with `touch` it becomes the newest.
    Tag { id: Option<Id>, touch: bool },
    /// Reads a version, or the latest.
    Read { id: Option<Id> },
}

/// What comes of it.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Answer {
    Written {
        id: Id,
    },
    /// A deletion that had nothing to do.
    Nothing,
    /// A version removed, or a marker made (or found on top already).
    Deleted {
        id: Id,
        marker: bool,
    },
    Found(Version),
    IsMarker {
        id: Id,
    },
    NotFound,
}

impl Request {
    pub fn changes(&self) -> bool {
        !matches!(self, Request::Read { .. })
    }
}

impl Name {
    fn place(&self, id: Id) -> Option<usize> {
        self.versions.iter().position(|version| version.id == id)
    }

    fn put_on_top(&mut self, version: Version) {
        self.versions.retain(|other| other.id != version.id);
        self.versions.insert(0, version);
    }

    /// Does it.
    pub fn apply(&mut self, op: Op, request: &Request) -> Answer {
        match request {
            Request::Write { mode } => {
                let id = new_id(op, *mode);
                self.put_on_top(Version { id, written: op, marker: false, tagged: 0 });
                Answer::Written { id }
            }
            Request::Delete { mode: Mode::Off, .. } => self.remove(Id::Null),
            Request::Delete { mode, always_mark } => self.mark(new_id(op, *mode), *always_mark),
            Request::Remove { id } => self.remove(*id),
            Request::Tag { id, touch } => self.tag(op, *id, *touch),
            Request::Read { id } => match self.look(*id) {
                Err(answer) => answer,
                Ok(at) => Answer::Found(self.versions[at].clone()),
            },
        }
    }

    fn remove(&mut self, id: Id) -> Answer {
        let Some(at) = self.place(id) else { return Answer::Nothing };
        let version = self.versions.remove(at);
        Answer::Deleted { id, marker: version.marker }
    }

    fn mark(&mut self, id: Id, always: bool) -> Answer {
        match self.versions.first() {
            None if !always => return Answer::Nothing,
            Some(latest) if latest.marker && !always => return Answer::Deleted { id: latest.id, marker: true },
            _ => {}
        }
        self.put_on_top(Version { id, written: 0, marker: true, tagged: 0 });
        Answer::Deleted { id, marker: true }
    }

    fn tag(&mut self, op: Op, id: Option<Id>, touch: bool) -> Answer {
        let at = match self.look(id) {
            Err(answer) => return answer,
            Ok(at) => at,
        };
        self.versions[at].tagged = op;
        let version = self.versions[at].clone();
        if touch {
            self.put_on_top(version.clone());
        }
        Answer::Found(version)
    }

    fn look(&self, id: Option<Id>) -> Result<usize, Answer> {
        let at = match id {
            None => (!self.versions.is_empty()).then_some(0),
            Some(id) => self.place(id),
        };
        let at = at.ok_or(Answer::NotFound)?;
        if self.versions[at].marker { Err(Answer::IsMarker { id: self.versions[at].id }) } else { Ok(at) }
    }
}

fn new_id(op: Op, mode: Mode) -> Id {
    match mode {
        Mode::Enabled => Id::Of(op),
        Mode::Off | Mode::Suspended => Id::Null,
    }
}
