use super::*;
use futures_util::FutureExt;

#[tokio::test]
async fn settling_waits_for_those_who_came_before_and_not_for_later_ones() {
    let readers = Readers::new();
    assert!(readers.gone("b", "o").is_none());
    let early = readers.enter("b", "o");
    let mut gone = Box::pin(readers.gone("b", "o").expect("someone reads"));
    let late = readers.enter("b", "o");
    assert!((&mut gone).now_or_never().is_none());
    drop(early);
    assert!((&mut gone).now_or_never().is_some(), "the later reader doesn't matter");
    let mut again = Box::pin(readers.gone("b", "o").expect("someone reads"));
    assert!((&mut again).now_or_never().is_none());
    drop(late);
    assert!((&mut again).now_or_never().is_some());
    assert!(readers.gone("b", "o").is_none());
    assert!(readers.shards.iter().all(|shard| shard.lock().is_empty()));
}

#[tokio::test]
async fn a_later_settling_waits_for_all_earlier_readers() {
    let readers = Readers::new();
    let first = readers.enter("b", "o");
    let mut one = Box::pin(readers.gone("b", "o").expect("someone reads"));
    let second = readers.enter("b", "o");
    let mut two = Box::pin(readers.gone("b", "o").expect("someone reads"));
    drop(second);
    assert!((&mut two).now_or_never().is_none(), "the first still reads");
    drop(first);
    assert!((&mut one).now_or_never().is_some());
    assert!((&mut two).now_or_never().is_some());
}
