//! Answers keep to their length.

use super::*;
use http_body::Body;
use http_body_util::BodyExt;

fn sent(body: ResponseBody) -> Result<Bytes, ResponseError> {
    body.collect().now_or_never().expect("the source never waits").map(|whole| whole.to_bytes())
}

#[test]
fn a_whole_answer_is_sent_whole() {
    assert_eq!(ResponseBody::from("abc").size_hint().exact(), Some(3));
    assert_eq!(sent(ResponseBody::from("abc")).expect("whole"), "abc");
    assert_eq!(sent(ResponseBody::stream(pieces(["ab", "c"]), 3)).expect("whole"), "abc");
    assert!(ResponseBody::from("").is_end_stream() && ResponseBody::empty().is_end_stream());
}

#[test]
fn an_answer_of_another_length_breaks() {
    assert!(matches!(sent(ResponseBody::stream(pieces(["ab"]), 3)), Err(ResponseError::WrongLength(1))));
    assert!(matches!(sent(ResponseBody::stream(pieces(["ab", "cd"]), 3)), Err(ResponseError::WrongLength(1))));
    let broken = futures_util::stream::iter([Ok(Bytes::from_static(b"ab")), Err(StreamError::Gone)]);
    assert!(matches!(sent(ResponseBody::stream(Box::pin(broken), 3)), Err(ResponseError::Broken(_))));
}
