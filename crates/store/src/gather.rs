//! Asking several drives at once and taking the answers as they come.

use drive::DriveResult;
use futures_util::future::BoxFuture;
use std::future::poll_fn;
use std::task::Poll;

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

    /// All answers, each at its position.
    pub(crate) async fn all(mut self, positions: usize) -> Vec<Option<DriveResult<T>>> {
        let mut answers: Vec<Option<DriveResult<T>>> = (0..positions).map(|_| None).collect();
        while let Some((position, answer)) = self.next().await {
            answers[position] = Some(answer);
        }
        answers
    }
}
