use super::{Median, Percentiles, Samples};
use std::time::Duration;

#[test]
fn percentiles_are_by_nearest_rank() {
    let mut samples = Samples::default();
    // 1 to 1000 ms, not in order.
    (0..1000).for_each(|n| samples.push(Duration::from_millis((n * 7) % 1000 + 1)));
    assert_eq!(samples.percentiles(), Some(Percentiles { p50: 500.0, p99: 990.0, p999: 999.0 }));
}

#[test]
fn few_samples_have_percentiles_too() {
    let mut samples = Samples::default();
    assert_eq!(samples.clone().percentiles(), None);
    samples.push(Duration::from_micros(1500));
    assert_eq!(samples.clone().percentiles(), Some(Percentiles { p50: 1.5, p99: 1.5, p999: 1.5 }));
    samples.push(Duration::from_micros(500));
    assert_eq!(samples.percentiles(), Some(Percentiles { p50: 0.5, p99: 1.5, p999: 1.5 }));
}

#[test]
fn medians_of_odd_and_even_counts() {
    assert_eq!(Median::of([3.0, 1.0, 2.0]), Some(Median { value: 2.0, min: 1.0, max: 3.0 }));
    assert_eq!(Median::of([4.0, 1.0]).unwrap().value, 2.5);
    assert_eq!(Median::of([90.0, 100.0, 110.0]).unwrap().spread(), 10.0);
    assert_eq!(Median::of([]), None);
    assert_eq!(Median::of([0.0]).unwrap().spread(), 0.0);
}
