//! `identity.json`: a user, a service account, or a temporary credential.

use super::fields::{Fields, Unknown, Writer};
use super::{Expiry, RecordError, times};
use base::{Secret, Timestamp};

const DISABLED: &str = "off";
const ENABLED: &str = "on";

/// A stored credential.
#[derive(Clone, Debug, Default)]
pub struct IdentityRecord {
    /// Empty in some old records: then it is the name of the directory.
    pub access_key: String,
    pub secret_key: Option<Secret>,
    /// A JWT, for service accounts and temporary credentials.
    pub session_token: Option<Secret>,
    pub expiry: Expiry,
    pub disabled: bool,
    /// Who made it; empty for users.
    pub parent: String,
    pub groups: Vec<String>,
    pub name: String,
    pub description: String,
    pub updated: Option<Timestamp>,
    /// Members that nobody knows, kept as they are.
    pub other: Unknown,
    /// The same within the credentials.
    pub other_of_credentials: Unknown,
}

impl IdentityRecord {
    /// Reads a document.
    pub fn parse(document: &[u8]) -> Result<IdentityRecord, RecordError> {
        let mut all = Fields::parse(document)?;
        all.remove("version");
        let mut own = all.nested("credentials")?;
        let secret = |text: String| (!text.is_empty()).then(|| Secret::new(text));
        let expiry = own.text("expiration")?;
        let comment = own.text("comment")?;
        // A copy of the token's content, which is made again from the token.
        own.remove("claims");
        let description = own.text("description")?;
        let record = IdentityRecord {
            access_key: own.text("accessKey")?,
            secret_key: secret(own.text("secretKey")?),
            session_token: secret(own.text("sessionToken")?),
            expiry: if expiry.is_empty() {
                Expiry::Unset
            } else {
                Expiry::parse(&expiry).ok_or(RecordError::Time("expiration"))?
            },
            disabled: own.text("status")? == DISABLED,
            parent: own.text("parentUser")?,
            groups: own.texts("groups")?,
            name: own.text("name")?,
            description: if description.is_empty() { comment } else { description },
            updated: times::parse(&all.text("updatedAt")?, "updatedAt")?,
            other: Unknown::default(),
            other_of_credentials: Unknown::default(),
        };
        Ok(IdentityRecord { other: all.rest(), other_of_credentials: own.rest(), ..record })
    }

    /// The document to store.
    pub fn to_json(&self) -> String {
        let mut own = Writer::new();
        let exposed =
            |secret: &Option<Secret>| secret.as_ref().map_or(String::new(), |secret| secret.expose().to_owned());
        own.unless_empty("accessKey", &self.access_key);
        own.unless_empty("secretKey", &exposed(&self.secret_key));
        own.unless_empty("sessionToken", &exposed(&self.session_token));
        own.member("expiration", &self.expiry.text().into());
        own.member("status", &if self.disabled { DISABLED } else { ENABLED }.into());
        own.unless_empty("parentUser", &self.parent);
        if !self.groups.is_empty() {
            own.member("groups", &self.groups.clone().into());
        }
        own.unless_empty("name", &self.name);
        own.unless_empty("description", &self.description);
        let mut all = Writer::new();
        all.member("version", &1.into());
        all.nested("credentials", own, &self.other_of_credentials);
        all.member("updatedAt", &times::text(self.updated).into());
        all.finish(&self.other)
    }
}
