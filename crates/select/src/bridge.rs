//! Between the runtime, which reads the object and sends messages, and the thread that evaluates.

use crate::engine::{self, Event};
use crate::error::{Code, SelectError, fail};
use crate::input::{Ask, Feed};
use crate::limits::{KEEP_ALIVE, MAX_SELECTS, MESSAGES, STACK};
use crate::message;
use crate::request::Request;
use crate::value::Moment;
use base::{ByteStream, Clock, StreamError};
use bytes::Bytes;
use futures_util::future::{BoxFuture, Either, select as first_of};
use futures_util::{FutureExt, StreamExt, stream};
use std::ops::Range;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::sync::Arc;
use std::time::Duration;
use tokio::sync::{OwnedSemaphorePermit, Semaphore, mpsc};

/// An object, always the same version of it.
pub trait Source: Send + Sync + 'static {
    /// Bytes of the object, as a GET would give them.
    fn size(&self) -> u64;

    /// The bytes of a range, which isn't empty and lies within the object.
    fn read(&self, range: Range<u64>) -> BoxFuture<'_, Result<ByteStream, StreamError>>;
}

/// Limits how many evaluations a server does at a time. Cheap to clone.
#[derive(Clone, Debug)]
pub struct Selects {
    turns: Arc<Semaphore>,
    clock: Arc<dyn Clock>,
}

impl Selects {
    pub fn new(clock: Arc<dyn Clock>) -> Self {
        Selects { turns: Arc::new(Semaphore::new(MAX_SELECTS)), clock }
    }
}

/// Evaluates a request on an object. The stream is the body of the answer; it never fails: what is found wrong after it
/// has begun is its last message. Dropping it ends the evaluation.
pub async fn select(selects: &Selects, request: Request, source: Arc<dyn Source>) -> Result<ByteStream, SelectError> {
    request.check()?;
    let size = source.size();
    if let Some(start) = request.scan_range.and_then(|range| range.start)
        && start >= size
        && size > 0
    {
        return fail(Code::InvalidScanRange, format!("ScanRange starts at {start}, the object has {size} bytes."));
    }
    let Ok(turn) = Arc::clone(&selects.turns).acquire_owned().await else {
        return fail(Code::InternalError, "The server is stopping.");
    };
    let (ask, asks) = mpsc::channel(1);
    let (tell, events) = mpsc::channel(MESSAGES);
    let now = Moment::at(selects.clock.now());
    start(request, now, Feed::new(ask, size), tell, turn)?;
    let reading = Some(serve(source, asks).boxed());
    let mut body = Body { events, reading, clock: Arc::clone(&selects.clock), ended: false };
    let first = match body.next().await {
        Some(Event::Begun) => None,
        Some(Event::Message(message)) => Some(message),
        Some(Event::Failed(error)) => return Err(error),
        None => return fail(Code::InternalError, "The evaluation broke off. Try again."),
    };
    let rest = stream::unfold(body, |mut body| async { body.message().await.map(|message| (message, body)) });
    Ok(Box::pin(stream::iter(first).chain(rest).map(Ok)))
}

fn start(
    request: Request,
    now: Moment,
    feed: Feed,
    tell: mpsc::Sender<Event>,
    turn: OwnedSemaphorePermit,
) -> Result<(), SelectError> {
    let work = move || {
        // Given back when the thread ends, however it does.
        let _turn = turn;
        if catch_unwind(AssertUnwindSafe(|| engine::run(&request, now, &feed, &tell))).is_err() {
            tracing::error!("an evaluation of SelectObjectContent panicked");
            let error = SelectError::new(Code::InternalError, "The evaluation broke off.");
            // Nobody to tell it to is nobody to care.
            let _ = tell.blocking_send(Event::Failed(error));
        }
    };
    match std::thread::Builder::new().name("select".into()).stack_size(STACK).spawn(work) {
        Ok(_) => Ok(()),
        Err(error) => {
            tracing::error!(%error, "no thread for SelectObjectContent");
            fail(Code::InternalError, "The server has no thread left for the evaluation. Try again.")
        }
    }
}

/// Reads what the thread asks for. A range that it doesn't want any more is given up.
async fn serve(source: Arc<dyn Source>, mut asks: mpsc::Receiver<Ask>) {
    while let Some(Ask { range, pieces }) = asks.recv().await {
        match source.read(range).await {
            // Whoever asked has gone.
            Err(error) => drop(pieces.send(Err(error)).await),
            Ok(mut body) => {
                while let Some(piece) = body.next().await {
                    if pieces.send(piece).await.is_err() {
                        break;
                    }
                }
            }
        }
    }
}

/// The answer's body in the making: it reads the object while it waits for messages.
struct Body {
    events: mpsc::Receiver<Event>,
    /// `None` when the thread won't ask any more.
    reading: Option<BoxFuture<'static, ()>>,
    clock: Arc<dyn Clock>,
    ended: bool,
}

impl Body {
    async fn next(&mut self) -> Option<Event> {
        if let Some(reading) = &mut self.reading {
            let event = Box::pin(self.events.recv());
            match first_of(event, reading).await {
                Either::Left((event, _)) => return event,
                Either::Right(((), _)) => self.reading = None,
            }
        }
        self.events.recv().await
    }

    /// The next message; one that says that there is none yet, if it takes long.
    async fn message(&mut self) -> Option<Bytes> {
        if self.ended {
            return None;
        }
        let wait = self.clock.sleep(Duration::from_secs(KEEP_ALIVE));
        let found = match first_of(Box::pin(self.next()), wait).await {
            Either::Left((found, _)) => found,
            Either::Right(_) => return Some(message::continuation()),
        };
        match found {
            Some(Event::Begun) => Some(message::continuation()),
            Some(Event::Message(message)) => Some(message),
            Some(Event::Failed(error)) => {
                self.ended = true;
                Some(message::error(&error))
            }
            None => {
                self.ended = true;
                None
            }
        }
    }
}
