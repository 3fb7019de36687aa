//! Every flag there is.

use super::Topic;

/// Whether a flag takes a value.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Arity {
    /// Yes: what help calls it.
    Value(&'static str),
    /// No, or only as `=true`.
    Switch,
}

#[derive(Debug)]
pub struct Flag {
    pub name: &'static str,
    pub short: Option<&'static str>,
    pub arity: Arity,
    /// Known before the command too.
    pub global: bool,
    /// What help says; `None` hides the flag.
    pub about: Option<&'static str>,
}

const fn global(name: &'static str, short: Option<&'static str>, arity: Arity, about: Option<&'static str>) -> Flag {
    Flag { name, short, arity, global: true, about }
}

const fn server(name: &'static str, value: &'static str, about: &'static str) -> Flag {
    Flag { name, short: None, arity: Arity::Value(value), global: false, about: Some(about) }
}

/// Accepted so that existing command lines go on working.
const fn hidden(name: &'static str) -> Flag {
    Flag { name, short: None, arity: Arity::Value("VALUE"), global: false, about: None }
}

/// In the order of help.
pub const FLAGS: &[Flag] = &[
    server("address", "HOST:PORT", "where to serve S3; MINIO_ADDRESS [:9000]"),
    server("console-address", "HOST:PORT", "accepted; this server has no web console yet; MINIO_CONSOLE_ADDRESS"),
    server("config", "FILE", "server settings as YAML; not supported yet; MINIO_CONFIG"),
    server("ftp", "KEY=VALUE", "accepted; this server has no FTP yet"),
    server("sftp", "KEY=VALUE", "accepted; this server has no SFTP yet"),
    global(
        "certs-dir",
        Some("S"),
        Arity::Value("DIR"),
        Some("certificates: public.crt and private.key there switch TLS on [~/.minio/certs]"),
    ),
    global("quiet", None, Arity::Switch, Some("no banner, no information: warnings and errors only")),
    global("anonymous", None, Arity::Switch, Some("no credentials in banner and logs")),
    global("json", None, Arity::Switch, Some("banner and logs as JSON, one object a line")),
    global("help", Some("h"), Arity::Switch, Some("this text")),
    global("version", Some("v"), Arity::Switch, Some("the version")),
    global("config-dir", Some("C"), Arity::Value("DIR"), None),
    global("compat", None, Arity::Switch, None),
    global("no-compat", None, Arity::Switch, None),
    hidden("listeners"),
    hidden("shutdown-timeout"),
    hidden("idle-timeout"),
    hidden("read-header-timeout"),
    hidden("conn-user-timeout"),
    hidden("interface"),
    hidden("dns-cache-ttl"),
    hidden("max-idle-conns-per-host"),
    hidden("crossdomain-xml"),
    hidden("memlimit"),
    hidden("send-buf-size"),
    hidden("recv-buf-size"),
    hidden("log-dir"),
    hidden("log-size"),
    Flag { name: "log-compress", short: None, arity: Arity::Switch, global: false, about: None },
    hidden("log-prefix"),
];

const fn tool(name: &'static str, arity: Arity, about: &'static str) -> Flag {
    Flag { name, short: None, arity, global: false, about: Some(about) }
}

/// What the tools know beside the flags of `server`, which they take so that its command line can be given as it is.
const FSCK: &[Flag] =
    &[tool("repair", Arity::Switch, "heal what can be repaired, and remove what is provably garbage")];

const INSPECT: &[Flag] = &[tool("show-secrets", Arity::Switch, "show passwords, keys and tokens")];

const CHECK_MIGRATION: &[Flag] =
    &[tool("to", Arity::Value("SERVER"), "the server to change to: rustfs or minio [rustfs]")];

/// The flags that only this command has.
pub fn own_flags(topic: Topic) -> &'static [Flag] {
    match topic {
        Topic::Fsck => FSCK,
        Topic::Inspect => INSPECT,
        Topic::CheckMigration => CHECK_MIGRATION,
        Topic::Program | Topic::Server | Topic::Recover => &[],
    }
}

/// A flag of a command by name or short name.
pub fn find(name: &str, topic: Topic) -> Option<&'static Flag> {
    let of_server = FLAGS.iter().filter(|flag| flag.global || topic.takes_server_flags());
    own_flags(topic).iter().chain(of_server).find(|flag| flag.name == name || flag.short == Some(name))
}
