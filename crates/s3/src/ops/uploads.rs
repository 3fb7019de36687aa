//! Listings of uploads and of their parts.

use crate::call::Call;
use crate::encode;
use crate::error::{ErrorCode, S3Result};
use crate::headers::integer_between;
use crate::ops::bucket::person;
use crate::ops::list::{url_encoded, without_cache_mark};
use crate::response::{self, Answer};
use crate::xml::Writer;
use iam::Action;
use service::limits::MAX_LIST_PARTS;
use service::{ListParts, ListUploads};
use std::borrow::Cow;

/// ListMultipartUploads.
pub async fn list(call: &Call<'_>) -> S3Result<Answer> {
    let grant = call.grant_bucket(Action::ListBucketMultipartUploads)?;
    let text = |name: &str| call.query.get(name).unwrap_or("").to_owned();
    let max_uploads = integer_between(call.query.get("max-uploads"), MAX_LIST_PARTS, ErrorCode::InvalidMaxUploads)?;
    let request = ListUploads {
        prefix: text("prefix"),
        delimiter: text("delimiter"),
        key_marker: without_cache_mark(&text("key-marker")).to_owned(),
        upload_id_marker: text("upload-id-marker"),
        limit: max_uploads.min(MAX_LIST_PARTS),
    };
    let encoded = url_encoded(call)?;
    let name = |text: &'_ str| -> Cow<'static, str> {
        if encoded { encode::listed(text).into() } else { text.to_owned().into() }
    };
    let page = call.service().list_uploads(&grant, request.clone()).await?;
    let bucket_owner = call.service().bucket_owner(&call.caller, &call.target.bucket);

    let mut xml = Writer::document();
    xml.open_root("ListMultipartUploadsResult");
    xml.text("Bucket", &call.target.bucket);
    xml.text("KeyMarker", &name(&request.key_marker));
    xml.text("UploadIdMarker", &request.upload_id_marker);
    xml.text("NextKeyMarker", &name(&page.next_key));
    xml.text("NextUploadIdMarker", &page.next_upload_id);
    xml.text_unless_empty("Delimiter", &name(&request.delimiter));
    xml.text("Prefix", &name(&request.prefix));
    if encoded {
        xml.text("EncodingType", "url");
    }
    xml.number("MaxUploads", count(max_uploads));
    xml.boolean("IsTruncated", page.truncated);
    for upload in &page.uploads {
        xml.open("Upload");
        xml.text("Key", &name(&upload.key));
        xml.text("UploadId", &upload.upload_id);
        for who in ["Initiator", "Owner"] {
            person(&mut xml, who, upload.owner.as_deref().unwrap_or(bucket_owner), call);
        }
        xml.text("StorageClass", "");
        xml.time("Initiated", upload.initiated);
        xml.close("Upload");
    }
    for prefix in &page.prefixes {
        xml.open("CommonPrefixes");
        xml.text("Prefix", &name(prefix));
        xml.close("CommonPrefixes");
    }
    xml.close("ListMultipartUploadsResult");
    Ok(response::xml(xml.finish()))
}

/// ListParts.
pub async fn parts(call: &Call<'_>) -> S3Result<Answer> {
    let grant = call.grant_object(Action::ListMultipartUploadParts)?;
    let after = integer_between(call.query.get("part-number-marker"), 0, ErrorCode::InvalidPartNumberMarker)?;
    let max_parts = integer_between(call.query.get("max-parts"), MAX_LIST_PARTS, ErrorCode::InvalidMaxParts)?;
    let request = ListParts {
        upload_id: call.query.get("uploadId").unwrap_or("").to_owned(),
        after: u32::try_from(after).unwrap_or(u32::MAX),
        limit: max_parts.min(MAX_LIST_PARTS),
    };
    let page = call.service().list_parts(&grant, request).await?;
    let (algorithm, kind) = page.upload.checksum.map_or(("", ""), |(algorithm, kind)| (algorithm.name(), kind.name()));

    let mut xml = Writer::document();
    xml.open_root("ListPartsResult");
    xml.text("Bucket", &call.target.bucket);
    xml.text("Key", &call.target.key);
    xml.text("UploadId", &page.upload.upload_id);
    for who in ["Initiator", "Owner"] {
        let bucket_owner = call.service().bucket_owner(&call.caller, &call.target.bucket);
        person(&mut xml, who, page.upload.owner.as_deref().unwrap_or(bucket_owner), call);
    }
    xml.text("StorageClass", "STANDARD");
    xml.number("PartNumberMarker", count(after));
    xml.number("NextPartNumberMarker", u64::from(page.next));
    xml.number("MaxParts", count(max_parts));
    xml.boolean("IsTruncated", page.truncated);
    xml.text("ChecksumAlgorithm", algorithm);
    xml.text("ChecksumType", kind);
    for part in &page.parts {
        xml.open("Part");
        xml.number("PartNumber", u64::from(part.number));
        xml.time("LastModified", part.mod_time);
        xml.etag("ETag", &part.etag);
        xml.number("Size", part.size);
        for (algorithm, value) in &part.checksums {
            xml.text(&format!("Checksum{}", algorithm.name()), value);
        }
        xml.close("Part");
    }
    xml.close("ListPartsResult");
    Ok(response::xml(xml.finish()))
}

fn count(number: usize) -> u64 {
    u64::try_from(number).unwrap_or(u64::MAX)
}
