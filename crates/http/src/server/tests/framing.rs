//! Heads that two parsers could read differently are refused, and nothing after them is read.

use super::*;

/// Sends a head with these headers and a request hidden behind it; nothing but one 400 may come back.
async fn is_refused(headers: &str, body: &str) {
    let running = start(Limits::default(), None).await;
    let hidden = "GET /hidden HTTP/1.1\r\nHost: h\r\n\r\n";
    let answer = running.send(&format!("POST /echo HTTP/1.1\r\nHost: h\r\n{headers}\r\n{body}{hidden}")).await;
    assert!(answer.starts_with("HTTP/1.1 400 "), "{headers:?}: {answer}");
    assert_eq!(answer.matches("HTTP/1.1 ").count(), 1, "{headers:?}: {answer}");
    assert_eq!(running.asked(), 0, "{headers:?}");
}

#[tokio::test]
async fn different_lengths() {
    is_refused("Content-Length: 5\r\nContent-Length: 6\r\n", "hello").await;
    is_refused("Content-Length: 5, 6\r\n", "hello").await;
}

#[tokio::test]
async fn repeated_lengths() {
    is_refused("Content-Length: 5\r\nContent-Length: 5\r\n", "hello").await;
    is_refused("Content-Length: 5\r\ncontent-LENGTH:5\r\n", "hello").await;
    is_refused("Content-Length: 5, 5\r\n", "hello").await;
}

#[tokio::test]
async fn lengths_that_are_no_numbers() {
    for length in ["-1", "+5", "0x5", "5 5", "", "five", "99999999999999999999"] {
        is_refused(&format!("Content-Length: {length}\r\n"), "hello").await;
    }
}

#[tokio::test]
async fn a_length_beside_chunks_in_either_order() {
    let chunks = "0\r\n\r\n";
    is_refused("Content-Length: 5\r\nTransfer-Encoding: chunked\r\n", chunks).await;
    is_refused("Transfer-Encoding: chunked\r\nContent-Length: 5\r\n", chunks).await;
    is_refused("transfer-encoding:chunked\r\nX: y\r\ncontent-length:5\r\n", chunks).await;
}

#[tokio::test]
async fn encodings_that_are_not_chunks() {
    let chunks = "0\r\n\r\n";
    for encoding in
        ["identity", "gzip", "gzip, chunked", "chunked, gzip", "xchunked", "chunked\r\nTransfer-Encoding: chunked"]
    {
        is_refused(&format!("Transfer-Encoding: {encoding}\r\n"), chunks).await;
    }
}

#[tokio::test]
async fn blanks_before_the_colon_and_folded_lines() {
    is_refused("Content-Length : 5\r\n", "hello").await;
    is_refused("Transfer-Encoding : chunked\r\n", "0\r\n\r\n").await;
    is_refused("X: y\r\n Content-Length: 5\r\n", "hello").await;
    is_refused("Transfer-Encoding:\r\n chunked\r\n", "0\r\n\r\n").await;
}

#[tokio::test]
async fn hosts_that_are_missing_or_repeated() {
    is_refused("Host: other\r\n", "").await;
    let running = start(Limits::default(), None).await;
    let answer = running.send("GET / HTTP/1.1\r\n\r\n").await;
    assert!(answer.starts_with("HTTP/1.1 400 "), "{answer}");
}

#[tokio::test]
async fn targets_that_are_no_paths() {
    let running = start(Limits::default(), None).await;
    for line in ["GET name HTTP/1.1", "PUT name:80 HTTP/1.1", "CONNECT name:80 HTTP/1.1"] {
        let answer = running.send(&format!("{line}\r\nHost: name\r\n\r\n")).await;
        assert!(answer.starts_with("HTTP/1.1 400 "), "{line}: {answer}");
    }
    assert_eq!(running.asked(), 0);
}

#[tokio::test]
async fn a_chunked_request_in_http_1_0() {
    let running = start(Limits::default(), None).await;
    let answer = running.send("POST /echo HTTP/1.0\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n").await;
    assert!(answer.contains(" 400 "), "{answer}");
}

#[tokio::test]
async fn a_bad_head_behind_good_ones_on_the_same_connection() {
    let running = start(Limits::default(), None).await;
    let good =
        "PUT /echo HTTP/1.1\r\nHost: h\r\nContent-Length: 42\r\n\r\nContent-Length: 1\r\nContent-Length: 1\r\n\r\n\r\n";
    let bad = "POST /echo HTTP/1.1\r\nHost: h\r\nContent-Length: 5\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n";
    let answers = running.send(&format!("{good}{good}{bad}{good}")).await;
    let codes: Vec<&str> = answers.split("HTTP/1.1 ").skip(1).map(|answer| &answer[..3]).collect();
    assert_eq!(codes, ["200", "200", "400"], "{answers}");
}

#[tokio::test]
async fn nothing_is_read_behind_a_request_with_chunks() {
    let running = start(Limits::default(), None).await;
    let chunked = "PUT /echo HTTP/1.1\r\nHost: h\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n";
    let answers = running.send(&format!("{chunked}{chunked}")).await;
    assert_eq!(answers.matches("HTTP/1.1 200").count(), 1, "{answers}");
}

#[tokio::test]
async fn broken_chunks_are_an_error_in_the_body() {
    let running = start(Limits::default(), None).await;
    for chunks in
        ["5\r\nhello", "zz\r\nhello\r\n0\r\n\r\n", "5\r\nhelloX\r\n0\r\n\r\n", "-1\r\n\r\n", "fffffffffffffffff\r\n"]
    {
        let mut socket = running.connect().await;
        let head = "PUT /echo HTTP/1.1\r\nHost: h\r\nTransfer-Encoding: chunked\r\n\r\n";
        socket.write_all(format!("{head}{chunks}").as_bytes()).await.expect("sent");
        socket.shutdown().await.expect("closed");
        let answer = rest(&mut socket).await;
        assert!(!answer.contains(" 200 "), "{chunks:?}: {answer}");
    }
}

#[tokio::test]
async fn heads_that_are_too_large_or_have_too_many_lines() {
    let running = start(Limits::default(), None).await;
    let many: String = (0..300).map(|number| format!("X-{number}: y\r\n")).collect();
    let answer = running.send(&format!("GET / HTTP/1.1\r\nHost: h\r\n{many}\r\n")).await;
    assert!(answer.starts_with("HTTP/1.1 431 "), "{answer}");

    let mut socket = running.connect().await;
    let long = format!("GET / HTTP/1.1\r\nHost: h\r\nX: {}\r\n\r\n", "y".repeat(2 << 20));
    // The server may close before it has read all.
    let _ = socket.write_all(long.as_bytes()).await;
    let answer = rest(&mut socket).await;
    assert!(!answer.contains(" 200 "), "{answer}");
    assert_eq!(running.asked(), 0);

    // 200 KiB are for the handler to judge.
    let judged = format!("GET / HTTP/1.1\r\nHost: h\r\nX: {}\r\nConnection: close\r\n\r\n", "y".repeat(200 << 10));
    assert!(running.send(&judged).await.starts_with("HTTP/1.1 200 "));
}
