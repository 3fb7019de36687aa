//! What identities of other services mean here (IAM and configuration reference, sections 14 to 16): their temporary credentials and
//! service accounts lie on the drives, and what those may do hangs on these settings. Nobody signs in with such a service here.

#[cfg(test)]
mod tests;

use crate::{Environment, parse_bool};
use base64::Engine;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use sha1::{Digest, Sha1};
use std::collections::HashMap;

const OPENID: &str = "MINIO_IDENTITY_OPENID";
const DEFAULT_CLAIM: &str = "policy";

/// Other identity services.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct IdentitySettings {
    /// The claim that names policies, in tokens without a role.
    pub policy_claim: String,
    /// Names of policies by role ARN.
    pub roles: HashMap<String, Vec<String>>,
    /// Whether users and groups are those of an LDAP directory: then those on the drives don't count.
    pub directory: bool,
}

impl Default for IdentitySettings {
    fn default() -> Self {
        IdentitySettings { policy_claim: DEFAULT_CLAIM.to_owned(), roles: HashMap::new(), directory: false }
    }
}

impl IdentitySettings {
    /// A service that isn't told of as MinIO asks for is left out, and said in `warnings`: its credentials may do nothing then.
    pub fn from_environment(environment: &Environment, region: &str, warnings: &mut Vec<String>) -> Self {
        let mut settings = IdentitySettings { directory: directory(environment, warnings), ..Self::default() };
        let mut claimed = None;
        for target in environment.suffixes(&format!("{OPENID}_CLIENT_ID")) {
            let mut refuse = |reason: &str| warnings.push(format!("identity_openid{}: {reason}", shown(&target)));
            let value = |key: &str| environment.get(&format!("{OPENID}_{key}{target}"));
            let Some(client) = value("CLIENT_ID") else { continue };
            match value("ENABLE").map(parse_bool) {
                None | Some(Some(true)) => {}
                Some(Some(false)) => continue,
                Some(None) => {
                    refuse("enable is neither on nor off");
                    continue;
                }
            }
            let claim = value("CLAIM_NAME").unwrap_or(DEFAULT_CLAIM);
            match value("ROLE_POLICY") {
                Some(_) if claim != DEFAULT_CLAIM => refuse("role_policy and claim_name exclude each other"),
                Some(policies) => settings.add_role(region, &hashed(client), policies),
                None if claimed.is_some() => refuse("there is another without role_policy"),
                None => claimed = Some(format!("{}{claim}", value("CLAIM_PREFIX").unwrap_or(""))),
            }
        }
        settings.policy_claim = claimed.unwrap_or(settings.policy_claim);
        settings.add_plugin(environment, region);
        settings
    }

    /// The identity plugin has one role.
    fn add_plugin(&mut self, environment: &Environment, region: &str) {
        let value = |key: &str| environment.get(&format!("MINIO_IDENTITY_PLUGIN_{key}"));
        if let (Some(url), Some(policies)) = (value("URL"), value("ROLE_POLICY")) {
            let id = value("ROLE_ID").map_or_else(|| hashed(url), str::to_owned);
            self.add_role(region, &format!("idmp-{id}"), policies);
        }
    }

    fn add_role(&mut self, region: &str, id: &str, policies: &str) {
        let policies = policies.split(',').map(str::trim).filter(|name| !name.is_empty()).map(str::to_owned);
        self.roles.insert(format!("arn:minio:iam:{region}::role/{id}"), policies.collect());
    }
}

/// On where there is an address, unless `enable` says otherwise. If that can't be read the safer of both counts: nobody is let in whom
/// MinIO would keep out.
fn directory(environment: &Environment, warnings: &mut Vec<String>) -> bool {
    let address = environment.get("MINIO_IDENTITY_LDAP_SERVER_ADDR").is_some();
    match environment.get("MINIO_IDENTITY_LDAP_ENABLE").map(parse_bool) {
        None => address,
        Some(Some(on)) => on && address,
        Some(None) => {
            warnings.push("identity_ldap: enable is neither on nor off".to_owned());
            address
        }
    }
}

fn hashed(text: &str) -> String {
    URL_SAFE_NO_PAD.encode(Sha1::digest(text))
}

/// A target as the configuration names it: `_CORP` is `:CORP`.
fn shown(suffix: &str) -> String {
    suffix.strip_prefix('_').map_or(String::new(), |target| format!(":{target}"))
}
