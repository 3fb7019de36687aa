//! `rustfs inspect`: what a file says, or what every drive has of an object.

use crate::cli::ServerOptions;
use crate::fsck::open;
use ::inspect::{Look, describe, meta_value, to_text, version_summary};
use base::Secret;
use bytes::Bytes;
use drive::{FileSystem, PlainFs};
use format::names::{SYSTEM_BUCKET, encode_key};
use fsck::{Deployment, DriveCopy, copies, read_document};
use seal::config_file::SealedFile;
use seal::{Context, StaticKey};
use serde_json::{Map, Value, json};
use settings::{Environment, files};
use std::io::Write;
use std::path::Path;

/// The longest file that is shown: a journal's segment, and any document.
const LONGEST: usize = 256 << 20;

/// Shows what the arguments name; says why it can't.
pub fn run(options: &ServerOptions, environment: Environment) -> Result<(), String> {
    let environment = environment.load_files(files::read_secret).map_err(|error| error.to_string())?;
    let key = static_key(&environment)?;
    let value = match options.flags.volumes.as_slice() {
        [file] => of_file(file, key.as_ref(), options.tool.show_secrets)?,
        [drives @ .., object] => {
            let mut of_drives = ServerOptions::default();
            of_drives.flags.volumes = drives.to_vec();
            let settings = crate::settings(&of_drives, environment).map_err(|fatal| fatal.to_string())?;
            let runtime =
                tokio::runtime::Builder::new_multi_thread().enable_all().build().map_err(|error| error.to_string())?;
            runtime.block_on(async {
                let (deployment, opening) = open(&settings).await.map_err(|fatal| fatal.to_string())?;
                opening.iter().for_each(|finding| eprintln!("{finding}"));
                of_object(&deployment, object, key.as_ref(), options).await
            })?
        }
        [] => return Err("neither a file nor an object is given".to_owned()),
    };
    let text = if options.output.json { format!("{value:#}\n") } else { to_text(&value) };
    // Whoever doesn't read to the end has seen enough.
    let _closed = std::io::stdout().write_all(text.as_bytes());
    Ok(())
}

fn of_file(file: &str, key: Option<&StaticKey>, secrets: bool) -> Result<Value, String> {
    let path = Path::new(file);
    let name = path
        .file_name()
        .ok_or_else(|| format!("{file}: it is a directory; to see an object give the drives, then BUCKET/KEY"))?;
    let parent = path.parent().filter(|parent| !parent.as_os_str().is_empty()).unwrap_or(Path::new("."));
    let bytes = PlainFs::new(parent, false).read(&name.to_string_lossy(), LONGEST);
    let bytes = bytes.map_err(|error| format!("{file}: {error}"))?;
    let place = file.split_once(&format!("{SYSTEM_BUCKET}/")).map_or(file, |(_, place)| place);
    show(place, &bytes, key, secrets)
        .map(|(what, value)| json!({"file": file, "is": what, "says": value}))
        .map_err(|error| format!("{file}: {error}"))
}

/// `place` is the document's below the system bucket: its encryption is bound to it.
fn show(place: &str, bytes: &Bytes, key: Option<&StaticKey>, secrets: bool) -> Result<(&'static str, Value), String> {
    let opener = |file: &SealedFile<'_>| unseal(file, place, key);
    let described = describe(place, bytes, Look { secrets, opener: &opener }).map_err(|error| error.to_string())?;
    Ok((described.what, described.value))
}

/// Opens an encrypted document of the server; says why it can't.
fn unseal(file: &SealedFile<'_>, place: &str, key: Option<&StaticKey>) -> Result<Vec<u8>, String> {
    let Some(key) = key else {
        return Err(format!("it is encrypted and needs the key '{}': set MINIO_KMS_SECRET_KEY", file.key_id));
    };
    let mut reason = String::new();
    for context in Context::of_config_file(place) {
        match key.decrypt(&file.key_id, &file.data_key, &context) {
            Ok(data_key) => return file.open(&data_key).map_err(|error| error.to_string()),
            Err(error) => reason = error.to_string(),
        }
    }
    Err(reason)
}

/// The static key of the environment.
fn static_key(environment: &Environment) -> Result<Option<StaticKey>, String> {
    let Some(text) = environment.get("MINIO_KMS_SECRET_KEY") else { return Ok(None) };
    StaticKey::parse(&Secret::new(text)).map(Some).map_err(|error| format!("MINIO_KMS_SECRET_KEY: {error}"))
}

async fn of_object(
    deployment: &Deployment,
    object: &str,
    key: Option<&StaticKey>,
    options: &ServerOptions,
) -> Result<Value, String> {
    let (bucket, name) = object.split_once('/').ok_or_else(|| format!("'{object}' is not BUCKET/KEY"))?;
    let encoded = encode_key(name);
    let secrets = options.tool.show_secrets;
    let mut drives = Map::new();
    let mut held = 0;
    for set in deployment.sets_of(&encoded) {
        for (drive, copy) in copies(set, bucket, &encoded).await {
            let value = match copy {
                DriveCopy::Away => "(the drive can't be asked)".into(),
                DriveCopy::Absent => "(doesn't have it)".into(),
                DriveCopy::Broken { kind, detail } => format!("{kind}: {detail}").into(),
                DriveCopy::Held(meta) if options.output.json => {
                    held += 1;
                    meta_value(&meta, secrets)
                }
                DriveCopy::Held(meta) => {
                    held += 1;
                    meta.versions.iter().map(|entry| Value::from(version_summary(entry))).collect()
                }
            };
            drives.insert(drive, value);
        }
    }
    if held == 0 && drives.values().all(|value| value == "(doesn't have it)") {
        return Err(format!("{object}: no drive has it"));
    }
    let mut value = json!({"object": object, "drives": drives});
    if !options.output.json {
        value["details"] = details(deployment, bucket, &encoded, secrets).await;
    }
    if bucket == SYSTEM_BUCKET {
        match read_document(deployment, name).await {
            Ok(Some(content)) => match show(name, &content, key, secrets) {
                Ok((what, content)) => (value["is"], value["says"]) = (what.into(), content),
                Err(error) => value["content"] = format!("{} bytes: {error}", content.len()).into(),
            },
            Ok(None) => {}
            Err(error) => value["content"] = error.to_string().into(),
        }
    }
    Ok(value)
}

/// What the first drive that has it says of it in full.
async fn details(deployment: &Deployment, bucket: &str, encoded: &str, secrets: bool) -> Value {
    for set in deployment.sets_of(encoded) {
        for (drive, copy) in copies(set, bucket, encoded).await {
            if let DriveCopy::Held(meta) = copy {
                return json!({"as": drive, "says": meta_value(&meta, secrets)});
            }
        }
    }
    Value::Null
}
