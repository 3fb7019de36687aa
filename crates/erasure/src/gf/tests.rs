use super::*;

/// Multiplication as on paper: shift, add, reduce. Shares nothing with the tables.
fn long_multiplication(a: u8, b: u8) -> u8 {
    let mut product: u16 = 0;
    for bit in 0..8 {
        if b >> bit & 1 == 1 {
            product ^= u16::from(a) << bit;
        }
    }
    for bit in (8..16).rev() {
        if product >> bit & 1 == 1 {
            product ^= 0x11d << (bit - 8);
        }
    }
    u8::try_from(product).expect("reduced below x^8")
}

#[test]
fn products_agree_with_long_multiplication() {
    for a in 0..=255u8 {
        for b in 0..=255u8 {
            let expected = long_multiplication(a, b);
            assert_eq!(mul(a, b), expected, "{a} * {b}");
            assert_eq!(PRODUCTS[usize::from(a)][usize::from(b)], expected, "table {a} * {b}");
        }
    }
}

#[test]
fn every_element_but_zero_has_an_inverse() {
    assert_eq!(inverse(0), None);
    for x in 1..=255u8 {
        assert_eq!(mul(x, inverse(x).expect("not zero")), 1);
    }
}

#[test]
fn power_is_repeated_multiplication() {
    assert_eq!(power(0, 0), 1);
    for x in 0..=255u8 {
        let mut expected = 1;
        for n in 0..600 {
            assert_eq!(power(x, n), expected, "{x}^{n}");
            expected = mul(expected, x);
        }
    }
}
