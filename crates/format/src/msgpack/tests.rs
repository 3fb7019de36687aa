use super::*;
use base::Timestamp;
use bytes::Bytes;
use proptest::prelude::*;

fn written(write: impl FnOnce(&mut Writer)) -> Vec<u8> {
    let mut writer = Writer::new();
    write(&mut writer);
    writer.finish()
}

fn hex_of(write: impl FnOnce(&mut Writer)) -> String {
    hex::encode(written(write))
}

fn bytes(hex: &str) -> Bytes {
    hex::decode(hex).unwrap().into()
}

#[test]
fn signed_numbers_have_one_form_each() {
    let forms: [(i64, &str); 17] = [
        (0, "00"),
        (127, "7f"),
        (128, "d10080"),
        (255, "d100ff"),
        (32767, "d17fff"),
        (32768, "d200008000"),
        (1 << 20, "d200100000"),
        (2_147_483_647, "d27fffffff"),
        (2_147_483_648, "d30000000080000000"),
        (i64::MAX, "d37fffffffffffffff"),
        (-1, "ff"),
        (-32, "e0"),
        (-33, "d0df"),
        (-128, "d080"),
        (-129, "d1ff7f"),
        (-32769, "d2ffff7fff"),
        (i64::MIN, "d38000000000000000"),
    ];
    for (value, form) in forms {
        assert_eq!(hex_of(|writer| writer.int(value)), form, "{value}");
        assert_eq!(Reader::new(&bytes(form)).int(), Ok(value));
    }
}

#[test]
fn unsigned_numbers_have_one_form_each() {
    let forms: [(u64, &str); 9] = [
        (0, "00"),
        (127, "7f"),
        (128, "cc80"),
        (255, "ccff"),
        (256, "cd0100"),
        (65536, "ce00010000"),
        (u64::from(u32::MAX), "ceffffffff"),
        (u64::from(u32::MAX) + 1, "cf0000000100000000"),
        (u64::MAX, "cfffffffffffffffff"),
    ];
    for (value, form) in forms {
        assert_eq!(hex_of(|writer| writer.uint(value)), form, "{value}");
        assert_eq!(Reader::new(&bytes(form)).uint(), Ok(value));
    }
}

#[test]
fn numbers_are_read_in_every_form_that_fits() {
    for form in ["05", "cc05", "cd0005", "ce00000005", "cf0000000000000005", "d005", "d10005", "d200000005"] {
        assert_eq!(Reader::new(&bytes(form)).uint(), Ok(5), "{form}");
        assert_eq!(Reader::new(&bytes(form)).int(), Ok(5), "{form}");
        assert_eq!(Reader::new(&bytes(form)).fit::<u8>(), Ok(5), "{form}");
    }
    assert_eq!(Reader::new(&bytes("ff")).uint(), Err(Error::Range));
    assert_eq!(Reader::new(&bytes("cfffffffffffffffff")).int(), Err(Error::Range));
    assert_eq!(Reader::new(&bytes("cd0100")).fit::<u8>(), Err(Error::Range));
    assert_eq!(Reader::new(&bytes("cf8000000000000000")).size(), Err(Error::Range));
    assert_eq!(Reader::new(&bytes("cf7fffffffffffffff")).size(), Ok(i64::MAX.unsigned_abs()));
    assert_eq!(Reader::new(&bytes("c0")).int(), Err(Error::Type { expected: "an integer", found: 0xc0 }));
}

#[test]
fn lengths_choose_their_heads() {
    for (length, head) in [(0, "a0"), (31, "bf"), (32, "d920"), (255, "d9ff"), (256, "da0100"), (65536, "db00010000")] {
        let form = hex_of(|writer| writer.text(&"x".repeat(length)));
        assert!(form.starts_with(head) && form.len() == head.len() + 2 * length, "text of {length}");
    }
    for (length, head) in [(0, "c400"), (255, "c4ff"), (256, "c50100"), (65536, "c600010000")] {
        let form = hex_of(|writer| writer.binary(&vec![7; length]));
        assert!(form.starts_with(head) && form.len() == head.len() + 2 * length, "binary of {length}");
    }
    for (count, array, map) in
        [(0, "90", "80"), (15, "9f", "8f"), (16, "dc0010", "de0010"), (65536, "dd00010000", "df00010000")]
    {
        assert_eq!(hex_of(|writer| writer.array(count)), array);
        assert_eq!(hex_of(|writer| writer.map(count)), map);
    }
}

#[test]
fn times_are_go_times_in_utc() {
    assert_eq!(hex_of(|writer| writer.time(Timestamp::ZERO)), "c70c05fffffff1886e090000000000");
    assert_eq!(Reader::new(&bytes("c70c05fffffff1886e090000000000")).time(), Ok(Timestamp::ZERO));
    let time = Timestamp::from_nanos(0x6b03_e3d0 * 1_000_000_000 + 0x2308_88d4);
    assert_eq!(hex_of(|writer| writer.time(time)), "c70c05000000006b03e3d0230888d4");
    assert_eq!(Reader::new(&bytes("c70c05000000006b03e3d0230888d4")).time(), Ok(time));
}

#[test]
fn standard_times_are_read_too() {
    let second = Timestamp::from_secs(0x6b03_e3d0);
    assert_eq!(Reader::new(&bytes("d6ff6b03e3d0")).time(), Ok(second));
    assert_eq!(Reader::new(&bytes("d7ff000000046b03e3d0")).time(), Ok(Timestamp::from_nanos(second.nanos() + 1)));
    assert_eq!(Reader::new(&bytes("c70cff00000001000000006b03e3d0")).time().unwrap().subsec_nanos(), 1);
    for bad in ["d6056b03e3d0", "c70c05000000006b03e3d03b9aca00", "c70b05000000006b03e3d0230888", "a0"] {
        assert!(Reader::new(&bytes(bad)).time().is_err(), "{bad}");
    }
}

#[test]
fn counts_beyond_the_bytes_are_refused_before_anything_is_allocated() {
    assert_eq!(Reader::new(&bytes("ddffffffff01")).array(), Err(Error::Truncated));
    assert_eq!(Reader::new(&bytes("dfffffffff0101")).map(), Err(Error::Truncated));
    assert_eq!(Reader::new(&bytes("c6ffffffff00")).binary(), Err(Error::Truncated));
    assert_eq!(Reader::new(&bytes("dbffffffff00")).text(), Err(Error::Truncated));
    assert_eq!(Reader::new(&bytes("92a161")).strings(), Err(Error::Truncated));
}

#[test]
fn deep_nesting_is_skipped_without_recursion() {
    let deep = Bytes::from([vec![0x91; 1_000_000], vec![0xc0]].concat());
    let mut reader = Reader::new(&deep);
    assert_eq!(reader.skip(), Ok(()));
    assert_eq!(reader.remaining(), 0);
}

#[test]
fn unknown_fields_are_kept_as_they_were() {
    let map = bytes("83a16101a17a93c0c2cb3ff0000000000000c40162a3616263");
    let mut unknown = UnknownFields::default();
    let (mut a, mut b) = (0, String::new());
    let fields = Reader::new(&map).fields(&mut unknown, |key, reader| {
        match key {
            b"a" => a = reader.int()?,
            // A key may be binary.
            b"b" => b = reader.string()?,
            _ => return Ok(false),
        }
        Ok::<_, Error>(true)
    });
    assert_eq!((fields, a, b.as_str(), unknown.count()), (Ok(()), 1, "abc", 1));
    assert_eq!(hex_of(|writer| unknown.write(writer)), "a17a93c0c2cb3ff0000000000000");
}

proptest! {
    #[test]
    fn numbers_come_back(signed: i64, unsigned: u64) {
        let both = Bytes::from(written(|writer| { writer.int(signed); writer.uint(unsigned); }));
        let mut reader = Reader::new(&both);
        prop_assert_eq!(reader.int(), Ok(signed));
        prop_assert_eq!(reader.uint(), Ok(unsigned));
        prop_assert_eq!(reader.remaining(), 0);
    }

    #[test]
    fn times_text_and_binary_come_back(nanos: i64, text: String, binary: Vec<u8>) {
        let time = Timestamp::from_nanos(nanos);
        let values = Bytes::from(written(|writer| { writer.time(time); writer.text(&text); writer.binary(&binary); }));
        let mut reader = Reader::new(&values);
        prop_assert_eq!(reader.clone().time(), Ok(time));
        prop_assert_eq!(reader.skip(), Ok(()));
        prop_assert_eq!(reader.text(), Ok(text.as_str()));
        prop_assert_eq!(reader.binary(), Ok(&binary[..]));
    }

    #[test]
    fn any_bytes_are_a_value_or_an_error(junk: Vec<u8>) {
        let junk = Bytes::from(junk);
        let mut reader = Reader::new(&junk);
        while reader.raw().is_ok_and(|value| !value.is_empty()) {}
        prop_assert!(reader.position() <= junk.len());
        let each: [fn(&mut Reader<'_>) -> bool; 7] = [
            |reader| reader.int().is_ok(),
            |reader| reader.text().is_ok(),
            |reader| reader.key().is_ok(),
            |reader| reader.binary_shared().is_ok(),
            |reader| reader.time().is_ok(),
            |reader| reader.strings().is_ok(),
            |reader| reader.map().is_ok(),
        ];
        for read in each {
            read(&mut Reader::new(&junk));
        }
    }
}
