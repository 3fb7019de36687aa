use super::header::Header;
use super::*;
use crate::Window;
use base::{ByteStream, SeededRandom, StreamError};
use futures_util::{StreamExt, stream};
use proptest::prelude::*;

const NONCE: [u8; 12] = [0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11];
const CIPHERS: [Cipher; 2] = [Cipher::Aes256Gcm, Cipher::ChaCha20Poly1305];

fn zero_key() -> Key {
    Key::new([0; 32])
}

/// Runs a transform over pieces and joins what comes out.
fn run<T: Transform>(mut transform: T, pieces: impl IntoIterator<Item = Bytes>) -> Result<Vec<u8>, T::Error> {
    let mut out = Vec::new();
    let mut drain = |transform: &mut T| -> Result<(), T::Error> {
        while let Some(piece) = transform.pull()? {
            assert!(!piece.is_empty());
            out.extend_from_slice(&piece);
        }
        Ok(())
    };
    drain(&mut transform)?;
    for piece in pieces {
        transform.push(piece);
        drain(&mut transform)?;
    }
    transform.end();
    drain(&mut transform)?;
    Ok(out)
}

fn pieces(bytes: &[u8], len: usize) -> Vec<Bytes> {
    bytes.chunks(len.max(1)).map(Bytes::copy_from_slice).collect()
}

fn encrypt(plain: &[u8], cipher: Cipher, piece: usize) -> Vec<u8> {
    run(Encrypt::with_nonce(&zero_key(), cipher, NONCE), pieces(plain, piece)).expect("short enough")
}

fn decrypt(sealed: &[u8], piece: usize) -> Result<Vec<u8>, DareError> {
    run(Decrypt::new(&zero_key(), Versions::Any), pieces(sealed, piece))
}

/// Text that differs in every package.
fn text(len: usize) -> Vec<u8> {
    (0..len).map(|at| (at % 251) as u8 ^ (at >> 16) as u8).collect()
}

const VECTORS: [&str; 4] = [
    "20000a00800102030405060708090a0b41c065f9654a97d476f9d5a82f4bfd6aef48af61bbfccbdd7c9429",
    "20010a00800102030405060708090a0b868823b471e14aa66b097b00575dada282d9fd05419807a56f1fd1",
    "10000a0000000000000102030405060714d0462b56661f41f60c4e04242c0aa4463ad4dec68e48260aea8e",
    "10010a000000000000010203040506077f53fbf56a89590544d2edb7cab4d05d69544374a085e7d64bbbeb",
];

#[test]
fn vectors_of_both_versions_and_ciphers_open() {
    for vector in VECTORS {
        let sealed = hex::decode(vector).unwrap();
        assert_eq!(decrypt(&sealed, 7).unwrap(), b"hello world", "{vector}");
    }
}

#[test]
fn written_streams_are_the_vectors() {
    for (cipher, vector) in CIPHERS.into_iter().zip(VECTORS) {
        assert_eq!(hex::encode(encrypt(b"hello world", cipher, 3)), vector);
    }
    let long = encrypt(&[b'a'; PAYLOAD + 1], Cipher::Aes256Gcm, 1000);
    assert_eq!(long.len(), 65601);
    assert_eq!(hex::encode(&long[..32]), "2000ffff000102030405060708090a0be9aa5233619cee98a31933849c62bf6d");
    assert_eq!(hex::encode(&long[PACKAGE - 16..PACKAGE]), "3cb58242ad61dc1dd41a806227b09444");
    assert_eq!(hex::encode(&long[PACKAGE..]), "20000000800102030405060708090a0b146d92dffb1c435bf70876c62d68951e29");
    let full = encrypt(&[b'a'; PAYLOAD], Cipher::Aes256Gcm, PAYLOAD);
    assert_eq!(full.len(), PACKAGE);
    assert_eq!(hex::encode(&full[..16]), "2000ffff800102030405060708090a0b");
    assert_eq!(hex::encode(&full[PACKAGE - 16..]), "133d3e1b84499d642c396321cee47df3");
}

#[test]
fn no_plaintext_makes_no_packages() {
    assert!(encrypt(b"", Cipher::Aes256Gcm, 1).is_empty());
    assert_eq!(decrypt(b"", 1).unwrap(), b"");
    let second = run(Decrypt::new(&zero_key(), Versions::Second), []);
    assert_eq!(second.unwrap_err(), DareError::Truncated { package: 0 });
}

#[test]
fn the_first_version_is_refused_where_only_the_second_is_allowed() {
    let sealed = hex::decode(VECTORS[2]).unwrap();
    assert_eq!(
        open(&zero_key(), Versions::Second, &sealed).unwrap_err(),
        DareError::Version { package: 0, byte: 0x10 }
    );
}

#[test]
fn sizes_are_those_of_the_streams_and_turn_back() {
    for plain in [0, 1, 65535, 65536, 65537, 131_072, 131_073, 200_000] {
        let sealed = encrypt(&text(plain), Cipher::Aes256Gcm, 50_000).len() as u64;
        assert_eq!(sealed_size(plain as u64), Ok(sealed));
        assert_eq!(plain_size(sealed), Ok(plain as u64));
    }
    for impossible in [1, 32, PACKAGE as u64 + 1, PACKAGE as u64 + 32] {
        assert_eq!(plain_size(impossible), Err(SizeError(impossible)));
    }
    assert_eq!(plain_size(33), Ok(1));
    let largest = sealed_size(1 << 48).unwrap();
    assert_eq!(plain_size(largest), Ok(1 << 48));
    assert!(sealed_size((1 << 48) + 1).is_err());
    assert!(plain_size(largest + 1).is_err());
}

#[test]
fn every_flipped_bit_is_refused() {
    for vector in VECTORS {
        let sealed = hex::decode(vector).unwrap();
        for bit in 0..sealed.len() * 8 {
            let mut changed = sealed.clone();
            changed[bit / 8] ^= 1 << (bit % 8);
            assert!(decrypt(&changed, changed.len()).is_err(), "bit {bit} of {vector}");
        }
    }
}

#[test]
fn a_flipped_byte_in_a_later_package_releases_the_packages_before_it_and_nothing_more() {
    let plain = text(3 * PAYLOAD - 5);
    for at in [PACKAGE, PACKAGE + 4, PACKAGE + 15, PACKAGE + 16, 2 * PACKAGE - 1] {
        let mut sealed = encrypt(&plain, Cipher::Aes256Gcm, PAYLOAD);
        sealed[at] ^= 0x40;
        let mut stream = Decrypt::new(&zero_key(), Versions::Any);
        stream.push(sealed.into());
        stream.end();
        assert_eq!(stream.pull().unwrap().unwrap(), plain[..PAYLOAD]);
        assert!(stream.pull().is_err(), "byte {at}");
    }
}

#[test]
fn a_stream_cut_anywhere_is_refused() {
    let sealed = encrypt(&text(2 * PAYLOAD + 9), Cipher::ChaCha20Poly1305, PAYLOAD);
    let around = |at: usize| at.saturating_sub(20)..at + 20;
    for len in (1..40).chain(around(PACKAGE)).chain(around(2 * PACKAGE)).chain([sealed.len() - 1]) {
        assert!(matches!(decrypt(&sealed[..len], 4096), Err(DareError::Truncated { .. })), "{len}");
    }
}

#[test]
fn packages_left_out_exchanged_repeated_or_added_are_refused() {
    let sealed = encrypt(&text(4 * PAYLOAD), Cipher::Aes256Gcm, PAYLOAD);
    let other = run(Encrypt::with_nonce(&zero_key(), Cipher::Aes256Gcm, [9; 12]), pieces(&text(4 * PAYLOAD), PAYLOAD));
    let other = other.unwrap();
    let package = |at: usize| &sealed[at * PACKAGE..(at + 1) * PACKAGE];
    let cases: [(&str, Vec<&[u8]>); 5] = [
        ("left out", vec![package(0), package(2), package(3)]),
        ("exchanged", vec![package(0), package(2), package(1), package(3)]),
        ("repeated", vec![package(0), package(0), package(1), package(2), package(3)]),
        ("after the last", vec![package(0), package(1), package(2), package(3), package(3)]),
        ("of another stream", vec![package(0), &other[PACKAGE..2 * PACKAGE], package(2), package(3)]),
    ];
    for (what, packages) in cases {
        assert!(decrypt(&packages.concat(), 30_000).is_err(), "{what}");
    }
}

#[test]
fn packages_of_the_first_version_may_be_short_and_must_be_in_order() {
    let aead = crate::aead::Aead::new(Cipher::Aes256Gcm, &zero_key());
    let package = |sequence: u32, payload: &[u8]| {
        let mut bytes = vec![0x10, 0, (payload.len() - 1) as u8, 0];
        bytes.extend_from_slice(&sequence.to_le_bytes());
        bytes.extend_from_slice(&[7; 8]);
        let header = Header::read(bytes[..16].try_into().unwrap());
        bytes.extend_from_slice(payload);
        let nonce = header.package_nonce(header::Version::V1, sequence);
        let tag = aead.seal(nonce, header.authenticated(), &mut bytes[16..]);
        bytes.extend_from_slice(&tag);
        bytes
    };
    let sealed = [package(0, b"one "), package(1, b"two "), package(2, b"three")].concat();
    assert_eq!(decrypt(&sealed, 11).unwrap(), b"one two three");
    let skipped = [package(0, b"one "), package(2, b"three")].concat();
    assert_eq!(decrypt(&skipped, 11).unwrap_err(), DareError::Foreign { package: 1 });
}

#[test]
fn a_piece_that_nobody_else_holds_is_decrypted_where_it_is() {
    let sealed = Bytes::from(encrypt(&text(PAYLOAD), Cipher::Aes256Gcm, PAYLOAD));
    let place = sealed.as_ptr() as usize + HEADER;
    let mut stream = Decrypt::new(&zero_key(), Versions::Any);
    stream.push(sealed);
    assert_eq!(stream.pull().unwrap().unwrap().as_ptr() as usize, place);
}

#[test]
fn a_piece_that_somebody_else_holds_stays_as_it_is() {
    let sealed = Bytes::from(encrypt(&text(PAYLOAD), Cipher::Aes256Gcm, PAYLOAD));
    let mut stream = Decrypt::new(&zero_key(), Versions::Any);
    let before = sealed.to_vec();
    stream.push(sealed.clone());
    assert_eq!(stream.pull().unwrap().unwrap(), text(PAYLOAD));
    assert_eq!(sealed, before);
}

fn body(pieces: Vec<Bytes>) -> ByteStream {
    Box::pin(stream::iter(pieces.into_iter().map(Ok)))
}

#[tokio::test]
async fn a_body_that_breaks_off_ends_in_an_error_after_what_was_authentic() {
    let plain = text(2 * PAYLOAD + 100);
    let sealed = encrypt(&plain, Cipher::Aes256Gcm, PAYLOAD);
    let broken: ByteStream = Box::pin(stream::iter([
        Ok(Bytes::copy_from_slice(&sealed[..PACKAGE + 10])),
        Err(StreamError::Gone),
        Ok(Bytes::copy_from_slice(&sealed[PACKAGE + 10..])),
    ]));
    let pieces: Vec<_> = crate::through(broken, Decrypt::new(&zero_key(), Versions::Any)).collect().await;
    assert_eq!(pieces.len(), 2);
    assert_eq!(pieces[0].as_ref().unwrap(), &plain[..PAYLOAD]);
    assert!(matches!(pieces[1], Err(StreamError::Gone)));
}

#[tokio::test]
async fn a_window_stops_reading_when_it_is_full_and_says_when_it_is_not() {
    let endless: ByteStream = Box::pin(stream::repeat_with(|| Ok(Bytes::from_static(b"0123456789"))));
    let got: Vec<_> = crate::through(endless, Window::new(8, 5)).map(Result::unwrap).collect().await;
    assert_eq!(got.concat(), b"89012");
    let short: Vec<_> = crate::through(body(pieces(b"0123456789", 4)), Window::new(8, 5)).collect().await;
    assert_eq!(short[0].as_ref().unwrap(), &b"89"[..]);
    assert!(short[1].is_err());
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(60))]

    #[test]
    fn any_stream_in_any_pieces_turns_back(
        len in 0usize..3 * PAYLOAD, written in 1usize..2 * PAYLOAD, read in 1usize..2 * PAYLOAD, chacha: bool, seed: u64,
    ) {
        let key = Key::random(&SeededRandom::new(seed));
        let cipher = CIPHERS[usize::from(chacha)];
        let stream = Encrypt::new(&key, cipher, &SeededRandom::new(seed ^ 1));
        let plain = text(len);
        let sealed = run(stream, pieces(&plain, written)).unwrap();
        prop_assert_eq!(sealed_size(len as u64), Ok(sealed.len() as u64));
        prop_assert_eq!(&run(Decrypt::new(&key, Versions::Any), pieces(&sealed, read)).unwrap(), &plain);
        let other = Key::random(&SeededRandom::new(seed ^ 2));
        prop_assert!(len == 0 || run(Decrypt::new(&other, Versions::Any), pieces(&sealed, read)).is_err());
    }

    #[test]
    fn no_bytes_panic(bytes in proptest::collection::vec(any::<u8>(), 0..300), piece in 1usize..64) {
        let _ = decrypt(&bytes, piece);
    }
}
