//! The field GF(2^8) of bytes, with x^8 + x^4 + x^3 + x^2 + 1 (0x11D) as modulus and 2 as generator.
//!
//! Addition is XOR. All tables are computed by the compiler.

/// The modulus without its x^8 term.
const MODULUS_LOW: u8 = 0x1d;

/// Order of the multiplicative group.
const ORDER: usize = 255;

/// `EXP[i]` is 2^i, written out twice so that a sum of two logarithms needs no reduction.
const EXP: [u8; 2 * ORDER] = {
    let mut table = [0; 2 * ORDER];
    let mut power = 1;
    let mut i = 0;
    while i < ORDER {
        table[i] = power;
        table[i + ORDER] = power;
        power = double(power);
        i += 1;
    }
    table
};

/// `LOG[x]` is the i with 2^i = x; `LOG[0]` means nothing.
const LOG: [u8; 256] = {
    let mut table = [0; 256];
    let mut i: u8 = 0;
    while i < 255 {
        table[EXP[i as usize] as usize] = i;
        i += 1;
    }
    table
};

/// `PRODUCTS[a][b]` is a * b.
pub(crate) static PRODUCTS: [[u8; 256]; 256] = {
    let mut table = [[0; 256]; 256];
    let mut a: usize = 1;
    while a < 256 {
        let mut b: usize = 1;
        while b < 256 {
            table[a][b] = EXP[LOG[a] as usize + LOG[b] as usize];
            b += 1;
        }
        a += 1;
    }
    table
};

/// x * 2.
const fn double(x: u8) -> u8 {
    (x << 1) ^ (if x & 0x80 != 0 { MODULUS_LOW } else { 0 })
}

/// a * b.
pub(crate) const fn mul(a: u8, b: u8) -> u8 {
    if a == 0 || b == 0 {
        return 0;
    }
    EXP[LOG[a as usize] as usize + LOG[b as usize] as usize]
}

/// The x' with x * x' = 1, or `None` for zero, which has no inverse.
pub(crate) const fn inverse(x: u8) -> Option<u8> {
    if x == 0 { None } else { Some(EXP[ORDER - LOG[x as usize] as usize]) }
}

/// x^n, where 0^0 is 1.
pub(crate) const fn power(x: u8, n: usize) -> u8 {
    if n == 0 {
        return 1;
    }
    if x == 0 {
        return 0;
    }
    EXP[(LOG[x as usize] as usize * (n % ORDER)) % ORDER]
}

#[cfg(test)]
mod tests;
