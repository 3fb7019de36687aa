use super::*;

fn parsed(text: &str) -> (String, u16) {
    let address = ListenAddress::parse(text).unwrap_or_else(|error| panic!("{text}: {error}"));
    (address.host, address.port)
}

#[test]
fn addresses_are_read_in_every_form() {
    assert_eq!(parsed(":9000"), (String::new(), 9000));
    assert_eq!(parsed("127.0.0.1:9000"), ("127.0.0.1".to_owned(), 9000));
    assert_eq!(parsed("127.0.0.1"), ("127.0.0.1".to_owned(), 0));
    assert_eq!(parsed("localhost:0"), ("localhost".to_owned(), 0));
    assert_eq!(parsed("[::1]:80"), ("::1".to_owned(), 80));
    assert_eq!(parsed("[::]"), ("::".to_owned(), 0));
    assert_eq!(parsed("::1"), ("::1".to_owned(), 0));
}

#[test]
fn bad_ports_are_named() {
    let error = |text| ListenAddress::parse(text).expect_err(text).to_string();
    assert_eq!(error("foo:bar"), "Unable to split host port foo:bar: invalid port number");
    assert_eq!(error(":65536"), "port must be between 0 to 65535");
    assert_eq!(error(":-1"), "port must be between 0 to 65535");
    assert!(error("a:b:c").contains("too many colons"));
    assert!(error("[::1").contains("too many colons"));
}

fn at(text: &str) -> Result<Vec<TcpListener>, ListenError> {
    listen(&ListenAddress::parse(text)?, &SocketOptions::default())
}

async fn reaches(ip: IpAddr, port: u16) -> bool {
    tokio::net::TcpStream::connect((ip, port)).await.is_ok()
}

#[tokio::test]
async fn no_host_is_reached_over_both_protocols() {
    let listeners = at(":0").expect("a free port");
    assert_eq!(listeners.len(), 1, "one socket for all");
    let port = listeners[0].local_addr().expect("bound").port();
    assert!(reaches(Ipv4Addr::LOCALHOST.into(), port).await);
    if has_ipv6() {
        assert!(reaches(Ipv6Addr::LOCALHOST.into(), port).await);
    }
}

#[tokio::test]
async fn an_ipv4_host_is_reached_over_ipv6_loopback_too() {
    for host in ["127.0.0.1:0", "0.0.0.0:0"] {
        let listeners = at(host).expect("a free port");
        let port = listeners[0].local_addr().expect("bound").port();
        assert!(reaches(Ipv4Addr::LOCALHOST.into(), port).await);
        assert_eq!(reaches(Ipv6Addr::LOCALHOST.into(), port).await, listeners.len() == 2);
    }
}

#[tokio::test]
async fn a_port_in_use_and_a_foreign_host_are_told_apart() {
    let held = at("127.0.0.1:0").expect("a free port");
    let port = held[0].local_addr().expect("bound").port();
    let in_use = at(&format!("127.0.0.1:{port}")).expect_err("held");
    assert_eq!(in_use.to_string(), "Specified port is already in use");
    let in_use = at(&format!(":{port}")).expect_err("held");
    assert_eq!(in_use.to_string(), "Specified port is already in use");
    // An address of the range for documentation is nobody's.
    let foreign = at("192.0.2.1:0").expect_err("not ours");
    assert_eq!(foreign.to_string(), "host in server address should be this server");
}
