//! SelectObjectContent: SQL over an object (crate `select`), which is read as any GET reads it, so that how it is stored
//! makes no difference.

pub use ::select::{
    Code, Compression, CsvInput, CsvOutput, Header, Input, InputFormat, JsonInput, JsonOutput, Output, QuoteFields,
    Request, ScanRange, SelectError,
};

use crate::request::{ByteRange, ReadObject, Selection};
use crate::{Object, Service, ServiceError};
use ::select::{Source, select};
use base::{ByteStream, StreamError};
use futures_util::FutureExt;
use futures_util::future::BoxFuture;
use iam::Grant;
use std::ops::Range;
use std::sync::Arc;

impl Service {
    /// The messages that answer a request on the object of `read`. Grant: [`iam::Action::GetObject`].
    pub async fn select_object(
        &self,
        grant: &Grant,
        read: ReadObject,
        request: Request,
    ) -> Result<(Object, ByteStream), ServiceError> {
        request.check()?;
        let object = self.head_object(grant, read.clone()).await?.object;
        let source = Selected { service: self.clone(), grant: grant.clone(), read, object: object.clone() };
        let body = select(&self.selects, request, Arc::new(source)).await?;
        Ok((object, body))
    }
}

/// An object that is being selected from.
struct Selected {
    service: Service,
    grant: Grant,
    read: ReadObject,
    object: Object,
}

impl Source for Selected {
    fn size(&self) -> u64 {
        self.object.size()
    }

    fn read(&self, range: Range<u64>) -> BoxFuture<'_, Result<ByteStream, StreamError>> {
        async move { self.range(range).await.map_err(|error| StreamError::Failed(Box::new(error))) }.boxed()
    }
}

impl Selected {
    /// Bytes of the object; an error if it has been overwritten since the request began.
    async fn range(&self, range: Range<u64>) -> Result<ByteStream, ServiceError> {
        let selection = Selection::Range(ByteRange::FromTo { first: range.start, last: range.end - 1 });
        let request = ReadObject { selection, ..self.read.clone() };
        let (reading, body) = self.service.get_object(&self.grant, request).await?;
        let now = &reading.object;
        if now.mod_time() != self.object.mod_time() || now.etag() != self.object.etag() {
            return Err(ServiceError::Busy { what: format!("{}/{}", now.bucket(), now.key()) });
        }
        Ok(body)
    }
}
