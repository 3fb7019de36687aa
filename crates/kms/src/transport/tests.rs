use super::health::Health;
use super::*;
use crate::testing::{FakeServer, no_tls};
use std::sync::atomic::Ordering;

fn transport(world: &World, urls: &[&str]) -> Transport {
    let targets = urls.iter().map(|url| Target::parse(url).unwrap()).collect();
    Transport::new(targets, Tls::new(no_tls()), world.clone())
}

fn get(path: &str) -> Call {
    Call { method: Method::GET, path: path.to_owned(), headers: HeaderMap::new(), body: Bytes::new() }
}

#[test]
fn endpoints_are_urls_with_a_host() {
    let target = Target::parse("https://kes.example:7373/below/").unwrap();
    assert_eq!((target.host(), target.port(), target.path()), ("kes.example", 7373, "/below"));
    assert!(target.is_tls() && !target.is_here());
    let target = Target::parse("http://[::1]").unwrap();
    assert_eq!((target.host(), target.authority().as_str()), ("::1", "[::1]:80"));
    assert!(target.is_here());
    for wrong in ["kes.example:7373", "ftp://h", "https://", "https://u:p@h", "https://h/?q", "https://h h"] {
        assert!(Target::parse(wrong).is_err(), "{wrong}");
    }
}

#[test]
fn a_server_that_fails_twice_is_put_aside_for_longer_each_time_and_one_call_tries_it() {
    let health = Arc::new(Health::new("x".to_owned()));
    let seconds = Duration::from_secs;
    let fail = |now| Health::admit(&health, seconds(now)).unwrap().failed(seconds(now), false, "cause");
    fail(0);
    assert!(Health::admit(&health, seconds(0)).is_some(), "one failure may be chance");
    fail(0);
    assert!(Health::admit(&health, seconds(0)).is_none());
    let trying = Health::admit(&health, seconds(1)).unwrap();
    assert!(Health::admit(&health, seconds(1)).is_none(), "one call is enough to try");
    trying.failed(seconds(1), false, "cause");
    assert!(Health::admit(&health, seconds(2)).is_none(), "it is put aside for two seconds now");
    drop(Health::admit(&health, seconds(3)).unwrap());
    Health::admit(&health, seconds(3)).expect("what was given up taught nothing").succeeded();
    assert!(Health::admit(&health, seconds(3)).is_some() && health.cause().is_none());
    for round in 0..40 {
        fail(100 * round + 100);
    }
    assert!(Health::admit(&health, seconds(4000 + 31)).is_some(), "never for longer than half a minute");
}

#[tokio::test]
async fn a_server_that_is_gone_is_stepped_over_and_then_left_alone() {
    let world = World::system();
    let (gone, there) = (
        FakeServer::start(&world, |_| (200, String::new())).await,
        FakeServer::start(&world, |_| (200, "{}".to_owned())).await,
    );
    gone.stop();
    world.clock.sleep(Duration::from_millis(20)).await;
    let transport = transport(&world, &[&gone.url, &there.url]);
    for _ in 0..10 {
        assert_eq!(transport.call(&get("/x")).await.map_err(|away| away.0).unwrap().status, 200);
    }
    assert_eq!(there.asked(), 10);
    assert!(transport.servers[0].health.cause().is_some());
}

#[tokio::test]
async fn when_all_are_away_the_answer_says_why_and_comes_without_asking_again() {
    let world = World::system();
    let server = FakeServer::start(&world, |_| (503, r#"{"errors":["sealed"]}"#.to_owned())).await;
    let transport = transport(&world, &[&server.url]);
    for _ in 0..5 {
        let away = transport.call(&get("/x")).await.err().unwrap();
        assert!(away.0.contains("status 503") && away.0.contains("sealed"), "{away}");
    }
    assert_eq!(server.asked(), 2);
}

#[tokio::test]
async fn a_no_is_an_answer_and_nobody_else_is_asked() {
    let world = World::system();
    let server = FakeServer::start(&world, |_| (501, String::new())).await;
    let transport = transport(&world, &[&server.url]);
    assert_eq!(transport.call(&get("/x")).await.map_err(|away| away.0).unwrap().status, 501);
    assert_eq!(server.asked(), 1);
}

#[tokio::test]
async fn connections_are_used_again_and_one_that_was_closed_meanwhile_is_no_failure() {
    let world = World::system();
    let keeping = FakeServer::start(&world, |_| (200, "{}".to_owned())).await;
    let kept = transport(&world, &[&keeping.url]);
    for _ in 0..5 {
        kept.call(&get("/x")).await.map_err(|away| away.0).unwrap();
    }
    assert_eq!(keeping.connections.load(Ordering::SeqCst), 1);
    let closing = FakeServer::start_closing(&world, |_| (200, "{}".to_owned()), true).await;
    let closed = transport(&world, &[&closing.url]);
    for _ in 0..5 {
        closed.call(&get("/x")).await.map_err(|away| away.0).unwrap();
    }
    assert!(closed.servers[0].health.cause().is_none());
}

#[tokio::test]
async fn an_answer_without_end_is_cut() {
    let world = World::system();
    let server = FakeServer::start(&world, |_| (200, "x".repeat(3 * MAX_ANSWER))).await;
    let answer = transport(&world, &[&server.url]).call(&get("/x")).await.map_err(|away| away.0).unwrap();
    assert!(answer.body.len() <= MAX_ANSWER);
}
