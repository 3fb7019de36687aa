//! `rustfs check-migration`: before a change of servers.

use crate::cli::ServerOptions;
use crate::keys;
use base::World;
use migration::{Direction, Input, Report, check};
use settings::{Environment, files};
use std::io::Write;
use std::sync::Arc;

/// Tells on standard output; gives the exit code.
pub fn run(options: &ServerOptions, environment: Environment) -> Result<u8, String> {
    let direction = if options.tool.to_minio { Direction::ToMinio } else { Direction::ToRustfs };
    // A variable or file that prevents the start is told with the rest.
    let loaded = environment.clone().load_files(files::read_secret);
    let problem = loaded.as_ref().err().map(ToString::to_string);
    let environment = loaded.unwrap_or(environment);
    let variables = environment.variables().map(|(name, value)| (name.to_owned(), value.to_owned())).collect();
    let runtime =
        tokio::runtime::Builder::new_multi_thread().enable_all().build().map_err(|error| error.to_string())?;
    let report = runtime.block_on(async {
        let settings = match problem {
            Some(reason) => Err(reason),
            None => crate::settings(options, environment).map_err(|fatal| fatal.to_string()),
        };
        let (drives, keys) = match settings {
            Err(reason) => (Err(reason), Ok(None)),
            Ok(settings) => {
                let drives = crate::fsck::open(&settings).await.map_err(|fatal| fatal.to_string());
                (drives, keys::open(&settings.kms, &settings.certs_dir, &World::system()).await)
            }
        };
        let given = drives.as_ref().ok().map(|(deployment, findings)| (deployment, &findings[..]));
        let input = Input {
            direction,
            variables,
            flags: options.tool.given.iter().map(|flag| (*flag).to_owned()).collect(),
            drives: given,
            no_drives: drives.as_ref().err().cloned(),
            keys: keys.as_ref().ok().and_then(Option::as_ref).map(|keys| Arc::clone(&keys.service)),
            no_keys: keys.as_ref().err().map(ToString::to_string),
        };
        check(input).await
    });
    let text = if options.output.json {
        format!("{:#}\n", report.to_json())
    } else {
        format!("{report}{}\n", verdict(&report))
    };
    // Whoever doesn't read to the end has seen enough.
    let _closed = std::io::stdout().write_all(text.as_bytes());
    Ok(report.exit_code())
}

fn verdict(report: &Report) -> &'static str {
    match report.exit_code() {
        0 => "Everything is taken over.",
        1 => "Nothing stands in the way; not everything has an effect there.",
        2 => "Something loses protection: see above before you change.",
        _ => "Don't change before what is told first is put right.",
    }
}
