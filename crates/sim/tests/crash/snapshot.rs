//! What a drive shows, as text by key, so that two states can be compared piece by piece.

use crate::script::{BUCKETS, FILE, NAMES, PARTS, UPLOAD, content, upload_data_dir};
use bytes::Bytes;
use drive::{Drive, DriveError};
use format::xl::Version;
use std::collections::BTreeMap;

pub type Snapshot = BTreeMap<String, String>;

/// What a key shows that isn't there.
pub const ABSENT: &str = "absent";

pub async fn take(drive: &dyn Drive) -> Snapshot {
    let mut snapshot = Snapshot::new();
    for bucket in BUCKETS {
        let shown = drive.stat_bucket(bucket).await.map(|_| "there".to_owned());
        snapshot.insert(format!("bucket {bucket}"), told(shown));
    }
    for name in NAMES {
        snapshot.insert(format!("object {name}"), object(drive, name).await);
    }
    for part in PARTS {
        snapshot.insert(format!("part {part}"), upload_part(drive, part).await);
    }
    let file = drive.read_file(FILE).await.map(|bytes| which(&bytes));
    snapshot.insert("file".into(), told(file));
    snapshot
}

fn told(result: Result<String, DriveError>) -> String {
    match result {
        Ok(text) => text,
        Err(error) if error.is_absence() => ABSENT.into(),
        Err(error) => format!("BROKEN: {error}"),
    }
}

/// Which content it is: it begins with its time.
fn which(bytes: &Bytes) -> String {
    let start = bytes.split(|byte| *byte == b':').next().and_then(|start| std::str::from_utf8(start).ok());
    let time = start.and_then(|start| start.parse().ok()).filter(|time| content(*time) == bytes);
    time.map_or_else(|| format!("BROKEN: {} bytes of nothing known", bytes.len()), |time| format!("content {time}"))
}

async fn object(drive: &dyn Drive, name: &str) -> String {
    let meta = match drive.read_meta("bucket", name).await {
        Ok(meta) => meta,
        Err(error) => return told(Err(error)),
    };
    let mut shown = Vec::new();
    for entry in &meta.versions {
        let (id, time) = (entry.header.version_id.as_u128(), entry.header.mod_time.nanos());
        let holds = match entry.decode() {
            Ok(Version::Object(version)) => match meta.inline.get(version.version_id) {
                Some(inline) => which(inline),
                None => {
                    let mut parts = Vec::new();
                    for part in &version.parts {
                        parts.push(data(drive, "bucket", name, &version.data_dir.to_string(), part.number).await);
                    }
                    parts.join(" ")
                }
            },
            Ok(_) => "marker".into(),
            Err(error) => format!("BROKEN: {error}"),
        };
        shown.push(format!("{id}@{time}: {holds}"));
    }
    shown.join(", ")
}

async fn data(drive: &dyn Drive, bucket: &str, object: &str, dir: &str, part: u32) -> String {
    let read = async {
        let reader = drive.open_shard(bucket, object, dir, part).await?;
        let length = usize::try_from(reader.len()).expect("a test's file is small");
        reader.read_at(0, length).await
    };
    match read.await {
        Ok(bytes) => which(&bytes),
        Err(error) => format!("BROKEN: {error}"),
    }
}

async fn upload_part(drive: &dyn Drive, part: u32) -> String {
    let listed = drive.list_parts(UPLOAD, upload_data_dir()).await.unwrap_or_default();
    if !listed.contains(&part) {
        return ABSENT.into();
    }
    let mut records = drive.read_parts(UPLOAD, upload_data_dir(), &[part]).await.expect("records can be asked for");
    let record = match records.remove(0) {
        Ok(record) => record,
        Err(error) => return format!("BROKEN: {error}"),
    };
    let data = data(drive, ".minio.sys", UPLOAD, &upload_data_dir().to_string(), part).await;
    let same = data == format!("content {}", String::from_utf8_lossy(&record));
    if same { data } else { format!("BROKEN: the record of {record:?} beside {data}") }
}
