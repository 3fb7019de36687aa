//! The client: one thread, nonblocking sockets, connections kept, requests prepared ahead.
//!
//! What a request costs here: one `writev`, one wait for all connections together, and the reads that the answer needs.

use crate::failure::Failure;
use crate::statistics::Samples;
use crate::wire::{Reader, Response, WireError};
use bytes::Bytes;
use rustix::buffer::spare_capacity;
use rustix::event::epoll;
use rustix::fd::OwnedFd;
use std::io::{ErrorKind, IoSlice, Read, Write};
use std::net::{SocketAddr, TcpStream};
use std::time::{Duration, Instant};

/// A read takes up to so much: more than a socket's buffer usually holds.
const READ_SIZE: usize = 256 << 10;
/// No answer takes longer; a server that is silent for that long has failed.
const PATIENCE: Duration = Duration::from_secs(60);
/// After so many failed requests without a good one in between a round is ended.
const MAX_FAILURES_IN_A_ROW: u64 = 64;

/// A request, ready to be sent, and what its answer must be.
#[derive(Clone, Debug)]
pub struct Request {
    /// From the request line to the empty line.
    pub head: Bytes,
    /// What follows it.
    pub body: Bytes,
    /// The answer that is a success.
    pub expect: Expect,
}

/// The answer that is a success.
#[derive(Clone, Debug)]
pub struct Expect {
    /// 200
    pub status: u16,
    /// Bytes of the answer's body (for HEAD: as its head says); `None` if any will do.
    pub length: Option<u64>,
    /// The request is HEAD.
    pub head_only: bool,
    /// The work wants to see the body.
    pub keep: bool,
    /// What the answer must say that the server made of the object: a cell of encryption that encrypts nothing is none.
    pub stored_as: Option<&'static str>,
}

impl Expect {
    /// A status, and a body of any length that nobody looks at.
    pub fn status(status: u16) -> Expect {
        Expect { status, length: None, head_only: false, keep: false, stored_as: None }
    }

    fn check(&self, response: &Response) -> Result<(), String> {
        if response.status != self.status {
            let body = String::from_utf8_lossy(&response.body[..response.body.len().min(400)]).into_owned();
            return Err(format!("status {} in place of {}: {body}", response.status, self.status));
        }
        if let Some(expected) = self.stored_as
            && !response.stored_as.eq_ignore_ascii_case(expected)
        {
            return Err(format!("stored as {:?}, not as {expected}", response.stored_as));
        }
        match self.length {
            Some(length) if length != response.length => {
                Err(format!("a body of {} bytes in place of {length}", response.length))
            }
            _ => Ok(()),
        }
    }
}

/// What the connections do.
pub trait Work {
    /// The next request of a connection, or `None` if there is nothing more for it to do.
    fn next(&mut self, connection: usize) -> Option<Request>;

    /// Takes the answer to a connection's last request. True if an operation ends with it, an error if it is not what it
    /// should be.
    fn answered(&mut self, connection: usize, response: Response) -> Result<bool, String> {
        let _ = (connection, response);
        Ok(true)
    }

    /// A request has failed: what a connection had begun is given up.
    fn failed(&mut self, connection: usize) {
        let _ = connection;
    }
}

/// What a round came to.
#[derive(Debug, Default)]
pub struct Tally {
    /// Operations that succeeded.
    pub operations: u64,
    /// Operations that didn't.
    pub errors: u64,
    /// What the first error was.
    pub first_error: Option<String>,
    /// Operations a second: the sum over connections of operations by the time until the last of them ended, so that
    /// a connection which waits for others to end doesn't count as idle.
    pub rate: f64,
    /// From the first byte of an operation's request to the last byte of its answer.
    pub latency: Samples,
    /// From the first byte of a request to the first byte of its answer's body, where there is one.
    pub first_byte: Samples,
    /// From the start to the last answer.
    pub elapsed: Duration,
}

/// Keeps `connections` busy with `work` until it has nothing more or, if `limit` is given, so long; operations that have
/// begun are ended.
pub fn drive(
    address: SocketAddr,
    connections: usize,
    work: &mut dyn Work,
    limit: Option<Duration>,
) -> Result<Tally, Failure> {
    let named = || Failure::io(format!("connection to {address}"));
    let poll = epoll::create(epoll::CreateFlags::CLOEXEC).map_err(|errno| named()(errno.into()))?;
    let open = |_| Connection::open(address).map_err(named());
    let connections = (0..connections).map(open).collect::<Result<Vec<Connection>, Failure>>()?;
    let start = Instant::now();
    let mut client = Client {
        address,
        poll,
        connections,
        work,
        deadline: limit.map(|limit| start + limit),
        tally: Tally::default(),
        failures_in_a_row: 0,
        buffer: vec![0; READ_SIZE],
    };
    client.run(start).map_err(named())?;
    let rates = client.connections.iter().map(|connection| connection.rate(start));
    client.tally.rate = rates.sum();
    client.tally.elapsed = start.elapsed();
    Ok(client.tally)
}

struct Client<'a> {
    address: SocketAddr,
    poll: OwnedFd,
    connections: Vec<Connection>,
    work: &'a mut dyn Work,
    deadline: Option<Instant>,
    tally: Tally,
    failures_in_a_row: u64,
    buffer: Vec<u8>,
}

struct Connection {
    stream: TcpStream,
    exchange: Option<Exchange>,
    /// When the operation in progress began.
    operation: Option<Instant>,
    operations: u32,
    last_end: Option<Instant>,
}

/// One request and the answer as far as it has come.
struct Exchange {
    request: Request,
    sent: usize,
    started: Instant,
    reader: Reader,
    /// When the first byte of the answer's body came.
    first_byte: Option<Instant>,
}

/// How an exchange stands after its socket was looked at.
enum Progress {
    Waiting,
    Answered(Response),
    Failed(String),
}

impl Client<'_> {
    fn run(&mut self, start: Instant) -> std::io::Result<()> {
        for at in 0..self.connections.len() {
            self.watch(at)?;
            self.next(at, start)?;
        }
        let mut events = Vec::with_capacity(self.connections.len().max(1));
        let patience = rustix::event::Timespec { tv_sec: PATIENCE.as_secs() as i64, tv_nsec: 0 };
        while self.connections.iter().any(|connection| connection.exchange.is_some()) {
            events.clear();
            epoll::wait(&self.poll, spare_capacity(&mut events), Some(&patience))?;
            if events.is_empty() {
                return Err(std::io::Error::new(
                    ErrorKind::TimedOut,
                    format!("no answer for {} s", PATIENCE.as_secs()),
                ));
            }
            for event in &events {
                self.turn(usize::try_from(event.data.u64()).expect("was a usize"))?;
            }
        }
        Ok(())
    }

    fn watch(&self, at: usize) -> std::io::Result<()> {
        let flags = epoll::EventFlags::IN | epoll::EventFlags::OUT | epoll::EventFlags::RDHUP | epoll::EventFlags::ET;
        Ok(epoll::add(&self.poll, &self.connections[at].stream, epoll::EventData::new_u64(at as u64), flags)?)
    }

    /// Gets on with a connection whose socket has become ready for something.
    fn turn(&mut self, at: usize) -> std::io::Result<()> {
        let connection = &mut self.connections[at];
        let Some(exchange) = &mut connection.exchange else { return Ok(()) };
        match exchange.advance(&mut connection.stream, &mut self.buffer) {
            Progress::Waiting => Ok(()),
            Progress::Answered(response) => self.answered(at, response),
            Progress::Failed(why) => self.failed(at, why, true),
        }
    }

    fn answered(&mut self, at: usize, response: Response) -> std::io::Result<()> {
        let now = Instant::now();
        let connection = &mut self.connections[at];
        let exchange = connection.exchange.take().expect("an answer has a request");
        let close = response.close || exchange.sent < exchange.request.len();
        if let Err(why) = exchange.request.expect.check(&response) {
            return self.failed(at, why, close);
        }
        if let Some(first_byte) = exchange.first_byte {
            self.tally.first_byte.push(first_byte - exchange.started);
        }
        if close {
            self.reopen(at)?;
        }
        match self.work.answered(at, response) {
            Err(why) => return self.failed(at, why, false),
            Ok(false) => {}
            Ok(true) => {
                let connection = &mut self.connections[at];
                let begun = connection.operation.take().unwrap_or(exchange.started);
                self.tally.latency.push(now - begun);
                self.tally.operations += 1;
                connection.operations += 1;
                connection.last_end = Some(now);
                self.failures_in_a_row = 0;
            }
        }
        self.next(at, now)
    }

    fn failed(&mut self, at: usize, why: String, reopen: bool) -> std::io::Result<()> {
        self.tally.errors += 1;
        self.tally.first_error.get_or_insert(why);
        self.failures_in_a_row += 1;
        self.work.failed(at);
        self.connections[at].exchange = None;
        self.connections[at].operation = None;
        if self.failures_in_a_row > MAX_FAILURES_IN_A_ROW {
            return Ok(());
        }
        if reopen {
            self.reopen(at)?;
        }
        self.next(at, Instant::now())
    }

    /// Starts the next request of a connection, unless its time is up between two operations.
    fn next(&mut self, at: usize, now: Instant) -> std::io::Result<()> {
        let between = self.connections[at].operation.is_none();
        if between && self.deadline.is_some_and(|deadline| now >= deadline) {
            return Ok(());
        }
        let Some(request) = self.work.next(at) else { return Ok(()) };
        let reader = Reader::new(request.expect.head_only, request.expect.keep);
        let mut exchange = Exchange { request, sent: 0, started: Instant::now(), reader, first_byte: None };
        let connection = &mut self.connections[at];
        connection.operation.get_or_insert(exchange.started);
        let sent = exchange.send(&mut connection.stream);
        connection.exchange = Some(exchange);
        match sent {
            Ok(()) => Ok(()),
            Err(error) => self.failed(at, format!("sending: {error}"), true),
        }
    }

    fn reopen(&mut self, at: usize) -> std::io::Result<()> {
        self.connections[at].stream = Connection::open(self.address)?.stream;
        self.watch(at)
    }
}

impl Connection {
    fn open(address: SocketAddr) -> std::io::Result<Connection> {
        let stream = TcpStream::connect(address)?;
        stream.set_nodelay(true)?;
        stream.set_nonblocking(true)?;
        Ok(Connection { stream, exchange: None, operation: None, operations: 0, last_end: None })
    }

    fn rate(&self, start: Instant) -> f64 {
        let busy = self.last_end.map_or(0.0, |end| (end - start).as_secs_f64());
        if busy > 0.0 { f64::from(self.operations) / busy } else { 0.0 }
    }
}

impl Request {
    fn len(&self) -> usize {
        self.head.len() + self.body.len()
    }
}

impl Exchange {
    /// Sends what is left of the request, as far as the socket takes it.
    fn send(&mut self, stream: &mut TcpStream) -> std::io::Result<()> {
        let (head, body) = (&self.request.head, &self.request.body);
        while self.sent < self.request.len() {
            let slices = [
                IoSlice::new(&head[self.sent.min(head.len())..]),
                IoSlice::new(&body[self.sent.saturating_sub(head.len())..]),
            ];
            match stream.write_vectored(&slices) {
                Ok(count) => self.sent += count,
                Err(error) if error.kind() == ErrorKind::WouldBlock => break,
                Err(error) if error.kind() == ErrorKind::Interrupted => {}
                Err(error) => return Err(error),
            }
        }
        Ok(())
    }

    /// Sends and receives what can be without waiting.
    fn advance(&mut self, stream: &mut TcpStream, buffer: &mut [u8]) -> Progress {
        // A server may refuse in the middle of a body, and close: then its answer is what matters.
        let sending = self.send(stream).err();
        loop {
            let count = match stream.read(buffer) {
                Ok(0) => return Progress::Failed("the server closed the connection".into()),
                Ok(count) => count,
                Err(error) if error.kind() == ErrorKind::Interrupted => continue,
                Err(error) if error.kind() == ErrorKind::WouldBlock => {
                    return sending.map_or(Progress::Waiting, |error| Progress::Failed(format!("sending: {error}")));
                }
                Err(error) => return Progress::Failed(format!("receiving: {error}")),
            };
            match self.take(&buffer[..count]) {
                Ok(true) => {
                    let reader = std::mem::replace(&mut self.reader, Reader::new(false, false));
                    return Progress::Answered(reader.finish());
                }
                // The socket is empty; when more comes, there will be an event.
                Ok(false) if count < buffer.len() => return Progress::Waiting,
                Ok(false) => {}
                Err(error) => return Progress::Failed(error.to_string()),
            }
        }
    }

    fn take(&mut self, bytes: &[u8]) -> Result<bool, WireError> {
        let whole = self.reader.feed(bytes)?;
        if self.first_byte.is_none() && self.reader.body_begun() {
            self.first_byte = Some(Instant::now());
        }
        Ok(whole)
    }
}

#[cfg(test)]
mod tests;
