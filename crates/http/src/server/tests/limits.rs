//! Slow, silent and too many clients. Time is the runtime's and stands still while anyone is busy.

use super::*;

const HEAD: &[u8] = b"PUT /echo HTTP/1.1\r\nHost: h\r\nContent-Length: 10\r\n\r\n";

fn pause(time: Duration) -> BoxFuture<'static, ()> {
    World::system().clock.sleep(time)
}

#[tokio::test(start_paused = true)]
async fn a_connection_that_says_nothing_is_closed() {
    let (mut client, handler) = in_memory(Limits::default());
    assert_eq!(rest(&mut client).await, "");
    assert_eq!(handler.asked.load(Ordering::SeqCst), 0);
}

#[tokio::test(start_paused = true)]
async fn an_idle_connection_is_closed_after_its_last_answer() {
    let (mut client, _) = in_memory(Limits::default());
    client.write_all(b"GET / HTTP/1.1\r\nHost: h\r\n\r\n").await.expect("sent");
    assert_eq!(answer(&mut client).await.1, "hello");
    assert_eq!(rest(&mut client).await, "");
}

#[tokio::test(start_paused = true)]
async fn a_head_sent_byte_by_byte_is_cut_off() {
    let (mut client, handler) = in_memory(Limits::default());
    let mut sent = 0;
    for byte in HEAD {
        pause(Duration::from_secs(5)).await;
        if client.write_all(&[*byte]).await.is_err() {
            break;
        }
        sent += 1;
    }
    assert!(sent < HEAD.len(), "the whole head was taken");
    assert_eq!(handler.asked.load(Ordering::SeqCst), 0);
}

#[tokio::test(start_paused = true)]
async fn a_silent_body_times_out_and_a_slow_one_does_not() {
    let (mut client, _) = in_memory(Limits::default());
    client.write_all(HEAD).await.expect("sent");
    for byte in b"0123456789" {
        pause(Duration::from_secs(25)).await;
        client.write_all(&[*byte]).await.expect("a slow client is served");
    }
    assert_eq!(answer(&mut client).await.1, "0123456789");

    client.write_all(HEAD).await.expect("sent");
    client.write_all(b"half").await.expect("sent");
    let refused = rest(&mut client).await;
    assert!(refused.contains("the sender was silent for too long"), "{refused}");
}

#[tokio::test(start_paused = true)]
async fn a_client_that_takes_nothing_is_cut_off_and_a_slow_one_is_not() {
    let (mut client, _) = in_memory(Limits::default());
    client.write_all(b"GET /many HTTP/1.1\r\nHost: h\r\n\r\n").await.expect("sent");
    let mut piece = [0; 100];
    for _ in 0..20 {
        pause(Duration::from_secs(25)).await;
        client.read_exact(&mut piece).await.expect("a slow client is served");
    }
    pause(Duration::from_secs(60)).await;
    let left = rest(&mut client).await;
    assert!(left.len() < MANY - 20 * piece.len(), "the answer went on");
}

#[tokio::test(start_paused = true)]
async fn a_handler_may_take_its_time() {
    let (mut client, handler) = in_memory(Limits::default());
    client.write_all(b"GET /wait HTTP/1.1\r\nHost: h\r\n\r\n").await.expect("sent");
    pause(Duration::from_secs(600)).await;
    handler.go_on.notify_one();
    assert_eq!(answer(&mut client).await.1, "waited");
}

#[tokio::test]
async fn over_the_limit_of_requests_one_waits_and_the_next_is_turned_away() {
    let limits = Limits { requests: 1, waiting: 1, ..Limits::default() };
    let running = start(limits, None).await;
    let mut sockets = Vec::new();
    for place in 1..=2 {
        let mut socket = running.connect().await;
        socket.write_all(b"GET /wait HTTP/1.1\r\nHost: h\r\n\r\n").await.expect("sent");
        while running.server.shared.requests.available_permits() > 0
            || running.server.shared.waiting.load(Ordering::SeqCst) < place - 1
        {
            tokio::task::yield_now().await;
        }
        sockets.push(socket);
    }
    let turned_away = running.send("GET / HTTP/1.1\r\nHost: h\r\nConnection: close\r\n\r\n").await;
    assert!(turned_away.starts_with("HTTP/1.1 429 "), "{turned_away}");
    let urgent = running.send("GET /health HTTP/1.1\r\nHost: h\r\nConnection: close\r\n\r\n").await;
    assert!(urgent.starts_with("HTTP/1.1 200 "), "{urgent}");
    for mut socket in sockets {
        running.handler.go_on.notify_one();
        assert_eq!(answer(&mut socket).await.1, "waited");
    }
}

#[tokio::test]
async fn a_request_that_waits_too_long_is_turned_away() {
    let limits = Limits { requests: 1, wait: Duration::from_millis(1), ..Limits::default() };
    let running = start(limits, None).await;
    let mut first = running.connect().await;
    first.write_all(b"GET /wait HTTP/1.1\r\nHost: h\r\n\r\n").await.expect("sent");
    while running.asked() == 0 {
        tokio::task::yield_now().await;
    }
    let turned_away = running.send("GET / HTTP/1.1\r\nHost: h\r\nConnection: close\r\n\r\n").await;
    assert!(turned_away.starts_with("HTTP/1.1 429 "), "{turned_away}");
}

#[tokio::test]
async fn a_client_that_hangs_up_gives_its_place_back() {
    let limits = Limits { requests: 1, ..Limits::default() };
    let running = start(limits, None).await;
    let mut first = running.connect().await;
    first.write_all(b"GET /wait HTTP/1.1\r\nHost: h\r\n\r\n").await.expect("sent");
    while running.asked() == 0 {
        tokio::task::yield_now().await;
    }
    drop(first);
    let next = running.send("GET / HTTP/1.1\r\nHost: h\r\nConnection: close\r\n\r\n").await;
    assert!(next.ends_with("hello"), "{next}");
}

#[tokio::test]
async fn over_the_limit_of_connections_the_next_waits_for_one_to_close() {
    let limits = Limits { connections: 1, ..Limits::default() };
    let running = start(limits, None).await;
    let mut first = running.connect().await;
    first.write_all(b"GET / HTTP/1.1\r\nHost: h\r\n\r\n").await.expect("sent");
    assert_eq!(answer(&mut first).await.1, "hello");
    let mut second = running.connect().await;
    second.write_all(b"GET / HTTP/1.1\r\nHost: h\r\n\r\n").await.expect("sent");
    first.write_all(b"GET / HTTP/1.1\r\nHost: h\r\n\r\n").await.expect("sent");
    assert_eq!(answer(&mut first).await.1, "hello");
    assert_eq!(running.asked(), 2, "the second connection waits");
    drop(first);
    assert_eq!(answer(&mut second).await.1, "hello");
}

#[tokio::test]
async fn a_plain_connection_does_not_pay_for_tls() {
    let running = start(Limits::default(), None).await;
    let shared = &running.server.shared;
    let socket = running.connect().await;
    let peer = socket.peer_addr().expect("it is connected");
    let info = ConnInfo { peer, local: peer, tls: false };
    let (_client, plain) = tokio::io::duplex(1);
    let plain = connection::serve_plain(Arc::clone(shared), plain, info, shared.phase.subscribe());
    let serving = connection::serve_socket(Arc::clone(shared), socket, info);
    // Thousands of connections do nothing but wait: what their task holds is what they cost.
    assert!(size_of_val(&serving) < 2 * size_of_val(&plain), "{} bytes", size_of_val(&serving));
}
