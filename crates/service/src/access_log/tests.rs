use super::*;

fn time() -> Timestamp {
    // 2026-11-24T01:02:03Z
    Timestamp::from_secs(1_795_482_123)
}

fn key(format: &str) -> String {
    let document = format!(
        "<BucketLoggingStatus><LoggingEnabled><TargetBucket>logs</TargetBucket><TargetPrefix>a/</TargetPrefix>\
         <TargetObjectKeyFormat>{format}</TargetObjectKeyFormat></LoggingEnabled></BucketLoggingStatus>"
    );
    let config = LoggingConfig::parse(document.as_bytes()).expect("a document").expect("logging");
    let source = LoggedBucket::new("photos", "alice".to_owned(), config);
    source.place("", time()).key(time(), 0xAB)
}

#[test]
fn keys_tell_when_and_of_what() {
    let partitioned = |source: &str| {
        let inner = format!("<PartitionDateSource>{source}</PartitionDateSource>");
        key(&format!("<PartitionedPrefix>{inner}</PartitionedPrefix>"))
    };
    assert_eq!(key("<SimplePrefix/>"), "a/2026-11-24-01-02-03-00000000000000AB");
    let folders = "a/alice/default/photos/2026/11/24/2026-11-24";
    assert_eq!(partitioned("DeliveryTime"), format!("{folders}-01-02-03-00000000000000AB"));
    assert_eq!(partitioned("EventTime"), format!("{folders}-00-00-00-00000000000000AB"));
}
