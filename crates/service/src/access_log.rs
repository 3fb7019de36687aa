//! Records of requests to buckets, and their delivery to the buckets that are to have them (docs/access-logs.md).
//!
//! Records wait in memory until a log is due, so that a crash loses the last ones: as with AWS, delivery is best effort, and
//! no request waits for it or fails by it.

#[cfg(test)]
mod tests;

use crate::documents::logging::{KeyFormat, LoggingConfig};
use crate::{
    AnnouncedChecksum, AskedAcl, AskedGrant, AskedGrantee, IncomingBody, NewObject, PutObject, Service, ServiceError,
    configurations,
};
use base::Timestamp;
use bytes::Bytes;
use format::object_meta_keys::user;
use futures_util::stream;
use iam::{AclGrant, Caller, Context, Grant, Grantee, Permission};
use parking_lot::Mutex;
use std::collections::{BTreeMap, HashMap};
use std::mem;
use std::sync::Arc;
use time::OffsetDateTime;

/// A log of so many bytes is delivered before its time.
const MAX_LOG: usize = 1 << 20;
/// Bytes of all records that wait. Those beyond are lost: a target that can't be written to must not fill the memory.
const MAX_WAITING: usize = 16 << 20;
/// What stands for a region where none is configured.
const NO_REGION: &str = "default";

/// Records that wait, by the log they belong to.
#[derive(Default)]
pub(crate) struct AccessLogs {
    waiting: Mutex<Waiting>,
}

#[derive(Default)]
struct Waiting {
    logs: HashMap<Place, Log>,
    bytes: usize,
    lost: u64,
}

#[derive(Default)]
struct Log {
    records: Vec<Record>,
    bytes: usize,
}

/// Where a log goes.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
struct Place {
    bucket: String,
    /// The prefix as it is configured, and the folders that follow.
    prefix: String,
    folders: String,
    /// The day whose requests these are, where keys tell that and not the time of delivery.
    day: Option<String>,
}

struct Record {
    source: Arc<LoggedBucket>,
    line: String,
}

/// A bucket whose requests are recorded.
#[derive(Debug)]
pub struct LoggedBucket {
    name: String,
    /// The id of its owner.
    owner: String,
    config: LoggingConfig,
}

impl LoggedBucket {
    pub fn name(&self) -> &str {
        &self.name
    }

    /// The id of its owner.
    pub fn owner(&self) -> &str {
        &self.owner
    }
}

impl Service {
    /// Whether and how requests to a bucket are recorded.
    pub async fn logged_bucket(&self, bucket: &str) -> Option<Arc<LoggedBucket>> {
        if bucket.is_empty() {
            return None;
        }
        let document = self.store.bucket_extras(bucket).await.ok()?.document(configurations::LOGGING);
        if document.is_empty() {
            return None;
        }
        let config = LoggingConfig::parse(&document).unwrap_or_else(|error| {
            tracing::warn!(bucket, %error, "where the bucket's requests are recorded can't be read");
            None
        })?;
        let owner = self.owner_id_of(bucket).await;
        Some(Arc::new(LoggedBucket { name: bucket.to_owned(), owner, config }))
    }

    /// Keeps the record of a request for delivery. Waits for nothing, and may be called from anywhere.
    pub fn record(&self, source: &Arc<LoggedBucket>, line: String) {
        let place = source.place(self.region(), self.now());
        let mut waiting = self.logs.waiting.lock();
        if waiting.bytes + line.len() > MAX_WAITING {
            waiting.lost += 1;
            return;
        }
        waiting.bytes += line.len();
        let log = waiting.logs.entry(place.clone()).or_default();
        let is_first = log.records.is_empty();
        let was_full = log.bytes >= MAX_LOG;
        log.bytes += line.len();
        let is_full = log.bytes >= MAX_LOG && !was_full;
        log.records.push(Record { source: Arc::clone(source), line });
        drop(waiting);
        if !is_first && !is_full {
            return;
        }
        let service = self.clone();
        self.world.tasks.spawn_if_running(async move {
            if !is_full {
                service.world.clock.sleep(service.rules.log_interval).await;
            }
            service.deliver(place).await;
        });
    }

    /// Delivers all that waits. For the end of a server; what comes later isn't delivered.
    pub async fn deliver_logs(&self) {
        let places: Vec<Place> = self.logs.waiting.lock().logs.keys().cloned().collect();
        for place in places {
            self.deliver(place).await;
        }
    }

    async fn deliver(&self, place: Place) {
        let (records, lost) = self.logs.take(&place);
        if lost > 0 {
            tracing::warn!(lost, "too many records of requests waited for delivery, the last ones are lost");
        }
        if records.is_empty() {
            return;
        }
        if let Err(error) = self.write_log(&place, records).await {
            tracing::warn!(bucket = place.bucket, prefix = place.prefix, %error, "a log of requests couldn't be delivered");
        }
    }

    /// Writes one log; the records of buckets that may not write there are left out.
    async fn write_log(&self, place: &Place, records: Vec<Record>) -> Result<(), ServiceError> {
        let delivery = self.before(Caller::log_delivery(), &[&place.bucket]).await;
        let key = place.key(self.now(), self.world.random.u64());
        let mut grants: HashMap<String, Result<Grant, ServiceError>> = HashMap::new();
        let mut text = String::new();
        let mut last = None;
        for Record { source, line } in records {
            let grant = grants
                .entry(source.name.clone())
                .or_insert_with(|| self.may_deliver(&delivery, &source, &place.bucket, &place.prefix, &key));
            match grant {
                Ok(_) => {
                    text.push_str(&line);
                    text.push('\n');
                    last = Some(source);
                }
                Err(error) => tracing::debug!(bucket = source.name, %error, "a record of a request isn't delivered"),
            }
        }
        let Some(source) = last else {
            let denied = grants.into_values().find_map(Result::err);
            return Err(denied.unwrap_or(ServiceError::Stopping));
        };
        let Some(Ok(grant)) = grants.remove(&source.name) else { return Ok(()) };
        let acl = self.log_acl(&grant, &source.config.grants);
        let metadata = BTreeMap::from([(user::CONTENT_TYPE.to_owned(), "text/plain".to_owned())]);
        let size = Some(text.len() as u64);
        let stream = Box::pin(stream::iter([Ok(Bytes::from(text))]));
        let body = IncomingBody { stream, size, md5: None, checksum: AnnouncedChecksum::None };
        let object = NewObject { metadata, acl, ..NewObject::default() };
        self.put_object(&grant, PutObject { object, body, mod_time: None, etag: None }).await?;
        Ok(())
    }

    /// Whether the delivery of logs may write those of `source` to `key` (user guide, "Permissions for log delivery").
    pub(crate) fn may_deliver(
        &self,
        delivery: &Caller,
        source: &LoggedBucket,
        bucket: &str,
        prefix: &str,
        key: &str,
    ) -> Result<Grant, ServiceError> {
        let arn = format!("arn:aws:s3:::{}", source.name);
        let values = [("aws:SourceArn", arn), ("aws:SourceAccount", source.owner.clone())];
        let values = values.map(|(name, value)| (name.to_owned(), vec![value]));
        let context = Context { values: BTreeMap::from(values) };
        Ok(self.iam().authorize_log_delivery(delivery, bucket, prefix, key, &context)?)
    }

    /// The list of a log: where there are lists, what the configuration gives others beside its owner.
    fn log_acl(&self, grant: &Grant, grants: &[AclGrant]) -> Option<AskedAcl> {
        let bucket = grant.bucket()?;
        let owner = self.bucket_owner(grant.caller(), bucket);
        let access = grant.caller().access(bucket).map(AsRef::as_ref);
        let own = AclGrant { grantee: Grantee::User(owner.to_owned()), permission: Permission::FullControl };
        let asked = |grant: &AclGrant| AskedGrant {
            grantee: AskedGrantee::Known(grant.grantee.clone()),
            permission: grant.permission,
        };
        let asked = [&own].into_iter().chain(grants).map(asked).collect();
        let acl = AskedAcl::Grants { owner: None, grants: asked };
        let holds = !grants.is_empty() && self.check_list(grant, bucket, access, &acl, owner).is_ok();
        holds.then_some(acl)
    }
}

impl AccessLogs {
    fn take(&self, place: &Place) -> (Vec<Record>, u64) {
        let mut waiting = self.waiting.lock();
        let log = waiting.logs.remove(place).unwrap_or_default();
        waiting.bytes -= log.bytes;
        (log.records, mem::take(&mut waiting.lost))
    }
}

impl LoggedBucket {
    pub(crate) fn new(name: &str, owner: String, config: LoggingConfig) -> Self {
        LoggedBucket { name: name.to_owned(), owner, config }
    }

    fn place(&self, region: &str, now: Timestamp) -> Place {
        let (folders, by_event) = match self.config.key_format {
            KeyFormat::Simple => (String::new(), false),
            KeyFormat::Partitioned { by_event } => {
                let region = if region.is_empty() { NO_REGION } else { region };
                (format!("{}/{region}/{}/", self.owner, self.name), by_event)
            }
        };
        Place {
            bucket: self.config.target_bucket.clone(),
            prefix: self.config.target_prefix.clone(),
            folders,
            day: by_event.then(|| day(now)),
        }
    }
}

impl Place {
    /// `PREFIX[ACCOUNT/REGION/BUCKET/YYYY/MM/DD/]YYYY-MM-DD-hh-mm-ss-UNIQUE`; of days of requests the time is zero.
    fn key(&self, now: Timestamp, unique: u64) -> String {
        let Place { prefix, folders, .. } = self;
        let today = self.day.clone().unwrap_or_else(|| day(now));
        let date = calendar(now);
        let time = match self.day {
            Some(_) => "00-00-00".to_owned(),
            None => format!("{:02}-{:02}-{:02}", date.hour(), date.minute(), date.second()),
        };
        let days = if folders.is_empty() { String::new() } else { format!("{}/", today.replace('-', "/")) };
        format!("{prefix}{folders}{days}{today}-{time}-{unique:016X}")
    }
}

fn day(time: Timestamp) -> String {
    let date = calendar(time);
    format!("{:04}-{:02}-{:02}", date.year(), u8::from(date.month()), date.day())
}

fn calendar(time: Timestamp) -> OffsetDateTime {
    OffsetDateTime::from_unix_timestamp_nanos(i128::from(time.nanos())).unwrap_or(OffsetDateTime::UNIX_EPOCH)
}
