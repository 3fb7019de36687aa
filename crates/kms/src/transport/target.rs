//! Where a server is.

use std::net::IpAddr;

/// The address of a server, from its URL: `https://HOST[:PORT][/PATH]`.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Target {
    url: String,
    tls: bool,
    host: String,
    port: u16,
    /// Without a slash at its end.
    path: String,
}

/// An endpoint that is no address.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("'{0}' is not the URL of a key server")]
pub struct TargetError(String);

impl Target {
    pub fn parse(url: &str) -> Result<Self, TargetError> {
        let error = || TargetError(url.to_owned());
        let parsed: http::Uri = url.parse().map_err(|_| error())?;
        let (tls, default_port) = match parsed.scheme_str() {
            Some("https") => (true, 443),
            Some("http") => (false, 80),
            _ => return Err(error()),
        };
        let host = parsed.host().filter(|host| !host.is_empty()).ok_or_else(error)?;
        if parsed.query().is_some() || parsed.authority().is_some_and(|authority| authority.as_str().contains('@')) {
            return Err(error());
        }
        Ok(Target {
            url: url.trim_end_matches('/').to_owned(),
            tls,
            host: host.trim_matches(['[', ']']).to_owned(),
            port: parsed.port_u16().unwrap_or(default_port),
            path: parsed.path().trim_end_matches('/').to_owned(),
        })
    }

    pub fn url(&self) -> &str {
        &self.url
    }

    pub fn is_tls(&self) -> bool {
        self.tls
    }

    pub fn host(&self) -> &str {
        &self.host
    }

    pub fn port(&self) -> u16 {
        self.port
    }

    pub fn path(&self) -> &str {
        &self.path
    }

    /// The host as the `Host` header has it.
    pub fn authority(&self) -> String {
        if self.host.contains(':') {
            format!("[{}]:{}", self.host, self.port)
        } else {
            format!("{}:{}", self.host, self.port)
        }
    }

    /// Whether it is on this machine.
    pub fn is_here(&self) -> bool {
        self.host == "localhost" || self.host.parse::<IpAddr>().is_ok_and(|address| address.is_loopback())
    }
}
