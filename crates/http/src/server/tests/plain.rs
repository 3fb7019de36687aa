//! Ordinary requests.

use super::*;

#[tokio::test]
async fn requests_follow_each_other_on_one_connection() {
    let running = start(Limits::default(), None).await;
    let mut socket = running.connect().await;
    for _ in 0..3 {
        socket.write_all(b"GET / HTTP/1.1\r\nHost: h\r\n\r\n").await.expect("sent");
        let (head, body) = answer(&mut socket).await;
        assert!(head.starts_with("HTTP/1.1 200 OK\r\n") && head.contains("\r\ndate: "), "{head}");
        assert_eq!(body, "hello");
    }
}

#[tokio::test]
async fn pipelined_requests_are_answered_in_order() {
    let running = start(Limits::default(), None).await;
    let first = "PUT /echo HTTP/1.1\r\nHost: h\r\nContent-Length: 5\r\n\r\nfirst";
    let second = "PUT /echo HTTP/1.1\r\nHost: h\r\nContent-Length: 6\r\nConnection: close\r\n\r\nsecond";
    let answers = running.send(&format!("{first}{second}")).await;
    let at = |text: &str| answers.find(text).unwrap_or_else(|| panic!("{text} not in {answers}"));
    assert!(at("first") < at("second"));
}

#[tokio::test]
async fn bodies_are_read_with_a_length_and_in_chunks() {
    let running = start(Limits::default(), None).await;
    let chunked = "PUT /echo HTTP/1.1\r\nHost: h\r\nTransfer-Encoding: chunked\r\n\r\n3\r\nabc\r\n2\r\nde\r\n0\r\n\r\n";
    let answer = running.send(chunked).await;
    assert!(answer.ends_with("\r\n\r\nabcde"), "{answer}");
    assert!(answer.contains("\r\nconnection: close\r\n"), "chunks end a connection: {answer}");
    let lengths = [("Content-Length: 4\r\n", "Some(4)"), ("Transfer-Encoding: chunked\r\n", "None"), ("", "Some(0)")];
    for (header, length) in lengths {
        let request = format!("PUT /length HTTP/1.1\r\nHost: h\r\n{header}Connection: close\r\n\r\n");
        let mut socket = running.connect().await;
        socket.write_all(request.as_bytes()).await.expect("sent");
        assert_eq!(super::answer(&mut socket).await.1, length);
    }
}

#[tokio::test]
async fn a_body_is_asked_for_only_by_who_reads_it() {
    let running = start(Limits::default(), None).await;
    let head = "HTTP/1.1\r\nHost: h\r\nContent-Length: 5\r\nExpect: 100-continue\r\n\r\n";
    let mut socket = running.connect().await;
    socket.write_all(format!("PUT /echo {head}").as_bytes()).await.expect("sent");
    let mut go_on = [0; 25];
    socket.read_exact(&mut go_on).await.expect("an interim answer");
    assert_eq!(&go_on, b"HTTP/1.1 100 Continue\r\n\r\n");
    socket.write_all(b"hello").await.expect("sent");
    assert_eq!(answer(&mut socket).await.1, "hello");

    let mut socket = running.connect().await;
    socket.write_all(format!("PUT /refuse {head}").as_bytes()).await.expect("sent");
    let (head, body) = answer(&mut socket).await;
    assert!(head.starts_with("HTTP/1.1 403"), "{head}");
    assert_eq!(body, "refused");
}

#[tokio::test]
async fn a_connection_ends_where_a_100_was_expected_for_no_body() {
    let running = start(Limits::default(), None).await;
    let answer =
        running.send("PUT /echo HTTP/1.1\r\nHost: h\r\nContent-Length: 0\r\nExpect: 100-continue\r\n\r\n").await;
    assert!(answer.starts_with("HTTP/1.1 200") && answer.contains("\r\nconnection: close\r\n"), "{answer}");
}

#[tokio::test]
async fn a_request_behind_a_body_left_unread_is_not_taken_for_it() {
    let running = start(Limits::default(), None).await;
    let refused = "PUT /refuse HTTP/1.1\r\nHost: h\r\nContent-Length: 1\r\nExpect: 100-continue\r\n\r\n";
    // The client believes that its body was not asked for and goes on.
    let answers = running.send(&format!("{refused}GET /hello HTTP/1.1\r\nHost: h\r\n\r\n")).await;
    assert!(answers.starts_with("HTTP/1.1 403") && answers.contains("\r\nconnection: close\r\n"), "{answers}");
    assert_eq!(answers.matches("HTTP/1.1").count(), 1, "{answers}");
    assert_eq!(running.asked(), 1);
}

#[tokio::test]
async fn an_early_answer_reaches_a_client_that_is_still_sending() {
    let running = start(Limits::default(), None).await;
    let mut socket = running.connect().await;
    socket.write_all(b"PUT /refuse HTTP/1.1\r\nHost: h\r\nContent-Length: 8000000\r\n\r\n").await.expect("sent");
    // A client that writes all it has before it looks for the answer. A reset would be an error here or there.
    for _ in 0..1000 {
        socket.write_all(&[b'x'; 8000]).await.expect("the server goes on reading");
    }
    let mut answer = String::new();
    socket.read_to_string(&mut answer).await.expect("the server closes in good order");
    assert!(answer.starts_with("HTTP/1.1 403"), "{answer}");
}

#[tokio::test]
async fn a_large_answer_comes_whole() {
    let running = start(Limits::default(), None).await;
    let answer = running.send("GET /many HTTP/1.1\r\nHost: h\r\nConnection: close\r\n\r\n").await;
    let (head, body) = answer.split_once("\r\n\r\n").expect("a head");
    assert!(head.contains(&format!("content-length: {MANY}")), "{head}");
    assert!(body.len() == MANY && body.bytes().all(|byte| byte == b'x'));
}

#[tokio::test]
async fn an_answer_that_breaks_off_breaks_the_connection() {
    let running = start(Limits::default(), None).await;
    let mut socket = running.connect().await;
    socket.write_all(b"GET /break HTTP/1.1\r\nHost: h\r\n\r\n").await.expect("sent");
    let mut begun = Vec::new();
    while !begun.ends_with(b"start") {
        begun.push(socket.read_u8().await.expect("the beginning"));
    }
    assert!(String::from_utf8_lossy(&begun).contains("content-length: 10\r\n"));
    running.handler.go_on.notify_one();
    assert_eq!(rest(&mut socket).await, "", "the connection is closed short of the length");
}

#[tokio::test]
async fn an_answer_that_breaks_off_at_once_still_has_its_head() {
    let running = start(Limits::default(), None).await;
    let answer = running.send("GET /break-at-once HTTP/1.1\r\nHost: h\r\n\r\n").await;
    assert!(answer.starts_with("HTTP/1.1 200 OK\r\n") && answer.ends_with("\r\n\r\n"), "{answer:?}");
    assert!(answer.contains("content-length: 10\r\n"), "{answer}");
}

#[tokio::test]
async fn a_panic_is_an_answer_and_the_server_goes_on() {
    let running = start(Limits::default(), None).await;
    let mut socket = running.connect().await;
    socket.write_all(b"GET /panic HTTP/1.1\r\nHost: h\r\n\r\n").await.expect("sent");
    let (head, body) = answer(&mut socket).await;
    assert!(head.starts_with("HTTP/1.1 500"), "{head}");
    assert_eq!(body, "panicked");
    socket.write_all(b"GET / HTTP/1.1\r\nHost: h\r\n\r\n").await.expect("the connection is open");
    assert_eq!(answer(&mut socket).await.1, "hello");
}

#[tokio::test]
async fn http_1_0_is_served_and_closed() {
    let running = start(Limits::default(), None).await;
    let answer = running.send("GET / HTTP/1.0\r\n\r\n").await;
    assert!(answer.starts_with("HTTP/1.0 200") && answer.ends_with("hello"), "{answer}");
}

#[tokio::test]
async fn a_lost_client_is_an_error_in_its_body() {
    let (mut client, handler) = in_memory(Limits::default());
    client.write_all(b"PUT /echo HTTP/1.1\r\nHost: h\r\nContent-Length: 10\r\n\r\nhalf").await.expect("sent");
    client.shutdown().await.expect("closed");
    let answer = rest(&mut client).await;
    assert!(!answer.contains(" 200 "), "half a body must not look whole: {answer}");
    assert_eq!(handler.asked.load(Ordering::SeqCst), 1);
}
