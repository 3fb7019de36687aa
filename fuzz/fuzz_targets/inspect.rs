//! Files of any kind, under names of any kind.
#![no_main]

use bytes::Bytes;
use inspect::{Look, describe, to_text};
use libfuzzer_sys::fuzz_target;

const NAMES: &[&str] = &["xl.meta", "format.json", ".metadata.bin", ".healing.bin", "pool.bin", "list.bin", "part.1.meta", "segment-0", "x"];

fuzz_target!(|data: &[u8]| {
    let Some((&name, file)) = data.split_first() else { return };
    let opener = |_: &seal::config_file::SealedFile<'_>| Err("no key".to_owned());
    let name = NAMES[usize::from(name) % NAMES.len()];
    if let Ok(described) = describe(name, &Bytes::copy_from_slice(file), Look { secrets: false, opener: &opener }) {
        let text = to_text(&described.value);
        assert!(!text.contains('\u{1b}'), "a file draws on the terminal");
    }
});
