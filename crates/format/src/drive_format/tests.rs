use super::*;
use proptest::prelude::*;

const SINGLE: &[u8] = include_bytes!("../../tests/golden/single.format.json");
const TWO_SETS: &[u8] = include_bytes!("../../tests/golden/two-sets-d6.format.json");
const SECOND_POOL: &[u8] = include_bytes!("../../tests/golden/second-pool-b2.format.json");

#[test]
fn files_of_minio_come_back_byte_for_byte() {
    for file in [SINGLE, TWO_SETS, SECOND_POOL] {
        assert_eq!(FormatJson::parse(file).unwrap().encode(), file);
    }
}

#[test]
fn fields_are_read() {
    let single = FormatJson::parse(SINGLE).unwrap();
    assert_eq!((single.format, single.drives(), single.position()), (FormatKind::XlSingle, 1, Ok((0, 0))));
    let sixth = FormatJson::parse(TWO_SETS).unwrap();
    assert_eq!(sixth.format, FormatKind::Xl);
    assert_eq!(sixth.deployment_id, uuid::uuid!("1960c285-7681-4cb7-8fb4-6b5b2852088f"));
    assert_eq!((sixth.set_drives(), sixth.drives(), sixth.position()), (4, 8, Ok((1, 1))));
    assert_eq!(sixth.algorithm, DistributionAlgorithm::SipModParity);
}

#[test]
fn a_replaced_drive_gets_the_format_of_its_position() {
    let sixth = FormatJson::parse(TWO_SETS).unwrap();
    let first = sixth.for_position((0, 0)).unwrap();
    assert_eq!(first.this, uuid::uuid!("d69324ca-61e1-4445-90a5-378531ebb586"));
    assert!(first.same_pool(&sixth) && first.position() == Ok((0, 0)));
    assert_eq!(sixth.for_position((2, 0)), None);
    assert!(!FormatJson::parse(SINGLE).unwrap().same_pool(&sixth));
}

fn changed(from: &str, to: &str) -> Result<FormatJson, FormatError> {
    let text = std::str::from_utf8(SINGLE).unwrap();
    assert!(text.contains(from), "the test must change something");
    FormatJson::parse(text.replace(from, to).as_bytes())
}

#[test]
fn each_defect_has_its_error() {
    let unknown = |what, found: &str| Err(FormatError::Unknown { what, found: found.to_owned() });
    assert_eq!(changed("{\"version\":\"1\"", "{\"version\":\"2\""), unknown("version", "2"));
    assert_eq!(changed("xl-single", "fs"), unknown("format", "fs"));
    assert_eq!(changed("\"version\":\"3\"", "\"version\":\"4\""), unknown("xl.version", "4"));
    assert_eq!(changed("aa1bc630-94aa-4f1a-8782-39e741edb9e3", ""), Err(FormatError::NoDeploymentId));
    assert!(matches!(changed("aa1bc630-", ""), Err(FormatError::BadId { what: "id", .. })));
    assert_eq!(changed("[[\"a3fab679-6ebb-47ef-9b55-0ec0d0ba6f3f\"]]", "[[]]"), Err(FormatError::BadSets));
    assert!(matches!(changed("SIPMOD+PARITY", "DICE"), Err(FormatError::Json(_))));
    assert!(matches!(FormatJson::parse(b""), Err(FormatError::Json(_))));
    let long = vec![b' '; MAX_FORMAT_JSON + 1];
    assert_eq!(FormatJson::parse(&long), Err(FormatError::TooLong(MAX_FORMAT_JSON + 1)));
}

#[test]
fn a_drive_must_stand_once_in_its_own_sets() {
    let stranger = changed("\"this\":\"a3fab679", "\"this\":\"b3fab679").unwrap();
    assert_eq!(stranger.position(), Err(FormatError::NotInSets(stranger.this)));
    let offline = FormatJson { this: OFFLINE_DRIVE, sets: vec![vec![OFFLINE_DRIVE]], ..stranger.clone() };
    assert_eq!(offline.position(), Err(FormatError::NotInSets(OFFLINE_DRIVE)));
    let twice = FormatJson { sets: vec![vec![stranger.this; 2]], ..stranger.clone() };
    assert_eq!(twice.position(), Err(FormatError::NotInSets(stranger.this)));
}

const DRIVE: &str = "7c0d35ac-0b8a-4b0e-9f3b-6c1d2e3f4a5b";
const OTHER: &str = "11111111-0b8a-4b0e-9f3b-6c1d2e3f4a5b";
const NEW_ID: Uuid = uuid::uuid!("75c671c0-32c9-41ea-93e3-3bb15845bfbd");

#[test]
fn the_first_version_migrates_to_one_set() {
    let file = format!(
        r#"{{"version":"1","format":"xl","xl":{{"version":"1","drive":"{DRIVE}","jbod":["{OTHER}","{DRIVE}"]}}}}"#
    );
    assert_eq!(FormatJson::parse(file.as_bytes()), Err(FormatError::Old(1)));
    let format = FormatJson::migrate(file.as_bytes(), NEW_ID).unwrap();
    assert_eq!((format.deployment_id, format.algorithm), (NEW_ID, DistributionAlgorithm::CrcMod));
    assert_eq!(format.position(), Ok((0, 1)));
    assert_eq!(FormatJson::parse(&format.encode()), Ok(format));
}

#[test]
fn the_second_version_keeps_its_deployment_id() {
    let file = format!(
        r#"{{"version":"1","format":"xl","id":"{OTHER}","xl":{{"version":"2","this":"{DRIVE}","sets":[["{DRIVE}"]],"distributionAlgo":"CRCMOD"}}}}"#
    );
    assert_eq!(FormatJson::parse(file.as_bytes()), Err(FormatError::Old(2)));
    let format = FormatJson::migrate(file.as_bytes(), NEW_ID).unwrap();
    assert_eq!(format.deployment_id.to_string(), OTHER);
    assert_eq!(FormatJson::parse(&format.encode()), Ok(format));
}

proptest! {
    #[test]
    fn any_bytes_are_a_format_or_an_error(mut file in Just(TWO_SETS.to_vec()), at in 0..TWO_SETS.len(), byte: u8) {
        file[at] = byte;
        if let Ok(format) = FormatJson::parse(&file) {
            prop_assert_eq!(FormatJson::parse(&format.encode()), Ok(format));
        }
    }
}
