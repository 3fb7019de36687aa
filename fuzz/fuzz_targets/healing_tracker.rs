//! `.healing.bin`: any bytes are a tracker or an error, and what is read comes back.
#![no_main]

use bytes::Bytes;
use format::healing_tracker::HealingTracker;
use libfuzzer_sys::fuzz_target;

fuzz_target!(|data: &[u8]| {
    if let Ok(tracker) = HealingTracker::parse(&Bytes::copy_from_slice(data)) {
        assert_eq!(HealingTracker::parse(&tracker.encode().into()), Ok(tracker));
    }
});
