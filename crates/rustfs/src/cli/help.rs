//! Help that a person can read.

use super::Topic;
use super::flags::{Arity, FLAGS, Flag};

/// The text for a topic.
pub fn help(program: &str, topic: Topic) -> String {
    match topic {
        Topic::Program => program_help(program),
        Topic::Server => server_help(program),
        Topic::Recover => recover_help(program),
    }
}

fn program_help(program: &str) -> String {
    format!(
        "\
RustFS - an S3 server on MinIO's drives

USAGE
  {program} [FLAGS] server [FLAGS] DIR...

COMMANDS
  server    serve objects from one or more directories ('{program} server --help' says how)
  recover   after an unclean stop, make the drives what they would be after a clean one, without serving

FLAGS
{}",
        table(|flag| flag.global)
    )
}

fn server_help(program: &str) -> String {
    format!(
        "\
Serve objects over the S3 API from directories, one for each drive.

USAGE
  {program} server [FLAGS] DIR...

  One DIR is stored plainly. Several, or a range like {{1...4}}, form erasure sets: objects survive the loss of
  drives. Each argument with a range is a pool of its own. Keep the arguments as they are from one start to the
  next: their order is the order of the drives.

FLAGS
{}
ENVIRONMENT
  MINIO_ROOT_USER, MINIO_ROOT_PASSWORD   credentials of the owner; at least 3 and 8 characters
  MINIO_VOLUMES                          directories, instead of arguments
  MINIO_SITE_REGION                      the region clients must sign for
  MINIO_DOMAIN                           domains below which the host name is the bucket
  MINIO_STORAGE_CLASS_STANDARD, _RRS     parity drives of new objects, as EC:2
  RUSTFS_DRIVE_ENGINE                    what serves the drives: auto, io_uring, threads [auto]
  RUSTFS_LOG                             what is logged: error, warn, info, debug, trace [info]

EXAMPLES
  One drive:
    $ {program} server /mnt/data

  Four drives, any two of which may fail:
    $ {program} server /mnt/drive{{1...4}}

  With credentials, on another port:
    $ MINIO_ROOT_USER=admin MINIO_ROOT_PASSWORD=a-long-secret {program} server --address :9100 /mnt/data
",
        table(|_| true)
    )
}

fn recover_help(program: &str) -> String {
    format!(
        "\
Bring drives to rest that a power cut or a kill has left with changes in their journals: afterwards they can be given to a
MinIO server. Nothing is served. A server does the same by itself when it starts.

USAGE
  {program} recover [FLAGS] DIR...

  The arguments are those of '{program} server'. Changes that reached only some drives of a set are decided
  if enough of them are there.

FLAGS
{}",
        table(|flag| flag.global)
    )
}

fn table(shown: impl Fn(&Flag) -> bool) -> String {
    let lines = FLAGS.iter().filter(|flag| shown(flag)).filter_map(|flag| {
        let short = flag.short.map_or(String::new(), |short| format!(", -{short}"));
        let value = match flag.arity {
            Arity::Value(value) => format!(" {value}"),
            Arity::Switch => String::new(),
        };
        Some(format!("  {:<28}{}\n", format!("--{}{short}{value}", flag.name), flag.about?))
    });
    lines.collect()
}
