//! Listings of objects and versions.

use crate::call::Call;
use crate::encode;
use crate::error::{ErrorCode, S3Error, S3Result};
use crate::headers::integer_between;
use crate::ops::bucket::person;
use crate::ops::{object_read, version_id, zip};
use crate::response::{self, Answer};
use crate::xml::Writer;
use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use iam::Action;
use service::limits::MAX_LIST_ENTRIES;
use service::{ListObjects, ListedEntry, Listing, Object, Position};
use std::borrow::Cow;

/// Bytes that an entry of a listing takes, typically: so that a page grows in one piece.
const ENTRY_SIZE: usize = 384;
/// What MinIO hangs on the names from which its listings go on.
const CACHE_MARK: &str = "[minio_cache:v2";

/// ListObjects, the first version.
pub async fn v1(call: &Call<'_>) -> S3Result<Answer> {
    let page = Page::of(call)?;
    let marker = without_cache_mark(call.query.get("marker").unwrap_or(""));
    let listing = page.objects(call, marker).await?;
    let mut xml = page.begin("ListBucketResult", &listing);
    xml.text("Name", &call.target.bucket);
    xml.text("Prefix", &page.name(&page.prefix));
    xml.text("Marker", &page.name(marker));
    if let Some(next) = next_key(&listing) {
        xml.text("NextMarker", &page.name(next));
    }
    page.write_sizes(&mut xml, &listing);
    page.write_objects(&mut xml, &listing, &Shown { owner: true, metadata: false, call });
    page.write_prefixes(&mut xml, &listing);
    Ok(page.end(xml, "ListBucketResult"))
}

/// ListObjectsV2, with MinIO's `metadata=true`.
pub async fn v2(call: &Call<'_>) -> S3Result<Answer> {
    let page = Page::of(call)?;
    let token = call.query.get("continuation-token");
    let start_after = call.query.get("start-after").unwrap_or("");
    let continued = token.filter(|token| !token.is_empty()).map(decode_token).transpose()?;
    let after = continued.as_deref().unwrap_or(start_after);
    let listing = page.objects_or_members(call, after).await?;
    let mut xml = page.begin("ListBucketResult", &listing);
    xml.text("Name", &call.target.bucket);
    xml.text("Prefix", &page.name(&page.prefix));
    if !start_after.is_empty() {
        xml.text("StartAfter", &page.name(start_after));
    }
    if let Some(token) = token {
        xml.text("ContinuationToken", token);
    }
    if let Some(next) = next_key(&listing) {
        xml.text("NextContinuationToken", &STANDARD.encode(next));
    }
    xml.number("KeyCount", count(listing.entries.len()));
    page.write_sizes(&mut xml, &listing);
    let owner = call.query.get("fetch-owner") == Some("true");
    let shown = Shown { owner, metadata: metadata_shown(call), call };
    page.write_objects(&mut xml, &listing, &shown);
    page.write_prefixes(&mut xml, &listing);
    Ok(page.end(xml, "ListBucketResult"))
}

/// ListObjectVersions, with MinIO's `metadata=true`.
pub async fn versions(call: &Call<'_>) -> S3Result<Answer> {
    let page = Page::of(call)?;
    let key_marker = without_cache_mark(call.query.get("key-marker").unwrap_or(""));
    let version_marker = call.query.get("version-id-marker").unwrap_or("");
    if key_marker.is_empty() && !version_marker.is_empty() {
        let message = "A version-id marker cannot be specified without a key marker.";
        return Err(S3Error::with(ErrorCode::InvalidArgument, message));
    }
    let grant = call.grant_bucket(Action::ListBucketVersions).or_else(|_| call.grant_bucket(Action::ListBucket))?;
    let after = Position { key: key_marker.to_owned(), version: version_id(version_marker)? };
    let listing = call.service().list_versions(&grant, page.request(after)).await?;

    let mut xml = page.begin("ListVersionsResult", &listing);
    xml.text("Name", &call.target.bucket);
    xml.text("Prefix", &page.name(&page.prefix));
    xml.text("KeyMarker", &page.name(key_marker));
    let next = listing.next.as_ref().filter(|_| listing.truncated);
    let next_version = next.and_then(|next| next.version).map(|version| version.to_string());
    if let Some(next) = next {
        xml.text("NextKeyMarker", &page.name(&next.key));
    }
    xml.text("NextVersionIdMarker", next_version.as_deref().unwrap_or(""));
    xml.text("VersionIdMarker", version_marker);
    page.write_sizes(&mut xml, &listing);
    page.write_prefixes(&mut xml, &listing);
    let shown = Shown { owner: true, metadata: metadata_shown(call), call };
    for object in objects(&listing) {
        let name = if object.is_delete_marker() { "DeleteMarker" } else { "Version" };
        xml.open(name);
        page.write_object(&mut xml, object, &shown);
        xml.boolean("IsLatest", object.is_latest());
        xml.text("VersionId", &object.version().to_string());
        xml.close(name);
    }
    Ok(page.end(xml, "ListVersionsResult"))
}

/// What an entry shows beside its name.
struct Shown<'a> {
    owner: bool,
    /// With `metadata=true`.
    metadata: bool,
    /// The request, which each object is asked for.
    call: &'a Call<'a>,
}

fn metadata_shown(call: &Call<'_>) -> bool {
    call.query.get("metadata") == Some("true")
}

/// What all three ask for alike.
struct Page {
    prefix: String,
    delimiter: String,
    max_keys: usize,
    encoded: bool,
}

impl Page {
    fn of(call: &Call<'_>) -> S3Result<Self> {
        Ok(Page {
            prefix: call.query.get("prefix").unwrap_or("").to_owned(),
            delimiter: call.query.get("delimiter").unwrap_or("").to_owned(),
            max_keys: integer_between(call.query.get("max-keys"), MAX_LIST_ENTRIES, ErrorCode::InvalidMaxKeys)?,
            encoded: url_encoded(call)?,
        })
    }

    fn request(&self, after: Position) -> ListObjects {
        ListObjects {
            prefix: self.prefix.clone(),
            delimiter: self.delimiter.clone(),
            after,
            limit: self.max_keys.min(MAX_LIST_ENTRIES),
        }
    }

    /// Objects; or members of an archive, where the request asks to look into it.
    async fn objects_or_members(&self, call: &Call<'_>, after: &str) -> S3Result<Listing> {
        let Some((archive, _)) = service::split_archive(&self.prefix).filter(|_| zip::is_wanted(call)) else {
            return self.objects(call, after).await;
        };
        let grant = zip::grant(call, archive).await?;
        let after = Position { key: after.to_owned(), version: None };
        let read = object_read::request(call)?;
        Ok(call.service().list_members(&grant, read, self.request(after)).await?)
    }

    async fn objects(&self, call: &Call<'_>, after: &str) -> S3Result<Listing> {
        let grant = call.grant_bucket(Action::ListBucket)?;
        let after = Position { key: after.to_owned(), version: None };
        Ok(call.service().list_objects(&grant, self.request(after)).await?)
    }

    /// A name as this listing writes them.
    fn name<'a>(&self, name: &'a str) -> Cow<'a, str> {
        if self.encoded { Cow::Owned(encode::listed(name)) } else { Cow::Borrowed(name) }
    }

    fn begin(&self, root: &str, listing: &Listing) -> Writer {
        let mut xml = Writer::document();
        xml.reserve(1024 + listing.entries.len() * ENTRY_SIZE);
        xml.open_root(root);
        xml
    }

    fn write_sizes(&self, xml: &mut Writer, listing: &Listing) {
        xml.number("MaxKeys", count(self.max_keys));
        if !self.delimiter.is_empty() {
            xml.text("Delimiter", &self.name(&self.delimiter));
        }
        xml.boolean("IsTruncated", listing.truncated);
    }

    fn write_objects(&self, xml: &mut Writer, listing: &Listing, shown: &Shown<'_>) {
        for object in objects(listing) {
            xml.open("Contents");
            self.write_object(xml, object, shown);
            xml.close("Contents");
        }
    }

    fn write_object(&self, xml: &mut Writer, object: &Object, shown: &Shown<'_>) {
        xml.text("Key", &self.name(object.key()));
        xml.time("LastModified", object.mod_time());
        xml.etag("ETag", object.etag());
        xml.number("Size", object.size());
        if shown.owner {
            let bucket_owner = shown.call.service().bucket_owner(&shown.call.caller, object.bucket());
            let acl = object.acl();
            person(xml, "Owner", acl.as_ref().map_or(bucket_owner, |acl| &acl.owner), shown.call);
        }
        xml.text("StorageClass", object.storage_class());
        if shown.metadata {
            write_metadata(xml, object, shown.call);
        }
    }

    fn write_prefixes(&self, xml: &mut Writer, listing: &Listing) {
        for entry in &listing.entries {
            if let ListedEntry::Prefix(prefix) = entry {
                xml.open("CommonPrefixes");
                xml.text("Prefix", &self.name(prefix));
                xml.close("CommonPrefixes");
            }
        }
    }

    fn end(&self, mut xml: Writer, root: &str) -> Answer {
        if self.encoded {
            xml.text("EncodingType", "url");
        }
        xml.close(root);
        response::xml(xml.finish())
    }
}

/// MinIO's extension: an entry's metadata and tags, as far as the caller may read them, and its shards.
fn write_metadata(xml: &mut Writer, object: &Object, call: &Call<'_>) {
    let may = |action| call.grant(action, Some(object.bucket()), Some(object.key())).is_ok();
    if may(Action::GetObject) {
        xml.open("UserMetadata");
        // Only names that can be names of elements can be told.
        for (name, value) in object.metadata().filter(|(name, _)| is_element_name(name) && !is_tagging(name)) {
            xml.text(name, value);
        }
        xml.close("UserMetadata");
    }
    let tags = object.tags();
    if !tags.is_empty() && may(Action::GetObjectTagging) {
        xml.text("UserTags", &tags.to_query());
    }
    let (data, parity) = object.shards();
    xml.open("Internal");
    xml.number("K", u64::from(data));
    xml.number("M", u64::from(parity));
    xml.close("Internal");
}

fn is_tagging(name: &str) -> bool {
    name.eq_ignore_ascii_case("x-amz-object-tagging")
}

fn is_element_name(name: &str) -> bool {
    name.starts_with(|c: char| c.is_ascii_alphabetic() || c == '_')
        && name.bytes().all(|byte| byte.is_ascii_alphanumeric() || matches!(byte, b'-' | b'_' | b'.'))
}

fn objects(listing: &Listing) -> impl Iterator<Item = &Object> {
    listing.entries.iter().filter_map(|entry| match entry {
        ListedEntry::Object(object) => Some(object),
        ListedEntry::Prefix(_) => None,
    })
}

/// The name after which the next page begins, if there is one.
fn next_key(listing: &Listing) -> Option<&str> {
    listing.next.as_ref().filter(|_| listing.truncated).map(|next| next.key.as_str())
}

fn count(number: usize) -> u64 {
    u64::try_from(number).unwrap_or(u64::MAX)
}

/// Whether names are to be encoded.
pub fn url_encoded(call: &Call<'_>) -> S3Result<bool> {
    match call.query.get("encoding-type") {
        None | Some("") => Ok(false),
        Some(method) if method.eq_ignore_ascii_case("url") => Ok(true),
        Some(_) => Err(ErrorCode::InvalidEncodingMethod.into()),
    }
}

/// The name in a marker. Listings begun on MinIO go on here: what it hangs on names is taken off.
pub fn without_cache_mark(marker: &str) -> &str {
    match marker.rfind('[') {
        Some(at) if marker.contains(CACHE_MARK) => &marker[..at],
        _ => marker,
    }
}

/// The name in a continuation token.
pub fn decode_token(token: &str) -> S3Result<String> {
    let wrong = || S3Error::new(ErrorCode::InvalidContinuationToken);
    let bytes = STANDARD.decode(token).ok().filter(|bytes| !bytes.is_empty()).ok_or_else(wrong)?;
    let name = String::from_utf8(bytes).map_err(|_| wrong())?;
    Ok(without_cache_mark(&name).to_owned())
}
