//! The server's own documents: objects of the pseudo bucket `.minio.sys` (on-disk-format.md 1).
//!
//! They are unversioned, have the most parity the set allows, and are small: a document is read and written whole. Of
//! several pools the newest copy counts; an empty one is as good as none.

use crate::list::names_below;
use crate::set::Redundancy;
use crate::{BodySeal, DeleteRequest, Metadata, PutRequest, Seal, Store, StoreError, Versioning, WriteConditions};
use base::ByteStream;
use bytes::{Bytes, BytesMut};
use format::names::SYSTEM_BUCKET;
use format::object_meta_keys::user;
use futures_util::{StreamExt, stream};

/// The largest document that is read: identities of a large deployment, and far more than any configuration.
const MAX_DOCUMENT: u64 = 64 << 20;

impl Store {
    /// A document. [`StoreError::KeyNotFound`] if there is none.
    pub async fn read_internal(&self, path: &str) -> Result<Bytes, StoreError> {
        let missing = || StoreError::KeyNotFound { bucket: SYSTEM_BUCKET.to_owned(), key: path.to_owned() };
        let reader = match self.open_object(SYSTEM_BUCKET, path, None).await {
            Err(StoreError::DeleteMarker { .. }) => return Err(missing()),
            other => other?,
        };
        let size = reader.info.size;
        if size == 0 {
            return Err(missing());
        }
        let damaged = |reason: String| StoreError::Damaged { what: format!("{SYSTEM_BUCKET}/{path}"), reason };
        if size > MAX_DOCUMENT {
            return Err(damaged(format!("a document of {size} bytes")));
        }
        let mut document = BytesMut::new();
        let mut body = reader.read(0..size);
        while let Some(piece) = body.next().await {
            document.extend_from_slice(&piece.map_err(|error| damaged(error.to_string()))?);
        }
        Ok(document.freeze())
    }

    /// Stores a document, in the place of the one there was.
    pub async fn write_internal(&self, path: &str, document: Bytes) -> Result<(), StoreError> {
        let (request, body, seal) = PutRequest::document(path, document);
        self.put(request, Redundancy::Highest, None, body, seal).await.map(drop)
    }

    /// Removes a document; missing is fine.
    pub async fn remove_internal(&self, path: &str) -> Result<(), StoreError> {
        let request = DeleteRequest {
            bucket: SYSTEM_BUCKET.to_owned(),
            key: path.to_owned(),
            version_id: None,
            versioning: Versioning::Off,
            always_mark: false,
            protect: None,
            condition: None,
        };
        self.delete_object(request).await.map(drop)
    }

    /// The paths of all documents that begin with `prefix`, in byte order.
    pub async fn list_internal(&self, prefix: &str) -> Result<Vec<String>, StoreError> {
        names_below(self, SYSTEM_BUCKET, prefix).await
    }
}

impl PutRequest {
    /// The writing of a document: what to put, its bytes, its end.
    pub(crate) fn document(path: &str, document: Bytes) -> (PutRequest, ByteStream, Seal) {
        let mut metadata = Metadata::default();
        metadata.user.insert(user::ETAG.to_owned(), hex::encode(md5::digest(&document)));
        metadata.user.insert(user::CONTENT_TYPE.to_owned(), content_type(path).to_owned());
        let request = PutRequest {
            bucket: SYSTEM_BUCKET.to_owned(),
            key: path.to_owned(),
            size: u64::try_from(document.len()).ok(),
            versioning: Versioning::Off,
            storage_class: crate::StorageClass::Standard,
            metadata,
            conditions: WriteConditions::default(),
            mod_time: None,
        };
        let body = stream::iter((!document.is_empty()).then_some(Ok(document)));
        (request, Box::pin(body), Box::new(|_| Ok(BodySeal::default())))
    }
}

/// By the path's extension.
fn content_type(path: &str) -> &'static str {
    if path.ends_with(".json") { "application/json" } else { "application/octet-stream" }
}
