//! Makes golden records of `tests/golden.rs` from drives and the manifest of what their server answered:
//!
//! `golden_from_drives OUT MAX-BYTES MANIFEST DRIVE...`
//!
//! writes `OUT.json` and `OUT.bin`: each object version's metadata and its stored bytes, joined from the data shards.
#![expect(clippy::disallowed_methods, reason = "a tool for whoever makes test data")]

use bytes::Bytes;
use format::xl::{ObjectVersion, Version, XL_META, XlMeta};
use serde_json::{Value, json};
use std::error::Error;
use std::path::{Path, PathBuf};

const HASH: usize = 32;

/// A record, and the object's stored bytes.
type Golden = (Value, Vec<u8>);

struct Drive {
    path: PathBuf,
    /// Place in the set.
    place: usize,
}

fn main() -> Result<(), Box<dyn Error>> {
    let args: Vec<String> = std::env::args().collect();
    let [_, out, max, manifest, drives @ ..] = &args[..] else { return Err("OUT MAX MANIFEST DRIVE...".into()) };
    let drives = drives.iter().map(|path| open(Path::new(path))).collect::<Result<Vec<_>, _>>()?;
    let manifest: Value = serde_json::from_slice(&std::fs::read(manifest)?)?;
    let (mut objects, mut data) = (Vec::new(), Vec::new());
    for bucket in manifest["buckets"].as_array().ok_or("no buckets")? {
        for version in bucket["versions"].as_array().ok_or("no versions")? {
            let name = bucket["name"].as_str().ok_or("no name")?;
            if let Some((mut object, bytes)) = read(&drives, name, version, &manifest)?
                && bytes.len() <= max.parse()?
            {
                object["data"] = json!([data.len(), bytes.len()]);
                objects.push(object);
                data.extend_from_slice(&bytes);
            }
        }
    }
    println!("{} objects, {} bytes", objects.len(), data.len());
    let kms = &manifest["server"]["env"]["MINIO_KMS_SECRET_KEY"];
    let text = objects.iter().map(Value::to_string).collect::<Vec<_>>().join(",\n");
    std::fs::write(format!("{out}.json"), format!("{{\"kms\":{kms},\"objects\":[\n{text}\n]}}\n"))?;
    std::fs::write(format!("{out}.bin"), data)?;
    Ok(())
}

fn open(path: &Path) -> Result<Drive, Box<dyn Error>> {
    let format: Value = serde_json::from_slice(&std::fs::read(path.join(".minio.sys/format.json"))?)?;
    let sets = format["xl"]["sets"].as_array().ok_or("no sets")?;
    let this = &format["xl"]["this"];
    let place = sets.iter().filter_map(|set| set.as_array()?.iter().position(|id| id == this)).next();
    Ok(Drive { path: path.to_owned(), place: place.ok_or("not in a set")? })
}

fn read(drives: &[Drive], bucket: &str, told: &Value, manifest: &Value) -> Result<Option<Golden>, Box<dyn Error>> {
    let key = told["key"].as_str().ok_or("no key")?;
    let Some(sha256) = told["get"]["sha256"].as_str() else { return Ok(None) };
    let directory = match key.strip_suffix('/') {
        Some(name) => format!("{bucket}/{name}__XLDIR__"),
        None => format!("{bucket}/{key}"),
    };
    let mut shards = Vec::new();
    let mut found = None;
    for drive in drives {
        let path = drive.path.join(&directory);
        let meta = XlMeta::parse(&Bytes::from(std::fs::read(path.join(XL_META))?))?;
        let id =
            told["version_id"].as_str().filter(|id| *id != "null").map(str::parse).transpose()?.unwrap_or_default();
        let Some(Version::Object(object)) = meta.find(id).map(|entry| entry.decode()).transpose()? else {
            return Ok(None);
        };
        let shard = usize::from(object.distribution[drive.place]) - 1;
        let files = if object.is_inline() {
            vec![meta.inline.get(id).cloned().unwrap_or_default()]
        } else {
            let file = |number: u32| path.join(object.data_dir.to_string()).join(format!("part.{number}"));
            let read = |part: &format::xl::Part| {
                if part.size == 0 { Ok(Vec::new()) } else { std::fs::read(file(part.number)) }
            };
            object.parts.iter().map(|part| read(part).map(Bytes::from)).collect::<Result<_, _>>()?
        };
        shards.push((shard, files));
        found = Some(object);
    }
    let object = found.ok_or("no drives")?;
    shards.sort_by_key(|(shard, _)| *shard);
    let bytes = join(&object, &shards);
    let text = |value: &Bytes| std::str::from_utf8(value).ok().map(str::to_owned);
    let (texts, binary): (Vec<_>, Vec<_>) = object.meta_sys.iter().partition(|(_, value)| text(value).is_some());
    let record = json!({
        "bucket": bucket, "object": key, "sha256": sha256,
        "size": told["get"]["length"], "shown_etag": told["head"]["headers"]["etag"].as_str().map(|etag| etag.trim_matches('"')),
        "customer_key": told["ssec"].as_str().map(|name| &manifest["ssec_keys"][name]),
        "etag": object.meta_user.get("etag"),
        "metadata": texts.into_iter().map(|(key, value)| (key.clone(), json!(text(value)))).collect::<serde_json::Map<_, _>>(),
        "binary": binary.into_iter().map(|(key, value)| (key.clone(), json!(hex::encode(value)))).collect::<serde_json::Map<_, _>>(),
        "parts": object.parts.iter().map(|part| json!([part.number, part.size, part.actual_size, hex::encode(&part.index)])).collect::<Vec<_>>(),
    });
    Ok(Some((record, bytes)))
}

/// The object's stored bytes from its data shards.
fn join(object: &ObjectVersion, shards: &[(usize, Vec<Bytes>)]) -> Vec<u8> {
    let data = usize::from(object.data);
    let mut bytes = Vec::new();
    for (at, part) in object.parts.iter().enumerate() {
        let (mut left, mut offset) = (usize::try_from(part.size).expect("fits"), 0);
        while left > 0 {
            let block = left.min(usize::try_from(object.block_size).expect("fits"));
            let shard = block.div_ceil(data);
            let start = bytes.len();
            for (_, files) in &shards[..data] {
                bytes.extend_from_slice(&files[at][offset + HASH..offset + HASH + shard]);
            }
            bytes.truncate(start + block);
            (left, offset) = (left - block, offset + HASH + shard);
        }
    }
    bytes
}
