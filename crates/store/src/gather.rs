//! Asking several drives at once and taking the answers as they come.

use base::Clock;
use drive::DriveResult;
use futures_util::future::BoxFuture;
use std::future::poll_fn;
use std::task::Poll;
use std::time::Duration;

/// Questions to drives, by position. A question begins when [`Gather::next`] has found no answer among those before
/// it: where drives answer without waiting, as they do from their caches, those that aren't needed aren't asked;
/// otherwise all are asked at once. Dropping it drops the questions.
pub(crate) struct Gather<'a, T> {
    pending: Vec<(usize, BoxFuture<'a, DriveResult<T>>)>,
}

impl<'a, T> Gather<'a, T> {
    /// The questions in the order of preference.
    pub(crate) fn new(questions: impl IntoIterator<Item = (usize, BoxFuture<'a, DriveResult<T>>)>) -> Self {
        Gather { pending: questions.into_iter().collect() }
    }

    /// Another question, asked with the next look at the answers.
    pub(crate) fn push(&mut self, position: usize, question: BoxFuture<'a, DriveResult<T>>) {
        self.pending.push((position, question));
    }

    /// How many answers are still to come.
    pub(crate) fn pending(&self) -> usize {
        self.pending.len()
    }

    /// The next answer and the position it is from; `None` when all have answered. Cancel-safe.
    pub(crate) async fn next(&mut self) -> Option<(usize, DriveResult<T>)> {
        poll_fn(|context| {
            for at in 0..self.pending.len() {
                let (position, question) = &mut self.pending[at];
                if let Poll::Ready(answer) = question.as_mut().poll(context) {
                    let position = *position;
                    drop(self.pending.remove(at));
                    return Poll::Ready(Some((position, answer)));
                }
            }
            if self.pending.is_empty() { Poll::Ready(None) } else { Poll::Pending }
        })
        .await
    }

    /// The answers of all; of those that don't answer `patience` after a quorum of the others did, none.
    pub(crate) async fn most(
        mut self,
        positions: usize,
        quorum: usize,
        clock: &dyn Clock,
        patience: Duration,
    ) -> Vec<Option<DriveResult<T>>> {
        let mut answers: Vec<Option<DriveResult<T>>> = (0..positions).map(|_| None).collect();
        let mut late: Option<BoxFuture<'static, ()>> = None;
        loop {
            let next = match &mut late {
                None => self.next().await,
                Some(late) => tokio::select! {
                    biased;
                    next = self.next() => next,
                    () = late => return answers,
                },
            };
            let Some((position, answer)) = next else { return answers };
            answers[position] = Some(answer);
            let done = answers.iter().flatten().filter(|answer| answer.is_ok()).count();
            if late.is_none() && done >= quorum && !self.pending.is_empty() {
                late = Some(clock.sleep(patience));
            }
        }
    }

    /// All answers, each at its position.
    pub(crate) async fn all(mut self, positions: usize) -> Vec<Option<DriveResult<T>>> {
        let mut answers: Vec<Option<DriveResult<T>>> = (0..positions).map(|_| None).collect();
        while let Some((position, answer)) = self.next().await {
            answers[position] = Some(answer);
        }
        answers
    }
}
