use super::*;

fn drive(state: DriveState, healing: bool) -> DriveStatus {
    let id = "00000000-0000-4000-8000-000000000000".parse().unwrap();
    DriveStatus { name: "/d".to_owned(), pool: 0, set: 0, position: 0, id, state, healing, space: None }
}

fn shown(output: Output, terminal: bool) -> String {
    with_facts(|facts| text(facts, output, terminal))
}

fn with_facts(tell: impl FnOnce(&Facts<'_>) -> String) -> String {
    let drives = [drive(DriveState::Online, true), drive(DriveState::Faulty("gone".to_owned()), false)];
    let facts = Facts {
        addresses: &["[::]:9000".parse().unwrap(), "10.0.0.1:9000".parse().unwrap()],
        tls: true,
        public_url: None,
        root_user: "owner",
        engine: EngineKind::IoUring,
        drives: &drives,
    };
    tell(&facts)
}

#[test]
fn it_tells_where_and_on_what() {
    let text = shown(Output::default(), false);
    assert!(text.contains("API: https://127.0.0.1:9000 (all addresses)  https://10.0.0.1:9000"));
    assert!(text.contains("Drives: 1 online, 1 offline, 1 being filled"));
    assert!(text.contains("\nEngine: io_uring\n"));
}

#[test]
fn the_user_is_named_to_a_person_only_and_the_secret_to_nobody() {
    assert!(shown(Output::default(), true).contains("RootUser: owner"));
    assert!(!shown(Output::default(), false).contains("owner"));
    assert!(!shown(Output { anonymous: true, ..Output::default() }, true).contains("owner"));
}

#[test]
fn the_command_that_it_proposes_can_be_pasted() {
    let text = shown(Output::default(), true);
    assert!(text.contains("$ mc alias set mine https://127.0.0.1:9000 owner PASSWORD\n"), "{text}");
}

#[test]
fn a_log_gets_all_of_it_in_one_line() {
    let line = with_facts(line);
    assert!(line.starts_with("API: https://127.0.0.1:9000") && line.ends_with("1 being filled"), "{line}");
    assert_eq!(line.lines().count(), 1);
}
