//! Access control lists as documents and headers have them.

use crate::error::{ErrorCode, S3Error, S3Result};
use crate::headers::text_or_query;
use crate::query::Query;
use crate::xml::{Reader, Writer, XmlError};
use http::HeaderMap;
use iam::{Acl, CannedAcl, Grantee, Iam, Permission};
use service::{AskedAcl, AskedGrant, AskedGrantee};

/// Headers of whole lists, and of one permission each.
pub const CANNED: &str = "x-amz-acl";
pub const GRANTS: [(&str, Permission); 5] = [
    ("x-amz-grant-read", Permission::Read),
    ("x-amz-grant-write", Permission::Write),
    ("x-amz-grant-read-acp", Permission::ReadAcp),
    ("x-amz-grant-write-acp", Permission::WriteAcp),
    ("x-amz-grant-full-control", Permission::FullControl),
];
const INSTANCE: &str = "http://www.w3.org/2001/XMLSchema-instance";

/// What a list is of: some canned lists are only for one of them.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Listed {
    Bucket,
    Object,
}

/// The list that the headers of a request ask for, if they do.
pub fn asked_acl(headers: &HeaderMap, query: &Query<'_>, listed: Listed) -> S3Result<Option<AskedAcl>> {
    let canned = text_or_query(headers, query, CANNED).filter(|name| !name.is_empty());
    let mut grants = Vec::new();
    let mut has_grants = false;
    for (name, permission) in GRANTS {
        let from_query = query.get_any_case(name).filter(|_| !headers.contains_key(name));
        let values = headers.get_all(name).iter().map(crate::headers::value_text).map(|text| text.into_owned());
        for value in values.chain(from_query.map(str::to_owned)) {
            has_grants = true;
            for grantee in grantees(&value)? {
                grants.push(AskedGrant { grantee, permission });
            }
        }
    }
    match canned {
        Some(_) if has_grants => {
            let message = "Specifying both Canned ACLs and Header Grants is not allowed";
            Err(S3Error::with(ErrorCode::InvalidRequest, message))
        }
        Some(name) => canned_acl(&name, listed).map(|canned| Some(AskedAcl::Canned(canned))),
        None if has_grants => Ok(Some(AskedAcl::Grants { owner: None, grants })),
        None => Ok(None),
    }
}

fn canned_acl(name: &str, listed: Listed) -> S3Result<CannedAcl> {
    use CannedAcl as C;
    let fits = |canned: &CannedAcl| match (listed, canned) {
        (Listed::Object, C::LogDeliveryWrite) => false,
        // AWS: "ignored when creating a bucket".
        (Listed::Bucket, C::BucketOwnerRead | C::BucketOwnerFullControl) => true,
        _ => true,
    };
    let wrong = || S3Error::new(ErrorCode::InvalidArgument).argument(CANNED, name);
    CannedAcl::from_name(name).filter(fits).ok_or_else(wrong)
}

/// `id="..", uri="..", emailAddress=".."`, with quotes or without.
fn grantees(value: &str) -> S3Result<Vec<AskedGrantee>> {
    let wrong = || S3Error::with(ErrorCode::InvalidArgument, "Argument format not recognized");
    let grantee = |text: &str| {
        let (kind, named) = text.trim().split_once('=').ok_or_else(wrong)?;
        let named = named.trim().trim_matches('"');
        if kind.trim().eq_ignore_ascii_case("id") {
            Ok(AskedGrantee::Known(Grantee::User(named.to_owned())))
        } else if kind.trim().eq_ignore_ascii_case("uri") {
            Grantee::of_uri(named).map(AskedGrantee::Known).ok_or_else(bad_group)
        } else if kind.trim().eq_ignore_ascii_case("emailAddress") {
            Ok(AskedGrantee::Email(named.to_owned()))
        } else {
            Err(wrong())
        }
    };
    value.split(',').map(grantee).collect()
}

fn bad_group() -> S3Error {
    S3Error::with(ErrorCode::InvalidArgument, "Invalid group uri")
}

/// Reads an `AccessControlPolicy`.
pub fn parse_acl(document: &[u8]) -> S3Result<AskedAcl> {
    let mut xml = Reader::open(document, "AccessControlPolicy").map_err(unreadable)?;
    let (mut owner, mut grants) = (None, None);
    while let Some(name) = xml.child().map_err(unreadable)? {
        match name.as_str() {
            "Owner" => owner = children(&mut xml)?.id,
            "AccessControlList" => grants = Some(list(&mut xml)?),
            _ => return Err(malformed("unknown element")),
        }
    }
    let grants = grants.ok_or_else(|| malformed("AccessControlList is missing"))?;
    Ok(AskedAcl::Grants { owner, grants })
}

fn list(xml: &mut Reader<'_>) -> S3Result<Vec<AskedGrant>> {
    let mut grants = Vec::new();
    while let Some(name) = xml.child().map_err(unreadable)? {
        if name != "Grant" {
            return Err(malformed("unknown element"));
        }
        // One more than S3 takes is enough to know.
        if grants.len() > iam::MAX_GRANTS {
            return Err(malformed("too many grants"));
        }
        grants.push(grant(xml)?);
    }
    Ok(grants)
}

fn grant(xml: &mut Reader<'_>) -> S3Result<AskedGrant> {
    let (mut grantee, mut permission) = (None, None);
    while let Some(name) = xml.child().map_err(unreadable)? {
        match name.as_str() {
            "Grantee" => grantee = Some(children(xml)?.grantee()?),
            "Permission" => permission = Permission::from_name(&xml.text().map_err(unreadable)?),
            _ => return Err(malformed("unknown element")),
        }
    }
    match (grantee, permission) {
        (Some(grantee), Some(permission)) => Ok(AskedGrant { grantee, permission }),
        _ => Err(malformed("a grant needs a grantee and a permission")),
    }
}

/// What an owner or grantee is named by.
#[derive(Default)]
struct Named {
    id: Option<String>,
    uri: Option<String>,
    email: Option<String>,
}

impl Named {
    /// Whichever way it is named: MinIO's clients and old SDKs don't agree on the type.
    fn grantee(self) -> S3Result<AskedGrantee> {
        match (self.id, self.uri, self.email) {
            (Some(id), None, None) => Ok(AskedGrantee::Known(Grantee::User(id))),
            (None, Some(uri), None) => Grantee::of_uri(&uri).map(AskedGrantee::Known).ok_or_else(bad_group),
            (None, None, Some(address)) => Ok(AskedGrantee::Email(address)),
            _ => Err(malformed("a grantee needs one name")),
        }
    }
}

fn children(xml: &mut Reader<'_>) -> S3Result<Named> {
    let mut named = Named::default();
    while let Some(name) = xml.child().map_err(unreadable)? {
        let text = xml.text().map_err(unreadable)?.trim().to_owned();
        let place = match name.as_str() {
            "ID" => &mut named.id,
            "URI" => &mut named.uri,
            "EmailAddress" => &mut named.email,
            // Names to show, and the type in MinIO's form.
            _ => continue,
        };
        *place = Some(text).filter(|text| !text.is_empty());
    }
    Ok(named)
}

fn unreadable(error: XmlError) -> S3Error {
    match error {
        XmlError::Empty => ErrorCode::MalformedXml.into(),
        error => malformed(&error.to_string()),
    }
}

fn malformed(reason: &str) -> S3Error {
    S3Error::detailed(ErrorCode::MalformedAcl, reason)
}

/// A list as an answer.
pub fn write_acl(acl: &Acl, iam: &Iam) -> Vec<u8> {
    let mut xml = Writer::document();
    xml.open_root("AccessControlPolicy");
    xml.open("Owner");
    xml.text("ID", &acl.owner);
    xml.text("DisplayName", iam.display_name(&acl.owner));
    xml.close("Owner");
    xml.open("AccessControlList");
    for grant in &acl.grants {
        let kind = if matches!(grant.grantee, Grantee::User(_)) { "CanonicalUser" } else { "Group" };
        xml.open("Grant");
        xml.raw(&format!("<Grantee xmlns:xsi=\"{INSTANCE}\" xsi:type=\"{kind}\">"));
        match &grant.grantee {
            Grantee::User(id) => {
                xml.text("ID", id);
                xml.text("DisplayName", iam.display_name(id));
            }
            group => xml.text("URI", group.uri().unwrap_or_default()),
        }
        // What MinIO's clients read.
        xml.text("Type", kind);
        xml.close("Grantee");
        xml.text("Permission", grant.permission.name());
        xml.close("Grant");
    }
    xml.close("AccessControlList");
    xml.close("AccessControlPolicy");
    xml.finish()
}
