//! Why a document is no policy.

use super::VERSION;

/// Why a document is no policy. The texts are for whoever wrote it.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum PolicyError {
    #[error("the policy is longer than {limit} bytes")]
    TooLong { limit: usize },
    #[error("not JSON: {0}")]
    Json(String),
    /// A member has another JSON type than it must have.
    #[error("{0} has the wrong type")]
    Shape(&'static str),
    #[error("invalid version '{0}', expecting '{VERSION}'")]
    Version(String),
    #[error("invalid Effect '{0}'")]
    Effect(String),
    #[error("Action must not be empty")]
    NoAction,
    #[error("Action and NotAction are both there")]
    BothActions,
    #[error("Resource must not be empty")]
    NoResource,
    #[error("Resource and NotResource are both there")]
    BothResources,
    #[error("unsupported action '{0}'")]
    UnsupportedAction(String),
    /// A statement on the administration API, on keys or on tokens has an action of another kind.
    #[error("unsupported {class} action '{action}'")]
    MixedActions { class: &'static str, action: String },
    #[error("invalid resource '{0}'")]
    Resource(String),
    #[error("unsupported resource '{resource}' for {class} actions")]
    ResourceClass { class: &'static str, resource: String },
    #[error("condition must not be empty")]
    EmptyCondition,
    #[error("invalid condition name '{0}'")]
    UnknownOperator(String),
    #[error("invalid condition key '{0}'")]
    UnknownKey(String),
    #[error("invalid value of condition key '{0}'")]
    BadValue(String),
    #[error("duplicate value of condition key '{0}'")]
    DuplicateValue(String),
    #[error("invalid condition {operator} of {key}: {reason}")]
    BadCondition { operator: String, key: String, reason: &'static str },
    #[error("unsupported condition keys '[{keys}]' used for action '{action}'")]
    UnsupportedKeys { keys: String, action: String },
    #[error("invalid Principal")]
    Principal,
    #[error("bucket name does not match: '{0}'")]
    OtherBucket(String),
    /// An action on objects without a resource that can be one, or the other way around.
    #[error("unsupported Resource found for action '{0}'")]
    ActionWithoutResource(String),
}
