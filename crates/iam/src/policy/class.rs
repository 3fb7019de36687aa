//! What a statement of an identity's policy is about, by its actions, and what is allowed in it (spec
//! iam-sts-and-config.md, section 7.2).

use super::PolicyError;
use super::condition::Condition;
use super::resource::{Resource, ResourceKind};
use super::wildcard::fits;
use crate::Action;
use crate::action::{ActionSet, Kind};

/// The class of a statement: all its actions are of it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Class {
    S3,
    Admin,
    Kms,
    Sts,
}

const EVERYTHING: &str = "*";
const ALL_S3: &str = "s3:*";
const ALL_ADMIN: &str = "admin:*";
const ALL_KMS: &str = "kms:*";

impl Class {
    /// One action of a class, exactly named, makes the statement one of that class. `*` belongs to tokens.
    pub(super) fn of(actions: &[String]) -> Class {
        let any = |class: Class| actions.iter().any(|action| class.names(action));
        [Class::Admin, Class::Sts, Class::Kms].into_iter().find(|class| any(*class)).unwrap_or(Class::S3)
    }

    /// Whether a statement of this class may name this action.
    fn names(self, text: &str) -> bool {
        let known = |kind: Kind| Action::ALL.iter().any(|action| action.kind() == kind && action.as_str() == text);
        match self {
            Class::Admin => text == ALL_ADMIN || known(Kind::Admin),
            Class::Sts => text == EVERYTHING || known(Kind::Sts),
            Class::Kms => text == ALL_KMS || known(Kind::Kms),
            Class::S3 => {
                let known = |action: &&Action| action.is_s3() && !action.is_unknown_to_minio();
                text == ALL_S3 || Action::ALL.iter().filter(known).any(|action| fits(text, action.as_str()))
            }
        }
    }

    fn name(self) -> &'static str {
        match self {
            Class::S3 => "S3",
            Class::Admin => "admin",
            Class::Kms => "KMS",
            Class::Sts => "STS",
        }
    }

    pub(super) fn check_actions(self, actions: &[String]) -> Result<(), PolicyError> {
        let wrong = |action: &String| match self {
            Class::S3 => PolicyError::UnsupportedAction(action.clone()),
            _ => PolicyError::MixedActions { class: self.name(), action: action.clone() },
        };
        actions.iter().try_for_each(|action| if self.names(action) { Ok(()) } else { Err(wrong(action)) })
    }

    pub(super) fn check_resources(self, positive: &[Resource], negative: &[Resource]) -> Result<(), PolicyError> {
        let unfit_for_s3 = |resource: &Resource| match resource.kind() {
            ResourceKind::S3 => false,
            ResourceKind::Kms => true,
            ResourceKind::All => resource.has_path(),
        };
        let foreign =
            |resource: &Resource| PolicyError::ResourceClass { class: self.name(), resource: resource.to_string() };
        match self {
            Class::Admin | Class::Sts => Ok(()),
            Class::S3 => match (positive, negative) {
                ([], []) => Err(PolicyError::NoResource),
                ([_, ..], [_, ..]) => Err(PolicyError::BothResources),
                (all, []) | ([], all) => {
                    all.iter().find(|one| unfit_for_s3(one)).map_or(Ok(()), |one| Err(foreign(one)))
                }
            },
            Class::Kms => {
                let mut all = positive.iter().chain(negative);
                let unfit = |one: &&Resource| one.kind() == ResourceKind::S3 || one.has_path();
                all.find(unfit).map_or(Ok(()), |one| Err(foreign(one)))
            }
        }
    }

    pub(super) fn check_conditions(self, actions: &[String], conditions: &[Condition]) -> Result<(), PolicyError> {
        for action in actions {
            let keys = conditions.iter().map(Condition::key);
            let unfit = |fits: &dyn Fn(super::KeyName) -> bool| -> Vec<&'static str> {
                keys.filter(|key| !fits(key.key())).map(|key| key.name()).collect()
            };
            let unfit = match self {
                Class::Admin => unfit(&|key| key.fits_admin()),
                Class::Sts => unfit(&|key| key.fits_sts()),
                Class::Kms => Vec::new(),
                Class::S3 if action == ALL_S3 => Vec::new(),
                Class::S3 => {
                    let meant = meant_by(action);
                    unfit(&|key| meant.iter().any(|action| key.fits_s3(action)))
                }
            };
            if !unfit.is_empty() {
                return Err(PolicyError::UnsupportedKeys { keys: unfit.join(" "), action: action.clone() });
            }
        }
        Ok(())
    }
}

/// The actions that a pattern in a policy stands for.
pub(super) fn meant_by(pattern: &str) -> ActionSet {
    let mut set = ActionSet::default();
    for action in Action::ALL.iter().filter(|action| fits(pattern, action.as_str())) {
        set.insert(*action);
    }
    // Reading a version is asked for as reading the object.
    if pattern == Action::GetObjectVersion.as_str() {
        set.insert(Action::GetObject);
    }
    set
}
