use super::*;
use base::SeededRandom;

fn password() -> Secret {
    Secret::new("minioadmin")
}

fn counting<const N: usize>() -> [u8; N] {
    std::array::from_fn(|at| at as u8)
}

#[test]
fn each_scheme_is_written_as_its_vector() {
    let vectors = [
        (Scheme::Argon2Aes, "64c8d0f3385b39aecbca438ef767b9b86c5efb07fb37b821385dce"),
        (Scheme::Argon2ChaCha, "cb780689915a79f98a0b8bd78f85a2c775e72798a1b0035c3c24a8"),
        (Scheme::Pbkdf2Aes, "199f504fc9334cd64d93ae1380fc607f655a1f58b0a141aab3893e"),
    ];
    for (scheme, sealed) in vectors {
        let body = seal_with(scheme, &password(), counting(), counting(), b"hello world");
        assert_eq!(hex::encode(&body[PREFIX..]), sealed);
        assert_eq!(open(&password(), &body).unwrap(), b"hello world");
    }
}

#[test]
fn bodies_of_other_implementations_open() {
    let body = hex::decode(
        "be83a86ebcb0ff0d275c9c83daee23a40364055f25ea420540036378b6da6117006960b68b4b823e6f2fbc2260499dd5fca4d1793\
         5ea732cf68d0524e3c49f92",
    );
    assert_eq!(open(&password(), &body.unwrap()).unwrap(), br#"{"a":1}"#);
    let empty = hex::decode(
        "7fc85dcb5688a897b53375c7964bab3fb2a6c3643c7d442b90fa61e83f098558004c905213163ab2df57ab317b3c51b30e27b5f301\
         15fbdc93",
    );
    assert_eq!(open(&password(), &empty.unwrap()).unwrap(), b"");
    let hello = hex::decode(
        "000102030405060708090a0b0c0d0e0f101112131415161718191a1b1c1d1e1f0000010203040506076962fd75eda082b4863e1c0d30\
         3c7b7b72c13c9e14",
    );
    assert_eq!(open(&Secret::new("password123"), &hello.unwrap()).unwrap(), b"hello");
}

#[test]
fn another_password_a_cut_and_a_flipped_byte_are_refused() {
    // The scheme that is quick to derive.
    let body = seal_with(Scheme::Pbkdf2Aes, &password(), counting(), counting(), &[7; 40_000]);
    assert_eq!(open(&password(), &body).unwrap(), [7; 40_000]);
    assert_eq!(open(&Secret::new("other"), &body).unwrap_err(), BodyError::Fragment(FragmentError { fragment: 1 }));
    for len in [0, 32, 40, 41, 56, 41 + 16400, 41 + 2 * 16400, body.len() - 1] {
        assert!(open(&password(), &body[..len]).is_err(), "{len}");
    }
    for at in [0, 31, 33, 40, 41, 41 + 16400, body.len() - 1] {
        let mut changed = body.clone();
        changed[at] ^= 0x80;
        assert!(open(&password(), &changed).is_err(), "byte {at}");
    }
    let mut unknown = body.clone();
    unknown[32] = 9;
    assert_eq!(open(&password(), &unknown).unwrap_err(), BodyError::Scheme(9));
}

#[test]
fn fragments_end_where_they_must() {
    let key = Key::new([3; 32]);
    for len in [0, 1, 16383, 16384, 16385, 32768] {
        let plain = vec![5; len];
        let sealed = fragments::seal(Cipher::Aes256Gcm, &key, [1; 8], &plain);
        assert_eq!(sealed.len(), len + 16 * len.div_ceil(16384).max(1));
        assert_eq!(fragments::open(Cipher::Aes256Gcm, &key, [1; 8], &sealed).unwrap(), plain);
    }
}

#[test]
fn a_sealed_body_is_as_this_machine_prefers() {
    let body = seal(&password(), &SeededRandom::new(4), b"{}");
    assert_eq!((body.len(), open(&password(), &body).unwrap()), (41 + 2 + 16, b"{}".to_vec()));
}
