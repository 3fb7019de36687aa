use crate::*;
use std::time::Duration;

#[test]
fn timestamps_round_down_before_the_epoch() {
    let t = Timestamp::from_nanos(-1);
    assert_eq!((t.secs(), t.subsec_nanos()), (-1, 999_999_999));
}

#[test]
fn a_seeded_generator_repeats_itself() {
    let (a, b) = (SeededRandom::new(7), SeededRandom::new(7));
    assert_eq!(a.uuid(), b.uuid());
    assert_ne!(a.uuid(), SeededRandom::new(7).uuid());
    assert_eq!(a.uuid().get_version_num(), 4);
}

#[test]
fn secrets_do_not_show_themselves() {
    assert_eq!(format!("{:?}", Secret::new("hunter2")), "[secret]");
}

#[tokio::test]
async fn idle_waits_for_work_whose_handle_was_dropped() {
    let tasks = Tasks::new();
    let (send, receive) = tokio::sync::oneshot::channel::<()>();
    drop(tasks.spawn(async move { receive.await.ok() }));
    assert_eq!(tasks.running(), 1);
    send.send(()).expect("the task waits");
    tasks.idle().await;
    assert_eq!(tasks.running(), 0);
}

#[tokio::test(start_paused = true)]
async fn a_manual_clock_steps_back_but_its_steady_time_does_not() {
    let clock = ManualClock::new(Timestamp::from_secs(1000));
    clock.sleep(Duration::from_secs(5)).await;
    assert!(clock.now() >= Timestamp::from_secs(1005));
    clock.step(-100_000_000_000);
    assert!(clock.now() < Timestamp::from_secs(1000));
    assert_eq!(clock.steady(), Duration::from_secs(5));
}
