//! Lists of service accounts and temporary credentials.

use super::on_or_off;
use crate::api::{AdminResult, Asked};
use crate::error::AdminError;
use crate::times;
use iam::{Account, Action};
use s3::Answer;
use serde::Serialize;
use std::collections::BTreeMap;
use std::sync::Arc;

#[derive(Serialize)]
struct Accounts {
    accounts: Option<Vec<ListedAccount>>,
}

#[derive(Default, Serialize)]
#[serde(rename_all = "camelCase")]
struct ListedAccount {
    parent_user: String,
    account_status: &'static str,
    implied_policy: bool,
    access_key: String,
    #[serde(skip_serializing_if = "String::is_empty")]
    name: String,
    #[serde(skip_serializing_if = "String::is_empty")]
    description: String,
    expiration: String,
}

/// The service accounts of a user, or of the caller.
pub async fn list(asked: &Asked<'_>) -> AdminResult<Answer> {
    let person = asked.person();
    let user = match asked.parameter("user") {
        "" => person,
        user => user,
    };
    asked.check_own(Action::AdminListServiceAccounts, user == person)?;
    let derived = asked.iam().derived_from(user);
    let of = |account: &Arc<Account>| ListedAccount {
        parent_user: account.parent().to_owned(),
        account_status: on_or_off(account),
        implied_policy: account.own_policy().is_none(),
        access_key: account.access_key().to_owned(),
        name: account.record().name.clone(),
        description: account.record().description.clone(),
        expiration: times::end(account.expiry()),
    };
    let accounts: Vec<_> = derived.iter().filter(|account| account.is_service_account()).map(of).collect();
    asked.seal(&Accounts { accounts: (!accounts.is_empty()).then_some(accounts) }).await
}

/// A user's keys: of each the name and the end alone.
#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct Keys {
    service_accounts: Option<Vec<ListedAccount>>,
    sts_keys: Option<Vec<ListedAccount>>,
}

/// Which keys a list is to have.
#[derive(Clone, Copy, PartialEq, Eq)]
enum ListType {
    UsersOnly,
    StsOnly,
    ServiceAccountsOnly,
    All,
}

/// The keys of many users.
pub async fn list_of_users(asked: &Asked<'_>) -> AdminResult<Answer> {
    let kind = match asked.parameter("listType") {
        "users-only" => ListType::UsersOnly,
        "sts-only" => ListType::StsOnly,
        "svcacc-only" => ListType::ServiceAccountsOnly,
        "all" => ListType::All,
        _ => return Err(AdminError::invalid_request().because("invalid list type")),
    };
    let (iam, person) = (asked.iam(), asked.person());
    let (named, all) = (asked.parameters("users"), asked.parameter("all") == "true");
    if all && !named.is_empty() {
        return Err(AdminError::invalid_request());
    }
    let own = !all && named.iter().all(|user| user == person);
    if !own {
        asked.check(Action::AdminListUsers)?;
    }
    asked.check_own(Action::AdminListServiceAccounts, own)?;
    asked.check_own(Action::AdminListTemporaryAccounts, own)?;
    let users = match () {
        () if all => iam.users().into_iter().map(|user| user.name).chain([iam.root_name().to_owned()]).collect(),
        () if named.is_empty() => vec![person.to_owned()],
        () => named,
    };
    let mut found = BTreeMap::new();
    for user in users {
        if user != iam.root_name() && user != person && iam.user(&user).is_none() {
            continue;
        }
        let keys = keys(&iam.derived_from(&user), kind);
        let none = keys.service_accounts.is_none() && keys.sts_keys.is_none();
        if none && matches!(kind, ListType::StsOnly | ListType::ServiceAccountsOnly) {
            continue;
        }
        found.insert(user, keys);
    }
    asked.seal(&found).await
}

fn keys(derived: &[Arc<Account>], kind: ListType) -> Keys {
    let listed = |wanted: bool, is_meant: fn(&Account) -> bool| {
        let meant = derived.iter().filter(|account| wanted && is_meant(account));
        let listed: Vec<_> = meant
            .map(|account| ListedAccount {
                access_key: account.access_key().to_owned(),
                expiration: times::end(account.expiry()),
                ..ListedAccount::default()
            })
            .collect();
        (!listed.is_empty()).then_some(listed)
    };
    Keys {
        service_accounts: listed(
            matches!(kind, ListType::ServiceAccountsOnly | ListType::All),
            Account::is_service_account,
        ),
        sts_keys: listed(matches!(kind, ListType::StsOnly | ListType::All), |account| {
            account.is_temporary() && !account.is_service_account()
        }),
    }
}
