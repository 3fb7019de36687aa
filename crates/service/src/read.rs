//! Reading objects: conditions, then ranges and parts, then the body.

#[cfg(test)]
mod tests;

use crate::conditions::{Verdict, judge};
use crate::keys::{check_customer_key, envelope};
use crate::limits::MAX_PART_NUMBER;
use crate::request::{ByteRange, ReadConditions, ReadObject, Selection};
use crate::{Content, Object, Reading, Service, ServiceError, VersionId, grant};
use base::{ByteStream, StreamError};
use futures_util::{StreamExt, stream};
use iam::{Action, Grant};
use seal::layout::Layout;
use seal::{CustomerKey, Kind, ObjectKey};
use std::future::ready;
use std::ops::Range;
use store::{ObjectBody, ObjectInfo, ObjectReader, StoreError};

impl Service {
    /// An object's metadata, and which bytes a read would give. Grant: [`Action::GetObject`].
    pub async fn head_object(&self, grant: &Grant, request: ReadObject) -> Result<Reading, ServiceError> {
        let (bucket, key) = grant::object(grant, &[Action::GetObject])?;
        let info = self.store.object_info(bucket, key, request.version).await?;
        let object = self.unseal_to_show(info, request.customer_key.as_ref()).await?;
        resolve(object, &request)
    }

    /// An object and the bytes asked for; of a whole object the first are read already. Grant:
    /// [`Action::GetObject`].
    pub async fn get_object(&self, grant: &Grant, request: ReadObject) -> Result<(Reading, ByteStream), ServiceError> {
        let (bucket, key) = grant::object(grant, &[Action::GetObject])?;
        let reader = self.store.open_object(bucket, key, request.version).await?;
        let source = self.unseal(reader, request.customer_key.as_ref()).await?;
        let Source { object, body, key, layout } = source;
        let reading = resolve(object, &request)?;
        let Content { offset, length, .. } = reading.content;
        let range = offset..offset + length;
        let stream = match (&layout, request.selection) {
            (Some(layout), _) => {
                let stream = decode(&reading.object, layout, key.as_ref(), body, range)?;
                start(&reading.object, stream).await?
            }
            // A whole object that can't be begun is an error; of a range the head is promised first, as MinIO does.
            (None, Selection::Whole) => body.start(range).await?,
            (None, Selection::Range(_) | Selection::Part(_)) => body.read(range),
        };
        Ok((reading, stream))
    }

    /// An object with all that is known of it; the checksum of one that SSE-C encrypts only if its key is given. Grant:
    /// [`Action::GetObjectAttributes`] or its form for versions.
    pub async fn object_attributes(
        &self,
        grant: &Grant,
        version: Option<VersionId>,
        customer_key: Option<&CustomerKey>,
    ) -> Result<Object, ServiceError> {
        let actions = [Action::GetObjectAttributes, Action::GetObjectVersionAttributes];
        let (bucket, key) = grant::object(grant, &actions)?;
        let info = self.store.object_info(bucket, key, version).await?;
        self.unseal_to_show(info, customer_key).await
    }

    /// An opened object with all that is needed to read it in clear.
    pub(crate) async fn unseal(
        &self,
        reader: ObjectReader,
        customer: Option<&CustomerKey>,
    ) -> Result<Source, ServiceError> {
        let ObjectReader { info, body } = reader;
        let place = (&*info.bucket, info.key.as_str());
        let envelope = envelope(&info.metadata, place)?;
        check_customer_key(envelope.as_ref().map(|envelope| envelope.kind), customer)?;
        let key = match &envelope {
            None => None,
            Some(envelope) => Some(self.open_key(envelope, place, customer).await?),
        };
        let object = Object::new(info).opened(key.as_ref(), customer);
        let layout = object.layout(key.as_ref())?;
        Ok(Source { object, body, key, layout })
    }

    /// An object to tell of. A client's key must fit; what the key service would have to open stays closed where it can't.
    async fn unseal_to_show(&self, info: ObjectInfo, customer: Option<&CustomerKey>) -> Result<Object, ServiceError> {
        let place = (&*info.bucket, info.key.as_str());
        let Some(envelope) = envelope(&info.metadata, place)? else {
            check_customer_key(None, customer)?;
            return Ok(Object::new(info));
        };
        check_customer_key(Some(envelope.kind), customer)?;
        let key = match self.open_key(&envelope, place, customer).await {
            Ok(key) => Some(key),
            Err(error) if envelope.kind == Kind::SseC => return Err(error),
            Err(error) => {
                tracing::debug!(%error, "an object is told of without its key");
                None
            }
        };
        Ok(Object::new(info).opened(key.as_ref(), customer))
    }
}

/// An object opened for reading, with its key.
pub(crate) struct Source {
    pub object: Object,
    pub body: ObjectBody,
    pub key: Option<ObjectKey>,
    /// How its bytes are stored, if not as they were sent.
    pub layout: Option<Layout>,
}

impl Source {
    /// The bytes of a range, in clear.
    pub fn read(self, range: Range<u64>) -> Result<ByteStream, ServiceError> {
        match &self.layout {
            None => Ok(self.body.read(range)),
            Some(layout) => decode(&self.object, layout, self.key.as_ref(), self.body, range),
        }
    }
}

/// The plaintext of a range. What is read of the drives, one block in memory at a time, is decrypted and decompressed on
/// the task that sends it: a block more.
fn decode(
    object: &Object,
    layout: &Layout,
    key: Option<&ObjectKey>,
    body: ObjectBody,
    range: Range<u64>,
) -> Result<ByteStream, ServiceError> {
    let plan = layout.plan(range).map_err(|error| ServiceError::ObjectTampered {
        bucket: object.bucket().to_owned(),
        key: object.key().to_owned(),
        reason: error.to_string(),
    })?;
    let stored = body.read(plan.stored.clone());
    Ok(layout.open(&plan, key, stored))
}

/// The stream with its first piece read already: what can't be read or isn't authentic from the beginning is an error
/// here, before anything was promised to the client.
async fn start(object: &Object, mut body: ByteStream) -> Result<ByteStream, ServiceError> {
    let first = match body.next().await {
        None => return Ok(Box::pin(stream::empty())),
        Some(Ok(piece)) => piece,
        Some(Err(StreamError::Failed(cause))) => {
            return Err(match cause.downcast::<StoreError>() {
                Ok(error) => (*error).into(),
                Err(cause) => ServiceError::Undecodable {
                    bucket: object.bucket().to_owned(),
                    key: object.key().to_owned(),
                    cause: cause.to_string(),
                },
            });
        }
        Some(Err(error)) => return Err(ServiceError::Body(error)),
    };
    Ok(Box::pin(stream::once(ready(Ok(first))).chain(body)))
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
        // MinIO tells the only part's checksum where the client holds the key, and only there.
        let checksum = object.checksum().filter(|_| object.kind() == Some(Kind::SseC));
        return Ok(Content { offset: 0, length: total, total, partial: true, part: Some(1), checksum });
    }
    // Part 1 is the first there is, whatever its number.
    let index = match parts.iter().position(|part| part.number == number) {
        None if number == 1 && !parts.is_empty() => 0,
        index => index.ok_or(ServiceError::InvalidPartNumber { number })?,
    };
    let sizes = object.part_sizes();
    let offset = sizes.iter().take(index).sum();
    let length = sizes.get(index).copied().unwrap_or(0);
    let checksum = object.checksum().and_then(|checksum| checksum.part(index));
    Ok(Content { offset, length, total, partial: true, part: Some(number), checksum })
}
