//! `format.json`: any bytes are a format or an error, and what is read comes back.
#![no_main]

use format::drive_format::FormatJson;
use libfuzzer_sys::fuzz_target;

fuzz_target!(|data: &[u8]| {
    if let Ok(format) = FormatJson::parse(data) {
        let _ = format.position();
        assert_eq!(FormatJson::parse(&format.encode()), Ok(format));
    }
    if let Ok(format) = FormatJson::migrate(data, Default::default()) {
        assert!(format.set_drives() > 0);
    }
});
