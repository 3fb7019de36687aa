use super::*;
use bytes::Bytes;
use futures_util::{TryStreamExt, stream};

fn body(
    pieces: &[&'static str],
    size: Option<u64>,
    md5: Option<[u8; 16]>,
    checksum: AnnouncedChecksum,
) -> IncomingBody {
    let pieces: Vec<_> = pieces.iter().map(|piece| Ok(Bytes::from_static(piece.as_bytes()))).collect();
    IncomingBody { stream: Box::pin(stream::iter(pieces)), size, md5, checksum }
}

async fn run(body: IncomingBody, limit: u64, compute: Option<ChecksumAlgorithm>) -> Result<BodyHashes, ServiceError> {
    let hashed = hashing().hash(body, limit, compute, true)?;
    let bytes: Vec<Bytes> = match hashed.stream.try_collect().await {
        Ok(bytes) => bytes,
        Err(StreamError::Refused(cause)) => return Err(*cause.downcast::<ServiceError>().unwrap()),
        Err(other) => panic!("{other}"),
    };
    assert_eq!(bytes.concat(), b"hello world");
    hashed.check.finish()
}

const PIECES: &[&str] = &["hello", " ", "world"];
const MD5: &str = "5eb63bbbe01eeed093cb22bb8f5acdc3";

fn hashing() -> Hashing {
    Hashing::new(Tasks::new())
}

fn md5() -> [u8; 16] {
    hex::decode(MD5).unwrap().try_into().unwrap()
}

fn crc32(value: [u8; 4]) -> AnnouncedChecksum {
    AnnouncedChecksum::Value(Checksum::of_body(ChecksumAlgorithm::Crc32, value.to_vec()))
}

#[tokio::test]
async fn the_md5_is_that_of_the_whole_body() {
    let hashes = run(body(PIECES, Some(11), None, AnnouncedChecksum::None), 100, None).await.unwrap();
    assert_eq!(hex::encode(hashes.md5.unwrap()), MD5);
    assert_eq!(hashes.checksum, None);
}

#[tokio::test]
async fn an_announced_md5_must_be_that_of_the_body() {
    assert!(run(body(PIECES, None, Some(md5()), AnnouncedChecksum::None), 100, None).await.is_ok());
    let wrong = run(body(PIECES, None, Some([0; 16]), AnnouncedChecksum::None), 100, None).await;
    assert!(matches!(wrong, Err(ServiceError::BadDigest)));
}

#[tokio::test]
async fn an_announced_checksum_must_be_that_of_the_body() {
    let right = run(body(PIECES, None, None, crc32([0x0d, 0x4a, 0x11, 0x85])), 100, None).await.unwrap();
    assert_eq!(hex::encode(right.checksum.unwrap().to_blob()), "080d4a1185");
    let wrong = run(body(PIECES, None, None, crc32([0; 4])), 100, None).await;
    assert!(matches!(wrong, Err(ServiceError::ChecksumMismatch { algorithm: ChecksumAlgorithm::Crc32 })));
}

#[tokio::test]
async fn a_trailing_checksum_is_asked_for_only_at_the_end() {
    let asked = Arc::new(Mutex::new(false));
    let witness = Arc::clone(&asked);
    let trailers: crate::Trailers = Arc::new(move |_| {
        *witness.lock().unwrap() = true;
        Some("DUoRhQ==".to_owned())
    });
    let announced = AnnouncedChecksum::Trailing { algorithm: ChecksumAlgorithm::Crc32, full_object: false, trailers };
    let hashed = hashing().hash(body(PIECES, None, None, announced), 100, None, true).unwrap();
    let _: Vec<Bytes> = hashed.stream.try_collect().await.unwrap();
    assert!(!*asked.lock().unwrap());
    assert_eq!(hex::encode(hashed.check.finish().unwrap().checksum.unwrap().to_blob()), "090d4a1185");
    assert!(*asked.lock().unwrap());
}

#[tokio::test]
async fn a_checksum_can_be_made_when_none_was_announced() {
    let algorithm = Some(ChecksumAlgorithm::Crc64Nvme);
    let hashes = run(body(PIECES, None, None, AnnouncedChecksum::None), 100, algorithm).await.unwrap();
    assert_eq!(hex::encode(hashes.checksum.unwrap().to_blob()), "80028d29d5c3f6ea8ebe");
}

#[tokio::test]
async fn bodies_over_the_limit_are_refused_before_and_while_they_come() {
    let announced = hashing().hash(body(PIECES, Some(11), None, AnnouncedChecksum::None), 10, None, true);
    assert!(matches!(announced, Err(ServiceError::EntityTooLarge { size: 11, limit: 10 })));
    let unannounced = run(body(PIECES, None, None, AnnouncedChecksum::None), 10, None).await;
    assert!(matches!(unannounced, Err(ServiceError::EntityTooLarge { size: 11, limit: 10 })));
}
