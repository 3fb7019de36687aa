//! The end of a server.

use super::*;

const GRACE: Duration = Duration::from_secs(30);

#[tokio::test]
async fn shutdown_lets_requests_end_and_takes_no_more() {
    let running = Arc::new(start(Limits::default(), None).await);
    let mut busy = running.connect().await;
    busy.write_all(b"GET /wait HTTP/1.1\r\nHost: h\r\n\r\n").await.expect("sent");
    while running.asked() == 0 {
        tokio::task::yield_now().await;
    }
    let mut idle = running.connect().await;
    idle.write_all(b"GET / HTTP/1.1\r\nHost: h\r\n\r\n").await.expect("sent");
    assert_eq!(answer(&mut idle).await.1, "hello");
    let mut silent = running.connect().await;
    let stopping = Arc::clone(&running);
    let stopped = World::system().tasks.spawn(async move { stopping.server.shutdown(GRACE).await });

    assert_eq!(rest(&mut idle).await, "", "an idle connection is closed");
    assert_eq!(rest(&mut silent).await, "", "one that never said anything too");
    let refused = TcpStream::connect(running.server.addresses()[0]).await;
    assert!(refused.is_err(), "nobody listens any more");

    running.handler.go_on.notify_one();
    let (head, body) = answer(&mut busy).await;
    assert_eq!(body, "waited");
    assert!(head.contains("connection: close"), "{head}");
    assert_eq!(stopped.join().await, Some(true));
}

#[tokio::test]
async fn shutdown_closes_what_does_not_end_within_its_grace() {
    let running = start(Limits::default(), None).await;
    let mut busy = running.connect().await;
    busy.write_all(b"GET /wait HTTP/1.1\r\nHost: h\r\n\r\n").await.expect("sent");
    while running.asked() == 0 {
        tokio::task::yield_now().await;
    }
    assert!(!running.server.shutdown(Duration::from_millis(1)).await, "not all had ended");
    assert_eq!(rest(&mut busy).await, "");
}

#[tokio::test]
async fn a_dropped_server_closes_everything() {
    // Too long for an idle connection to be closed as such.
    let limits = Limits { head: NEVER * 10, ..Limits::default() };
    let running = start(limits, None).await;
    let mut socket = running.connect().await;
    socket.write_all(b"GET / HTTP/1.1\r\nHost: h\r\n\r\n").await.expect("sent");
    assert_eq!(answer(&mut socket).await.1, "hello");
    drop(running);
    assert_eq!(rest(&mut socket).await, "");
}
