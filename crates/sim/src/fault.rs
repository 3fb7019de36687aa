//! Calls that fail on purpose.

use rustix::io::Errno;

/// The kinds of calls.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Call {
    Read,
    Create,
    /// Room being set aside for a file.
    Expect,
    Append,
    /// Within a file.
    Write,
    Sync,
    SyncDir,
    SyncAll,
    Rename,
    Mkdir,
    Unlink,
    Rmdir,
    ReadDir,
    Stat,
    /// Whether a directory can be written into.
    Access,
    Space,
    Lock,
    Root,
}

impl Call {
    /// Whether it may change something, or make it durable: the calls that power cuts are counted in.
    pub fn changes(self) -> bool {
        !matches!(
            self,
            Call::Expect
                | Call::Read
                | Call::ReadDir
                | Call::Stat
                | Call::Access
                | Call::Space
                | Call::Lock
                | Call::Root
        )
    }
}

/// Makes calls fail.
#[derive(Clone, Debug)]
pub struct Fault {
    /// Which calls; `None` for all kinds.
    pub call: Option<Call>,
    /// Only where the path contains this (of a rename: either path).
    pub path: String,
    pub errno: Errno,
    /// How many calls go well before.
    pub after: u32,
    /// How many calls fail then.
    pub times: u32,
}

impl Fault {
    /// Every call of a kind, until the faults are cleared.
    pub fn every(call: Call, errno: Errno) -> Self {
        Fault { call: Some(call), path: String::new(), errno, after: 0, times: u32::MAX }
    }

    /// The next call of a kind.
    pub fn once(call: Call, errno: Errno) -> Self {
        Fault { times: 1, ..Fault::every(call, errno) }
    }

    /// Only after so many calls that go well.
    pub fn after(self, calls: u32) -> Self {
        Fault { after: calls, ..self }
    }

    /// Only where the path contains `path`.
    pub fn at(self, path: &str) -> Self {
        Fault { path: path.to_owned(), ..self }
    }

    pub(crate) fn takes(&mut self, call: Call, path: &str) -> bool {
        let concerned = self.times > 0 && self.call.is_none_or(|own| own == call) && path.contains(&self.path);
        if !concerned {
            return false;
        }
        if self.after > 0 {
            self.after -= 1;
            return false;
        }
        if self.times != u32::MAX {
            self.times -= 1;
        }
        true
    }
}
