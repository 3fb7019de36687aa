//! One connection: the handshake, then requests until it ends.

use super::exchange::Connection;
use super::stream::Stream;
use super::transport::Transport;
use super::{Phase, Shared};
use crate::limits::{HEAD_BYTES, HEADER_LINES, SEND_BUFFER, STREAMS};
use crate::{ConnInfo, TlsSource};
use hyper::server::conn::{http1, http2};
use hyper::service::service_fn;
use hyper_util::rt::TokioIo;
use std::future::Future;
use std::pin::pin;
use std::sync::Arc;
use tokio::io::{AsyncRead, AsyncWrite, AsyncWriteExt};
use tokio::net::TcpStream;
use tokio::sync::watch;
use tokio_rustls::TlsAcceptor;
use tokio_rustls::server::TlsStream;

/// First byte of a TLS handshake record.
const TLS_HANDSHAKE: u8 = 22;

/// How often an HTTP/2 connection is looked at within each of its limits.
const LOOKS: u32 = 4;

/// The answer to plain HTTP where TLS is spoken.
const PLAIN_ON_TLS: &[u8] =
    b"HTTP/1.0 400 Bad Request\r\nConnection: close\r\n\r\nClient sent an HTTP request to an HTTPS server.\n";

/// Serves an accepted socket until it is closed. Errors end the connection and nothing else.
pub(super) async fn serve_socket(shared: Arc<Shared>, socket: TcpStream, info: ConnInfo) {
    let phase = shared.phase.subscribe();
    if *phase.borrow() != Phase::Open {
        return;
    }
    match shared.tls.clone() {
        None => serve_plain(shared, socket, info, phase).await,
        // Boxed: its state is several times that of a plain connection, which would pay for it too.
        Some(tls) => Box::pin(serve_tls(shared, tls, socket, info, phase)).await,
    }
}

/// Serves a connection with TLS: what the handshake agrees on.
async fn serve_tls(
    shared: Arc<Shared>,
    tls: Arc<TlsSource>,
    socket: TcpStream,
    info: ConnInfo,
    mut phase: watch::Receiver<Phase>,
) {
    let acceptor = TlsAcceptor::from(tls.config());
    let handshake = shake_hands(&shared, acceptor, socket);
    let stream = tokio::select! {
        stream = handshake => stream,
        () = shared.world.clock.sleep(shared.limits.handshake) => None,
        _ = phase.wait_for(|phase| *phase != Phase::Open) => None,
    };
    let Some(stream) = stream else { return };
    let connection = Arc::new(Connection::new(Arc::clone(&shared), info));
    if stream.get_ref().1.alpn_protocol() == Some(b"h2") {
        serve_http2(connection, stream, phase).await;
    } else {
        serve_http1(connection, stream, phase).await;
    }
}

/// Serves a connection without TLS: HTTP/1.
pub(super) async fn serve_plain<S>(shared: Arc<Shared>, socket: S, info: ConnInfo, phase: watch::Receiver<Phase>)
where
    S: AsyncRead + AsyncWrite + Unpin + Send + 'static,
{
    let transport = Transport::new(socket, Arc::clone(&shared.world.clock), shared.limits.stall);
    serve_http1(Arc::new(Connection::new(shared, info)), transport, phase).await;
}

async fn shake_hands(
    shared: &Shared,
    acceptor: TlsAcceptor,
    mut socket: TcpStream,
) -> Option<TlsStream<Transport<TcpStream>>> {
    let mut first = [0];
    let length = socket.peek(&mut first).await.ok()?;
    if length == 1 && first[0] != TLS_HANDSHAKE {
        // The client may be gone already.
        let _ = socket.write_all(PLAIN_ON_TLS).await;
        let _ = socket.shutdown().await;
        return None;
    }
    let transport = Transport::new(socket, Arc::clone(&shared.world.clock), shared.limits.stall);
    let stream = acceptor.accept(transport).await;
    stream.inspect_err(|error| tracing::debug!(%error, "a TLS handshake failed")).ok()
}

async fn serve_http1<S>(connection: Arc<Connection>, io: S, mut phase: watch::Receiver<Phase>)
where
    S: AsyncRead + AsyncWrite + Unpin + Send,
{
    let shared = Arc::clone(&connection.shared);
    let head_bytes = usize::try_from(HEAD_BYTES).unwrap_or(usize::MAX);
    let mut builder = http1::Builder::new();
    builder
        .timer(shared.timer.clone())
        .header_read_timeout(shared.limits.head)
        .max_headers(HEADER_LINES)
        .max_header_size(head_bytes)
        .max_buf_size(head_bytes);
    let heads = Some(Arc::clone(&connection.heads));
    let (unread, clock) = (Arc::clone(&connection.unread), Arc::clone(&shared.world.clock));
    let stream = Stream::new(io, heads, unread, clock, shared.limits.linger);
    let service = service_fn(move |request| Arc::clone(&connection).serve(request));
    let mut serving = pin!(builder.serve_connection(TokioIo::new(stream), service));
    loop {
        tokio::select! {
            result = serving.as_mut() => return log_end(result),
            next = next_phase(&mut phase) => match next {
                Phase::Draining => serving.as_mut().graceful_shutdown(),
                _ => return,
            },
        }
    }
}

async fn serve_http2<S>(connection: Arc<Connection>, io: S, mut phase: watch::Receiver<Phase>)
where
    S: AsyncRead + AsyncWrite + Unpin + Send + 'static,
{
    let shared = Arc::clone(&connection.shared);
    let clock = &shared.world.clock;
    let tasks = shared.world.tasks.clone();
    let mut builder = http2::Builder::new(Executor(tasks));
    builder
        .timer(shared.timer.clone())
        .max_concurrent_streams(STREAMS)
        .max_header_list_size(u32::try_from(HEAD_BYTES).unwrap_or(u32::MAX))
        .max_send_buf_size(usize::try_from(SEND_BUFFER).unwrap_or(usize::MAX));
    let stream = Stream::new(io, None, Arc::clone(&connection.unread), Arc::clone(clock), shared.limits.linger);
    let watched = Arc::clone(&connection);
    let service = service_fn(move |request| Arc::clone(&connection).serve(request));
    let mut serving = pin!(builder.serve_connection(TokioIo::new(stream), service));
    let mut idle_looks = 0;
    let mut last_count = 0;
    loop {
        tokio::select! {
            result = serving.as_mut() => return log_end(result),
            next = next_phase(&mut phase) => match next {
                Phase::Draining => serving.as_mut().graceful_shutdown(),
                _ => return,
            },
            () = clock.sleep(shared.limits.head.min(shared.limits.stall) / LOOKS) => {
                if watched.progresses.stalled(&**clock, shared.limits.stall) {
                    return;
                }
                let (count, active) = watched.requests();
                let idle = active == 0 && count == last_count;
                idle_looks = if idle { idle_looks + 1 } else { 0 };
                last_count = count;
                if idle_looks > LOOKS {
                    return;
                }
            }
        }
    }
}

/// The phase that the server has entered; closed once the server is gone.
async fn next_phase(phase: &mut watch::Receiver<Phase>) -> Phase {
    match phase.changed().await {
        Ok(()) => *phase.borrow_and_update(),
        Err(_) => Phase::Closed,
    }
}

fn log_end(result: hyper::Result<()>) {
    if let Err(error) = result {
        tracing::debug!(%error, "a connection ended with an error");
    }
}

/// Runs the streams of an HTTP/2 connection.
#[derive(Clone)]
struct Executor(base::Tasks);

impl<F> hyper::rt::Executor<F> for Executor
where
    F: Future<Output = ()> + Send + 'static,
{
    fn execute(&self, work: F) {
        self.0.spawn(work);
    }
}
