//! The journal's segments and entries: any bytes are read or refused, and an entry that is read comes back. The checksum is
//! made right half of the time, or no frame would ever be read.
#![no_main]

use bytes::Bytes;
use drive::journal_frame::{self, BLOCK, Found, Head};
use drive::{JournalEntry, journal_scan};
use libfuzzer_sys::fuzz_target;
use uuid::Uuid;

fuzz_target!(|data: &[u8]| {
    let data = Bytes::copy_from_slice(data);
    let _any = journal_frame::read(&data);
    if let Ok(entry) = JournalEntry::decode(&data) {
        assert_eq!(JournalEntry::decode(&entry.encode()), Ok(entry));
    }

    // A journal of small frames whose numbers come from the bytes.
    let mut segments = [Vec::new(), Vec::new(), Vec::new()];
    for (at, some) in data.chunks(8).enumerate().take(24) {
        let number = |at: usize| u64::from(some.get(at).copied().unwrap_or_default() % 16);
        let head = Head { drive: Uuid::nil(), epoch: number(0), sequence: number(1), cut: number(2) };
        let entries = vec![Bytes::copy_from_slice(some); usize::try_from(number(3) % 4).expect("small")];
        let frame = journal_frame::encode(head, &entries);
        assert_eq!(journal_frame::read(&frame), Found::Frame(journal_frame::Frame { head, entries }, frame.len()));
        let segment = &mut segments[at % 3];
        segment.extend_from_slice(&frame);
        if number(4) == 0 {
            // Torn.
            let torn = segment.len() - BLOCK;
            segment[torn..].fill(0);
        }
    }
    let segments = segments.map(Bytes::from);
    if let Ok(scan) = journal_scan::scan(Uuid::nil(), &segments) {
        assert!(scan.live.windows(2).all(|two| two[0].head.sequence < two[1].head.sequence));
        assert!(scan.live.iter().all(|frame| frame.head.epoch == scan.epoch));
    }
});
