//! Percentiles of many samples, medians of a few rounds.

use std::time::Duration;

/// Latencies of one round, at microsecond precision or better.
#[derive(Clone, Debug, Default)]
pub struct Samples(Vec<Duration>);

/// What is told of the latencies of a round.
#[derive(Clone, Copy, Debug, Default, PartialEq)]
pub struct Percentiles {
    /// Milliseconds at 50 %.
    pub p50: f64,
    /// Milliseconds at 99 %.
    pub p99: f64,
    /// Milliseconds at 99.9 %.
    pub p999: f64,
}

impl Samples {
    /// Adds one.
    pub fn push(&mut self, sample: Duration) {
        self.0.push(sample);
    }

    /// How many there are.
    #[cfg(test)]
    pub fn len(&self) -> usize {
        self.0.len()
    }

    /// The percentiles, by nearest rank; `None` of nothing.
    pub fn percentiles(mut self) -> Option<Percentiles> {
        if self.0.is_empty() {
            return None;
        }
        self.0.sort_unstable();
        let at = |per_mille: usize| {
            let rank = (self.0.len() * per_mille).div_ceil(1000).max(1);
            self.0[rank - 1].as_secs_f64() * 1e3
        };
        Some(Percentiles { p50: at(500), p99: at(990), p999: at(999) })
    }
}

/// The median of rounds and how far they lie apart.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Median {
    /// The middle one, or the mean of the two in the middle.
    pub value: f64,
    /// The smallest.
    pub min: f64,
    /// The largest.
    pub max: f64,
}

impl Median {
    /// Of a few values; `None` of nothing.
    pub fn of(values: impl IntoIterator<Item = f64>) -> Option<Median> {
        let mut values: Vec<f64> = values.into_iter().collect();
        values.sort_by(f64::total_cmp);
        let (min, max) = (*values.first()?, *values.last()?);
        let middle = values.len() / 2;
        let value =
            if values.len() % 2 == 1 { values[middle] } else { f64::midpoint(values[middle - 1], values[middle]) };
        Some(Median { value, min, max })
    }

    /// Half the way from the smallest to the largest, in percent of the median: `±`.
    pub fn spread(&self) -> f64 {
        if self.value == 0.0 { 0.0 } else { (self.max - self.min) / 2.0 / self.value * 100.0 }
    }
}

#[cfg(test)]
mod tests;
