use super::*;

fn fields() -> Fields {
    Fields {
        message: "drive is back".to_owned(),
        others: vec![("drive", "/d1".to_owned()), ("error", "a\nb".to_owned())],
    }
}

#[test]
fn plain_lines_are_one_line_with_the_level_first() {
    assert_eq!(plain_line(Level::WARN, &fields()), "WARN: drive is back drive=/d1 error=a\\nb");
    assert!(plain_line(Level::ERROR, &fields()).starts_with("ERRO: "));
}

#[test]
fn json_lines_hold_level_time_and_fields() {
    let line = json_line(Level::WARN, Timestamp::from_nanos(1_500_000_000), fields());
    let value: Value = serde_json::from_str(&line).unwrap();
    assert_eq!(value["level"], "WARNING");
    assert_eq!(value["time"], "1970-01-01T00:00:01.5Z");
    assert_eq!(value["message"], "drive is back");
    assert_eq!(value["error"], "a\nb");
    assert!(!line.contains('\n'));
}
