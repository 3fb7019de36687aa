//! A service on four drives in temporary directories.

#![allow(dead_code, reason = "each test file uses its own part")]

use base::{ByteStream, Secret, Timestamp, World};
use bytes::Bytes;
use drive::{LocalSlot, Slot};
use futures_util::{StreamExt, TryStreamExt, stream};
use iam::{Action, Context, Credentials, Grant, Iam};
use kms::{KeyService, StaticKeyService};
use rustfs_service::{
    AnnouncedChecksum, CreateBucket, IncomingBody, NewObject, Object, PutObject, ReadObject, Rules, Selection, Service,
    ServiceError,
};
use std::sync::Arc;
use store::{PoolConfig, Store, StoreConfig};
use tempfile::TempDir;

pub struct Bed {
    pub service: Service,
    pub store: Store,
    pub directories: TempDir,
}

impl Bed {
    pub async fn new() -> Self {
        Self::in_region("").await
    }

    pub async fn in_region(region: &str) -> Self {
        Self::with_rules(Rules { region: region.to_owned(), ..Rules::default() }).await
    }

    /// The same drives with one key of this name, or none: as if started with another configuration.
    pub fn with_key(&self, name: Option<&str>) -> Service {
        let service = |name| {
            let text = Secret::new(format!("{name}:AAECAwQFBgcICQoLDA0ODxAREhMUFRYXGBkaGxwdHh8="));
            Arc::new(StaticKeyService::parse(&text, World::system().random).unwrap()) as Arc<dyn KeyService>
        };
        self.service.clone().with_keys(name.map(service))
    }

    pub async fn with_rules(rules: Rules) -> Self {
        let directories = tempfile::tempdir().unwrap();
        let world = World::system();
        let slot = |drive: usize| {
            let path = directories.path().join(format!("d{drive}"));
            Arc::new(LocalSlot::plain(path.to_str().unwrap(), world.clone())) as Arc<dyn Slot>
        };
        let pool = PoolConfig { argument: "d{1...4}".to_owned(), set_size: 4, slots: (1..=4).map(slot).collect() };
        let config = StoreConfig { pools: vec![pool], allow_root_device: true, ..StoreConfig::default() };
        let store = Store::open(config, world.clone(), &|_| {}).await.unwrap();
        let root = Credentials::new("root", Secret::new("rootsecret")).unwrap();
        let service = Service::new(store.clone(), Arc::new(Iam::new(root)), rules, world);
        Bed { service, store, directories }
    }

    pub fn grant(&self, action: Action, bucket: &str, key: &str) -> Grant {
        let root = self.service.iam().caller("root").unwrap();
        let bucket = (!bucket.is_empty()).then_some(bucket);
        let key = (!key.is_empty()).then_some(key);
        self.service.authorize(&root, action, bucket, key, &Context::default()).unwrap()
    }

    pub async fn make_bucket(&self, bucket: &str) {
        let grant = self.grant(Action::CreateBucket, bucket, "");
        self.service.create_bucket(&grant, CreateBucket::default()).await.unwrap();
    }

    pub async fn make_locked_bucket(&self, bucket: &str) {
        let lock = self.grant(Action::PutBucketObjectLockConfiguration, bucket, "");
        let versioning = self.grant(Action::PutBucketVersioning, bucket, "");
        let request = CreateBucket { object_lock: Some((lock, versioning)), ..CreateBucket::default() };
        self.service.create_bucket(&self.grant(Action::CreateBucket, bucket, ""), request).await.unwrap();
    }

    pub async fn set_versioning(&self, bucket: &str, inner: &str) -> Result<(), ServiceError> {
        let document = format!("<VersioningConfiguration>{inner}</VersioningConfiguration>");
        let grant = self.grant(Action::PutBucketVersioning, bucket, "");
        self.service.put_versioning(&grant, document.as_bytes()).await
    }

    pub async fn put(&self, bucket: &str, key: &str, bytes: &[u8]) -> Result<Object, ServiceError> {
        self.put_as(bucket, key, bytes, NewObject::default()).await
    }

    pub async fn put_as(
        &self,
        bucket: &str,
        key: &str,
        bytes: &[u8],
        object: NewObject,
    ) -> Result<Object, ServiceError> {
        let request = PutObject { object, body: body(bytes), mod_time: None, etag: None };
        self.service.put_object(&self.grant(Action::PutObject, bucket, key), request).await
    }

    pub async fn read(&self, bucket: &str, key: &str) -> Result<Vec<u8>, ServiceError> {
        self.read_selected(bucket, key, Selection::Whole).await
    }

    pub async fn read_selected(&self, bucket: &str, key: &str, selection: Selection) -> Result<Vec<u8>, ServiceError> {
        let request = ReadObject { selection, ..ReadObject::default() };
        let (_, stream) = self.service.get_object(&self.grant(Action::GetObject, bucket, key), request).await?;
        Ok(collect(stream).await)
    }

    pub async fn head(&self, bucket: &str, key: &str) -> Result<Object, ServiceError> {
        let grant = self.grant(Action::GetObject, bucket, key);
        Ok(self.service.head_object(&grant, ReadObject::default()).await?.object)
    }
}

pub async fn collect(stream: ByteStream) -> Vec<u8> {
    stream
        .try_fold(Vec::new(), |mut all, piece| async move {
            all.extend_from_slice(&piece);
            Ok(all)
        })
        .await
        .unwrap()
}

/// A body with nothing announced but its size.
pub fn body(bytes: &[u8]) -> IncomingBody {
    let pieces: Vec<_> = bytes.chunks(100_000).map(|piece| Ok(Bytes::copy_from_slice(piece))).collect();
    IncomingBody {
        stream: stream::iter(pieces).boxed(),
        size: Some(bytes.len() as u64),
        md5: None,
        checksum: AnnouncedChecksum::None,
    }
}

/// Bytes that repeat late.
pub fn bytes(count: usize) -> Vec<u8> {
    (0..count).map(|n| u8::try_from((n * 31 + n / 251) % 251).unwrap()).collect()
}

/// A time after every other in a test.
pub fn far_future() -> Timestamp {
    Timestamp::from_secs(4_000_000_000)
}
