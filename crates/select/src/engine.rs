//! The evaluation of one request, from its first byte to its last message. Runs on a thread of its own.

use crate::error::{Code, SelectError, fail};
use crate::eval::{Accumulator, Context};
use crate::input::{Feed, Row, Rows, Slot};
use crate::limits::{FIRST_LOOK, PROGRESS, RECORDS};
use crate::message::{self, Counts};
use crate::output::{Numbers, Writer};
use crate::request::Request;
use crate::sql::{self, Item, Projection, Query};
use crate::value::{Datum, Moment};
use bytes::Bytes;
use std::ops::ControlFlow;
use tokio::sync::mpsc;

/// What the thread tells.
pub enum Event {
    /// Nothing has been wrong so far, with as much as was looked at.
    Begun,
    Message(Bytes),
    /// Nothing follows.
    Failed(SelectError),
}

/// Evaluates a request; the messages go to `events`.
pub fn run(request: &Request, now: Moment, feed: &Feed, events: &mpsc::Sender<Event>) {
    let mut engine = Engine { request, feed, events, now, returned: 0, told: 0, begun: false };
    let outcome = engine.run();
    if let Err(error) = outcome {
        // Nobody to tell it to is nobody to care.
        let _ = events.blocking_send(Event::Failed(error));
    }
}

struct Engine<'r> {
    request: &'r Request,
    feed: &'r Feed,
    events: &'r mpsc::Sender<Event>,
    now: Moment,
    /// Bytes of records sent.
    returned: u64,
    /// Bytes read when progress was told last.
    told: u64,
    begun: bool,
}

impl Engine<'_> {
    fn run(&mut self) -> Result<(), SelectError> {
        let query = sql::compile(&self.request.expression)?;
        let mut writer = Writer::new(&self.request.output);
        if self.feed.size() > 0 && query.limit != Some(0) {
            self.rows(&query, &mut writer)?;
        } else if !query.aggregates.is_empty() && query.limit != Some(0) {
            let accumulators: Vec<_> = query.aggregates.iter().map(|_| Accumulator::default()).collect();
            self.totals(&query, &accumulators, &[], &mut writer)?;
        }
        self.flush(&mut writer)?;
        if self.request.progress {
            self.send(message::progress(self.counts()))?;
        }
        self.send(message::stats(self.counts()))?;
        self.send(message::end())
    }

    fn rows(&mut self, query: &Query, writer: &mut Writer<'_>) -> Result<(), SelectError> {
        let rows = Rows::open(self.request, query, self.feed.clone())?;
        let slots = rows.bind()?;
        let names = rows.names().unwrap_or_default().to_vec();
        let mut accumulators: Vec<_> = query.aggregates.iter().map(|_| Accumulator::default()).collect();
        let mut numbers = Numbers::default();
        let mut left = query.limit.unwrap_or(u64::MAX);
        let totals = !accumulators.is_empty();
        let now = self.now;
        rows.run(&mut |row| {
            self.tick(writer)?;
            let cx = Context { row, columns: &query.columns, slots: &slots, aggregates: &[], now };
            if let Some(filter) = &query.filter
                && !filter.holds(&cx)?
            {
                return Ok(ControlFlow::Continue(()));
            }
            if totals {
                for (accumulator, aggregate) in accumulators.iter_mut().zip(&query.aggregates) {
                    accumulator.add(aggregate, &cx)?;
                }
                return Ok(ControlFlow::Continue(()));
            }
            match &query.projection {
                Projection::Star => writer.row(row, &names, &mut numbers)?,
                Projection::Items(items) => project(items, &cx, writer)?,
            }
            left -= 1;
            Ok(if left == 0 { ControlFlow::Break(()) } else { ControlFlow::Continue(()) })
        })?;
        if totals { self.totals(query, &accumulators, &slots, writer) } else { Ok(()) }
    }

    /// The one record of a query with aggregates.
    fn totals(
        &mut self,
        query: &Query,
        accumulators: &[Accumulator],
        slots: &[Slot],
        writer: &mut Writer<'_>,
    ) -> Result<(), SelectError> {
        let results = accumulators.iter().zip(&query.aggregates).map(|(all, aggregate)| all.result(aggregate.kind));
        let results: Vec<Datum> = results.collect::<Result<_, _>>()?;
        let row = Row::Tree(None);
        let cx = Context { row: &row, columns: &query.columns, slots, aggregates: &results, now: self.now };
        match &query.projection {
            Projection::Star => Ok(()),
            Projection::Items(items) => project(items, &cx, writer),
        }
    }

    /// Between two rows: sends what is due.
    fn tick(&mut self, writer: &mut Writer<'_>) -> Result<(), SelectError> {
        if writer.len() >= RECORDS {
            self.flush(writer)?;
        }
        let (scanned, processed) = self.feed.counts();
        if !self.begun && processed >= FIRST_LOOK {
            self.begin()?;
        }
        if self.request.progress && scanned >= self.told + PROGRESS {
            self.told = scanned;
            self.send(message::progress(self.counts()))?;
        }
        // Also where nothing is sent for long: nobody may be there any more.
        if self.events.is_closed() { gone() } else { Ok(()) }
    }

    fn begin(&mut self) -> Result<(), SelectError> {
        self.begun = true;
        self.events.blocking_send(Event::Begun).or_else(|_| gone())
    }

    fn flush(&mut self, writer: &mut Writer<'_>) -> Result<(), SelectError> {
        let records = writer.take();
        // A record isn't larger than 1 MiB, so neither is a message much.
        if !records.is_empty() {
            self.returned += records.len() as u64;
            self.send(message::records(records.as_bytes()))?;
        }
        Ok(())
    }

    fn send(&mut self, message: Bytes) -> Result<(), SelectError> {
        self.begun = true;
        self.events.blocking_send(Event::Message(message)).or_else(|_| gone())
    }

    fn counts(&self) -> Counts {
        let (scanned, processed) = self.feed.counts();
        Counts { scanned, processed, returned: self.returned }
    }
}

fn project<'r>(items: &'r [Item], cx: &Context<'r>, writer: &mut Writer<'_>) -> Result<(), SelectError> {
    let mut values = Vec::with_capacity(items.len());
    for item in items {
        values.push(item.expr.eval(cx)?);
    }
    writer.record(items.iter().map(|item| item.name.as_str()), values.into_iter())
}

fn gone<T>() -> Result<T, SelectError> {
    fail(Code::InternalError, "The client went away.")
}
