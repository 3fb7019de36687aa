//! GetObjectAttributes.

use crate::call::Call;
use crate::error::{ErrorCode, S3Error, S3Result};
use crate::headers::{self, integer_between};
use crate::response::{self, Answer};
use crate::xml::Writer;
use iam::Action;
use service::limits::MAX_LIST_PARTS;
use service::{Object, ServiceError};

const ATTRIBUTES: &str = "x-amz-object-attributes";
const KNOWN: [&str; 5] = ["ETag", "Checksum", "ObjectParts", "StorageClass", "ObjectSize"];
const ROOT: &str = "GetObjectAttributesResponse";

/// GetObjectAttributes.
pub async fn get(call: &Call<'_>) -> S3Result<Answer> {
    let version = call.version()?;
    let (action, reading) = match version {
        Some(_) => (Action::GetObjectVersionAttributes, Action::GetObjectVersion),
        None => (Action::GetObjectAttributes, Action::GetObject),
    };
    let facts = call.stored_facts().await?;
    let grant = call.grant_object_given(action, &facts)?;
    call.grant_object_given(reading, &facts)?;
    let wanted = wanted(call)?;
    let parts = PartsPage::of(call)?;
    let object = call.service().object_attributes(&grant, version, headers::read_key(call)?.as_ref()).await;
    let object = object.map_err(|error| missing(call, error))?;

    let wants = |name: &str| wanted.contains(&name);
    let mut xml = Writer::document();
    xml.open_root(ROOT);
    if wants("ETag") {
        xml.text("ETag", object.etag());
    }
    if let Some(checksum) = object.checksum().filter(|_| wants("Checksum")) {
        xml.open("Checksum");
        xml.text(&format!("Checksum{}", checksum.algorithm().name()), &checksum.text());
        xml.text("ChecksumType", checksum.kind().name());
        xml.close("Checksum");
    }
    if wants("ObjectParts") && object.is_multipart() {
        parts.write(&mut xml, &object);
    }
    if wants("StorageClass") {
        xml.text("StorageClass", object.storage_class());
    }
    if wants("ObjectSize") {
        xml.number("ObjectSize", object.size());
    }
    xml.close(ROOT);
    let mut answer = response::xml(xml.finish());
    response::set_last_modified(answer.headers_mut(), object.mod_time());
    response::set_version(answer.headers_mut(), object.version());
    Ok(answer)
}

/// Only who may list the bucket learns that there is no such object.
fn missing(call: &Call<'_>, error: ServiceError) -> S3Error {
    let is_missing = matches!(error, ServiceError::NoSuchKey { .. } | ServiceError::NoSuchVersion { .. });
    if is_missing && call.grant_bucket(Action::ListBucket).is_err() {
        return ErrorCode::AccessDenied.into();
    }
    error.into()
}

/// The attributes asked for.
fn wanted<'a>(call: &'a Call<'_>) -> S3Result<Vec<&'a str>> {
    let lists = call.headers().get_all(ATTRIBUTES).iter().filter_map(|value| value.to_str().ok());
    let names: Vec<&str> = lists.flat_map(|list| list.split(',')).map(str::trim).collect();
    let wrong = |value: &str| S3Error::new(ErrorCode::InvalidAttributeName).argument(ATTRIBUTES, value);
    if let Some(unknown) = names.iter().find(|name| !KNOWN.contains(name)) {
        return Err(wrong(unknown));
    }
    if names.is_empty() { Err(wrong("")) } else { Ok(names) }
}

/// Which of the object's parts to tell of.
struct PartsPage {
    after: usize,
    limit: usize,
}

impl PartsPage {
    fn of(call: &Call<'_>) -> S3Result<Self> {
        let after = call.header("x-amz-part-number-marker");
        let limit = call.header("x-amz-max-parts");
        Ok(PartsPage {
            after: integer_between(after, 0, ErrorCode::InvalidPartNumberMarker)?,
            limit: integer_between(limit, MAX_LIST_PARTS, ErrorCode::InvalidMaxParts)?.min(MAX_LIST_PARTS),
        })
    }

    fn write(&self, xml: &mut Writer, object: &Object) {
        let checksum = object.checksum();
        let number = |number: u32| usize::try_from(number).unwrap_or(usize::MAX);
        let all = object.parts().iter().zip(object.part_sizes()).enumerate();
        let page: Vec<_> = all.filter(|(_, (part, _))| number(part.number) > self.after).take(self.limit).collect();
        let last = object.parts().last().map_or(0, |part| part.number);
        let next = page.last().map_or(0, |(_, (part, _))| part.number);
        xml.open("ObjectParts");
        xml.boolean("IsTruncated", !page.is_empty() && next != last);
        xml.number("MaxParts", count(self.limit));
        xml.number("NextPartNumberMarker", u64::from(next));
        xml.number("PartNumberMarker", count(self.after));
        xml.number("PartsCount", count(object.parts().len()));
        for (index, (part, size)) in page {
            xml.open("Part");
            xml.number("PartNumber", u64::from(part.number));
            xml.number("Size", size);
            if let Some(part) = checksum.as_ref().and_then(|checksum| checksum.part(index)) {
                xml.text(&format!("Checksum{}", part.algorithm().name()), &part.base64());
            }
            xml.close("Part");
        }
        xml.close("ObjectParts");
    }
}

fn count(number: usize) -> u64 {
    u64::try_from(number).unwrap_or(u64::MAX)
}
