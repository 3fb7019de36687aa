//! A server to talk to in tests: it answers as it is told, and remembers what it was asked.

use crate::{ReadTls, TlsMaterial};
use base::World;
use bytes::Bytes;
use http::{HeaderMap, Method, Request, Response, StatusCode};
use http_body_util::{BodyExt, Full};
use hyper::body::Incoming;
use hyper::service::service_fn;
use hyper_util::rt::TokioIo;
use parking_lot::Mutex;
use std::convert::Infallible;
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use tokio::net::TcpListener;

/// What came.
#[derive(Clone)]
pub(crate) struct Asked {
    pub method: Method,
    pub path: String,
    pub headers: HeaderMap,
    pub body: serde_json::Value,
}

type Answering = dyn Fn(&Asked) -> (u16, String) + Send + Sync;

pub(crate) struct FakeServer {
    pub url: String,
    pub asked: Arc<Mutex<Vec<Asked>>>,
    pub connections: Arc<AtomicUsize>,
    task: base::TaskHandle<()>,
}

impl FakeServer {
    /// A server whose answers, status and JSON, are given by `answer`.
    pub async fn start(world: &World, answer: impl Fn(&Asked) -> (u16, String) + Send + Sync + 'static) -> Self {
        Self::start_closing(world, answer, false).await
    }

    /// The same; `closing`: each connection is closed by the server after one answer, without a word.
    pub async fn start_closing(
        world: &World,
        answer: impl Fn(&Asked) -> (u16, String) + Send + Sync + 'static,
        closing: bool,
    ) -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let url = format!("http://{}", listener.local_addr().unwrap());
        let (asked, connections) = (Arc::new(Mutex::new(Vec::new())), Arc::new(AtomicUsize::new(0)));
        let (answer, log, count): (Arc<Answering>, _, _) =
            (Arc::new(answer), Arc::clone(&asked), Arc::clone(&connections));
        let tasks = world.tasks.clone();
        let task = world.tasks.spawn(async move {
            while let Ok((stream, _)) = listener.accept().await {
                count.fetch_add(1, Ordering::SeqCst);
                let (answer, log) = (Arc::clone(&answer), Arc::clone(&log));
                tasks.spawn(async move {
                    let answered = Arc::new(tokio::sync::Notify::new());
                    let told = Arc::clone(&answered);
                    let service = service_fn(move |request| {
                        let told = closing.then(|| Arc::clone(&told));
                        respond(request, Arc::clone(&answer), Arc::clone(&log), told)
                    });
                    let connection = hyper::server::conn::http1::Builder::new();
                    let mut connection = std::pin::pin!(connection.serve_connection(TokioIo::new(stream), service));
                    let close = async {
                        answered.notified().await;
                        // The answer goes out first.
                        for _ in 0..20 {
                            tokio::task::yield_now().await;
                        }
                    };
                    tokio::select! {
                        _ = connection.as_mut() => {}
                        () = close => {}
                    }
                });
            }
        });
        FakeServer { url, asked, connections, task }
    }

    pub fn stop(&self) {
        self.task.abort();
    }

    pub fn asked(&self) -> usize {
        self.asked.lock().len()
    }
}

async fn respond(
    request: Request<Incoming>,
    answer: Arc<Answering>,
    log: Arc<Mutex<Vec<Asked>>>,
    told: Option<Arc<tokio::sync::Notify>>,
) -> Result<Response<Full<Bytes>>, Infallible> {
    let (head, body) = request.into_parts();
    let body = body.collect().await.unwrap().to_bytes();
    let path = head.uri.path_and_query().unwrap().to_string();
    let body = serde_json::from_slice(&body).unwrap_or_default();
    let asked = Asked { method: head.method, path, headers: head.headers, body };
    let (status, text) = answer(&asked);
    log.lock().push(asked);
    let mut response = Response::new(Full::new(Bytes::from(text)));
    *response.status_mut() = StatusCode::from_u16(status).unwrap();
    if let Some(told) = told {
        told.notify_one();
    }
    Ok(response)
}

/// For servers without TLS.
pub(crate) fn no_tls() -> ReadTls {
    Box::new(|_| Ok(TlsMaterial { roots: Vec::new(), identity: None }))
}
