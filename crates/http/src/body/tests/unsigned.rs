//! Unsigned chunks with a trailer.

use super::*;

fn open(raw: &str, length: u64, trailers: &[&str]) -> OpenedBody {
    let identity = Identity::Anonymous { payload: PayloadMode::StreamingUnsignedTrailer };
    identity.open_body(pieces([raw]), announced(length, trailers))
}

const CRC: &str = "x-amz-checksum-crc32";
const BODY: &str = "5\r\nhello\r\n6\r\n world\r\n0\r\nx-amz-checksum-crc32:DUoRhQ==\r\n\r\n";

#[test]
fn data_and_trailer_come_out() {
    let opened = open(BODY, 11, &[CRC]);
    assert_eq!(drain(opened.stream).expect("right"), b"hello world");
    assert_eq!(opened.trailers.get(CRC).as_deref(), Some("DUoRhQ=="));
}

#[test]
fn a_trailers_name_may_be_written_in_any_case_and_its_line_end_in_lf() {
    let opened = open(&BODY.replace("x-amz-checksum-crc32:", "X-Amz-Checksum-Crc32: "), 11, &[CRC]);
    assert_eq!(drain(opened.stream).expect("right"), b"hello world");
    assert_eq!(opened.trailers.get(CRC).as_deref(), Some("DUoRhQ=="));
    assert!(drain(open(&BODY.replace("==\r\n", "==\n"), 11, &[CRC]).stream).is_ok());
    assert!(drain(open(&BODY.replace("==\r\n", "==\n\r\n"), 11, &[CRC]).stream).is_ok());
}

#[test]
fn a_body_without_trailers_needs_none() {
    assert_eq!(drain(open("1\r\nx\r\n0\r\n\r\n", 1, &[]).stream).expect("right"), b"x");
    assert_eq!(drain(open("0\r\n\r\n", 0, &[]).stream).expect("right"), b"");
}

#[test]
fn an_announced_trailer_must_come() {
    let missing = BodyError::TrailerMissing(CRC.to_owned());
    assert_eq!(refusal(open("1\r\nx\r\n0\r\n\r\n", 1, &[CRC]).stream), missing);
    assert_eq!(
        refusal(open(BODY, 11, &[CRC, "x-amz-other"]).stream),
        BodyError::TrailerMissing("x-amz-other".to_owned())
    );
}

#[test]
fn other_trailers_and_lines_are_malformed() {
    assert_eq!(refusal(open(BODY, 11, &[]).stream), BodyError::Malformed);
    assert_eq!(refusal(open(BODY, 11, &["x-amz-other"]).stream), BodyError::Malformed);
    assert_eq!(refusal(open(&BODY.replace(':', ""), 11, &[CRC]).stream), BodyError::Malformed);
    let twice = BODY.replace("==\r\n", "==\r\nx-amz-checksum-crc32:DUoRhQ==\r\n");
    assert_eq!(refusal(open(&twice, 11, &[CRC]).stream), BodyError::Malformed);
    let signed = BODY.replace("5\r\n", "5;chunk-signature=00\r\n");
    assert_eq!(refusal(open(&signed, 11, &[CRC]).stream), BodyError::Malformed);
}

#[test]
fn the_end_must_come() {
    for cut in 1..BODY.len() {
        let opened = open(&BODY[..BODY.len() - cut], 11, &[CRC]);
        assert_eq!(refusal(opened.stream), BodyError::IncompleteBody, "cut {cut} before the end");
    }
}

#[test]
fn the_length_is_kept_to() {
    assert_eq!(refusal(open(BODY, 10, &[CRC]).stream), BodyError::ExcessData);
    assert_eq!(refusal(open(BODY, 12, &[CRC]).stream), BodyError::IncompleteBody);
    // Sizes that overflow when they are added up.
    let huge = "1\r\nx\r\nffffffffffffffff\r\n";
    let identity = Identity::Anonymous { payload: PayloadMode::StreamingUnsignedTrailer };
    assert_eq!(refusal(identity.open_body(pieces([huge]), Announced::default()).stream), BodyError::Malformed);
}

#[test]
fn data_is_passed_on_before_its_chunk_has_come_whole() {
    let raw = futures_util::stream::iter([Ok(Bytes::from_static(b"ffffffff\r\nfirst"))]);
    let waiting = futures_util::stream::pending();
    let identity = Identity::Anonymous { payload: PayloadMode::StreamingUnsignedTrailer };
    let mut opened = identity.open_body(Box::pin(raw.chain(waiting)), Announced::default());
    let first = opened.stream.next().now_or_never().flatten().expect("a piece").expect("no error");
    assert_eq!(first, "first");
    assert!(opened.stream.next().now_or_never().is_none(), "the rest is waited for");
}

proptest::proptest! {
    #[test]
    fn any_data_in_any_chunks_and_any_split_comes_out(
        chunks in proptest::collection::vec(proptest::collection::vec(proptest::prelude::any::<u8>(), 1..50), 0..8),
        places in proptest::collection::vec(0_usize..500, 0..30),
    ) {
        let mut raw = Vec::new();
        for chunk in &chunks {
            raw.extend_from_slice(format!("{:X}\r\n", chunk.len()).as_bytes());
            raw.extend_from_slice(chunk);
            raw.extend_from_slice(b"\r\n");
        }
        raw.extend_from_slice(b"0\r\na:b\r\n\r\n");
        let data = chunks.concat();
        let identity = Identity::Anonymous { payload: PayloadMode::StreamingUnsignedTrailer };
        let opened = identity.open_body(cut(&raw, &places), announced(data.len() as u64, &["a"]));
        proptest::prop_assert_eq!(drain(opened.stream).expect("right"), data);
        proptest::prop_assert_eq!(opened.trailers.get("a"), Some("b".to_owned()));
    }

    #[test]
    fn noise_never_panics_and_gives_the_same_in_any_split(
        noise in "[0-9a-f;:\r\n]{0,60}",
        places in proptest::collection::vec(0_usize..60, 0..20),
    ) {
        let identity = Identity::Anonymous { payload: PayloadMode::StreamingUnsignedTrailer };
        let outcome = |places: &[usize]| {
            let opened = identity.open_body(cut(noise.as_bytes(), places), Announced::default());
            drain(opened.stream).map_err(|error| BodyError::of(&error).cloned())
        };
        proptest::prop_assert_eq!(outcome(&[]), outcome(&places));
    }
}
