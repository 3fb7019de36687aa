use super::*;
use proptest::prelude::*;

#[test]
fn the_bytes_are_these() {
    let mut extras = BucketExtras { created: Timestamp::from_secs(1_795_421_738), ..BucketExtras::default() };
    extras.set("cors", "<a/>");
    let golden = "0100010082a743726561746564c70c05000000006b03f62a00000000a9446f63756d656e747381a4636f7273c4043c612f3e";
    assert_eq!(hex::encode(extras.encode()), golden);
    assert_eq!(BucketExtras::parse(&hex::decode(golden).unwrap().into()), Ok(extras.clone()));
    extras.set("cors", "");
    assert!(extras.documents.is_empty() && extras.document("cors").is_empty());
}

#[test]
fn unknown_fields_are_written_back_and_bad_ones_refused() {
    let content = Bytes::from(hex::decode("0100010081a36e6577c3").unwrap());
    let extras = BucketExtras::parse(&content).unwrap();
    assert_eq!(extras.unknown.count(), 1);
    assert_eq!(BucketExtras::parse(&extras.encode().into()), Ok(extras));
    let many = format!("0100010081a9446f63756d656e7473de0041{}", "a0c400".repeat(0x41));
    assert!(BucketExtras::parse(&hex::decode(many).unwrap().into()).is_err());
    assert_eq!(BucketExtras::parse(&Bytes::new()), Err(RecordError::Empty));
}

proptest! {
    #[test]
    fn what_is_written_is_read(secs in 1i64..4_000_000_000, documents in proptest::collection::btree_map("[a-z]{1,9}", proptest::collection::vec(any::<u8>(), 1..99), 0..9)) {
        let mut extras = BucketExtras { created: Timestamp::from_secs(secs), ..BucketExtras::default() };
        documents.into_iter().for_each(|(name, document)| extras.set(&name, document));
        prop_assert_eq!(BucketExtras::parse(&extras.encode().into()), Ok(extras));
    }

    #[test]
    fn no_bytes_make_it_panic(bytes in proptest::collection::vec(any::<u8>(), 0..200)) {
        let _ = BucketExtras::parse(&[&STAMP[..], &bytes].concat().into());
    }
}
