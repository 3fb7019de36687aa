//! HTTP/2, which clients get over TLS if they ask for nothing else.

use super::*;
use crate::tls::tests::{Directory, client_config};
use http_body_util::{BodyExt, Full};
use hyper::client::conn::http2::{SendRequest, handshake};
use hyper_util::rt::{TokioExecutor, TokioIo};
use rustls::pki_types::ServerName;
use tokio_rustls::TlsConnector;

async fn connect(running: &Running) -> SendRequest<Full<Bytes>> {
    let connector = TlsConnector::from(client_config(&[b"h2"]));
    let name = ServerName::try_from("localhost").expect("a name");
    let stream = connector.connect(name, running.connect().await).await.expect("a handshake");
    assert_eq!(stream.get_ref().1.alpn_protocol(), Some(b"h2".as_slice()));
    let (sender, connection) = handshake(TokioExecutor::new(), TokioIo::new(stream)).await.expect("a connection");
    World::system().tasks.spawn(connection);
    sender
}

async fn over_tls(limits: Limits) -> (Directory, Running) {
    let directory = Directory::with_default();
    let tls = TlsSource::open(directory.path()).expect("certificates");
    let running = start(limits, tls).await;
    (directory, running)
}

fn put(path: &str, body: &'static str) -> Request<Full<Bytes>> {
    let uri = format!("https://localhost{path}");
    Request::put(uri).body(Full::from(body)).expect("a request")
}

#[tokio::test]
async fn many_requests_at_once_are_answered() {
    let (_directory, running) = over_tls(Limits::default()).await;
    let sender = connect(&running).await;
    let asked = (0..50).map(|_| {
        let mut sender = sender.clone();
        async move { sender.send_request(put("/echo", "hello over h2")).await.expect("an answer") }
    });
    for response in futures_util::future::join_all(asked).await {
        let body = response.into_body().collect().await.expect("whole").to_bytes();
        assert_eq!(body, "hello over h2");
    }
    assert_eq!(running.asked(), 50);
}

#[tokio::test]
async fn a_broken_answer_resets_its_stream_only() {
    let (_directory, running) = over_tls(Limits::default()).await;
    let mut sender = connect(&running).await;
    let broken = sender.send_request(put("/break", "")).await.expect("a head");
    running.handler.go_on.notify_one();
    broken.into_body().collect().await.expect_err("it breaks off");
    let next = sender.send_request(put("/panic", "")).await.expect("an answer");
    assert_eq!(next.status(), 500);
    let next = sender.send_request(put("/tls", "")).await.expect("an answer");
    assert_eq!(next.into_body().collect().await.expect("whole").to_bytes(), "true");
}

#[tokio::test]
async fn an_idle_connection_and_one_that_takes_nothing_are_closed() {
    let soon = Duration::from_millis(40);
    let limits = Limits { head: soon, stall: soon, ..Limits::default() };
    let (_directory, running) = over_tls(limits).await;
    let idle = connect(&running).await;
    let mut stalled = connect(&running).await;
    let answer = stalled.send_request(put("/many", "")).await.expect("a head");
    // Neither is used any more: the server has to notice.
    in_time(async {
        while !idle.is_closed() || !stalled.is_closed() {
            World::system().clock.sleep(Duration::from_millis(5)).await;
        }
    })
    .await;
    answer.into_body().collect().await.expect_err("the answer was cut off");
}

#[tokio::test]
async fn shutdown_lets_streams_end() {
    let (_directory, running) = over_tls(Limits::default()).await;
    let running = Arc::new(running);
    let mut sender = connect(&running).await;
    let waiting = World::system().tasks.spawn(async move { sender.send_request(put("/wait", "")).await });
    while running.asked() == 0 {
        World::system().clock.sleep(Duration::from_millis(1)).await;
    }
    let stopping = Arc::clone(&running);
    let stopped = World::system().tasks.spawn(async move { stopping.server.shutdown(Duration::from_secs(30)).await });
    running.handler.go_on.notify_one();
    let answer = waiting.join().await.expect("it ran").expect("an answer");
    assert_eq!(answer.into_body().collect().await.expect("whole").to_bytes(), "waited");
    assert_eq!(stopped.join().await, Some(true));
}
