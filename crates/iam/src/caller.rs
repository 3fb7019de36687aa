//! Who asks: an identity whose signature has been verified.

/// The verified identity behind a request. Only [`crate::Iam::caller`] makes one with rights.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Caller {
    identity: Identity,
}

#[derive(Clone, Debug, PartialEq, Eq)]
enum Identity {
    Anonymous,
    Root { access_key: String },
}

impl Caller {
    /// Someone who showed no signature.
    pub fn anonymous() -> Self {
        Caller { identity: Identity::Anonymous }
    }

    pub(crate) fn root(access_key: &str) -> Self {
        Caller { identity: Identity::Root { access_key: access_key.to_owned() } }
    }

    /// The access key that signed; `None` for anonymous callers.
    pub fn access_key(&self) -> Option<&str> {
        match &self.identity {
            Identity::Anonymous => None,
            Identity::Root { access_key } => Some(access_key),
        }
    }

    /// Whether this is the server's owner.
    pub fn is_root(&self) -> bool {
        matches!(self.identity, Identity::Root { .. })
    }

    /// Whether there was no signature.
    pub fn is_anonymous(&self) -> bool {
        matches!(self.identity, Identity::Anonymous)
    }
}
