use super::{Reader, Response, WireError};

const PLAIN: &[u8] = b"HTTP/1.1 200 OK\r\nETag: \"abc\"\r\ncontent-length: 5\r\n\r\nhello";
const CHUNKED: &[u8] =
    b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n3\r\nhel\r\n2;x=y\r\nlo\r\n0\r\nSome: trailer\r\n\r\n";

fn read(bytes: &[u8], piece: usize, head_only: bool, keep: bool) -> Result<Response, WireError> {
    let mut reader = Reader::new(head_only, keep);
    let count = bytes.chunks(piece).count();
    for (at, piece) in bytes.chunks(piece).enumerate() {
        assert_eq!(reader.feed(piece)?, at + 1 == count, "whole after piece {at} of {count}");
    }
    Ok(reader.finish())
}

#[test]
fn reads_bodies_in_pieces_of_any_size() {
    for source in [PLAIN, CHUNKED] {
        for piece in 1..=source.len() {
            let response = read(source, piece, false, true).unwrap();
            assert_eq!(
                (response.status, response.length, &response.body[..]),
                (200, 5, &b"hello"[..]),
                "pieces of {piece}"
            );
            assert!(!response.close);
        }
    }
    assert_eq!(
        read(PLAIN, 7, false, false).unwrap(),
        Response { status: 200, length: 5, etag: "\"abc\"".into(), ..Response::default() }
    );
}

#[test]
fn answers_without_a_body_end_with_their_head() {
    let head = b"HTTP/1.1 200 OK\r\nContent-Length: 4096\r\n\r\n";
    assert_eq!(read(head, 9, true, false).unwrap().length, 4096);
    assert_eq!(read(b"HTTP/1.1 204 No Content\r\n\r\n", 100, false, false).unwrap().status, 204);
    assert!(
        read(b"HTTP/1.1 200 OK\r\nContent-Length: 0\r\nConnection: close\r\n\r\n", 100, false, false).unwrap().close
    );
}

#[test]
fn errors_keep_their_body() {
    let response = read(b"HTTP/1.1 503 Slow Down\r\nContent-Length: 4\r\n\r\nbusy", 11, false, false).unwrap();
    assert_eq!((response.status, &response.body[..]), (503, &b"busy"[..]));
}

#[test]
fn the_first_byte_of_a_body_is_noticed() {
    let mut reader = Reader::new(false, false);
    let head = PLAIN.len() - 5;
    reader.feed(&PLAIN[..head]).unwrap();
    assert!(!reader.body_begun());
    reader.feed(&PLAIN[head..=head]).unwrap();
    assert!(reader.body_begun());
}

#[test]
fn what_is_not_a_response_is_refused() {
    let surplus = [PLAIN, b"x"].concat();
    assert_eq!(Reader::new(false, false).feed(&surplus), Err(WireError::Surplus(1)));
    assert_eq!(Reader::new(false, false).feed(b"HTTP/1.1 200 OK\r\n\r\n"), Err(WireError::NoLength));
    assert!(matches!(Reader::new(false, false).feed(b"SSH-2.0-x\r\n\r\n"), Err(WireError::Head(_))));
    let bad = b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\nzz\r\n";
    assert_eq!(Reader::new(false, false).feed(bad), Err(WireError::Chunk));
    let long = [&b"HTTP/1.1 200 OK\r\nX: "[..], &vec![b'x'; 65 << 10]].concat();
    assert_eq!(Reader::new(false, false).feed(&long), Err(WireError::LongHead));
}
