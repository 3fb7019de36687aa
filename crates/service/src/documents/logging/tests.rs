use super::*;

const WHOLE: &str = "<BucketLoggingStatus xmlns=\"http://s3.amazonaws.com/doc/2006-03-01/\"><LoggingEnabled>\
    <TargetBucket>logs</TargetBucket><TargetGrants><Grant>\
    <Grantee xmlns:xsi=\"http://www.w3.org/2001/XMLSchema-instance\" xsi:type=\"CanonicalUser\"><ID>alice</ID></Grantee>\
    <Permission>READ</Permission></Grant></TargetGrants><TargetPrefix>a/</TargetPrefix><TargetObjectKeyFormat>\
    <PartitionedPrefix><PartitionDateSource>EventTime</PartitionDateSource></PartitionedPrefix></TargetObjectKeyFormat>\
    </LoggingEnabled></BucketLoggingStatus>";

#[test]
fn a_document_comes_back_as_it_was() {
    let config = LoggingConfig::parse(WHOLE.as_bytes()).expect("a document").expect("logging");
    assert_eq!(config.key_format, KeyFormat::Partitioned { by_event: true });
    assert_eq!(LoggingConfig::to_xml(Some(&config)), WHOLE);
}

#[test]
fn what_is_left_out_is_told() {
    let short = "<BucketLoggingStatus><LoggingEnabled><TargetBucket>logs</TargetBucket><TargetPrefix/></LoggingEnabled>\
        </BucketLoggingStatus>";
    let config = LoggingConfig::parse(short.as_bytes()).expect("a document").expect("logging");
    assert_eq!((config.target_prefix.as_str(), config.key_format), ("", KeyFormat::Simple));
    assert!(LoggingConfig::to_xml(Some(&config)).contains("<SimplePrefix></SimplePrefix>"));
    assert_eq!(LoggingConfig::parse(b"<BucketLoggingStatus/>").expect("a document"), None);
}

#[test]
fn what_can_not_be_is_refused() {
    for (from, to) in [
        ("<TargetBucket>logs</TargetBucket>", ""),
        ("<TargetPrefix>a/</TargetPrefix>", ""),
        ("EventTime", "Yesterday"),
        (">READ<", ">READ_ACP<"),
        ("<ID>alice</ID>", "<URI>http://nobody</URI>"),
        ("LoggingEnabled>", "LoggingDisabled>"),
        ("<TargetPrefix>", "<LoggingType>Journal</LoggingType><TargetPrefix>"),
    ] {
        LoggingConfig::parse(WHOLE.replace(from, to).as_bytes()).expect_err(to);
    }
}
