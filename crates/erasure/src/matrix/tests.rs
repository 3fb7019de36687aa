use proptest::prelude::*;

use super::*;

fn identity(size: usize) -> Matrix {
    Matrix::from_fn(size, size, |row, column| u8::from(row == column))
}

#[test]
fn coding_matrix_begins_with_the_identity() {
    for (data, parity) in [(1, 0), (1, 1), (2, 2), (4, 2), (12, 4), (8, 8), (128, 128), (256, 0), (1, 255)] {
        let matrix = Matrix::coding(data, parity);
        assert_eq!(matrix.row_count(), data + parity);
        assert_eq!(matrix.rows(0, data).to_matrix(), identity(data));
    }
}

#[test]
fn parity_rows_are_those_of_the_format() {
    let cases: [(usize, usize, &[&str]); 6] = [
        (2, 2, &["0302", "0203"]),
        (3, 2, &["010101", "0f0806"]),
        (4, 2, &["1b1c1214", "1c1b1412"]),
        (4, 4, &["1b1c1214", "1c1b1412", "12141b1c", "14121c1b"]),
        (8, 4, &["1a84ba33e710c627", "841a33ba10e727c6", "ba331a84c627e710", "33ba841a27c610e7"]),
        (1, 1, &["01"]),
    ];
    for (data, parity, rows) in cases {
        let matrix = Matrix::coding(data, parity);
        for (i, row) in rows.iter().enumerate() {
            assert_eq!(hex::encode(matrix.row(data + i)), *row, "{data}+{parity}, parity row {i}");
        }
    }
}

#[test]
fn singular_matrices_have_no_inverse() {
    let twins = Matrix { columns: 2, cells: vec![3, 7, 3, 7] };
    assert_eq!(twins.inverse(), None);
    assert_eq!(Matrix { columns: 1, cells: vec![0] }.inverse(), None);
}

proptest! {
    #[test]
    fn a_matrix_times_its_inverse_is_the_identity(size in 1usize..12, seed in proptest::collection::vec(any::<u8>(), 144)) {
        let matrix = Matrix::from_fn(size, size, |row, column| seed[row * 12 + column]);
        if let Some(inverse) = matrix.inverse() {
            prop_assert_eq!(matrix.times(&inverse), identity(size));
            prop_assert_eq!(inverse.times(&matrix), identity(size));
        }
    }
}
