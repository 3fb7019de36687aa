//! Help that a person can read.

use super::Topic;
use super::flags::{self, Arity, FLAGS, Flag};

/// The text for a topic.
pub fn help(program: &str, topic: Topic) -> String {
    match topic {
        Topic::Program => program_help(program),
        Topic::Server => server_help(program),
        Topic::Recover => recover_help(program),
        Topic::Fsck => fsck_help(program),
        Topic::Inspect => inspect_help(program),
        Topic::CheckMigration => check_migration_help(program),
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
  fsck      examine the drives without serving: what is sound, what can be repaired, what is lost
  inspect   show what a file on a drive says, or what every drive has of an object
  check-migration   before a change from MinIO, or back: what is taken over, what not, what loses protection

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

fn fsck_help(program: &str) -> String {
    format!(
        "\
Examine drives that no server uses: formats, every version's metadata on all drives, the hashes of all data, uploads, remains.
Works on MinIO's drives as well. Writes nothing unless told to repair.

USAGE
  {program} fsck [FLAGS] DIR...

  The arguments are those of '{program} server', and so are its environment variables. docs/fsck.md names every kind of finding.

FLAGS
{}{}
EXIT CODES
  0  sound (harmless remains are sound)
  1  damage that can be repaired
  2  data is lost
  3  something couldn't be checked
",
        own(flags::own_flags(Topic::Fsck)),
        table(|flag| flag.global)
    )
}

fn inspect_help(program: &str) -> String {
    format!(
        "\
Show what a file on a drive says: xl.meta, format.json, bucket metadata, part records, healing trackers, journal segments,
configuration and identities. Or what every drive has of an object, side by side. Nothing is written.

USAGE
  {program} inspect [FLAGS] FILE
  {program} inspect [FLAGS] DIR... BUCKET/KEY

  The arguments before BUCKET/KEY are those of '{program} server'. Documents of the server itself are objects of the bucket
  .minio.sys, as .minio.sys/config/config.json; encrypted ones are shown if MINIO_KMS_SECRET_KEY has their key.

FLAGS
{}{}",
        own(flags::own_flags(Topic::Inspect)),
        table(|flag| flag.global)
    )
}

fn check_migration_help(program: &str) -> String {
    format!(
        "\
Say before a change from MinIO to this server, or back, what is taken over, what has no effect there, what loses protection, and
what prevents it: environment, flags, stored configuration, buckets, identities, drives. Nothing is written. Stop the server first.

USAGE
  {program} check-migration [FLAGS] DIR...

  Flags, directories and environment are those that the other server has; 'server' before them is left out.

FLAGS
{}{}
EXIT CODES
  0  everything is taken over
  1  something is without effect or unknown
  2  something loses protection
  3  the server wouldn't start, or data couldn't be read
",
        own(flags::own_flags(Topic::CheckMigration)),
        table(|flag| flag.global)
    )
}

fn own(flags: &[Flag]) -> String {
    flags.iter().filter_map(line).collect()
}

fn table(shown: impl Fn(&Flag) -> bool) -> String {
    FLAGS.iter().filter(|flag| shown(flag)).filter_map(line).collect()
}

fn line(flag: &Flag) -> Option<String> {
    let short = flag.short.map_or(String::new(), |short| format!(", -{short}"));
    let value = match flag.arity {
        Arity::Value(value) => format!(" {value}"),
        Arity::Switch => String::new(),
    };
    Some(format!("  {:<28}{}\n", format!("--{}{short}{value}", flag.name), flag.about?))
}
