//! Reading objects: conditions, then ranges and parts, then the body.

#[cfg(test)]
mod tests;

use crate::conditions::{Verdict, judge};
use crate::limits::MAX_PART_NUMBER;
use crate::request::{ByteRange, ReadConditions, ReadObject, Selection};
use crate::{Content, Object, Reading, Service, ServiceError, VersionId, grant};
use base::ByteStream;
use iam::{Action, Grant};
use store::ObjectReader;

impl Service {
    /// An object's metadata, and which bytes a read would give. Grant: [`Action::GetObject`].
    pub async fn head_object(&self, grant: &Grant, request: ReadObject) -> Result<Reading, ServiceError> {
        let (bucket, key) = grant::object(grant, &[Action::GetObject])?;
        let object = Object::new(self.store.object_info(bucket, key, request.version).await?);
        resolve(object, &request)
    }

    /// An object and the bytes asked for; of a whole object the first are read already. Grant:
    /// [`Action::GetObject`].
    pub async fn get_object(&self, grant: &Grant, request: ReadObject) -> Result<(Reading, ByteStream), ServiceError> {
        let (bucket, key) = grant::object(grant, &[Action::GetObject])?;
        let ObjectReader { info, body } = self.store.open_object(bucket, key, request.version).await?;
        let reading = resolve(Object::new(info), &request)?;
        reading.object.check_readable()?;
        let Content { offset, length, .. } = reading.content;
        let range = offset..offset + length;
        // A whole object that can't be begun is an error; of a range the head is promised first, as MinIO does.
        let body = match request.selection {
            Selection::Whole => body.start(range).await?,
            Selection::Range(_) | Selection::Part(_) => body.read(range),
        };
        Ok((reading, body))
    }

    /// An object with all that is known of it. Grant: [`Action::GetObjectAttributes`] or its form for versions.
    pub async fn object_attributes(&self, grant: &Grant, version: Option<VersionId>) -> Result<Object, ServiceError> {
        let actions = [Action::GetObjectAttributes, Action::GetObjectVersionAttributes];
        let (bucket, key) = grant::object(grant, &actions)?;
        Ok(Object::new(self.store.object_info(bucket, key, version).await?))
    }
}

fn resolve(object: Object, request: &ReadObject) -> Result<Reading, ServiceError> {
    let object = check_conditions(object, &request.conditions)?;
    let content = select(&object, request.selection)?;
    Ok(Reading { object, content })
}

fn check_conditions(object: Object, conditions: &ReadConditions) -> Result<Object, ServiceError> {
    match judge(conditions, object.etag(), object.mod_time()) {
        Verdict::Go => Ok(object),
        Verdict::NotModified => Err(ServiceError::NotModified { object: Box::new(object) }),
        Verdict::Failed => Err(failed(object)),
    }
}

/// Conditions on the source of a copy: whatever doesn't hold is a failed precondition.
pub(crate) fn check_source(object: Object, conditions: &ReadConditions) -> Result<Object, ServiceError> {
    match judge(conditions, object.etag(), object.mod_time()) {
        Verdict::Go => Ok(object),
        Verdict::NotModified | Verdict::Failed => Err(failed(object)),
    }
}

fn failed(object: Object) -> ServiceError {
    ServiceError::PreconditionFailed {
        bucket: object.bucket().to_owned(),
        key: object.key().to_owned(),
        object: Some(Box::new(object)),
    }
}

fn select(object: &Object, selection: Selection) -> Result<Content, ServiceError> {
    let total = object.size();
    match selection {
        Selection::Whole => {
            Ok(Content { offset: 0, length: total, total, partial: false, part: None, checksum: object.checksum() })
        }
        Selection::Range(range) => {
            let (offset, length) = select_range(range, total)?;
            Ok(Content { offset, length, total, partial: true, part: None, checksum: None })
        }
        Selection::Part(number) => select_part(object, number),
    }
}

fn select_range(range: ByteRange, size: u64) -> Result<(u64, u64), ServiceError> {
    let outside = |asked: String| ServiceError::InvalidRange { asked, size };
    match range {
        ByteRange::Unsatisfiable => Err(ServiceError::UnsatisfiableRange),
        ByteRange::FromTo { first, last } if last < first => Err(ServiceError::UnsatisfiableRange),
        ByteRange::FromTo { first, last } if first >= size => Err(outside(format!("{first}-{last}"))),
        ByteRange::FromTo { first, last } => Ok((first, last.min(size - 1) - first + 1)),
        ByteRange::From { first } if first >= size => Err(outside(format!("{first}--1"))),
        ByteRange::From { first } => Ok((first, size - first)),
        ByteRange::Last { count: 0 } => Err(ServiceError::UnsatisfiableRange),
        ByteRange::Last { count } => Ok((size.saturating_sub(count), count.min(size))),
    }
}

fn select_part(object: &Object, number: u32) -> Result<Content, ServiceError> {
    if number > MAX_PART_NUMBER {
        return Err(ServiceError::InvalidArgument {
            reason: format!("Argument partNumber must be an integer between 1 and {MAX_PART_NUMBER}"),
        });
    }
    let total = object.size();
    let parts = object.parts();
    if number == 1 && parts.len() < 2 && !object.is_multipart() {
        return Ok(Content { offset: 0, length: total, total, partial: true, part: Some(1), checksum: None });
    }
    // Part 1 is the first there is, whatever its number.
    let index = match parts.iter().position(|part| part.number == number) {
        None if number == 1 && !parts.is_empty() => 0,
        index => index.ok_or(ServiceError::InvalidPartNumber { number })?,
    };
    let offset = parts[..index].iter().map(|part| part.actual_size).sum();
    let checksum = object.checksum().and_then(|checksum| checksum.part(index));
    Ok(Content { offset, length: parts[index].actual_size, total, partial: true, part: Some(number), checksum })
}
