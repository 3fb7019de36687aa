//! The names of the documents, and what a name says.

/// A document by what it is about.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub(crate) enum Document<'a> {
    Format,
    User(&'a str),
    ServiceAccount(&'a str),
    Temporary(&'a str),
    Group(&'a str),
    Policy(&'a str),
    UserMapping(&'a str),
    ParentMapping(&'a str),
    GroupMapping(&'a str),
}

use Document as D;

const FORMAT: &str = "format.json";
const IDENTITY: &str = "/identity.json";

impl Document<'_> {
    pub(crate) fn name(self) -> String {
        match self {
            D::Format => FORMAT.to_owned(),
            D::User(key) => format!("users/{key}{IDENTITY}"),
            D::ServiceAccount(key) => format!("service-accounts/{key}{IDENTITY}"),
            D::Temporary(key) => format!("sts/{key}{IDENTITY}"),
            D::Group(name) => format!("groups/{name}/members.json"),
            D::Policy(name) => format!("policies/{name}/policy.json"),
            D::UserMapping(name) => format!("policydb/users/{name}.json"),
            D::ParentMapping(name) => format!("policydb/sts-users/{name}.json"),
            D::GroupMapping(name) => format!("policydb/groups/{name}.json"),
        }
    }
}

/// What a document of this name is; `None` if no document has such a name. Names may have slashes in them.
pub(crate) fn of_name(name: &str) -> Option<Document<'_>> {
    if name == FORMAT {
        return Some(D::Format);
    }
    let (kind, rest) = name.split_once('/')?;
    let within = |end: &str| rest.strip_suffix(end).filter(|name| !name.is_empty());
    match kind {
        "users" => within(IDENTITY).map(D::User),
        "service-accounts" => within(IDENTITY).map(D::ServiceAccount),
        "sts" => within(IDENTITY).map(D::Temporary),
        "groups" => within("/members.json").map(D::Group),
        "policies" => within("/policy.json").map(D::Policy),
        "policydb" => {
            let (kind, rest) = rest.split_once('/')?;
            let name = rest.strip_suffix(".json").filter(|name| !name.is_empty())?;
            match kind {
                "users" => Some(D::UserMapping(name)),
                "sts-users" => Some(D::ParentMapping(name)),
                "groups" => Some(D::GroupMapping(name)),
                _ => None,
            }
        }
        _ => None,
    }
}
