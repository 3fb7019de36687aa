//! Answers keep to their length.

use super::*;
use http_body::Body;
use http_body_util::BodyExt;

/// The source never waits; the body does, once, before it fails.
fn sent(body: ResponseBody) -> Result<Bytes, ResponseError> {
    let mut whole = Box::pin(body.collect());
    let first = whole.as_mut().now_or_never();
    let sent = first.or_else(|| whole.as_mut().now_or_never());
    sent.expect("it comes to an end").map(|whole| whole.to_bytes())
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

#[test]
fn whoever_asks_is_told_once_how_much_was_sent() {
    use std::sync::mpsc::channel;
    let told = |mut body: ResponseBody, whole: bool| {
        let (tell, told) = channel();
        body.on_end(move |sent| tell.send(sent).expect("somebody listens"));
        if whole {
            sent(body).expect("whole");
        } else {
            let mut body = Box::pin(body);
            let first = body.frame().now_or_never().expect("it is there").expect("a piece").expect("no error");
            assert_eq!(first.into_data().expect("data"), "ab");
            assert!(told.try_recv().is_err(), "more may come");
        }
        told.iter().collect::<Vec<u64>>()
    };
    assert_eq!(told(ResponseBody::stream(pieces(["ab", "c"]), 3), true), [3]);
    assert_eq!(told(ResponseBody::stream(pieces(["ab", "c"]), 3), false), [2], "the connection is gone");
    assert_eq!(told(ResponseBody::from("abc"), true), [3]);
    assert_eq!(told(ResponseBody::empty(), true), [0]);
}
