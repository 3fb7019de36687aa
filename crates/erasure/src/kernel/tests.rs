use proptest::prelude::*;

use super::*;
use crate::gf;
use crate::matrix::Matrix;

/// The sum by definition, byte by byte, over nothing but `gf::mul`.
fn by_definition(rows: Rows<'_>, inputs: &[&[u8]], at: usize) -> Vec<u8> {
    let sum = |row: &[u8]| row.iter().zip(inputs).fold(0, |sum, (&factor, input)| sum ^ gf::mul(factor, input[at]));
    (0..rows.count()).map(|row| sum(rows.row(row))).collect()
}

/// Runs `kernel` and checks every byte, those outside the range too.
fn check(kernel: Kernel, matrix: &Matrix, inputs: &[&[u8]], len: usize, skew: usize, range: Range<usize>) {
    let rows = matrix.all_rows();
    let mut room = vec![vec![0xee; skew + len]; rows.count()];
    let mut outputs: Vec<&mut [u8]> = room.iter_mut().map(|output| &mut output[skew..]).collect();
    kernel.multiply(rows, inputs, &mut outputs, range.clone());
    for at in 0..len {
        let expected = if range.contains(&at) { by_definition(rows, inputs, at) } else { vec![0xee; rows.count()] };
        let found: Vec<u8> = outputs.iter().map(|output| output[at]).collect();
        assert_eq!(found, expected, "{kernel:?}, byte {at} of {range:?}");
    }
    assert!(room.iter().all(|output| output[..skew].iter().all(|&byte| byte == 0xee)), "{kernel:?} wrote before");
}

#[test]
fn every_kernel_multiplies_every_pair_of_bytes() {
    let all: Vec<u8> = (0..=u8::MAX).collect();
    let matrix = Matrix::coding(1, 0);
    assert_eq!(matrix.row(0), [1]);
    for kernel in Kernel::available() {
        for factor in 0..=u8::MAX {
            let matrix = Matrix::column(&[factor]);
            let mut product = vec![0; 256];
            kernel.multiply(matrix.all_rows(), &[&all], &mut [&mut product], 0..256);
            let expected: Vec<u8> = all.iter().map(|&byte| gf::mul(factor, byte)).collect();
            assert_eq!(product, expected, "{kernel:?} times {factor}");
        }
    }
}

#[test]
fn every_kernel_knows_the_parity_of_the_format() {
    // Shards of `hello world!` for 8+4, from the format's vectors, each byte long enough for a register.
    let data = ["6865", "6c6c", "6f20", "776f", "726c", "6421", "0000", "0000"];
    let parity = ["2ef6", "eb59", "64b3", "21d0"];
    let long = |shards: &[&str]| -> Vec<Vec<u8>> {
        shards.iter().map(|shard| hex::decode(shard).expect("hex").repeat(75)).collect()
    };
    let matrix = Matrix::coding(8, 4);
    for kernel in Kernel::available() {
        let data = long(&data);
        let inputs: Vec<&[u8]> = data.iter().map(Vec::as_slice).collect();
        let mut room = vec![vec![0; 150]; 4];
        let mut outputs: Vec<&mut [u8]> = room.iter_mut().map(Vec::as_mut_slice).collect();
        kernel.multiply(matrix.rows(8, 4), &inputs, &mut outputs, 0..150);
        assert_eq!(room, long(&parity), "{kernel:?}");
    }
}

#[test]
fn the_fastest_kernel_comes_first_and_the_plain_one_last() {
    let kernels = Kernel::available();
    assert_eq!(kernels.last().map(Kernel::name), Some("plain"));
    assert_eq!(Kernel::fastest().name(), kernels[0].name());
}

#[test]
#[should_panic(expected = "inputs reach to the end of the range")]
fn a_short_input_is_never_read_past_its_end() {
    let mut output = [0; 64];
    Kernel::fastest().multiply(Matrix::column(&[1]).all_rows(), &[&[0; 63]], &mut [&mut output], 0..64);
}

#[test]
#[should_panic(expected = "outputs reach to the end of the range")]
fn a_short_output_is_never_written_past_its_end() {
    let mut output = [0; 63];
    Kernel::fastest().multiply(Matrix::column(&[1]).all_rows(), &[&[0; 64]], &mut [&mut output], 0..64);
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(150))]
    #[test]
    fn kernels_agree_with_the_definition_at_any_length_and_alignment(
        (data, parity) in (1usize..=16, 0usize..=10),
        len in 0usize..700,
        skews in (0usize..65, 0usize..65),
        edges in any::<(prop::sample::Index, prop::sample::Index)>(),
        missing in 0usize..3,
        bytes in prop::collection::vec(any::<u8>(), 16 * 64 + 700),
    ) {
        let matrix = Matrix::coding(data, parity);
        let edges = (edges.0.index(len + 1), edges.1.index(len + 1));
        let range = edges.0.min(edges.1)..edges.0.max(edges.1);
        let inputs: Vec<&[u8]> = (0..data.saturating_sub(missing)).map(|i| &bytes[i * 64 + skews.0 - skews.0 / 64..][..len]).collect();
        for kernel in Kernel::available() {
            check(kernel, &matrix, &inputs, len, skews.1, range.clone());
            check(kernel, &matrix, &inputs, len, skews.1, 0..len);
        }
    }
}
