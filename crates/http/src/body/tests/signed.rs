//! AWS, "Transferring Payload in Multiple Chunks" and "Including Trailing Headers": the examples, and what breaks them.

use super::*;

const SEED: &str = "4f232c4386841ef735655705268965c44a0e4690baa4adea153f7db9fa80a0a9";
const CHUNKS: [&str; 3] = [
    "ad80c730a21e5b8d04586a2213dd63b9a0e99e0e2307b0ade35a65485a288648",
    "0055627c9e194cb4542bae2aa5492e3c1575bbb81b612b7d234b86a503ef5497",
    "b6c6ea8a5354eaf15b3cb7646744f4275b71ea724fed81ceb9323e279d449df9",
];

const TRAILER_SEED: &str = "106e2a8a18243abcf37539882f36619c00e2dfc72633413f02d3b74544bfeb8e";
const TRAILER_CHUNKS: [&str; 3] = [
    "b474d8862b1487a5145d686f57f013e54db672cee1c953b3010fb58501ef5aa2",
    "1c1344b170168f8e65b41376b44b20fe354e373826ccbbe2c1d40a8cae51e5c7",
    "2ca2aba2005185cf7159c6277faf83795951dd77a3a99e6e65d5c9f85863f992",
];
const TRAILER_SIGNATURE: &str = "d81f82fc3505edab99d459891051a732e8730629a2e4a59689829ca17fe2e435";

fn example(sha256: &str, more: &[(&str, &str)], signed: &str, seed: &str) -> Head {
    let headers = [
        ("x-amz-date", "20130524T000000Z"),
        ("x-amz-storage-class", "REDUCED_REDUNDANCY"),
        ("x-amz-content-sha256", sha256),
        ("content-encoding", "aws-chunked"),
        ("x-amz-decoded-content-length", "66560"),
    ];
    let mut head = Head::new(http::Method::PUT, "/examplebucket/chunkObject.txt", &headers);
    head.host = "s3.amazonaws.com".to_owned();
    for (name, value) in more {
        head = head.with(name, value);
    }
    let scope = "20130524/us-east-1/s3/aws4_request";
    let value = format!("AWS4-HMAC-SHA256 Credential={ACCESS_KEY}/{scope},SignedHeaders={signed},Signature={seed}");
    head.with("authorization", &value)
}

fn identity() -> Identity {
    let signed = "content-encoding;content-length;host;x-amz-content-sha256;x-amz-date;\
                  x-amz-decoded-content-length;x-amz-storage-class";
    let head = example("STREAMING-AWS4-HMAC-SHA256-PAYLOAD", &[("content-length", "66824")], signed, SEED);
    let identity = head.authenticate().expect("the published seed signature");
    assert_eq!(identity.payload(), PayloadMode::StreamingSigned { trailer: false });
    identity
}

fn identity_with_trailer() -> Identity {
    let signed = "content-encoding;host;x-amz-content-sha256;x-amz-date;\
                  x-amz-decoded-content-length;x-amz-storage-class;x-amz-trailer";
    let name = "STREAMING-AWS4-HMAC-SHA256-PAYLOAD-TRAILER";
    let head = example(name, &[("x-amz-trailer", "x-amz-checksum-crc32c")], signed, TRAILER_SEED);
    let identity = head.authenticate().expect("the published seed signature");
    assert_eq!(identity.payload(), PayloadMode::StreamingSigned { trailer: true });
    identity
}

/// 64 KiB, 1 KiB and nothing, with these signatures.
fn chunks(signatures: [&str; 3]) -> String {
    let chunk = |size: usize, signature| format!("{size:x};chunk-signature={signature}\r\n{}", "a".repeat(size));
    let [first, second, last] = signatures;
    format!("{}\r\n{}\r\n{}", chunk(65536, first), chunk(1024, second), chunk(0, last))
}

fn body() -> String {
    chunks(CHUNKS) + "\r\n"
}

fn trailer() -> String {
    format!("x-amz-checksum-crc32c:sOO8/Q==\r\nx-amz-trailer-signature:{TRAILER_SIGNATURE}\r\n\r\n")
}

fn open(raw: &str) -> ByteStream {
    identity().open_body(pieces([raw]), announced(66560, &[])).stream
}

fn open_with_trailer(raw: &str) -> OpenedBody {
    identity_with_trailer().open_body(pieces([raw]), announced(66560, &["x-amz-checksum-crc32c"]))
}

#[test]
fn the_published_chunks_are_accepted() {
    assert_eq!(body().len(), 66824);
    assert_eq!(drain(open(&body())).expect("the published body"), "a".repeat(66560).as_bytes());
}

#[test]
fn the_published_trailer_is_accepted_in_every_way_its_lines_end() {
    let whole = trailer();
    let published = whole.replacen("==\r\n", "==\n\r\n", 1);
    let bare = whole.replacen("==\r\n", "==\n", 1);
    let generous = format!("{whole}\r\n");
    for trailer in [whole, published, bare, generous] {
        let opened = open_with_trailer(&(chunks(TRAILER_CHUNKS) + &trailer));
        assert_eq!(opened.trailers.get("x-amz-checksum-crc32c"), None, "nothing before the end");
        assert_eq!(drain(opened.stream).expect("the published body").len(), 66560);
        assert_eq!(opened.trailers.get("x-amz-checksum-crc32c").as_deref(), Some("sOO8/Q=="));
    }
}

#[test]
fn a_changed_byte_is_noticed_at_the_end_of_its_chunk() {
    let whole = body();
    for place in [100, 65620, 65800] {
        let mut raw = whole.clone().into_bytes();
        assert_eq!(raw[place], b'a');
        raw[place] = b'b';
        let stream = identity().open_body(pieces([raw]), announced(66560, &[])).stream;
        assert_eq!(refusal(stream), BodyError::Signature);
    }
}

#[test]
fn a_changed_signature_is_noticed() {
    for signature in CHUNKS {
        assert_eq!(refusal(open(&body().replace(signature, &"0".repeat(64)))), BodyError::Signature);
        assert_eq!(refusal(open(&body().replace(signature, ""))), BodyError::Signature);
    }
    let trailers = [
        trailer().replace("sOO8", "sOO9"),
        trailer().replace(TRAILER_SIGNATURE, &"0".repeat(64)),
        trailer().replace("x-amz-checksum-crc32c:sOO8/Q==\r\n", ""),
    ];
    for trailer in trailers {
        let opened = open_with_trailer(&(chunks(TRAILER_CHUNKS) + &trailer));
        assert_eq!(refusal(opened.stream), BodyError::Signature);
        assert_eq!(opened.trailers.get("x-amz-checksum-crc32c"), None);
    }
}

#[test]
fn chunks_in_another_order_are_noticed() {
    let [first, second, last] = CHUNKS;
    assert_eq!(refusal(open(&(chunks([second, first, last]) + "\r\n"))), BodyError::Signature);
}

#[test]
fn a_body_that_breaks_off_is_incomplete_wherever_it_does() {
    let whole = body();
    let end = whole.len();
    let places = [0, 3, 88, 89, 3_176, 65623, end - 90, end - 88, end - 4, end - 2, end - 1];
    for place in places {
        assert_eq!(refusal(open(&whole[..place])), BodyError::IncompleteBody, "cut at {place}");
    }
    let with_trailer = chunks(TRAILER_CHUNKS) + &trailer();
    for cut in [trailer().len(), 90, 5, 3, 1] {
        let opened = open_with_trailer(&with_trailer[..with_trailer.len() - cut]);
        assert_eq!(refusal(opened.stream), BodyError::IncompleteBody, "cut {cut} before the end");
        assert_eq!(opened.trailers.get("x-amz-checksum-crc32c"), None);
    }
}

#[test]
fn a_trailer_without_its_signature_is_refused() {
    let raw = chunks(TRAILER_CHUNKS) + "x-amz-checksum-crc32c:sOO8/Q==\r\n\r\n\r\n";
    assert_eq!(refusal(open_with_trailer(&raw).stream), BodyError::Malformed);
}

#[test]
fn nothing_may_follow_the_end() {
    assert_eq!(refusal(open(&(body() + "x"))), BodyError::Malformed);
    assert_eq!(refusal(open(&(body() + "\r\n\r\n"))), BodyError::Malformed);
}

#[test]
fn the_announced_length_is_kept_to() {
    let with_length = |length| identity().open_body(pieces([body()]), announced(length, &[])).stream;
    assert_eq!(refusal(with_length(66559)), BodyError::ExcessData);
    assert_eq!(refusal(with_length(66561)), BodyError::IncompleteBody);
}

#[test]
fn broken_framing_is_malformed() {
    let whole = body();
    let broken = [
        whole.replacen("10000;", "1000g;", 1),
        whole.replacen("10000;", ";", 1),
        whole.replacen("10000;", "+10000;", 1),
        whole.replacen("10000;", "00000000000010000;", 1),
        whole.replacen("10000;chunk", "10000; chunk", 1),
        whole.replacen(";chunk-signature=", "", 1),
        whole.replacen("\r\n", "\n", 1),
        whole.replacen("a\r\n400", "a400", 1),
        whole.replacen("a\r\n400", "a\r\n\r\n400", 1),
        "x".repeat(5000),
    ];
    for (index, raw) in broken.iter().enumerate() {
        assert_eq!(refusal(open(raw)), BodyError::Malformed, "case {index}");
    }
}

#[test]
fn a_signed_chunk_of_more_than_16_mib_is_too_big() {
    let raw = format!("1000001;chunk-signature={}\r\n", CHUNKS[0]);
    let huge = identity().open_body(pieces([raw.clone()]), announced(u64::MAX, &[]));
    assert_eq!(refusal(huge.stream), BodyError::ChunkTooBig);
    let just = raw.replace("1000001", "1000000");
    let just = identity().open_body(pieces([just]), announced(u64::MAX, &[]));
    assert_eq!(refusal(just.stream), BodyError::IncompleteBody);
}

proptest::proptest! {
    #![proptest_config(proptest::prelude::ProptestConfig::with_cases(32))]

    #[test]
    fn any_split_gives_the_same(places in proptest::collection::vec(0_usize..70_000, 0..40), near_end in 0_usize..400) {
        let raw = chunks(TRAILER_CHUNKS) + &trailer();
        let places = [places, (0..near_end).map(|back| raw.len() - back).collect()].concat();
        let opened = identity_with_trailer().open_body(cut(raw.as_bytes(), &places), announced(66560, &["x-amz-checksum-crc32c"]));
        proptest::prop_assert_eq!(drain(opened.stream).expect("the published body").len(), 66560);
        proptest::prop_assert_eq!(opened.trailers.get("x-amz-checksum-crc32c"), Some("sOO8/Q==".to_owned()));
    }

    #[test]
    fn any_bytes_end_in_an_error_or_the_truth(noise in proptest::collection::vec(proptest::prelude::any::<u8>(), 1..60), place in 0_usize..66_824) {
        let mut raw = body().into_bytes();
        let end = (place + noise.len()).min(raw.len());
        let unchanged = raw[place..end] == noise[..end - place];
        raw[place..end].copy_from_slice(&noise[..end - place]);
        let found = drain(identity().open_body(pieces([raw]), announced(66560, &[])).stream);
        // A size may be written in capitals or not, with zeros before it or not; nothing else may change.
        proptest::prop_assert!(unchanged || found.is_err() || found.is_ok_and(|bytes| bytes == "a".repeat(66560).as_bytes()));
    }
}
