use super::health::answer;
use super::*;

fn request(method: Method, uri: &str) -> Request<RequestBody> {
    Request::builder().method(method).uri(uri).body(RequestBody::empty()).unwrap()
}

fn get(uri: &str) -> Option<Probe> {
    Probe::of(&request(Method::GET, uri))
}

fn set(online: usize, healing: usize) -> SetHealth {
    SetHealth { pool: 0, set: 0, drives: 4, online, healing, read_quorum: 2, write_quorum: 3 }
}

fn status(probe: Probe, sets: &[SetHealth]) -> u16 {
    answer(probe, true, Some(sets)).status().as_u16()
}

const WRITE: Probe = Probe::Write { maintenance: false };
const READ: Probe = Probe::Read { maintenance: false };

#[test]
fn probes_are_known_by_path_and_method() {
    assert_eq!(get("/minio/health/live"), Some(Probe::Alive));
    assert_eq!(get("/minio/health/ready"), Some(Probe::Alive));
    assert_eq!(get("/minio/health/cluster"), Some(WRITE));
    assert_eq!(get("/minio/health/cluster?maintenance=true"), Some(Probe::Write { maintenance: true }));
    assert_eq!(get("/minio/health/cluster/read"), Some(READ));
    assert_eq!(get("/minio/health/other"), None);
    assert_eq!(get("/bucket/minio/health/live"), None);
    assert_eq!(Probe::of(&request(Method::HEAD, "/minio/health/live")), Some(Probe::Alive));
    assert_eq!(Probe::of(&request(Method::PUT, "/minio/health/live")), None);
}

#[test]
fn the_cluster_is_healthy_while_every_set_has_its_quorum() {
    assert_eq!(status(WRITE, &[set(4, 0), set(3, 0)]), 200);
    assert_eq!(status(WRITE, &[set(4, 0), set(2, 0)]), 503);
    assert_eq!(status(READ, &[set(4, 0), set(2, 0)]), 200);
    assert_eq!(status(READ, &[set(1, 0)]), 503);
    assert_eq!(status(Probe::Write { maintenance: true }, &[set(4, 0)]), 412);
}

#[test]
fn quorum_and_drives_being_filled_are_told() {
    let write = answer(WRITE, true, Some(&[set(4, 1)]));
    assert_eq!(write.headers()["x-minio-write-quorum"], "3");
    assert_eq!(write.headers()["x-minio-healing-drives"], "1");
    let read = answer(READ, true, Some(&[set(4, 0)]));
    assert_eq!(read.headers()["x-minio-read-quorum"], "2");
    assert!(!read.headers().contains_key("x-minio-healing-drives"));
}

#[tokio::test]
async fn before_the_store_is_open_probes_tell_so_and_others_are_sent_away() {
    let front = Front::new(World::system(), "127.0.0.1:9000", "", None);
    let conn = ConnInfo { peer: "127.0.0.1:1".parse().unwrap(), local: "127.0.0.1:2".parse().unwrap(), tls: false };
    let ask = async |uri| front.handle(request(Method::GET, uri), conn).await;
    let live = ask("/minio/health/live").await;
    assert_eq!(live.status(), 200);
    assert_eq!(live.headers()["x-minio-server-status"], "offline");
    assert_eq!(ask("/minio/health/cluster").await.status(), 503);
    assert_eq!(ask("/crossdomain.xml").await.status(), 200);
    let early = ask("/bucket/key").await;
    assert_eq!(early.status(), 503);
    assert_eq!(early.headers()["retry-after"], "60");
    assert!(front.urgent(&request(Method::GET, "/minio/health/live")));
    assert!(!front.urgent(&request(Method::GET, "/bucket")));
}
