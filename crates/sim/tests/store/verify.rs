//! Everything compared with the model, when all is at rest.

use crate::clients::{WROTE, check_all, version_of};
use crate::disks::differences;
use crate::ledger::{Part, Upload, UploadState};
use crate::run::{BUCKET, Run};
use crate::uploads::{check_parts, writer};
use rustfs_sim::model::{Name, Op, Version};
use std::collections::BTreeMap;
use store::{ListRequest, Listed, ObjectInfo, Store, StoreError, VersionId};

/// Compares all there is with what it may be; what was in doubt is decided then.
pub async fn verify(run: &Run, store: &Store) {
    match compare(run, store).await {
        Ok(()) => run.ledger().note("--- verified".to_owned()),
        Err(what) => run.violate(format!("{what}\ndrives differ in {:#?}", differences(run))),
    }
}

async fn compare(run: &Run, store: &Store) -> Result<(), String> {
    let buckets = store.list_buckets().await.map_err(|error| format!("listing buckets: {error}"))?;
    if buckets.iter().map(|bucket| bucket.name.as_str()).collect::<Vec<_>>() != [BUCKET] {
        return Err(format!("the buckets are {buckets:?}"));
    }
    let facts = compare_uploads(run, store).await?;
    let versions = list(run, store, true).await?;
    let mut names: BTreeMap<String, Vec<ObjectInfo>> = BTreeMap::new();
    for info in &versions {
        names.entry(info.key.clone()).or_default().push(info.clone());
    }
    let keys: Vec<String> = run.ledger().keys.iter().map(|key| key.name.clone()).collect();
    if let Some(stranger) = names.keys().find(|name| !keys.contains(name)) {
        return Err(format!("'{stranger}' is listed, which nobody wrote"));
    }
    for (at, key) in keys.iter().enumerate() {
        let infos = names.get(key).cloned().unwrap_or_default();
        let name = read_all(run, store, key, &infos).await?;
        let facts = facts.get(&at).cloned().unwrap_or_default();
        let mut ledger = run.ledger();
        ledger.note(format!("'{key}' holds {name:?}, facts {facts:?}"));
        let settled = ledger.keys[at].history.settle(&name, &facts);
        settled.map_err(|violation| format!("'{key}': {}", violation.0))?;
    }
    let shown: Vec<String> = list(run, store, false).await?.into_iter().map(|info| info.key).collect();
    let expected: Vec<&String> =
        names.iter().filter(|(_, infos)| !infos[0].delete_marker).map(|(name, _)| name).collect();
    if shown.iter().collect::<Vec<_>>() != expected {
        return Err(format!("{shown:?} are listed, but the versions say {expected:?}"));
    }
    Ok(())
}

async fn list(run: &Run, store: &Store, versions: bool) -> Result<Vec<ObjectInfo>, String> {
    let mut request = ListRequest { bucket: BUCKET.to_owned(), versions, ..ListRequest::default() };
    let mut all: Vec<ObjectInfo> = Vec::new();
    loop {
        request.limit = 1 + run.dice.index(6);
        let page = store.list(request.clone()).await.map_err(|error| format!("listing: {error}"))?;
        for entry in page.entries {
            match entry {
                Listed::Object(info) => all.push(*info),
                Listed::Prefix(prefix) => return Err(format!("a prefix without delimiter: {prefix}")),
            }
        }
        if !page.truncated {
            break;
        }
        let last = all.last().ok_or("an empty page that isn't the last")?;
        request.after = last.key.clone();
        request.after_version = versions.then_some(last.version_id);
    }
    if !all.is_sorted_by(|a, b| a.key < b.key || (versions && a.key == b.key && a.mod_time >= b.mod_time)) {
        return Err(format!("out of order: {all:?}"));
    }
    Ok(all)
}

/// Reads all versions that are listed; what the name holds.
async fn read_all(run: &Run, store: &Store, key: &str, infos: &[ObjectInfo]) -> Result<Name, String> {
    let mut name = Name::default();
    for (at, info) in infos.iter().enumerate() {
        if info.is_latest != (at == 0) {
            return Err(format!("'{key}': {info:?} in place {at}"));
        }
        let by_id = read_one(run, store, key, Some(info.version_id)).await?;
        if info.delete_marker {
            let id = run.ledger().id(info.version_id);
            let marker = Version { id, written: 0, marker: true, tagged: 0 };
            if by_id != Some(marker.clone()) {
                return Err(format!("'{key}': {by_id:?} instead of the marker {marker:?}"));
            }
            name.versions.push(marker);
            continue;
        }
        let listed = version_of(run, info);
        if by_id != Some(listed.clone()) {
            return Err(format!("'{key}' version {}: listed {listed:?}, read {by_id:?}", info.version_id));
        }
        name.versions.push(listed);
    }
    let latest = read_one(run, store, key, None).await?;
    if latest.as_ref() != name.versions.first() {
        return Err(format!("'{key}': the latest is {latest:?}, listed are {name:?}"));
    }
    Ok(name)
}

/// A version with its body, compared with what was written.
async fn read_one(run: &Run, store: &Store, key: &str, id: Option<VersionId>) -> Result<Option<Version>, String> {
    match store.open_object(BUCKET, key, id).await {
        Ok(reader) => {
            let version = version_of(run, &reader.info);
            check_all(run, &version, reader).await.map_err(|what| format!("'{key}': {what}"))?;
            Ok(Some(version))
        }
        Err(StoreError::DeleteMarker { version, .. }) => {
            let id = run.ledger().id(version);
            Ok(Some(Version { id, written: 0, marker: true, tagged: 0 }))
        }
        Err(StoreError::KeyNotFound { .. } | StoreError::VersionNotFound { .. }) => Ok(None),
        Err(error) => Err(format!("'{key}' version {id:?}: {error}")),
    }
}

/// Which uploads there are; of completions without an answer, by key, whether they happened.
async fn compare_uploads(run: &Run, store: &Store) -> Result<BTreeMap<usize, Vec<(Op, bool)>>, String> {
    let listed = store.list_uploads(BUCKET, "").await.map_err(|error| format!("listing uploads: {error}"))?;
    let mut facts: BTreeMap<usize, Vec<(Op, bool)>> = BTreeMap::new();
    for info in &listed {
        if run.ledger().uploads.iter().any(|upload| upload.id == info.upload_id) {
            continue;
        }
        let begun: Option<Op> = info.metadata.user.get(WROTE).and_then(|text| text.parse().ok());
        let mut ledger = run.ledger();
        let Some((key, mode)) = begun.and_then(|begun| ledger.lost_begins.remove(&begun)) else {
            return Err(format!("an upload is listed that nobody began: {info:?}"));
        };
        let (parts, state) = (BTreeMap::new(), UploadState::Open);
        ledger.uploads.push(Upload { key, id: info.upload_id.clone(), mode, parts, state, busy: false });
    }
    // Those that aren't there now were never begun.
    run.ledger().lost_begins.clear();
    let uploads = run.ledger().uploads.clone();
    for (at, upload) in uploads.iter().enumerate() {
        let there = listed.iter().any(|info| info.upload_id == upload.id);
        match (upload.state, there) {
            (UploadState::Ended, true) => return Err(format!("an upload is back that had ended: {upload:?}")),
            (UploadState::Open, false) => return Err(format!("an upload is gone: {upload:?}")),
            (UploadState::Unknown { completing: Some(op) }, there) => {
                facts.entry(upload.key).or_default().push((op, !there));
            }
            _ => {}
        }
        run.ledger().uploads[at].busy = false;
        if !there {
            run.ledger().uploads[at].state = UploadState::Ended;
            continue;
        }
        let name = run.ledger().keys[upload.key].name.clone();
        let parts = store.list_parts(BUCKET, &name, &upload.id).await;
        let parts = parts.map_err(|error| format!("listing parts of {upload:?}: {error}"))?;
        if upload.state == (UploadState::Unknown { completing: None }) {
            // Aborted half way: it can be aborted again.
            store.abort_upload(BUCKET, &name, &upload.id).await.map_err(|error| format!("aborting again: {error}"))?;
            run.ledger().uploads[at].state = UploadState::Ended;
            continue;
        }
        check_parts(upload, &parts).map_err(|what| format!("upload {}: {what}", upload.id))?;
        let ours = &mut run.ledger().uploads[at];
        ours.state = UploadState::Open;
        ours.parts =
            parts.iter().map(|part| (part.number, Part { acked: writer(&part.etag), ..Part::default() })).collect();
    }
    Ok(facts)
}
