use super::*;

const INVENTORY_DOCUMENT: &str = "<InventoryConfiguration xmlns=\"http://s3.amazonaws.com/doc/2006-03-01/\"><Id>all</Id>\
    <IsEnabled>true</IsEnabled><Destination><S3BucketDestination><Format>CSV</Format><Bucket>arn:aws:s3:::lists</Bucket>\
    <Encryption><SSE-S3/></Encryption></S3BucketDestination></Destination><Schedule><Frequency>Daily</Frequency></Schedule>\
    <IncludedObjectVersions>All</IncludedObjectVersions><OptionalFields><Field>Size</Field></OptionalFields>\
    </InventoryConfiguration>";

fn metrics(id: &str) -> ListedConfig {
    let document = format!("<MetricsConfiguration><Id>{id}</Id></MetricsConfiguration>");
    ListedConfig::parse(document.as_bytes(), ConfigurationList::Metrics).expect("a configuration")
}

#[test]
fn configurations_of_each_kind_are_read() {
    let tiering = "<IntelligentTieringConfiguration><Id>cold</Id><Status>Enabled</Status><Tiering><Days>90</Days>\
        <AccessTier>ARCHIVE_ACCESS</AccessTier></Tiering></IntelligentTieringConfiguration>";
    let analytics = "<AnalyticsConfiguration><Id>a.b-c_d</Id><Filter><And><Prefix>x/</Prefix><Tag><Key>k</Key><Value/></Tag>\
        </And></Filter><StorageClassAnalysis/></AnalyticsConfiguration>";
    for (document, list) in [
        (INVENTORY_DOCUMENT, ConfigurationList::Inventory),
        (tiering, ConfigurationList::IntelligentTiering),
        (analytics, ConfigurationList::Analytics),
    ] {
        let config = ListedConfig::parse(document.as_bytes(), list).expect("a configuration");
        let again = ListedConfig::parse(config.to_xml().as_bytes(), list).expect("its own document");
        assert_eq!(config, again);
    }
}

#[test]
fn what_can_not_be_is_refused() {
    let refused = |document: &str, list| ListedConfig::parse(document.as_bytes(), list).is_err();
    let inventory = |from: &str, to: &str| refused(&INVENTORY_DOCUMENT.replace(from, to), ConfigurationList::Inventory);
    assert!(inventory("Daily", "Hourly"));
    assert!(inventory("<Field>Size</Field>", "<Field>Colour</Field>"));
    assert!(inventory("<Bucket>arn:aws:s3:::lists</Bucket>", ""));
    assert!(inventory(">all<", ">a/b<"));
    assert!(inventory("InventoryConfiguration", "MetricsConfiguration"));
    let long = format!("<MetricsConfiguration><Id>{}</Id></MetricsConfiguration>", "x".repeat(65));
    assert!(refused(&long, ConfigurationList::Metrics));
}

#[test]
fn they_are_kept_in_order_and_replaced_by_id() {
    let mut all = Vec::new();
    for id in ["b", "a", "c", "b"] {
        put(&mut all, metrics(id)).expect("there is room");
    }
    let stored = to_stored(&all);
    let read = from_stored(stored.as_bytes(), ConfigurationList::Metrics).expect("what was stored");
    assert_eq!(read.iter().map(ListedConfig::id).collect::<Vec<_>>(), ["a", "b", "c"]);
    assert_eq!(from_stored(b"", ConfigurationList::Metrics).expect("nothing"), []);
    assert_eq!(to_stored(&[]), "");
}

#[test]
fn there_is_an_end_to_them() {
    let mut all: Vec<_> = (0..MOST).map(|number| metrics(&format!("{number:04}"))).collect();
    put(&mut all, metrics("0007")).expect("it takes the place of another");
    put(&mut all, metrics("more")).expect_err("there are enough");
}
