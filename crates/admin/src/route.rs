//! What the administration interface offers (spec admin-api.md, section 2).

use http::Method;
use s3::query::Query;

/// Below it everything is.
pub const PREFIX: &str = "/minio/admin/v3/";

macro_rules! routes {
    ($($endpoint:ident: $method:ident $path:literal $([$($key:literal),*])?;)*) => {
        /// Something that can be asked for.
        #[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
        pub enum Endpoint { $($endpoint,)* }

        /// Each with its method, its path below [`PREFIX`], and the query keys that must be there.
        const ROUTES: &[(Endpoint, Method, &str, &[&str])] =
            &[$((Endpoint::$endpoint, Method::$method, $path, &[$($($key),*)?]),)*];
    };
}

routes! {
    AddUser: PUT "add-user" ["accessKey"];
    ListUsers: GET "list-users";
    UserInfo: GET "user-info" ["accessKey"];
    SetUserStatus: PUT "set-user-status" ["accessKey", "status"];
    RemoveUser: DELETE "remove-user" ["accessKey"];
    UpdateGroupMembers: PUT "update-group-members";
    GroupInfo: GET "group" ["group"];
    ListGroups: GET "groups";
    SetGroupStatus: PUT "set-group-status" ["group", "status"];
    AddPolicy: PUT "add-canned-policy" ["name"];
    PolicyInfo: GET "info-canned-policy" ["name"];
    ListPolicies: GET "list-canned-policies";
    RemovePolicy: DELETE "remove-canned-policy" ["name"];
    SetPolicies: PUT "set-user-or-group-policy" ["policyName", "userOrGroup", "isGroup"];
    AttachPolicies: POST "idp/builtin/policy/attach";
    DetachPolicies: POST "idp/builtin/policy/detach";
    PolicyEntities: GET "idp/builtin/policy-entities";
    AddServiceAccount: PUT "add-service-account";
    UpdateServiceAccount: POST "update-service-account" ["accessKey"];
    ServiceAccountInfo: GET "info-service-account" ["accessKey"];
    ListServiceAccounts: GET "list-service-accounts";
    DeleteServiceAccount: DELETE "delete-service-account" ["accessKey"];
    TemporaryAccountInfo: GET "temporary-account-info" ["accessKey"];
    AccessKeyInfo: GET "info-access-key" ["accessKey"];
    ListAccessKeys: GET "list-access-keys-bulk" ["listType"];
    RevokeTokens: POST "revoke-tokens/builtin";
    AccountInfo: GET "accountinfo";
    ServerInfo: GET "info";
    StorageInfo: GET "storageinfo";
}

/// What a request is for.
pub fn endpoint(method: &Method, path: &str, query: &Query<'_>) -> Option<Endpoint> {
    let path = path.strip_prefix(PREFIX)?;
    let fits = |(_, its_method, its_path, keys): &&(Endpoint, Method, &str, &[&str])| {
        its_method == method && *its_path == path && keys.iter().all(|key| query.has(key))
    };
    let (endpoint, ..) = ROUTES.iter().find(fits)?;
    let value_fits = |key, pattern: &[&str]| query.get(key).is_some_and(|value| pattern.contains(&value));
    let ok = match endpoint {
        Endpoint::SetUserStatus | Endpoint::SetGroupStatus => query.get("status").is_some(),
        Endpoint::SetPolicies => value_fits("isGroup", &["true", "false"]),
        _ => true,
    };
    ok.then_some(*endpoint)
}
