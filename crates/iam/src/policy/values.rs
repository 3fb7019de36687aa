//! What conditions and variables are compared with.

use super::key::ConditionKey;
use std::borrow::Cow;

/// Answers for each key what a request says.
pub(crate) trait Values {
    /// All values; none if the request doesn't have the key.
    fn all(&self, key: &ConditionKey) -> Vec<Cow<'_, str>>;

    /// The first value, unless it is empty: what a variable stands for.
    fn first(&self, key: &ConditionKey) -> Option<String> {
        let first = self.all(key).into_iter().next()?;
        (!first.is_empty()).then(|| first.into_owned())
    }
}
