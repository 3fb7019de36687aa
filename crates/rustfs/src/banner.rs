//! What is shown when the server is ready.

#[cfg(test)]
mod tests;

use crate::engine::EngineKind;
use crate::logging::Output;
use crate::version;
use drive::DriveState;
use std::net::SocketAddr;
use store::DriveStatus;

/// What the banner tells.
pub struct Facts<'a> {
    pub addresses: &'a [SocketAddr],
    pub tls: bool,
    /// What the outside calls the server, when it was told.
    pub public_url: Option<&'a str>,
    pub root_user: &'a str,
    pub engine: EngineKind,
    pub drives: &'a [DriveStatus],
}

/// Shows the banner. `terminal`: a person is looking.
pub fn show(facts: &Facts<'_>, output: Output, terminal: bool) {
    if output.json {
        tracing::info!("{}", line(facts));
    } else if !output.quiet {
        eprint!("{}", text(facts, output, terminal));
    }
}

/// All that a log needs.
fn line(facts: &Facts<'_>) -> String {
    format!("API: {}; Engine: {}; {}", urls(facts).join(" "), facts.engine, drives(facts.drives))
}

fn text(facts: &Facts<'_>, output: Output, terminal: bool) -> String {
    let urls = urls(facts);
    let drives = drives(facts.drives);
    let mut text = format!("RustFS {}\n\nAPI: {}\n", version::TAG, urls.join("  "));
    if terminal && !output.anonymous {
        text.push_str(&format!("   RootUser: {}\n   RootPass: that of MINIO_ROOT_PASSWORD\n", facts.root_user));
    }
    text.push_str(&format!("{drives}\nEngine: {}\n", facts.engine));
    if terminal
        && !output.anonymous
        && let Some(url) = urls.first().and_then(|url| url.split_whitespace().next())
    {
        text.push_str(&format!("CLI: $ mc alias set mine {url} {} PASSWORD\n", facts.root_user));
    }
    text
}

fn urls(facts: &Facts<'_>) -> Vec<String> {
    if let Some(url) = facts.public_url {
        return vec![url.to_owned()];
    }
    let scheme = if facts.tls { "https" } else { "http" };
    let url = |address: &SocketAddr| match address {
        SocketAddr::V6(v6) if v6.ip().is_unspecified() => format!("{scheme}://127.0.0.1:{} (all addresses)", v6.port()),
        SocketAddr::V4(v4) if v4.ip().is_unspecified() => format!("{scheme}://127.0.0.1:{} (all addresses)", v4.port()),
        other => format!("{scheme}://{other}"),
    };
    facts.addresses.iter().map(url).collect()
}

fn drives(drives: &[DriveStatus]) -> String {
    let online = drives.iter().filter(|drive| drive.state == DriveState::Online).count();
    let mut text = format!("Drives: {online} online, {} offline", drives.len() - online);
    let healing = drives.iter().filter(|drive| drive.healing).count();
    if healing > 0 {
        text.push_str(&format!(", {healing} being filled"));
    }
    text
}
