use super::*;

fn drive(state: DriveState, healing: bool) -> DriveStatus {
    let id = "00000000-0000-4000-8000-000000000000".parse().unwrap();
    DriveStatus { name: "/d".to_owned(), pool: 0, set: 0, position: 0, id, state, healing, space: None }
}

fn show(output: Output, terminal: bool) -> String {
    let drives = [drive(DriveState::Online, true), drive(DriveState::Faulty("gone".to_owned()), false)];
    let facts = Facts {
        addresses: &["[::]:9000".parse().unwrap(), "10.0.0.1:9000".parse().unwrap()],
        tls: true,
        public_url: None,
        root_user: "owner",
        drives: &drives,
    };
    text(&facts, output, terminal)
}

#[test]
fn it_tells_where_and_on_what() {
    let text = show(Output::default(), false);
    assert!(text.contains("API: https://127.0.0.1:9000 (all addresses)  https://10.0.0.1:9000"));
    assert!(text.contains("Drives: 1 online, 1 offline, 1 being filled"));
}

#[test]
fn the_user_is_named_to_a_person_only_and_the_secret_to_nobody() {
    assert!(show(Output::default(), true).contains("RootUser: owner"));
    assert!(!show(Output::default(), false).contains("owner"));
    assert!(!show(Output { anonymous: true, ..Output::default() }, true).contains("owner"));
}

#[test]
fn quiet_shows_nothing_and_json_one_object() {
    assert_eq!(show(Output { quiet: true, ..Output::default() }, true), "");
    let line = show(Output { json: true, ..Output::default() }, true);
    let value: serde_json::Value = serde_json::from_str(&line).unwrap();
    assert_eq!(value["level"], "INFO");
    assert_eq!(line.lines().count(), 1);
}
