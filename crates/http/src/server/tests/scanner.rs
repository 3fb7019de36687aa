//! The scanner of heads alone: the same verdict however the bytes are cut.

use super::super::heads::{Heads, Scanner};

/// The number of the first bad head, if any.
fn verdict<'a>(pieces: impl IntoIterator<Item = &'a [u8]>) -> Option<u64> {
    let heads = Heads::new();
    let mut scanner = Scanner::new();
    pieces.into_iter().for_each(|piece| scanner.scan(piece, &heads));
    (0..100).find(|number| heads.is_bad(*number))
}

const GOOD: &str = "\r\nPUT / HTTP/1.1\r\nHost: h\r\ncontent-length:  5 \r\n\r\nhello";
const BARE: &str = "GET / HTTP/1.1\nHost: h\n\n";

#[test]
fn heads_are_counted_across_bodies() {
    let twice = "GET / HTTP/1.1\r\nContent-Length: 0\r\nContent-Length: 0\r\n\r\n";
    let both = "GET / HTTP/1.1\r\nContent-Length: 0\r\nTransfer-Encoding: chunked\r\n\r\n";
    for bad in [twice, both] {
        assert_eq!(verdict([bad.as_bytes()]), Some(0));
        assert_eq!(verdict([format!("{GOOD}{BARE}{GOOD}{bad}").as_bytes()]), Some(3));
    }
    assert_eq!(verdict([format!("{GOOD}{BARE}{GOOD}").as_bytes()]), None);
}

#[test]
fn what_only_looks_like_a_length_is_none() {
    let decoys = "Content-Length-X: 1\r\nX-Content-Length: 1\r\nContent-Lengt: 1\r\nX: Content-Length: 1\r\n";
    let head = format!("GET /Content-Length:1 HTTP/1.1\r\n{decoys}Content-Length: 1\r\n\r\nx");
    assert_eq!(verdict([head.as_bytes()]), None);
}

proptest::proptest! {
    #[test]
    fn any_split_gives_the_same(places in proptest::collection::vec(0_usize..400, 0..40)) {
        let both = "POST / HTTP/1.1\r\nTransfer-Encoding: chunked\r\nContent-Length: 0\r\n\r\n";
        let bytes = format!("{GOOD}{BARE}{GOOD}{both}{GOOD}");
        let mut places: Vec<usize> = places.into_iter().map(|place| place.min(bytes.len())).collect();
        places.extend([0, bytes.len()]);
        places.sort_unstable();
        let pieces = places.windows(2).map(|ends| &bytes.as_bytes()[ends[0]..ends[1]]);
        proptest::prop_assert_eq!(verdict(pieces), Some(3));
    }

    #[test]
    fn any_bytes_are_survived(bytes in proptest::collection::vec(proptest::prelude::any::<u8>(), 0..300)) {
        verdict([bytes.as_slice()]);
    }
}
