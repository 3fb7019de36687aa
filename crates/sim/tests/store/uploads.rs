//! Clients that upload in parts.

use crate::bodies::Body;
use crate::clients::{metadata, unless_dropped, versioning};
use crate::ledger::{Part, Upload, UploadState};
use crate::run::{BUCKET, Run};
use rustfs_sim::model::{Answer, Op, Request};
use std::collections::BTreeMap;
use store::{
    CompletedPart, Metadata, PartSeal, SealPart, SealUpload, StorageClass, Store, StoreError, UploadRequest,
    WriteConditions,
};

const MOST_UPLOADS: usize = 4;
const PART_SIZES: [usize; 4] = [1, 700, 6_000, 40_000];

/// Where a part's writer is kept.
pub fn etag(op: Op) -> String {
    format!("p{op}")
}

pub fn writer(etag: &str) -> Option<Op> {
    etag.strip_prefix('p')?.parse().ok()
}

pub async fn step(run: &Run, store: &Store, key: usize) {
    let open = |upload: &Upload| upload.state == UploadState::Open && !upload.busy;
    let (idle, count) = {
        let ledger = run.ledger();
        let idle: Vec<usize> = (0..ledger.uploads.len()).filter(|&at| open(&ledger.uploads[at])).collect();
        let count = ledger.uploads.iter().filter(|upload| upload.state != UploadState::Ended).count();
        (idle, count)
    };
    if idle.is_empty() || (count < MOST_UPLOADS && run.dice.one_in(4)) {
        if count < MOST_UPLOADS {
            begin(run, store, key).await;
        }
        return;
    }
    let at = *run.dice.pick(&idle);
    run.ledger().uploads[at].busy = true;
    match run.dice.below(8) {
        0..=3 => part(run, store, at, 1 + u32::try_from(run.dice.below(3)).expect("small")).await,
        4 => drop(futures_util::future::join(part(run, store, at, 1), part(run, store, at, 2)).await),
        5 | 6 => complete(run, store, at).await,
        _ if run.dice.one_in(2) => abort(run, store, at).await,
        _ => part(run, store, at, 1).await,
    }
    run.ledger().uploads[at].busy = false;
}

async fn begin(run: &Run, store: &Store, key: usize) {
    let (name, mode) = {
        let ledger = run.ledger();
        (ledger.keys[key].name.clone(), *run.dice.pick(&ledger.keys[key].modes))
    };
    if name.ends_with('/') {
        return;
    }
    let op = run.ledger().new_op();
    run.ledger().note(format!("{op} '{name}' begin an upload"));
    let request = UploadRequest {
        bucket: BUCKET.to_owned(),
        key: name,
        versioning: versioning(mode),
        storage_class: StorageClass::Standard,
        metadata: metadata(op),
        conditions: WriteConditions::default(),
    };
    // In the books before the answer: the power may go at any time.
    run.ledger().lost_begins.insert(op, (key, mode));
    let outcome = unless_dropped(run, store.new_upload(request)).await;
    let mut ledger = run.ledger();
    match outcome {
        None => ledger.note(format!("{op} lost")),
        Some(Ok(info)) => {
            ledger.lost_begins.remove(&op);
            ledger.note(format!("{op} -> upload {}", info.upload_id));
            let (parts, state) = (BTreeMap::new(), UploadState::Open);
            ledger.uploads.push(Upload { key, id: info.upload_id, mode, parts, state, busy: false });
        }
        Some(Err(error)) => failed(&mut ledger, op, &error),
    }
}

fn failed(ledger: &mut crate::ledger::Ledger, op: Op, error: &StoreError) {
    ledger.failed += 1;
    ledger.note(format!("{op} failed: {error}"));
    ledger.unexpected(format!("request {op} failed: {error}"));
}

fn named(run: &Run, at: usize) -> (String, Upload) {
    let ledger = run.ledger();
    let upload = ledger.uploads[at].clone();
    (ledger.keys[upload.key].name.clone(), upload)
}

async fn part(run: &Run, store: &Store, at: usize, number: u32) {
    let (name, upload) = named(run, at);
    let size = *run.dice.pick(&PART_SIZES);
    let op = {
        let mut ledger = run.ledger();
        let op = ledger.new_op();
        ledger.note(format!("{op} '{name}' part {number} of {}", upload.id));
        ledger.keep_body(op, Body::of(op, size));
        ledger.uploads[at].parts.entry(number).or_default().maybe.insert(op);
        op
    };
    let body = Body::of(op, size).stream(1 + run.dice.index(size));
    let seal: SealPart = Box::new(move |_| Ok(PartSeal { etag: etag(op), ..PartSeal::default() }));
    let size = Some(u64::try_from(size).expect("small"));
    let outcome = unless_dropped(run, store.put_part(BUCKET, &name, &upload.id, number, size, body, seal)).await;
    let mut ledger = run.ledger();
    match outcome {
        None => ledger.note(format!("{op} lost")),
        Some(Ok(_)) => {
            ledger.note(format!("{op} -> there"));
            ledger.uploads[at].parts.insert(number, Part { acked: Some(op), ..Part::default() });
        }
        Some(Err(error)) => failed(&mut ledger, op, &error),
    }
}

async fn complete(run: &Run, store: &Store, at: usize) {
    let (name, upload) = named(run, at);
    if !run.ledger().has_room(upload.key) {
        return;
    }
    let listed = match store.list_parts(BUCKET, &name, &upload.id).await {
        Ok(listed) => listed,
        Err(error) => {
            let op = run.ledger().new_op();
            return failed(&mut run.ledger(), op, &error);
        }
    };
    if let Err(what) = check_parts(&upload, &listed) {
        return run.violate(format!("upload {} of '{name}': {what}", upload.id));
    }
    // A part that someone who went away may still be writing can change until the completion.
    let sure = |number: &u32| upload.parts.get(number).is_some_and(|part| part.maybe.is_empty());
    let chosen: Vec<_> = listed.iter().filter(|part| sure(&part.number) && !run.dice.one_in(5)).cloned().collect();
    if chosen.is_empty() {
        return;
    }
    let body = {
        let ledger = run.ledger();
        let bodies = chosen.iter().filter_map(|part| ledger.body(writer(&part.etag)?));
        Body(bodies.flat_map(|body| body.0).collect())
    };
    let op = {
        let mut ledger = run.ledger();
        let op = ledger.begin(upload.key, Request::Write { mode: upload.mode });
        ledger.note(format!(
            "{op} completes {} with {:?}",
            upload.id,
            chosen.iter().map(|part| part.number).collect::<Vec<_>>()
        ));
        ledger.keep_body(op, body);
        ledger.uploads[at].state = UploadState::Unknown { completing: Some(op) };
        op
    };
    let seal: SealUpload = Box::new(move |_, _| {
        let mut sealed: Metadata = metadata(op);
        sealed.user.insert("etag".to_owned(), format!("m{op}"));
        Ok(sealed)
    });
    let parts = chosen.iter().map(|part| CompletedPart { number: part.number, etag: part.etag.clone() }).collect();
    let (versioning, conditions) = (versioning(upload.mode), WriteConditions::default());
    let request = store.complete_upload(BUCKET, &name, &upload.id, parts, versioning, conditions, seal);
    let outcome = unless_dropped(run, request).await;
    let mut ledger = run.ledger();
    match outcome {
        None => ledger.lose(upload.key, op, "the caller went away"),
        Some(Ok(info)) => {
            ledger.uploads[at].state = UploadState::Ended;
            let id = ledger.learn(info.version_id, op);
            ledger.answer(upload.key, op, Answer::Written { id });
        }
        Some(Err(error)) => ledger.fail(upload.key, op, &error),
    }
}

async fn abort(run: &Run, store: &Store, at: usize) {
    let (name, upload) = named(run, at);
    let op = run.ledger().new_op();
    run.ledger().note(format!("{op} '{name}' abort {}", upload.id));
    run.ledger().uploads[at].state = UploadState::Unknown { completing: None };
    let outcome = unless_dropped(run, store.abort_upload(BUCKET, &name, &upload.id)).await;
    let mut ledger = run.ledger();
    match outcome {
        None => ledger.note(format!("{op} lost")),
        Some(Ok(())) => {
            ledger.note(format!("{op} -> aborted"));
            ledger.uploads[at].state = UploadState::Ended;
        }
        Some(Err(error)) => failed(&mut ledger, op, &error),
    }
}

/// Whether the parts found are those that were put.
pub fn check_parts(upload: &Upload, listed: &[store::UploadedPart]) -> Result<(), String> {
    for part in listed {
        if !upload.parts.contains_key(&part.number) {
            return Err(format!("part {} was never put", part.number));
        }
    }
    for (number, part) in &upload.parts {
        let found = listed.iter().find(|listed| listed.number == *number);
        let found = found.and_then(|found| writer(&found.etag));
        if !part.allows(found) {
            return Err(format!("part {number} is {found:?} instead of {part:?}"));
        }
    }
    Ok(())
}
