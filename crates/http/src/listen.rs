//! Where the server listens.
//!
//! `:9000` is every interface, IPv6 and IPv4 through one socket, or IPv4 alone on a machine without IPv6. With a host only its
//! addresses, which must be this machine's, and the loopback addresses besides.

use socket2::{Domain, Protocol, Socket, Type};
use std::io;
use std::net::{IpAddr, Ipv4Addr, Ipv6Addr, SocketAddr, ToSocketAddrs};
use tokio::net::TcpListener;

/// Connections the kernel holds until they are accepted; it cuts the number to its own limit.
const BACKLOG: i32 = 4096;

/// `HOST:PORT` as given on the command line.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ListenAddress {
    /// A name or an address without brackets; empty for all interfaces.
    pub host: String,
    /// Zero for any free port.
    pub port: u16,
}

/// Why the server can't listen.
#[derive(Debug, thiserror::Error)]
pub enum ListenError {
    /// The text is no address.
    #[error("Unable to split host port {0}: invalid port number")]
    InvalidPort(String),
    /// The text has colons where none belong.
    #[error("address {0}: too many colons in address")]
    Malformed(String),
    /// The port is no port.
    #[error("port must be between 0 to 65535")]
    PortRange,
    /// The host can't be resolved.
    #[error("address {host}: {cause}")]
    Unresolved {
        /// The host as given.
        host: String,
        /// What the resolver said.
        cause: io::Error,
    },
    /// The host is another machine.
    #[error("host in server address should be this server")]
    NotLocal,
    /// Another program listens there.
    #[error("Specified port is already in use")]
    InUse(SocketAddr),
    /// Low ports are for privileged programs.
    #[error("Insufficient permissions to use specified port")]
    Forbidden(SocketAddr),
    /// Anything else.
    #[error("listening on {address}: {cause}")]
    Other {
        /// The address.
        address: SocketAddr,
        /// What the system said.
        cause: io::Error,
    },
}

/// Socket settings that differ from the system's only if asked for.
#[derive(Clone, Copy, Debug, Default)]
pub struct SocketOptions {
    /// SO_SNDBUF in bytes.
    pub send_buffer: Option<usize>,
    /// SO_RCVBUF in bytes.
    pub receive_buffer: Option<usize>,
}

impl ListenAddress {
    /// Reads `HOST:PORT`, `:PORT`, `HOST`, `[IPV6]:PORT`. A missing port is zero.
    pub fn parse(text: &str) -> Result<Self, ListenError> {
        let malformed = || ListenError::Malformed(text.to_owned());
        let (host, port) = if let Some(rest) = text.strip_prefix('[') {
            let (host, rest) = rest.split_once(']').ok_or_else(malformed)?;
            let port = if rest.is_empty() { "" } else { rest.strip_prefix(':').ok_or_else(malformed)? };
            (host, port)
        } else if text.parse::<Ipv6Addr>().is_ok() {
            (text, "")
        } else {
            text.split_once(':').unwrap_or((text, ""))
        };
        if port.contains(':') {
            return Err(malformed());
        }
        let number = if port.is_empty() { Ok(0) } else { port.parse::<i64>() };
        let number = number.map_err(|_| ListenError::InvalidPort(text.to_owned()))?;
        let port = u16::try_from(number).map_err(|_| ListenError::PortRange)?;
        Ok(ListenAddress { host: host.to_owned(), port })
    }
}

/// Listens on an address. Call inside a Tokio runtime. All listeners have the same port.
///
/// The loopback addresses are only tried: one that can't be had is logged.
pub fn listen(address: &ListenAddress, options: &SocketOptions) -> Result<Vec<TcpListener>, ListenError> {
    let mut listeners = Vec::new();
    let mut port = address.port;
    for ip in resolve(&address.host)? {
        let listener = match open(SocketAddr::new(ip, port), options) {
            Err(ListenError::NotLocal) => continue,
            other => other?,
        };
        port = listener.local_addr().map_or(port, |local| local.port());
        listeners.push(listener);
    }
    if listeners.is_empty() {
        return Err(ListenError::NotLocal);
    }
    for loopback in [IpAddr::V4(Ipv4Addr::LOCALHOST), IpAddr::V6(Ipv6Addr::LOCALHOST)] {
        if listeners.iter().any(|listener| covers(listener, loopback)) {
            continue;
        }
        match open(SocketAddr::new(loopback, port), options) {
            Ok(listener) => listeners.push(listener),
            Err(error) => tracing::info!(%loopback, port, %error, "not listening on a loopback address"),
        }
    }
    Ok(listeners)
}

fn resolve(host: &str) -> Result<Vec<IpAddr>, ListenError> {
    if host.is_empty() {
        let both = if has_ipv6() { IpAddr::V6(Ipv6Addr::UNSPECIFIED) } else { IpAddr::V4(Ipv4Addr::UNSPECIFIED) };
        return Ok(vec![both]);
    }
    if let Ok(ip) = host.parse() {
        return Ok(vec![ip]);
    }
    let found = (host, 0).to_socket_addrs();
    let found = found.map_err(|cause| ListenError::Unresolved { host: host.to_owned(), cause })?;
    let mut addresses: Vec<IpAddr> = found.map(|address| address.ip()).collect();
    addresses.sort_unstable();
    addresses.dedup();
    Ok(addresses)
}

/// Whether an IPv6 socket can be had and bound; without IPv6 one of the two fails.
fn has_ipv6() -> bool {
    let any = SocketAddr::new(IpAddr::V6(Ipv6Addr::UNSPECIFIED), 0);
    let socket = Socket::new(Domain::IPV6, Type::STREAM, Some(Protocol::TCP));
    socket.and_then(|socket| socket.bind(&any.into())).is_ok()
}

fn covers(listener: &TcpListener, ip: IpAddr) -> bool {
    match listener.local_addr().map(|local| local.ip()) {
        Ok(IpAddr::V6(Ipv6Addr::UNSPECIFIED)) => true,
        Ok(IpAddr::V4(Ipv4Addr::UNSPECIFIED)) => ip.is_ipv4(),
        Ok(local) => local == ip,
        Err(_) => false,
    }
}

fn open(address: SocketAddr, options: &SocketOptions) -> Result<TcpListener, ListenError> {
    bind(address, options).map_err(|cause| match cause.kind() {
        io::ErrorKind::AddrInUse => ListenError::InUse(address),
        io::ErrorKind::AddrNotAvailable => ListenError::NotLocal,
        io::ErrorKind::PermissionDenied => ListenError::Forbidden(address),
        _ => ListenError::Other { address, cause },
    })
}

fn bind(address: SocketAddr, options: &SocketOptions) -> io::Result<TcpListener> {
    let socket = Socket::new(Domain::for_address(address), Type::STREAM, Some(Protocol::TCP))?;
    if address.is_ipv6() {
        socket.set_only_v6(!address.ip().is_unspecified())?;
    }
    // A restarted server must not wait for connections of its predecessor to time out.
    socket.set_reuse_address(true)?;
    // Accepted sockets inherit the buffers.
    if let Some(size) = options.send_buffer {
        socket.set_send_buffer_size(size)?;
    }
    if let Some(size) = options.receive_buffer {
        socket.set_recv_buffer_size(size)?;
    }
    socket.set_nonblocking(true)?;
    socket.bind(&address.into())?;
    socket.listen(BACKLOG)?;
    TcpListener::from_std(socket.into())
}

#[cfg(test)]
mod tests;
