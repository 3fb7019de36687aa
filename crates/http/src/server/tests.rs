//! The server against raw sockets: what a careful client, a careless one and a hostile one see.

mod framing;
mod http2;
mod life;
mod limits;
mod plain;
mod scanner;

use super::*;
use crate::{Handler, Refusal, RequestBody, ResponseBody, collect};
use base::StreamError;
use bytes::Bytes;
use futures_util::StreamExt;
use futures_util::future::BoxFuture;
use http::{Request, Response, StatusCode};
use std::net::Ipv4Addr;
use std::sync::atomic::AtomicUsize;
use tokio::io::{AsyncRead, AsyncReadExt, AsyncWrite, AsyncWriteExt};
use tokio::sync::Notify;

/// Answers by path, and counts what it was asked.
#[derive(Default)]
pub(crate) struct Paths {
    asked: AtomicUsize,
    /// Lets `/wait` go on.
    go_on: Arc<Notify>,
}

const MANY: usize = 64 << 20;

impl Handler for Paths {
    fn handle(&self, request: Request<RequestBody>, conn: ConnInfo) -> BoxFuture<'_, Response<ResponseBody>> {
        self.asked.fetch_add(1, Ordering::SeqCst);
        Box::pin(async move {
            let (head, body) = request.into_parts();
            match head.uri.path() {
                "/echo" => match collect(body.into_stream(), 1 << 20).await {
                    Ok(bytes) => Response::new(bytes.into()),
                    Err(error) => status(StatusCode::BAD_REQUEST, &error.to_string()),
                },
                "/length" => Response::new(format!("{:?}", body.content_length()).into()),
                "/refuse" => status(StatusCode::FORBIDDEN, "refused"),
                "/tls" => Response::new(format!("{}", conn.tls).into()),
                "/many" => {
                    let piece = Bytes::from(vec![b'x'; 1 << 16]);
                    let stream = futures_util::stream::repeat(piece).map(Ok).take(MANY >> 16);
                    Response::new(ResponseBody::stream(Box::pin(stream), MANY as u64))
                }
                "/break" => {
                    let start = futures_util::stream::iter([Ok(Bytes::from_static(b"start"))]);
                    let go_on = Arc::clone(&self.go_on);
                    let broken = start.chain(futures_util::stream::once(async move {
                        go_on.notified().await;
                        Err(StreamError::Gone)
                    }));
                    Response::new(ResponseBody::stream(Box::pin(broken), 10))
                }
                "/break-at-once" => {
                    let broken = futures_util::stream::iter([Err(StreamError::Gone)]);
                    Response::new(ResponseBody::stream(Box::pin(broken), 10))
                }
                "/wait" => {
                    self.go_on.notified().await;
                    Response::new("waited".into())
                }
                "/panic" => panic!("as asked"),
                _ => Response::new("hello".into()),
            }
        })
    }

    fn refuse(&self, refusal: Refusal) -> Response<ResponseBody> {
        match refusal {
            Refusal::BadHead(reason) => status(StatusCode::BAD_REQUEST, reason),
            Refusal::Overloaded => status(StatusCode::TOO_MANY_REQUESTS, "overloaded"),
            Refusal::Panicked => status(StatusCode::INTERNAL_SERVER_ERROR, "panicked"),
        }
    }

    fn urgent(&self, request: &Request<RequestBody>) -> bool {
        request.uri().path() == "/health"
    }
}

fn status(status: StatusCode, text: &str) -> Response<ResponseBody> {
    let mut response = Response::new(text.to_owned().into());
    *response.status_mut() = status;
    response
}

/// A server on a loopback port.
pub(crate) struct Running {
    pub(crate) server: Server,
    handler: Arc<Paths>,
}

pub(crate) async fn start(limits: Limits, tls: Option<Arc<TlsSource>>) -> Running {
    let listener = TcpListener::bind((Ipv4Addr::LOCALHOST, 0)).await.expect("a free port");
    let handler = Arc::new(Paths::default());
    let server = Server::start(vec![listener], limits, tls, Arc::clone(&handler) as _, World::system());
    Running { server, handler }
}

impl Running {
    pub(crate) async fn connect(&self) -> TcpStream {
        TcpStream::connect(self.server.addresses()[0]).await.expect("the server listens")
    }

    fn asked(&self) -> usize {
        self.handler.asked.load(Ordering::SeqCst)
    }

    /// Sends `text` on a new connection and gives back all that comes until the server closes it.
    async fn send(&self, text: &str) -> String {
        let mut socket = self.connect().await;
        socket.write_all(text.as_bytes()).await.expect("the server reads");
        rest(&mut socket).await
    }
}

/// Longer than any limit of a server: who is not through by then waits for something that never comes.
const NEVER: Duration = Duration::from_secs(60);

/// What `work` gives; it fails rather than hang.
pub(crate) async fn in_time<T>(work: impl Future<Output = T>) -> T {
    tokio::select! {
        done = work => done,
        () = World::system().clock.sleep(NEVER) => panic!("what was waited for never came"),
    }
}

/// All that comes until the other side closes.
pub(crate) async fn rest(socket: &mut (impl AsyncRead + Unpin)) -> String {
    let mut bytes = Vec::new();
    // A reset after the answer is as good as an end.
    let _ = in_time(socket.read_to_end(&mut bytes)).await;
    String::from_utf8_lossy(&bytes).into_owned()
}

/// One answer with a `Content-Length`: its head and its body.
async fn answer(socket: &mut (impl AsyncRead + Unpin)) -> (String, String) {
    let mut head = Vec::new();
    while !head.ends_with(b"\r\n\r\n") {
        head.push(socket.read_u8().await.expect("a whole head"));
    }
    let head = String::from_utf8(head).expect("a head is text");
    let length = head.lines().find_map(|line| line.strip_prefix("content-length: ")).expect("a length");
    let mut body = vec![0; length.parse().expect("a number")];
    socket.read_exact(&mut body).await.expect("a whole body");
    (head, String::from_utf8(body).expect("bodies here are text"))
}

/// Serves one in-memory connection with the runtime's own, possibly paused, time.
fn in_memory(limits: Limits) -> (impl AsyncRead + AsyncWrite + Unpin, Arc<Paths>) {
    let handler = Arc::new(Paths::default());
    let shared = Arc::new(Shared::new(limits, None, Arc::clone(&handler) as _, paused_world()));
    let (ours, theirs) = tokio::io::duplex(1 << 12);
    let nowhere = SocketAddr::from((Ipv4Addr::LOCALHOST, 0));
    let info = ConnInfo { peer: nowhere, local: nowhere, tls: false };
    let phase = shared.phase.subscribe();
    let tasks = shared.world.tasks.clone();
    tasks.spawn(connection::serve_plain(shared, theirs, info, phase));
    (ours, handler)
}

fn paused_world() -> World {
    let clock = base::ManualClock::new(base::Timestamp::from_secs(1_700_000_000));
    World { clock: Arc::new(clock), ..World::system() }
}
