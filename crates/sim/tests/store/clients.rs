//! Clients: each sends one random request after another to a few hot names.

use crate::bodies::Body;
use crate::run::{BUCKET, Run};
use crate::uploads;
use futures_util::StreamExt;
use rustfs_sim::model::{Answer, Id, Mode, Op, Request, Version};
use std::collections::BTreeMap;
use std::future::poll_fn;
use std::task::Poll;
use std::time::Duration;
use store::{
    DeleteRequest, Deleted, Metadata, ObjectInfo, ObjectReader, PutRequest, Seal, StorageClass, Store, StoreError,
    Versioning, WriteConditions,
};

/// Where the number of the request that wrote a version is kept, and of the one that last changed its metadata.
pub const WROTE: &str = "x-amz-meta-wrote";
const TAGGED: &str = "x-amz-meta-tagged";

/// Bodies of all kinds: empty, inside the metadata, in files, of several blocks (rarely).
const SIZES: [usize; 8] = [0, 1, 300, 2_000, 5_000, 9_000, 20_000, 70_000];
const LARGE: usize = 2_300_000;

/// Starts clients, which send `steps` requests each; waits for all of them.
pub async fn work(run: &Run, store: &Store, clients: u64, steps: u64) {
    let tasks: Vec<_> = (0..clients)
        .map(|_| {
            let (run, store) = (run.clone(), store.clone());
            run.machine.world().tasks.clone().spawn(async move { client(&run, &store, steps).await })
        })
        .collect();
    for task in tasks {
        if task.join().await.is_none() {
            run.violate("a client panicked");
        }
    }
}

async fn client(run: &Run, store: &Store, steps: u64) {
    for _ in 0..steps {
        if run.broken() {
            return;
        }
        if run.stepping && run.dice.one_in(4) {
            let nanos = i64::try_from(run.dice.below(20_000_000_000)).expect("small");
            run.machine.step_clock(nanos - 12_000_000_000);
        }
        step(run, store).await;
        if run.dice.one_in(3) {
            run.sleep(Duration::from_micros(run.dice.below(4_000))).await;
        }
    }
}

async fn step(run: &Run, store: &Store) {
    let key = run.dice.index(run.ledger().keys.len());
    if !run.ledger().has_room(key) {
        return read(run, store, key).await;
    }
    match run.dice.below(24) {
        0..=7 => put(run, store, key).await,
        8..=11 => delete(run, store, key).await,
        12 | 13 => remove(run, store, key).await,
        14 | 15 => tag(run, store, key).await,
        16 => copy(run, store, key).await,
        17 | 18 => read(run, store, key).await,
        19 => look(run, store, key).await,
        20 => list(run, store).await,
        _ if run.uploads => uploads::step(run, store, key).await,
        _ => put(run, store, key).await,
    }
}

/// Waits for a request; `None` if the caller went away instead.
pub async fn unless_dropped<T>(run: &Run, request: impl Future<Output = T>) -> Option<T> {
    let mut left =
        if run.dropping && run.dice.one_in(3) { 1 + run.dice.below(1 << run.dice.below(9)) } else { u64::MAX };
    let mut request = Box::pin(request);
    poll_fn(|context| {
        if left == 0 {
            return Poll::Ready(None);
        }
        left -= 1;
        request.as_mut().poll(context).map(Some)
    })
    .await
}

pub fn versioning(mode: Mode) -> Versioning {
    match mode {
        Mode::Off => Versioning::Off,
        Mode::Suspended => Versioning::Suspended,
        Mode::Enabled => Versioning::Enabled,
    }
}

pub fn metadata(op: Op) -> Metadata {
    Metadata { user: BTreeMap::from([(WROTE.to_owned(), op.to_string())]), system: BTreeMap::new() }
}

pub fn seal(op: Op) -> Seal {
    Box::new(move |_| {
        let user = BTreeMap::from([("etag".to_owned(), format!("e{op}"))]);
        Ok(Metadata { user, system: BTreeMap::new() }.into())
    })
}

/// The version that an answer of the store stands for.
pub fn version_of(run: &Run, info: &ObjectInfo) -> Version {
    let number = |key: &str| info.metadata.user.get(key).and_then(|text| text.parse().ok()).unwrap_or(0);
    let (written, tagged) = (number(WROTE), number(TAGGED));
    let id = run.ledger().learn(info.version_id, written);
    Version { id, written, marker: false, tagged }
}

fn key_of(run: &Run, key: usize) -> (String, Mode) {
    let ledger = run.ledger();
    let key = &ledger.keys[key];
    (key.name.clone(), *run.dice.pick(&key.modes))
}

// Requests

async fn put(run: &Run, store: &Store, key: usize) {
    let (_, mode) = key_of(run, key);
    let size = if run.dice.one_in(60) { LARGE } else { *run.dice.pick(&SIZES) };
    let op = run.ledger().begin(key, Request::Write { mode });
    let body = Body::of(op, size);
    run.ledger().keep_body(op, body.clone());
    let piece = 1 + run.dice.index(size + 1);
    write(run, store, key, mode, op, body.stream(piece), run.dice.one_in(2).then_some(size)).await;
}

/// Reads a name and writes what it reads under another.
async fn copy(run: &Run, store: &Store, key: usize) {
    let (_, mode) = key_of(run, key);
    let source = run.dice.index(run.ledger().keys.len());
    let (from, _) = key_of(run, source);
    let Ok(reader) = store.open_object(BUCKET, &from, None).await else { return };
    let version = version_of(run, &reader.info);
    let size = usize::try_from(reader.info.size).expect("small");
    let Some(body) = run.ledger().body(version.written) else { return };
    let op = run.ledger().begin(key, Request::Write { mode });
    run.ledger().keep_body(op, body);
    write(run, store, key, mode, op, reader.read(0..u64::MAX), Some(size)).await;
}

async fn write(run: &Run, store: &Store, key: usize, mode: Mode, op: Op, body: base::ByteStream, size: Option<usize>) {
    let (name, _) = key_of(run, key);
    let request = PutRequest {
        bucket: BUCKET.to_owned(),
        key: name,
        size: size.map(|size| u64::try_from(size).expect("small")),
        versioning: versioning(mode),
        storage_class: StorageClass::Standard,
        metadata: metadata(op),
        conditions: WriteConditions::default(),
        mod_time: None,
    };
    let outcome = unless_dropped(run, store.put_object(request, body, seal(op))).await;
    let mut ledger = run.ledger();
    match outcome {
        None => ledger.lose(key, op, "the caller went away"),
        Some(Ok(info)) => {
            let id = ledger.learn(info.version_id, op);
            ledger.answer(key, op, Answer::Written { id });
        }
        Some(Err(error)) => ledger.fail(key, op, &error),
    }
}

async fn delete(run: &Run, store: &Store, key: usize) {
    let (name, mode) = key_of(run, key);
    let always_mark = run.dice.one_in(2);
    let op = run.ledger().begin(key, Request::Delete { mode, always_mark });
    let request = DeleteRequest {
        bucket: BUCKET.to_owned(),
        key: name,
        version_id: None,
        versioning: versioning(mode),
        always_mark,
        protect: None,
        condition: None,
    };
    let outcome = unless_dropped(run, store.delete_object(request)).await;
    deleted(run, key, op, outcome);
}

async fn remove(run: &Run, store: &Store, key: usize) {
    let (name, mode) = key_of(run, key);
    let told: Vec<Id> = run.ledger().keys[key].told.iter().copied().collect();
    if told.is_empty() {
        return;
    }
    let id = *run.dice.pick(&told);
    let Some(version_id) = run.ledger().version_id(id) else { return };
    let op = run.ledger().begin(key, Request::Remove { id });
    let request = DeleteRequest {
        bucket: BUCKET.to_owned(),
        key: name,
        version_id: Some(version_id),
        versioning: versioning(mode),
        always_mark: false,
        protect: None,
        condition: None,
    };
    let outcome = unless_dropped(run, store.delete_object(request)).await;
    deleted(run, key, op, outcome);
}

fn deleted(run: &Run, key: usize, op: Op, outcome: Option<Result<Deleted, StoreError>>) {
    let mut ledger = run.ledger();
    match outcome {
        None => ledger.lose(key, op, "the caller went away"),
        Some(Ok(Deleted { version_id: None, .. })) => ledger.answer(key, op, Answer::Nothing),
        Some(Ok(Deleted { version_id: Some(id), delete_marker, .. })) => {
            let id = ledger.id(id);
            ledger.answer(key, op, Answer::Deleted { id, marker: delete_marker });
        }
        Some(Err(error)) => ledger.fail(key, op, &error),
    }
}

async fn tag(run: &Run, store: &Store, key: usize) {
    let (name, _) = key_of(run, key);
    let told: Vec<Id> = run.ledger().keys[key].told.iter().copied().collect();
    let id = if told.is_empty() || run.dice.one_in(2) { None } else { Some(*run.dice.pick(&told)) };
    let version_id = match id {
        None => None,
        Some(id) => match run.ledger().version_id(id) {
            Some(version_id) => Some(version_id),
            None => return,
        },
    };
    // A directory has only the null version, whichever is asked for.
    let id = if name.ends_with('/') { Some(Id::Null) } else { id };
    let touch = run.dice.one_in(4);
    let op = run.ledger().begin(key, Request::Tag { id, touch });
    let edit = move |_: &ObjectInfo, metadata: &mut Metadata| {
        metadata.user.insert(TAGGED.to_owned(), op.to_string());
        Ok(())
    };
    let outcome = unless_dropped(run, store.update_metadata(BUCKET, &name, version_id, touch, edit)).await;
    match outcome {
        None => run.ledger().lose(key, op, "the caller went away"),
        Some(outcome) => found(run, key, op, outcome.as_ref()),
    }
}

/// HEAD.
async fn look(run: &Run, store: &Store, key: usize) {
    let (name, id, version_id) = to_read(run, key);
    let op = run.ledger().begin(key, Request::Read { id });
    match unless_dropped(run, store.object_info(BUCKET, &name, version_id)).await {
        None => run.ledger().lose(key, op, "the caller went away"),
        Some(outcome) => found(run, key, op, outcome.as_ref()),
    }
}

async fn read(run: &Run, store: &Store, key: usize) {
    let (name, id, version_id) = to_read(run, key);
    let op = run.ledger().begin(key, Request::Read { id });
    let reading = async {
        let reader = store.open_object(BUCKET, &name, version_id).await?;
        let info = reader.info.clone();
        let version = version_of(run, &info);
        let checked = check_body(run, &version, reader).await;
        Ok::<_, StoreError>((info, checked))
    };
    match unless_dropped(run, reading).await {
        None => run.ledger().lose(key, op, "the caller went away"),
        Some(Err(error)) => found(run, key, op, Err(&error)),
        Some(Ok((info, Ok(())))) => found(run, key, op, Ok(&info)),
        Some(Ok((info, Err(what)))) => {
            let what = format!("reading '{name}', request {op}: {what}");
            if what.contains("differ") {
                run.violate(what)
            } else {
                run.ledger().unexpected(what)
            }
            found(run, key, op, Ok(&info));
        }
    }
}

fn to_read(run: &Run, key: usize) -> (String, Option<Id>, Option<store::VersionId>) {
    let ledger = run.ledger();
    let name = ledger.keys[key].name.clone();
    let told: Vec<Id> = ledger.keys[key].told.iter().copied().collect();
    if name.ends_with('/') {
        return (name, Some(Id::Null), None);
    }
    if told.is_empty() || run.dice.one_in(2) {
        return (name, None, None);
    }
    let id = *run.dice.pick(&told);
    match ledger.version_id(id) {
        Some(version_id) => (name, Some(id), Some(version_id)),
        None => (name, None, None),
    }
}

fn found(run: &Run, key: usize, op: Op, outcome: Result<&ObjectInfo, &StoreError>) {
    let answer = match outcome {
        Ok(info) => Answer::Found(version_of(run, info)),
        Err(StoreError::KeyNotFound { .. } | StoreError::VersionNotFound { .. }) => Answer::NotFound,
        Err(StoreError::DeleteMarker { version, .. }) => Answer::IsMarker { id: run.ledger().id(*version) },
        Err(error) => return run.ledger().fail(key, op, error),
    };
    run.ledger().answer(key, op, answer);
}

/// Reads a random range and compares it with what was written.
async fn check_body(run: &Run, version: &Version, reader: ObjectReader) -> Result<(), String> {
    let Some(expected) = run.ledger().body(version.written) else {
        return Err(format!("differs: nobody wrote version {version:?}"));
    };
    let expected = expected.bytes();
    if reader.info.size != u64::try_from(expected.len()).expect("small") {
        return Err(format!("differs: {} bytes instead of {}", reader.info.size, expected.len()));
    }
    let range = match run.dice.below(3) {
        0 => {
            let start = run.dice.index(expected.len() + 1);
            start..start + run.dice.index(expected.len() - start + 1)
        }
        _ => 0..expected.len(),
    };
    let mut stream = reader.read(u64::try_from(range.start).expect("small")..u64::try_from(range.end).expect("small"));
    let mut got = Vec::new();
    while let Some(piece) = stream.next().await {
        got.extend_from_slice(&piece.map_err(|error| format!("broke off after {} bytes: {error}", got.len()))?);
        if run.dice.one_in(2) {
            tokio::task::yield_now().await;
        }
    }
    if got[..] == expected[range.clone()] { Ok(()) } else { Err(format!("bytes {range:?} of {version:?} differ")) }
}

/// All of a version's bytes, compared.
pub async fn check_all(run: &Run, version: &Version, reader: ObjectReader) -> Result<(), String> {
    let Some(expected) = run.ledger().body(version.written) else {
        return Err(format!("nobody wrote version {version:?}"));
    };
    let mut stream = reader.read(0..u64::MAX);
    let mut got = Vec::new();
    while let Some(piece) = stream.next().await {
        got.extend_from_slice(&piece.map_err(|error| format!("broke off after {} bytes: {error}", got.len()))?);
    }
    if got[..] == expected.bytes()[..] { Ok(()) } else { Err(format!("the bytes of {version:?} differ")) }
}

/// A listing while everything moves: what it says is checked when things are at rest, here it must not fail.
async fn list(run: &Run, store: &Store) {
    let request = store::ListRequest {
        bucket: BUCKET.to_owned(),
        limit: 1 + run.dice.index(10),
        versions: run.dice.one_in(2),
        ..store::ListRequest::default()
    };
    if let Some(Err(error)) = unless_dropped(run, store.list(request)).await {
        run.ledger().unexpected(format!("a listing failed: {error}"));
    }
}
