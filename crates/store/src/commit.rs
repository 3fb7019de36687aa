//! One change to a name, across the drives of a set.
//!
//! [`commit`] is the only way in which names change. What it promises:
//! - The caller holds the name's lock and hands its guard over: changes to a name begin on every drive in one order.
//! - It answers as soon as the outcome is decided: success when `quorum` drives have the change, failure when so many
//!   have failed that they can't. The guard is released then, after a failure only once the change is taken back.
//! - Once begun it runs to its end though the caller's future is dropped.
//! - After success each drive is told to drop what the change replaced, when nobody reads that any more
//!   ([`crate::readers`]); drives that failed or differ are given to the healer. After failure each drive is told to
//!   put it back. A drive that couldn't be told remembers its doubt; [`crate::doubt`] resolves it later.

use crate::StoreError;
use crate::gather::Gather;
use crate::lock::NameGuard;
use crate::quorum::write_error;
use crate::set::{Drives, Set};
use crate::stage::StagedFiles;
use base::Tasks;
use drive::{Change, Commit, Committed, DriveError, DriveResult};
use futures_util::future::BoxFuture;
use std::sync::Arc;
use std::sync::atomic::Ordering;
use std::task::{Context, Waker};
use uuid::Uuid;

/// A change to propose to the drives.
pub(crate) struct Proposal {
    pub(crate) bucket: String,
    /// Encoded.
    pub(crate) object: String,
    /// Each drive's share, by position; `None` for drives that can't take part, which counts as a failure.
    pub(crate) changes: Vec<Option<Change>>,
    /// The snapshot that `changes` was made for.
    pub(crate) drives: Drives,
    pub(crate) quorum: usize,
    /// The version concerned, for healing; `None` for all.
    pub(crate) version: Option<Uuid>,
    /// Staged files that `changes` refer to. The commit owns them: it discards what it doesn't use.
    pub(crate) staged: Option<StagedFiles>,
    pub(crate) guard: NameGuard,
}

/// Makes the change; see the module's page.
pub(crate) async fn commit(set: &Arc<Set>, proposal: Proposal) -> Result<(), StoreError> {
    let tasks = set.shared.world.tasks.clone();
    let mut detached = Detached { running: Some(Running::start(Arc::clone(set), proposal)), tasks: tasks.clone() };
    let running = detached.running.as_mut().expect("just made");
    let outcome = running.decide().await;
    let mut running = detached.running.take().expect("taken here only");
    match outcome {
        Outcome::Success => {
            running.guard = None;
            finish_soon(&tasks, running.finish());
            Ok(())
        }
        Outcome::Failure => {
            let error = running.error();
            // Spawned, so that it is taken back whether or not the caller waits.
            tasks.spawn(running.finish()).join().await;
            Err(error)
        }
    }
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Outcome {
    Success,
    Failure,
}

/// A commit that goes on by itself if its caller is dropped.
struct Detached {
    running: Option<Running>,
    tasks: Tasks,
}

impl Drop for Detached {
    fn drop(&mut self) {
        if let Some(running) = self.running.take() {
            self.tasks.spawn(running.finish());
        }
    }
}

/// A commit in progress.
struct Running {
    set: Arc<Set>,
    id: Uuid,
    bucket: String,
    object: String,
    removal: bool,
    quorum: usize,
    version: Option<Uuid>,
    drives: Drives,
    pending: Gather<'static, Committed>,
    /// By position; `None` while the drive hasn't answered or wasn't asked.
    answers: Vec<Option<DriveResult<Committed>>>,
    asked: Vec<bool>,
    staged: Option<StagedFiles>,
    guard: Option<NameGuard>,
}

impl Running {
    /// Puts the change in line on every drive. Nothing waits between the first and the last.
    fn start(set: Arc<Set>, proposal: Proposal) -> Self {
        let id = set.shared.world.random.uuid();
        let Proposal { bucket, object, changes, drives, quorum, version, staged, guard } = proposal;
        set.shared.commits.begin(id, &bucket, &object);
        let removal = changes.iter().flatten().any(|change| !matches!(change, Change::Write { .. }));
        let mut asked = vec![false; drives.len()];
        let mut pending: Vec<(usize, BoxFuture<'static, DriveResult<Committed>>)> = Vec::with_capacity(drives.len());
        for (position, change) in changes.into_iter().enumerate() {
            if let (Some(drive), Some(change)) = (&drives[position], change) {
                let commit = Commit { id, bucket: bucket.clone(), object: object.clone(), change };
                pending.push((position, drive.commit(commit)));
                asked[position] = true;
            }
        }
        let answers = (0..drives.len()).map(|_| None).collect();
        let pending = Gather::new(pending);
        let guard = Some(guard);
        Running { set, id, bucket, object, removal, quorum, version, drives, pending, answers, asked, staged, guard }
    }

    /// Waits until the outcome is known. Cancel-safe.
    async fn decide(&mut self) -> Outcome {
        loop {
            let done = self.answers.iter().flatten().filter(|answer| self.counts(answer)).count();
            if done >= self.quorum {
                return Outcome::Success;
            }
            if done + self.pending.pending() < self.quorum {
                return Outcome::Failure;
            }
            self.wait().await;
        }
    }

    /// Takes another drive's answer; false when there are no more.
    async fn wait(&mut self) -> bool {
        match self.pending.next().await {
            Some((position, answer)) => {
                self.answers[position] = Some(answer);
                true
            }
            None => false,
        }
    }

    /// Whether the drive is as the change wants it. What is to be removed may be missing already.
    fn counts(&self, answer: &DriveResult<Committed>) -> bool {
        match answer {
            Ok(_) => true,
            Err(DriveError::BucketNotFound { .. }) => false,
            Err(error) => self.removal && error.is_absence(),
        }
    }

    fn error(&self) -> StoreError {
        let errors: Vec<&DriveError> =
            self.answers.iter().flatten().filter_map(|answer| answer.as_ref().err()).collect();
        let done = self.answers.iter().flatten().filter(|answer| self.counts(answer)).count();
        let key = format::names::decode_name(&self.object);
        write_error(&errors, done, self.quorum, &self.bucket, &key)
    }

    /// Runs to the very end: outcome, all drives' answers, settling or undoing, healing.
    async fn finish(mut self) {
        match self.decide().await {
            Outcome::Success => self.settle().await,
            Outcome::Failure => self.undo().await,
        }
    }

    async fn settle(mut self) {
        self.guard = None;
        while self.wait().await {}
        self.set.shared.commits.answered(self.id);
        if self.answers.iter().all(|answer| matches!(answer, Some(Ok(_))))
            && let Some(staged) = self.staged.take()
        {
            staged.handed_over();
        }
        drop(self.staged.take());
        self.heal_if_uneven();
        if let Some(gone) = self.set.shared.readers.gone(&self.bucket, &self.object) {
            gone.await;
        }
        let done = |position: &usize| matches!(self.answers[*position], Some(Ok(_)));
        let settle = |at: usize| Some((at, self.drives[at].as_ref()?.settle(self.id)));
        let settling = Gather::new((0..self.drives.len()).filter(done).filter_map(settle));
        for answer in settling.all(self.drives.len()).await.into_iter().flatten() {
            if let Err(error) = answer {
                tracing::debug!(%error, "a commit couldn't be settled");
                self.set.doubtful.store(true, Ordering::SeqCst);
            }
        }
    }

    /// Gives the name to the healer if a drive missed the change or holds other versions than the rest.
    fn heal_if_uneven(&self) {
        let missed = self.answers.iter().any(|answer| !answer.as_ref().is_some_and(|answer| self.counts(answer)));
        let mut digests = self.answers.iter().flatten().flatten().map(|committed| committed.versions_digest);
        let first = digests.next();
        let differ = digests.any(|digest| Some(digest) != first);
        if missed || differ {
            let version = if differ { None } else { self.version };
            self.set.heal_later(&self.bucket, &self.object, version, false);
        }
    }

    async fn undo(mut self) {
        while self.wait().await {}
        let asked = self.asked.iter().enumerate().filter(|(_, asked)| **asked);
        // Also where the commit failed: it may have taken hold before it did.
        let questions = asked.filter_map(|(at, _)| Some((at, self.drives[at].as_ref()?.undo(self.id))));
        let questions: Vec<_> = questions.collect();
        for answer in Gather::new(questions).all(self.drives.len()).await.into_iter().flatten() {
            if let Err(error) = answer {
                tracing::warn!(%error, "a commit couldn't be taken back; it stays in doubt on this drive");
                self.set.doubtful.store(true, Ordering::SeqCst);
            }
        }
        drop((self.staged.take(), self.guard.take()));
    }
}

impl Drop for Running {
    fn drop(&mut self) {
        self.set.shared.commits.end(self.id);
    }
}

/// Runs what is left of a commit now if nothing in it has to wait, else beside the caller.
fn finish_soon(tasks: &Tasks, work: impl Future<Output = ()> + Send + 'static) {
    let mut work: BoxFuture<'static, ()> = Box::pin(work);
    if work.as_mut().poll(&mut Context::from_waker(Waker::noop())).is_pending() {
        tasks.spawn(work);
    }
}
