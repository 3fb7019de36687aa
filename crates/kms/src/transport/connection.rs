//! Connections to one server, kept between calls.

use super::{ANSWER, Answer, CONNECT, Call, Failure, MAX_ANSWER, Target};
use crate::tls::Tls;
use base::World;
use bytes::Bytes;
use http::header::{CONTENT_LENGTH, HOST};
use http::{HeaderValue, Request};
use http_body_util::{BodyExt, Full, Limited};
use hyper::client::conn::http1::{self, SendRequest};
use hyper::rt::{Read, Write};
use hyper_util::rt::TokioIo;
use parking_lot::Mutex;
use std::future::Future;
use std::time::Duration;
use tokio::net::TcpStream;
use zeroize::Zeroizing;

/// Connections kept: calls are short, so that a few serve many requests.
const MAX_IDLE: usize = 8;

/// How long a connection is kept without use: below what servers and firewalls keep.
const IDLE: Duration = Duration::from_secs(25);

type Sender = SendRequest<Full<Bytes>>;

/// Connections that wait for a call, each since some time of the steady clock.
#[derive(Default)]
pub(super) struct Pool(Mutex<Vec<(Sender, Duration)>>);

impl Pool {
    pub async fn call(&self, target: &Target, tls: &Tls, world: &World, call: &Call) -> Result<Answer, Failure> {
        let request = request(target, call)?;
        // A kept connection may have been closed by the server meanwhile; only then it is done again on a new one.
        while let Some(mut sender) = self.take(world.clock.steady()) {
            if sender.ready().await.is_err() {
                continue;
            }
            match within(world, ANSWER, target, exchange(&mut sender, request.clone())).await? {
                Ok(answer) => {
                    self.give_back(sender, world.clock.steady());
                    return Ok(answer);
                }
                Err(error) if error.is_canceled() || error.is_incomplete_message() || error.is_closed() => break,
                Err(error) => return Err(Failure::new(format!("{}: {error}", target.url()))),
            }
        }
        let mut sender = within(world, CONNECT, target, connect(target, tls, world)).await??;
        let answer = within(world, ANSWER, target, exchange(&mut sender, request)).await?;
        let answer = answer.map_err(|error| Failure::new(format!("{}: {error}", target.url())))?;
        self.give_back(sender, world.clock.steady());
        Ok(answer)
    }

    fn take(&self, now: Duration) -> Option<Sender> {
        let mut idle = self.0.lock();
        idle.retain(|(sender, since)| !sender.is_closed() && now.saturating_sub(*since) < IDLE);
        idle.pop().map(|(sender, _)| sender)
    }

    fn give_back(&self, sender: Sender, now: Duration) {
        let mut idle = self.0.lock();
        if idle.len() < MAX_IDLE && !sender.is_closed() {
            idle.push((sender, now));
        }
    }
}

async fn within<T>(
    world: &World,
    limit: Duration,
    target: &Target,
    work: impl Future<Output = T>,
) -> Result<T, Failure> {
    tokio::select! {
        done = work => Ok(done),
        () = world.clock.sleep(limit) => {
            Err(Failure::hung(format!("{}: no answer within {} seconds", target.url(), limit.as_secs())))
        }
    }
}

fn request(target: &Target, call: &Call) -> Result<Request<Full<Bytes>>, Failure> {
    let invalid = || Failure::new(format!("{}: '{}' can't be asked for", target.url(), call.path));
    let mut request = Request::new(Full::new(call.body.clone()));
    *request.method_mut() = call.method.clone();
    *request.uri_mut() = format!("{}{}", target.path(), call.path).parse().map_err(|_| invalid())?;
    *request.headers_mut() = call.headers.clone();
    let headers = request.headers_mut();
    headers.insert(HOST, HeaderValue::from_str(&target.authority()).map_err(|_| invalid())?);
    headers.insert(CONTENT_LENGTH, HeaderValue::from(call.body.len()));
    Ok(request)
}

async fn exchange(sender: &mut Sender, request: Request<Full<Bytes>>) -> Result<Answer, hyper::Error> {
    let (head, body) = sender.send_request(request).await?.into_parts();
    // What lies beyond the limit is not read: the answer is cut and won't parse.
    let mut body = Limited::new(body, MAX_ANSWER);
    let mut whole = Zeroizing::new(Vec::new());
    while let Some(frame) = body.frame().await {
        match frame {
            Ok(frame) => {
                if let Some(data) = frame.data_ref() {
                    whole.extend_from_slice(data);
                }
            }
            Err(error) => match error.downcast::<hyper::Error>() {
                Ok(error) => return Err(*error),
                Err(_) => break,
            },
        }
    }
    Ok(Answer { status: head.status, headers: head.headers, body: whole })
}

async fn connect(target: &Target, tls: &Tls, world: &World) -> Result<Sender, Failure> {
    let failure = |cause: &dyn std::fmt::Display| Failure::new(format!("{}: {cause}", target.url()));
    let stream = TcpStream::connect((target.host(), target.port())).await.map_err(|error| failure(&error))?;
    // Calls are one small write each: without this they may wait for the other side's acknowledgement.
    stream.set_nodelay(true).map_err(|error| failure(&error))?;
    if target.is_tls() {
        let stream = tls.connect(target.host(), stream, world).await.map_err(|cause| failure(&cause))?;
        handshake(TokioIo::new(stream), world).await.map_err(|error| failure(&error))
    } else {
        handshake(TokioIo::new(stream), world).await.map_err(|error| failure(&error))
    }
}

async fn handshake<S>(stream: S, world: &World) -> Result<Sender, hyper::Error>
where
    S: Read + Write + Unpin + Send + 'static,
{
    let (sender, connection) = http1::handshake(stream).await?;
    // It ends when the sender is dropped or the server closes; errors come out where the sender is used.
    world.tasks.spawn(async {
        let _ = connection.await;
    });
    Ok(sender)
}
