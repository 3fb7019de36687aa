//! The client against a thread that answers by a script.

use super::{Expect, Request, Work, drive};
use crate::wire::Response;
use bytes::Bytes;
use std::collections::VecDeque;
use std::io::{Read, Write};
use std::net::{SocketAddr, TcpListener};
use std::thread;

/// A server that reads one request after the other, each `request` bytes long, and answers as it is told; a connection
/// whose script is at its end is closed.
fn server(connections: Vec<Vec<&'static [u8]>>, request: usize) -> SocketAddr {
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let address = listener.local_addr().unwrap();
    thread::spawn(move || {
        for script in connections {
            let (mut stream, _) = listener.accept().unwrap();
            thread::spawn(move || {
                for answer in script {
                    let mut room = vec![0; request];
                    if stream.read_exact(&mut room).is_ok() {
                        // In two pieces, so that the client sees an incomplete answer.
                        stream.write_all(&answer[..20]).unwrap();
                        thread::yield_now();
                        stream.write_all(&answer[20..]).unwrap();
                    }
                }
            });
        }
    });
    address
}

struct Script {
    requests: VecDeque<Request>,
    /// An operation ends with every so many answers.
    answers: usize,
    seen: Vec<Response>,
    failures: usize,
}

impl Work for Script {
    fn next(&mut self, _connection: usize) -> Option<Request> {
        self.requests.pop_front()
    }
    fn answered(&mut self, _connection: usize, response: Response) -> Result<bool, String> {
        self.seen.push(response);
        Ok(self.seen.len().is_multiple_of(self.answers))
    }
    fn failed(&mut self, _connection: usize) {
        self.failures += 1;
    }
}

const HELLO: &[u8] = b"HTTP/1.1 200 OK\r\nContent-Length: 5\r\n\r\nhello";
const BUSY: &[u8] = b"HTTP/1.1 503 Busy\r\nContent-Length: 4\r\n\r\nbusy";
const BODY: usize = 3 << 20;

fn script(count: usize, answers: usize) -> (Script, usize) {
    let expect = Expect { length: Some(5), keep: true, ..Expect::status(200) };
    let request = Request { head: Bytes::from_static(b"PUT / HTTP/1.1\r\n\r\n"), body: vec![7; BODY].into(), expect };
    let length = request.len();
    (Script { requests: vec![request; count].into(), answers, seen: Vec::new(), failures: 0 }, length)
}

#[test]
fn every_request_is_answered_and_counted_once() {
    let (mut work, length) = script(6, 2);
    let tally = drive(server(vec![vec![HELLO; 6]; 1], length), 1, &mut work, None).unwrap();
    assert_eq!((tally.operations, tally.errors, work.failures), (3, 0, 0));
    assert_eq!((tally.latency.len(), tally.first_byte.len()), (3, 6));
    assert!(tally.rate > 0.0 && work.seen.iter().all(|response| response.body == b"hello"));
}

#[test]
fn a_wrong_answer_is_an_error_and_the_connection_goes_on() {
    let (mut work, length) = script(3, 1);
    let tally = drive(server(vec![vec![HELLO, BUSY, HELLO]], length), 1, &mut work, None).unwrap();
    assert_eq!((tally.operations, tally.errors, work.failures), (2, 1, 1));
    assert_eq!(tally.first_error.unwrap(), "status 503 in place of 200: busy");
}

#[test]
fn a_lost_connection_is_an_error_and_is_opened_again() {
    let (mut work, length) = script(3, 1);
    let tally = drive(server(vec![vec![HELLO], vec![HELLO, HELLO]], length), 1, &mut work, None).unwrap();
    assert_eq!((tally.operations, tally.errors), (2, 1));
}

#[test]
fn a_server_that_only_fails_ends_the_round() {
    let (mut work, length) = script(1000, 1);
    let tally = drive(server(vec![vec![BUSY; 1000]], length), 1, &mut work, None).unwrap();
    assert_eq!((tally.operations, tally.errors), (0, 65));
}
