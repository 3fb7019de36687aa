use super::*;
use base::{ManualClock, SeededRandom, Tasks, Timestamp};
use futures_util::FutureExt;

fn world() -> World {
    World {
        clock: Arc::new(ManualClock::new(Timestamp::from_secs(1))),
        random: Arc::new(SeededRandom::new(1)),
        tasks: Tasks::new(),
    }
}

#[tokio::test(start_paused = true)]
async fn one_writer_at_a_time_in_the_order_of_asking() {
    let locks = NameLocks::new(world());
    let first = locks.write("b", "o").await.expect("free");
    assert!(locks.write("b", "other").now_or_never().is_some(), "other names are free");
    let mut second = Box::pin(locks.write("b", "o"));
    let mut third = Box::pin(locks.write("b", "o"));
    assert!((&mut second).now_or_never().is_none());
    assert!((&mut third).now_or_never().is_none());
    drop(first);
    assert!((&mut third).now_or_never().is_none(), "the second is before it");
    let second = second.await.expect("its turn");
    drop(second);
    third.await.expect("its turn");
}

#[tokio::test(start_paused = true)]
async fn readers_share_and_hold_off_a_writer() {
    let locks = NameLocks::new(world());
    let one = locks.read("b", "o").await.expect("free");
    let two = locks.read("b", "o").await.expect("shared");
    let mut writer = Box::pin(locks.write("b", "o"));
    assert!((&mut writer).now_or_never().is_none());
    drop((one, two));
    writer.await.expect("free");
}

#[tokio::test(start_paused = true)]
async fn nothing_stays_of_guards_and_of_waiters_that_were_dropped_or_timed_out() {
    let locks = NameLocks::new(world());
    let guard = locks.write("b", "o").await.expect("free");
    let mut waiter = Box::pin(locks.write("b", "o"));
    assert!((&mut waiter).now_or_never().is_none());
    drop(waiter);
    assert!(matches!(locks.write("b", "o").await, Err(StoreError::Busy { .. })), "time passes by itself");
    assert_eq!(locks.len(), 1);
    drop(guard);
    assert_eq!(locks.len(), 0);
    assert!(locks.write("b", "o").now_or_never().is_some());
}
