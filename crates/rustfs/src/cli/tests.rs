use super::*;

fn parse_all(arguments: &[&str]) -> Command {
    parse(std::iter::once("/usr/bin/rustfs").chain(arguments.iter().copied()).map(OsString::from)).command
}

fn server(arguments: &[&str]) -> ServerOptions {
    match parse_all(&[&["server"], arguments].concat()) {
        Command::Server(options) => *options,
        other => panic!("{other:?}"),
    }
}

fn mistake(arguments: &[&str]) -> (String, Option<Topic>) {
    match parse_all(arguments) {
        Command::Mistake { message, topic } => (message, topic),
        other => panic!("{other:?}"),
    }
}

#[test]
fn flags_and_directories_mix_and_directories_keep_their_order() {
    let options = server(&["/a", "/b", "--address", ":9000", "/c", "-console-address=:9001", "/d"]);
    assert_eq!(options.flags.volumes, ["/a", "/b", "/c", "/d"]);
    assert_eq!(options.flags.address.as_deref(), Some(":9000"));
    assert_eq!(options.flags.console_address.as_deref(), Some(":9001"));
}

#[test]
fn long_flags_take_one_dash_or_two_and_values_either_way() {
    for arguments in [["--address", ":1"].as_slice(), &["-address", ":1"], &["--address=:1"], &["-address=:1"]] {
        assert_eq!(server(arguments).flags.address.as_deref(), Some(":1"), "{arguments:?}");
    }
    assert_eq!(server(&["--address=:1", "--address=:2"]).flags.address.as_deref(), Some(":2"));
    assert_eq!(server(&["--certs-dir=a=b"]).flags.certs_dir.as_deref(), Some("a=b"));
}

#[test]
fn global_flags_are_known_before_and_after_the_command() {
    for arguments in [["--json", "server", "/a"], ["server", "--json", "/a"], ["server", "/a", "-json"]] {
        match parse_all(&arguments) {
            Command::Server(options) => assert!(options.output.json, "{arguments:?}"),
            other => panic!("{other:?}"),
        }
    }
    assert_eq!(server(&["-S", "/certs"]).flags.certs_dir.as_deref(), Some("/certs"));
    assert_eq!(mistake(&["--address", ":1", "server"]).1, Some(Topic::Program));
}

#[test]
fn switches_take_a_value_only_after_an_equals_sign() {
    assert!(!server(&["--quiet=false"]).output.quiet);
    let options = server(&["--quiet", "false"]);
    assert!(options.output.quiet);
    assert_eq!(options.flags.volumes, ["false"]);
    assert!(mistake(&["server", "--quiet=perhaps"]).0.contains("invalid boolean value"));
}

#[test]
fn two_dashes_end_the_flags_and_one_is_an_argument() {
    assert_eq!(server(&["-", "--", "--address", "/b"]).flags.volumes, ["-", "--address", "/b"]);
}

#[test]
fn help_and_version_are_found_anywhere() {
    assert!(matches!(parse_all(&[]), Command::Help(Topic::Program)));
    assert!(matches!(parse_all(&["--help"]), Command::Help(Topic::Program)));
    assert!(matches!(parse_all(&["-h"]), Command::Help(Topic::Program)));
    assert!(matches!(parse_all(&["server", "/a", "--help"]), Command::Help(Topic::Server)));
    assert!(matches!(parse_all(&["--version"]), Command::Version));
    assert!(matches!(parse_all(&["-v"]), Command::Version));
    assert_eq!(mistake(&["server", "help"]).1, Some(Topic::Server));
}

#[test]
fn mistakes_are_named() {
    let (message, topic) = mistake(&["xyz"]);
    assert_eq!(message, "'xyz' is not a rustfs sub-command. See 'rustfs --help'.");
    assert_eq!(topic, None);
    assert!(mistake(&["servr"]).0.contains("Did you mean this?\n        server"));
    for word in ["version", "help"] {
        assert!(mistake(&[word]).0.contains("is not a rustfs sub-command"), "{word}");
    }
    let (message, topic) = mistake(&["server", "--bogus", "/a"]);
    assert_eq!(message, "Incorrect Usage: flag provided but not defined: -bogus");
    assert_eq!(topic, Some(Topic::Server));
    assert_eq!(mistake(&["server", "--address"]).0, "Incorrect Usage: flag needs an argument: -address");
}

#[test]
fn flags_without_effect_are_accepted_and_told() {
    let options = server(&["--listeners", "4", "--memlimit=4GiB", "--ftp", "address=:8021", "--compat", "/a"]);
    assert_eq!(options.flags.volumes, ["/a"]);
    assert_eq!(options.warnings.len(), 3);
}

#[test]
fn the_program_answers_to_the_name_it_is_started_by() {
    let invocation = parse(["/opt/minio", "--version"].map(OsString::from));
    assert_eq!(invocation.program, "minio");
    assert!(crate::version::text(&invocation.program).starts_with("minio version v"));
}

#[test]
fn help_shows_every_flag_that_isnt_hidden() {
    let text = help("rustfs", Topic::Server);
    for flag in flags::FLAGS {
        assert_eq!(text.contains(&format!("--{}", flag.name)), flag.about.is_some(), "{}", flag.name);
    }
    assert!(help("minio", Topic::Program).contains("minio [FLAGS] server"));
}
