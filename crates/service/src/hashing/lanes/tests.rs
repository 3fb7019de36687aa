use super::*;
use futures_util::future::join_all;

fn bytes(seed: usize, length: usize) -> Bytes {
    (0..length).map(|at| (at.wrapping_mul(31) ^ (at >> 8) ^ seed).to_le_bytes()[0]).collect()
}

/// Gives a body in pieces of `piece` bytes, as a reader would.
async fn feed(lanes: &Lanes, whole: &Bytes, piece: usize) -> [u8; 16] {
    let md5 = lanes.body();
    let mut rest = whole.clone();
    while !rest.is_empty() {
        poll_fn(|context| md5.poll_room(context)).await;
        assert!(lock(&md5.body).waiting < AHEAD);
        md5.update(rest.split_to(piece.min(rest.len())));
    }
    poll_fn(|context| md5.poll_finish(context)).await
}

#[tokio::test]
async fn a_body_of_any_size_and_pieces() {
    let lanes = Lanes::new(Tasks::new());
    for size in [0, 1, PIECE - 1, PIECE, PIECE + 1, 3 * AHEAD + 17] {
        let whole = bytes(size, size);
        for piece in [1000, PIECE, PIECE + 63, 3 * PIECE] {
            assert_eq!(feed(&lanes, &whole, piece).await, md5::digest(&whole), "{size} bytes by {piece}");
        }
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn many_bodies_at_once() {
    let lanes = Lanes::new(Tasks::new());
    let body = |number: usize| {
        let lanes = lanes.clone();
        let hashed = lanes.tasks.clone().spawn(async move {
            let whole = bytes(number, 5 * PIECE + number * 10_007);
            assert_eq!(feed(&lanes, &whole, PIECE / 2 + number * 1001).await, md5::digest(&whole), "body {number}");
        });
        hashed.join()
    };
    for done in join_all((0..60).map(body)).await {
        done.expect("no task panicked");
    }
    lanes.tasks.idle().await;
    let line = lock(&lanes.line);
    assert_eq!((line.bodies.len(), line.hashers, line.urgent, line.live), (0, 0, 0, 0));
}

#[tokio::test]
async fn a_body_alone_is_hashed_at_once_and_one_of_several_when_it_can_not_wait() {
    let lanes = Lanes::new(Tasks::new());
    let waiting = |md5: &BodyMd5| lock(&md5.body).waiting;
    let first = lanes.body();
    first.update(bytes(1, PIECE));
    lanes.tasks.idle().await;
    assert_eq!(waiting(&first), 0);
    let second = lanes.body();
    first.update(bytes(1, PIECE));
    second.update(bytes(2, PIECE));
    lanes.tasks.idle().await;
    assert_eq!((waiting(&first), waiting(&second)), (PIECE, PIECE));
    first.update(bytes(1, PATIENCE));
    lanes.tasks.idle().await;
    assert!(waiting(&first) < PATIENCE);
    assert_eq!(waiting(&second), 0);
}

#[tokio::test]
async fn a_body_given_up_holds_nothing_and_nobody_up() {
    let lanes = Lanes::new(Tasks::new());
    let whole = bytes(1, AHEAD);
    let given_up = lanes.body();
    given_up.update(whole.clone());
    let body = Arc::clone(&given_up.body);
    drop(given_up);
    assert!(lock(&body).pieces.is_empty());
    assert_eq!(feed(&lanes, &whole, PIECE).await, md5::digest(&whole));
    lanes.tasks.idle().await;
    assert!(!lock(&body).busy);
}
