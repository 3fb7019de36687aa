//! Versions, conditions, deletes, metadata, and changes that are given up midway.

use super::harness::*;
use crate::*;
use base::Random;
use base::SeededRandom;
use std::future::Future;
use std::task::{Context, Poll, Waker};

#[tokio::test]
async fn versions_are_kept_and_read_by_id() {
    let directories = Directories::new(4);
    let store = directories.open().await;
    let mut written = Vec::new();
    for len in [10, 2 << 20, 0] {
        let info = put_as(&store, "k", &content(len), Versioning::Enabled).await;
        assert_eq!(info.version_count, written.len() + 1);
        written.push((info, len));
    }
    for (info, len) in &written {
        let bytes = try_get(&store, "k", Some(info.version_id), 0..u64::MAX).await.expect("kept");
        assert!(bytes == content(*len));
        let read = store.object_info(BUCKET, "k", Some(info.version_id)).await.expect("kept");
        assert_eq!((read.mod_time, read.is_latest), (info.mod_time, *len == 0));
    }
    // Removing the latest uncovers the one before it.
    let latest = written.pop().expect("three").0;
    let deleted = store.delete_object(delete("k", Some(latest.version_id), Versioning::Enabled)).await.expect("done");
    assert_eq!((deleted.version_id, deleted.delete_marker), (Some(latest.version_id), false));
    assert_eq!(store.object_info(BUCKET, "k", None).await.expect("there").version_id, written[1].0.version_id);
    let again = store.delete_object(delete("k", Some(latest.version_id), Versioning::Enabled)).await.expect("done");
    assert_eq!(again.version_id, None);
    let missing = store.object_info(BUCKET, "k", Some(latest.version_id)).await.expect_err("gone");
    assert!(matches!(missing, StoreError::VersionNotFound { .. }), "{missing:?}");
}

#[tokio::test]
async fn delete_markers_follow_the_versioning() {
    let directories = Directories::new(4);
    let store = directories.open().await;
    let nothing = store.delete_object(delete("k", None, Versioning::Enabled)).await.expect("done");
    assert_eq!(nothing, Deleted { version_id: None, delete_marker: false, removed: None });

    let version = put_as(&store, "k", &content(10), Versioning::Enabled).await;
    let marked = store.delete_object(delete("k", None, Versioning::Enabled)).await.expect("done");
    let marker = marked.version_id.expect("a marker");
    assert!(marked.delete_marker && marked.removed.is_none());
    let error = store.object_info(BUCKET, "k", None).await.expect_err("deleted");
    assert!(matches!(error, StoreError::DeleteMarker { by_id: false, version, .. } if version == marker));
    let error = store.open_object(BUCKET, "k", Some(marker)).await.expect_err("a marker");
    assert!(matches!(error, StoreError::DeleteMarker { by_id: true, .. }));
    let same = store.delete_object(delete("k", None, Versioning::Enabled)).await.expect("done");
    assert_eq!(same.version_id, Some(marker), "no second marker");
    let always = DeleteRequest { always_mark: true, ..delete("k", None, Versioning::Enabled) };
    let second = store.delete_object(always).await.expect("done");
    assert!(second.version_id != Some(marker) && second.delete_marker);

    // Suspended: the null version is replaced by a null marker.
    let null = put_as(&store, "k", &content(2 << 20), Versioning::Suspended).await;
    assert_eq!(null.version_id, VersionId::Null);
    let suspended = store.delete_object(delete("k", None, Versioning::Suspended)).await.expect("done");
    assert_eq!(suspended.version_id, Some(VersionId::Null));
    assert_eq!(suspended.removed.expect("the null version").size, 2 << 20);
    for version in [VersionId::Null, second.version_id.expect("made"), marker] {
        let removed = store.delete_object(delete("k", Some(version), Versioning::Suspended)).await.expect("done");
        assert!(removed.delete_marker);
    }
    assert_eq!(store.object_info(BUCKET, "k", None).await.expect("there").version_id, version.version_id);
}

#[tokio::test]
async fn a_delete_without_versioning_leaves_no_trace() {
    let directories = Directories::new(4);
    let store = directories.open().await;
    for len in [10, 2 << 20] {
        put(&store, "a/b/c", &content(len)).await;
        let deleted = store.delete_object(delete("a/b/c", None, Versioning::Off)).await.expect("done");
        assert_eq!(deleted.version_id, Some(VersionId::Null));
        assert!(matches!(store.object_info(BUCKET, "a/b/c", None).await, Err(StoreError::KeyNotFound { .. })));
        let again = store.delete_object(delete("a/b/c", None, Versioning::Off)).await.expect("done");
        assert_eq!(again.version_id, None);
    }
    quiet(&store).await;
    for drive in &directories.drives {
        assert!(!drive.join(BUCKET).join("a").exists(), "empty folders go too");
    }
}

#[tokio::test]
async fn what_is_protected_is_not_removed() {
    let directories = Directories::new(4);
    let store = directories.open().await;
    let asked = std::sync::Arc::new(std::sync::atomic::AtomicU64::new(0));
    let seen = asked.clone();
    let refuse = Protect(std::sync::Arc::new(move |info: &ObjectInfo| {
        seen.store(info.size, std::sync::atomic::Ordering::SeqCst);
        Err("held".into())
    }));
    put(&store, "k", &content(7)).await;
    for (version_id, versioning) in
        [(None, Versioning::Off), (None, Versioning::Suspended), (Some(VersionId::Null), Versioning::Enabled)]
    {
        let request = DeleteRequest { protect: Some(refuse.clone()), ..delete("k", version_id, versioning) };
        let error = store.delete_object(request).await.expect_err("protected");
        assert!(matches!(error, StoreError::Rejected(_)), "{error:?}");
        assert_eq!(asked.swap(0, std::sync::atomic::Ordering::SeqCst), 7);
        assert_eq!(get(&store, "k").await, content(7));
    }
    let request = DeleteRequest { protect: Some(refuse), ..delete("k", None, Versioning::Enabled) };
    assert!(store.delete_object(request).await.expect("nothing is removed").delete_marker);
}

#[tokio::test]
async fn a_prefix_is_deleted_with_all_below_it() {
    let directories = Directories::new(4);
    let store = directories.open().await;
    for key in ["a/b", "a/b/c", "a/b/d/e", "a/bc", "x"] {
        put(&store, key, &content(10)).await;
    }
    store.delete_prefix(BUCKET, "a/b").await.expect("done");
    for (key, there) in [("a/b", false), ("a/b/c", false), ("a/b/d/e", false), ("a/bc", true), ("x", true)] {
        assert_eq!(store.object_info(BUCKET, key, None).await.is_ok(), there, "{key}");
    }
}

#[tokio::test]
async fn conditions_are_weighed_under_the_lock() {
    let directories = Directories::new(4);
    let store = directories.open().await;
    let try_put = async |if_match: Option<&str>, if_none_match: Option<&str>, etag: &str| {
        let mut request = request("k", Some(3), Versioning::Off);
        let list = |etag: Option<&str>| etag.map(|etag| vec![etag.to_owned()]);
        request.conditions = WriteConditions { if_match: list(if_match), if_none_match: list(if_none_match) };
        store.put_object(request, body(content(3), 3), seal(etag)).await.map(|info| info.etag().to_owned())
    };
    assert!(matches!(try_put(Some("*"), None, "1").await, Err(StoreError::KeyNotFound { .. })));
    assert_eq!(try_put(None, Some("*"), "1").await.expect("new"), "1");
    assert!(matches!(try_put(None, Some("*"), "2").await, Err(StoreError::PreconditionFailed { .. })));
    assert!(matches!(try_put(None, Some("1"), "2").await, Err(StoreError::PreconditionFailed { .. })));
    assert!(matches!(try_put(Some("0"), None, "2").await, Err(StoreError::PreconditionFailed { .. })));
    assert_eq!(try_put(Some("1"), Some("0"), "2").await.expect("matches"), "2");

    // Of many that create, one succeeds.
    let tries = (0..16).map(|_| {
        let mut request = request("new", Some(3), Versioning::Off);
        request.conditions.if_none_match = Some(vec!["*".to_owned()]);
        store.put_object(request, body(content(3), 3), seal("e"))
    });
    let outcomes = futures_util::future::join_all(tries).await;
    assert_eq!(outcomes.iter().filter(|outcome| outcome.is_ok()).count(), 1);
}

#[tokio::test]
async fn metadata_is_edited_in_place() {
    let directories = Directories::new(4);
    let store = directories.open().await;
    for len in [100, 2 << 20] {
        let info = put_as(&store, "k", &content(len), Versioning::Enabled).await;
        let edited = store
            .update_metadata(BUCKET, "k", None, false, |info, metadata| {
                assert_eq!(info.etag(), "e");
                metadata.user.insert("X-Amz-Tagging".to_owned(), "a=b".to_owned());
                metadata.user.remove("content-type");
                Ok(())
            })
            .await
            .expect("edited");
        assert_eq!((edited.version_id, edited.mod_time), (info.version_id, info.mod_time));
        let read = store.object_info(BUCKET, "k", None).await.expect("there");
        assert_eq!(read, edited);
        assert_eq!(read.metadata.user.keys().collect::<Vec<_>>(), ["X-Amz-Tagging", "etag"]);
        assert!(get(&store, "k").await == content(len));
        let touched = store.update_metadata(BUCKET, "k", None, true, |_, _| Ok(())).await.expect("edited");
        assert!(touched.mod_time > info.mod_time);
        assert!(get(&store, "k").await == content(len));
        let refused = store.update_metadata(BUCKET, "k", None, true, |_, _| Err("no".into())).await;
        assert!(matches!(refused, Err(StoreError::Rejected(_))));
    }
    let missing = store.update_metadata(BUCKET, "none", None, false, |_, _| Ok(())).await;
    assert!(matches!(missing, Err(StoreError::KeyNotFound { .. })));
}

/// Polls a future a given number of times at most, then drops it.
struct Abandoned<F> {
    future: std::pin::Pin<Box<F>>,
    polls: u64,
}

impl<F: Future> Future for Abandoned<F> {
    type Output = Option<F::Output>;

    fn poll(mut self: std::pin::Pin<&mut Self>, context: &mut Context<'_>) -> Poll<Self::Output> {
        if self.polls == 0 {
            return Poll::Ready(None);
        }
        self.polls -= 1;
        self.future.as_mut().poll(context).map(Some)
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn an_abandoned_put_leaves_no_lock_no_memory_no_staging_and_no_half() {
    let directories = Directories::new(4);
    let store = directories.open().await;
    let random = SeededRandom::new(3);
    let mut finished = 0;
    for round in 0..120u64 {
        let len = if round % 2 == 0 { 300 } else { 2_500_000 };
        let bytes = content(usize::try_from(len).expect("small"));
        let put = store.put_object(request("k", Some(len), Versioning::Off), body(bytes, 200_000), seal("e"));
        let polls = if round % 2 == 0 { random.u64() % 5 } else { random.u64() % 40 };
        let outcome = Abandoned { future: Box::pin(put), polls }.await;
        finished += u64::from(outcome.is_some());
        quiet(&store).await;
        assert_eq!(store.inner.locks.len(), 0);
        assert_eq!(store.inner.memory.used(), 0);
        assert_eq!(directories.left_in_staging().await, Vec::<std::path::PathBuf>::new());
        match store.object_info(BUCKET, "k", None).await {
            Ok(info) => assert!(get(&store, "k").await == content(usize::try_from(info.size).expect("small"))),
            Err(StoreError::KeyNotFound { .. }) => {}
            Err(error) => panic!("{error}"),
        }
    }
    assert!(finished < 120, "some were abandoned");
    for drive in store.inner.sets().flat_map(|set| set.drives().to_vec()).flatten() {
        assert!(drive.doubts().await.expect("asked").is_empty(), "every commit was decided");
    }
}

#[tokio::test]
async fn a_commit_goes_on_when_its_caller_is_gone() {
    let directories = Directories::new(4);
    let store = directories.open().await;
    let set = store.inner.sets().next().expect("one").clone();
    let guard = store.inner.lock(BUCKET, "k").await.expect("free");
    let marker =
        format::xl::DeleteMarker { mod_time: base::Timestamp::from_secs(9), ..format::xl::DeleteMarker::default() };
    let change = drive::Change::Write {
        version: format::xl::VersionEntry::from_version(&format::xl::Version::DeleteMarker(marker)),
        inline: drive::Inline::Remove,
        data: drive::DataSource::None,
        heal: false,
    };
    let proposal = crate::commit::Proposal {
        bucket: BUCKET.to_owned(),
        object: "k".to_owned(),
        changes: vec![Some(change); 4],
        drives: set.drives(),
        quorum: 3,
        version: None,
        staged: None,
        guard,
    };
    {
        let mut commit = Box::pin(crate::commit::commit(&set, proposal));
        // Begun, then dropped.
        let _unfinished = commit.as_mut().poll(&mut Context::from_waker(Waker::noop()));
    }
    quiet(&store).await;
    let error = store.object_info(BUCKET, "k", None).await.expect_err("deleted");
    assert!(matches!(error, StoreError::DeleteMarker { .. }), "{error:?}");
    assert_eq!(store.inner.locks.len(), 0);
}
