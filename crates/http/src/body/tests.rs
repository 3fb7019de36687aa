//! Bodies as they come from the wire: framing, signatures, hashes, lengths, in any split.

mod responses;
mod signed;
mod unsigned;

use super::*;
use crate::auth::tests::{ACCESS_KEY, Head};
use crate::auth::{Identity, PayloadMode};
use base::{ByteStream, StreamError};
use bytes::Bytes;
use futures_util::{FutureExt, StreamExt};

/// A stream of these pieces.
fn pieces<T: AsRef<[u8]>>(pieces: impl IntoIterator<Item = T>) -> ByteStream {
    let pieces: Vec<_> = pieces.into_iter().map(|piece| Ok(Bytes::copy_from_slice(piece.as_ref()))).collect();
    Box::pin(futures_util::stream::iter(pieces))
}

/// `bytes` cut at the given places, in any order and repeated as they come.
fn cut(bytes: &[u8], places: &[usize]) -> ByteStream {
    let mut places: Vec<usize> = places.iter().map(|place| place % (bytes.len() + 1)).collect();
    places.extend([0, bytes.len()]);
    places.sort_unstable();
    pieces(places.windows(2).map(|ends| &bytes[ends[0]..ends[1]]))
}

/// All bytes of a stream that never waits, or its error; nothing may follow either.
fn drain(mut stream: ByteStream) -> Result<Vec<u8>, StreamError> {
    let mut bytes = Vec::new();
    loop {
        let next = stream.next().now_or_never().expect("the source never waits");
        match next {
            None => break,
            Some(Ok(piece)) => bytes.extend_from_slice(&piece),
            Some(Err(error)) => {
                assert!(stream.next().now_or_never().flatten().is_none(), "something followed an error");
                return Err(error);
            }
        }
    }
    assert!(stream.next().now_or_never().flatten().is_none(), "something followed the end");
    Ok(bytes)
}

fn refusal(stream: ByteStream) -> BodyError {
    let error = drain(stream).expect_err("must be refused");
    BodyError::of(&error).unwrap_or_else(|| panic!("{error}")).clone()
}

fn announced(decoded_length: u64, trailers: &[&str]) -> Announced {
    let trailers = trailers.iter().map(|name| (*name).to_owned()).collect();
    Announced { decoded_length: Some(decoded_length), trailers }
}

/// A PUT signed with the example key.
fn signed_put(sha256: &str) -> Identity {
    let head = Head::new(http::Method::PUT, "/bucket/key", &[("x-amz-content-sha256", sha256)]);
    head.sign(ACCESS_KEY, "host;x-amz-content-sha256;x-amz-date").authenticate().expect("signed")
}

#[test]
fn a_plain_body_must_have_the_signed_hash() {
    use sha2::Digest;
    let identity = signed_put(&hex::encode(sha2::Sha256::digest("hello world")));
    let open = |raw| identity.open_body(raw, Announced::default()).stream;
    assert_eq!(drain(open(pieces(["hello", " ", "world"]))).expect("right"), b"hello world");
    assert_eq!(refusal(open(pieces(["hello", " ", "World"]))), BodyError::Sha256Mismatch);
    assert_eq!(refusal(open(pieces(["hello"]))), BodyError::Sha256Mismatch);
    assert_eq!(refusal(open(pieces::<&str>([]))), BodyError::Sha256Mismatch);
    let lost = futures_util::stream::iter([Ok(Bytes::from_static(b"hello world")), Err(StreamError::Gone)]);
    assert!(matches!(drain(open(Box::pin(lost))), Err(StreamError::Gone)), "the first error is the one told");
}

#[test]
fn an_empty_hash_does_not_let_a_body_pass() {
    let identity = signed_put(crate::auth::EMPTY_SHA256);
    assert_eq!(refusal(identity.open_body(pieces(["x"]), Announced::default()).stream), BodyError::Sha256Mismatch);
    assert!(drain(identity.open_body(pieces::<&str>([]), Announced::default()).stream).is_ok());
}

#[test]
fn an_unsigned_body_is_passed_through() {
    let identity = signed_put("UNSIGNED-PAYLOAD");
    assert_eq!(drain(identity.open_body(pieces(["any"]), Announced::default()).stream).expect("any"), b"any");
}

#[test]
fn trailer_names_come_in_lists_and_in_several_headers() {
    let head = Head::new(http::Method::PUT, "/", &[("x-amz-trailer", "A-b, c"), ("x-amz-trailer", "d,")]);
    assert_eq!(Announced::trailer_names(&head.headers), ["a-b", "c", "d"]);
}

#[test]
fn collecting_stops_at_the_limit() {
    let collect = |body, limit| collect(body, limit).now_or_never().expect("the source never waits");
    assert_eq!(collect(pieces(["ab", "cd"]), 4).expect("fits"), "abcd");
    assert_eq!(collect(pieces(["abcd"]), 4).expect("fits"), "abcd");
    assert!(matches!(collect(pieces(["ab", "cde"]), 4), Err(CollectError::TooLong(4))));
    assert!(matches!(
        collect(Box::pin(futures_util::stream::iter([Err(StreamError::Gone)])), 4),
        Err(CollectError::Broken(_))
    ));
}
