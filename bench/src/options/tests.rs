use super::{Command, OptionError, Options, parse};
use crate::server::Place;

fn options(line: &[&str]) -> Result<Options, OptionError> {
    match parse(line.iter().map(ToString::to_string))? {
        Command::Run(options) => Ok(*options),
        other => panic!("{other:?}"),
    }
}

#[test]
fn servers_keep_their_order_and_commands_their_equals_signs() {
    let line =
        ["--server", "a=prog --x=1 {drives}", "--endpoint=b=http://127.0.0.1:9000/", "--seconds=0.5", "--rounds", "1"];
    let options = options(&line).unwrap();
    assert_eq!(options.servers.iter().map(|server| &*server.name).collect::<Vec<_>>(), ["a", "b"]);
    assert!(matches!(&options.servers[0].place, Place::Command(command) if command == "prog --x=1 {drives}"));
    assert!(
        matches!(options.servers[1].place, Place::Endpoint(address) if address == "127.0.0.1:9000".parse().unwrap())
    );
    assert_eq!((options.seconds.as_millis(), options.rounds), (500, 1));
}

#[test]
fn cells_are_the_short_ones_the_goals_or_those_named() {
    let count = |more: &[&str]| options(&[&["--server", "a=b", "--server", "c=d"], more].concat()).unwrap().cells.len();
    assert_eq!((count(&[]), count(&["--goals"])), (9, 27));
    assert_eq!((count(&["--cells", "start-*"]), count(&["--goals", "--cells=list-c1-d1"])), (6, 1));
}

#[test]
fn what_is_not_understood_is_named() {
    let error = |line: &[&str]| options(line).unwrap_err().to_string();
    assert_eq!(error(&[]), "no server: give --server or --endpoint");
    assert_eq!(error(&["--server", "a=b", "--goals"]), "goals are ratios: give two servers");
    assert_eq!(error(&["--sever", "a=b"]), "no option --sever");
    assert_eq!(error(&["--server"]), "--server needs a value");
    assert_eq!(error(&["--server", "minio"]), "--server: \"minio\" is not NAME=COMMAND");
    assert_eq!(error(&["--server", "a=b", "--server", "a=c"]), "two servers are named a");
    assert_eq!(error(&["--server", "a=b", "--rounds", "0"]), "--rounds: \"0\" is not a number in its range");
    assert_eq!(error(&["--server", "a=b", "--cells", "put-5k"]), "--cells: \"put-5k\" is not the name of a cell");
    assert!(error(&["--endpoint", "a=ftp://x"]).contains("is not http://HOST:PORT"));
}

#[test]
fn help_and_the_list_need_no_server() {
    assert!(matches!(parse(["--help".into()].into_iter()), Ok(Command::Help)));
    assert!(matches!(parse(["--list".into()].into_iter()), Ok(Command::Cells)));
}
