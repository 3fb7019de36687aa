//! Which policies count for whom (spec iam-sts-and-config.md, section 8.3).

use crate::account::{Account, Session};
use crate::policy::evaluate::{Ask, Verdict};
use crate::policy::{Policy, Question, VERSION, decide};
use crate::records::{MappingRecord, split_names};
use crate::snapshot::{Held, Snapshot};
use crate::token;
use std::collections::HashMap;

/// The policies of a name.
#[derive(Default)]
struct Policies<'a> {
    /// Whether any policy is mapped, existing or not.
    mapped: bool,
    found: Vec<&'a Policy>,
    /// Something that counts can't be read: what it denies isn't known.
    unreadable: bool,
    /// The user or one of its groups is disabled: others can't let it in either.
    barred: bool,
}

impl<'a> Policies<'a> {
    fn add(&mut self, snapshot: &'a Snapshot, names: &[String]) {
        for name in names {
            self.mapped = true;
            match snapshot.policies.get(name) {
                Some(Held::Read(record)) => self.found.push(&record.policy),
                Some(Held::Unreadable) => self.unreadable = true,
                None => {}
            }
        }
    }

    fn add_mapping(&mut self, snapshot: &'a Snapshot, mapping: Option<&'a Held<MappingRecord>>) {
        match mapping {
            Some(Held::Read(record)) => self.add(snapshot, &record.policies),
            Some(Held::Unreadable) => self.unreadable = true,
            None => {}
        }
    }

    fn barred() -> Self {
        Policies { barred: true, ..Policies::default() }
    }

    fn decide(&self, question: &Question<'_>, ask: Ask) -> bool {
        let statements = self.found.iter().flat_map(|policy| policy.statements());
        !self.unreadable && decide(statements, question, ask)
    }
}

/// Who is asked about, against which identities.
#[derive(Clone, Copy)]
pub(crate) struct Rights<'a> {
    pub(crate) snapshot: &'a Snapshot,
    /// Root's access key.
    pub(crate) root: &'a str,
    /// Policies by the role that a token names.
    pub(crate) roles: &'a HashMap<String, Vec<String>>,
    /// The claim that names policies, of tokens without a role.
    pub(crate) policy_claim: &'a str,
}

impl<'a> Rights<'a> {
    /// Whether `account` may do what is asked.
    pub(crate) fn allow(&self, account: &'a Account, question: &Question<'_>, ask: Ask) -> bool {
        if account.is_owner(self.root) {
            return true;
        }
        if account.is_temporary() {
            self.session_allows(account, question, ask)
        } else if account.is_service_account() {
            self.service_account_allows(account, question, ask)
        } else {
            let policies = self.policies_of(account.access_key(), account);
            policies.mapped && policies.decide(question, ask)
        }
    }

    /// What the policies of `account` say. Of a credential that is narrowed what it isn't given is denied to it, so that
    /// nobody else gives it more; so is everything to whoever is disabled.
    pub(crate) fn judge(&self, account: &'a Account, question: &Question<'_>) -> Verdict {
        if self.allow(account, question, Ask::Allowed) {
            return Verdict::Allow;
        }
        let without_policies = || {
            let policies = self.policies_of(account.access_key(), account);
            account.parent().is_empty() && !policies.mapped && !policies.unreadable && !policies.barred
        };
        let silent = self.allow(account, question, Ask::NotDenied) || without_policies();
        if silent { Verdict::Silent } else { Verdict::Deny }
    }

    /// Whether what `account` may do depends on tags that an object has.
    pub(crate) fn ask_for_tags(&self, account: &'a Account) -> bool {
        let own = matches!(account.session(), Session::Policy(policy) if policy.asks_for_tags());
        own || self.base(account).is_some_and(|policies| policies.found.iter().any(|policy| policy.asks_for_tags()))
    }

    fn session_allows(&self, account: &'a Account, question: &Question<'_>, ask: Ask) -> bool {
        if account.is_service_account() {
            return self.service_account_allows(account, question, ask);
        }
        self.base_allows(account, question, ask) && narrowed(account.session(), question, false)
    }

    fn service_account_allows(&self, account: &'a Account, question: &Question<'_>, ask: Ask) -> bool {
        let claims = account.claims();
        if claims.text(token::PARENT) != Some(account.parent()) {
            return false;
        }
        let Some(kind) = claims.text(token::SERVICE_ACCOUNT) else { return false };
        self.base_allows(account, question, ask)
            && (kind == token::INHERITED || narrowed(account.session(), question, true))
    }

    /// What the credential may do before its own policy narrows it.
    fn base_allows(&self, account: &'a Account, question: &Question<'_>, ask: Ask) -> bool {
        if account.parent() == self.root {
            return true;
        }
        self.base(account).is_some_and(|policies| policies.decide(question, ask))
    }

    /// The policies that a derived credential or a user goes by; `None` if there are none.
    fn base(&self, account: &'a Account) -> Option<Policies<'a>> {
        let claims = account.claims();
        if let Some(role) = claims.text(token::ROLE) {
            let mut policies = Policies::default();
            policies.add(self.snapshot, self.roles.get(role).map_or(&[], Vec::as_slice));
            return Some(policies).filter(|policies| !policies.found.is_empty());
        }
        let mut policies = self.policies_of(account.policy_name(), account);
        if !policies.mapped && !policies.unreadable {
            let claimed = match claims.text(self.policy_claim) {
                Some(text) => split_names(text),
                None => claims.texts(self.policy_claim).unwrap_or_default(),
            };
            policies.add(self.snapshot, &claimed);
        }
        Some(policies).filter(|policies| !policies.found.is_empty())
    }

    /// The named policies that `name` goes by, to be shown.
    pub(crate) fn named_policies(&self, name: &str, account: Option<&'a Account>) -> Vec<&'a Policy> {
        match account {
            Some(account) => self.base(account).map(|policies| policies.found).unwrap_or_default(),
            None => {
                let mut policies = Policies::default();
                policies.add_mapping(self.snapshot, self.snapshot.parent_mappings.get(name));
                policies.found
            }
        }
    }

    /// The policies of a user or parent, and of its groups.
    fn policies_of(&self, name: &str, account: &'a Account) -> Policies<'a> {
        let mut policies = Policies::default();
        let snapshot = self.snapshot;
        let user = snapshot.user(name);
        if user.is_some_and(|user| user.is_disabled()) {
            return Policies::barred();
        }
        match snapshot.user_mappings.get(name) {
            Some(mapping) => policies.add_mapping(snapshot, Some(mapping)),
            None => policies.add_mapping(snapshot, snapshot.parent_mappings.get(name)),
        }
        // Whoever was removed is in no group, whatever the groups say.
        let groups = if user.is_some() { snapshot.groups_of(name) } else { &[] };
        for group in groups {
            // One disabled group takes everything away.
            if snapshot.groups.get(group).and_then(Held::get).is_none_or(|group| group.disabled) {
                return Policies::barred();
            }
            policies.add_mapping(snapshot, snapshot.group_mappings.get(group));
        }
        for group in account.groups() {
            let counts = match snapshot.groups.get(group) {
                Some(held) => held.get().is_some_and(|group| !group.disabled),
                // Groups of a directory are known by their mapping alone.
                None => account.claims().contains(token::LDAP_USER),
            };
            if counts {
                policies.add_mapping(snapshot, snapshot.group_mappings.get(group));
            }
        }
        policies
    }
}

/// Whether a credential's own policy allows what its parent may do. `blank_is_none`: `{}` is no policy.
fn narrowed(session: &Session, question: &Question<'_>, blank_is_none: bool) -> bool {
    match session {
        Session::None => true,
        Session::Invalid => false,
        Session::Policy(policy) if blank_is_none && policy.is_blank() => true,
        Session::Policy(policy) => {
            policy.version() == VERSION && decide(policy.statements().iter(), question, Ask::Allowed)
        }
    }
}
