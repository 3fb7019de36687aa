//! Deciding: deny before allow (spec iam-sts-and-config.md, section 8.2).

use super::statement::{Effect, Statement};
use super::values::Values;
use crate::Action;

/// Whom principals of bucket policies are compared with.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Who<'a> {
    /// An account by its name, empty for whoever is anonymous.
    Account(&'a str),
    /// A service of this server by the name that AWS's has.
    Service(&'a str),
}

/// What is asked of policies.
#[derive(Clone, Copy)]
pub(crate) struct Question<'a> {
    pub who: Who<'a>,
    pub action: Action,
    /// Bucket, slash, key; in bucket policies a bucket alone has no slash.
    pub resource: &'a str,
    pub values: &'a dyn Values,
}

/// How far a decision goes.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Ask {
    /// Is it allowed?
    Allowed,
    /// Is it not denied? Asked of what people may do to themselves.
    NotDenied,
}

/// What policies say.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Verdict {
    Allow,
    Deny,
    /// Nothing.
    Silent,
}

/// What several policies say, taken together.
pub(crate) fn judge<'a, I>(statements: I, question: &Question<'_>) -> Verdict
where
    I: Iterator<Item = &'a Statement> + Clone,
{
    if decide(statements.clone(), question, Ask::Allowed) {
        Verdict::Allow
    } else if decide(statements, question, Ask::NotDenied) {
        Verdict::Silent
    } else {
        Verdict::Deny
    }
}

/// The decision of several policies taken together.
pub(crate) fn decide<'a, I>(statements: I, question: &Question<'_>, ask: Ask) -> bool
where
    I: Iterator<Item = &'a Statement> + Clone,
{
    let applies = |effect: Effect| {
        let mut of_effect = statements.clone().filter(move |statement| statement.effect() == effect);
        of_effect.any(|statement| statement.applies(question))
    };
    if applies(Effect::Deny) {
        return false;
    }
    ask == Ask::NotDenied || applies(Effect::Allow)
}
