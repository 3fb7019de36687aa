//! Matrices over GF(2^8), and the one that MinIO's shards are made with: a Vandermonde matrix brought to systematic form.

use crate::gf;

/// A dense matrix, row after row.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Matrix {
    columns: usize,
    cells: Vec<u8>,
}

impl Matrix {
    /// A matrix whose cell at (row, column) is `cell(row, column)`.
    fn from_fn(rows: usize, columns: usize, cell: impl Fn(usize, usize) -> u8) -> Matrix {
        let cells = (0..rows * columns).map(|i| cell(i / columns, i % columns)).collect();
        Matrix { columns, cells }
    }

    /// One column.
    #[cfg(test)]
    pub(crate) fn column(cells: &[u8]) -> Matrix {
        Matrix { columns: 1, cells: cells.to_vec() }
    }

    /// The coding matrix of `data` + `parity` shards: row i, times the column of data shards, gives shard i. The top is
    /// the identity, so the first `data` shards are the data itself.
    ///
    /// `data` is at least 1, `data + parity` at most 256.
    pub(crate) fn coding(data: usize, parity: usize) -> Matrix {
        let points: Vec<u8> = (0..=u8::MAX).take(data + parity).collect();
        let vandermonde = Matrix::from_fn(points.len(), data, |row, column| gf::power(points[row], column));
        let top = vandermonde.rows(0, data).to_matrix();
        let inverse = top.inverse().expect("a square Vandermonde matrix of distinct points is regular");
        vandermonde.times(&inverse)
    }

    pub(crate) fn row_count(&self) -> usize {
        self.cells.len() / self.columns
    }

    pub(crate) fn row(&self, row: usize) -> &[u8] {
        &self.cells[row * self.columns..][..self.columns]
    }

    /// `count` rows beginning with `first`.
    pub(crate) fn rows(&self, first: usize, count: usize) -> Rows<'_> {
        Rows { columns: self.columns, cells: &self.cells[first * self.columns..][..count * self.columns] }
    }

    /// All rows.
    pub(crate) fn all_rows(&self) -> Rows<'_> {
        self.rows(0, self.row_count())
    }

    /// The matrix of the rows named, in that order.
    pub(crate) fn select(&self, rows: &[usize]) -> Matrix {
        let cells = rows.iter().flat_map(|&row| self.row(row)).copied().collect();
        Matrix { columns: self.columns, cells }
    }

    /// self * right.
    pub(crate) fn times(&self, right: &Matrix) -> Matrix {
        assert_eq!(self.columns, right.row_count(), "shapes fit");
        Matrix::from_fn(self.row_count(), right.columns, |row, column| {
            let pairs = self.row(row).iter().zip(right.cells[column..].iter().step_by(right.columns));
            pairs.fold(0, |sum, (&a, &b)| sum ^ gf::mul(a, b))
        })
    }

    /// The inverse of a square matrix by Gauss-Jordan elimination, or `None` if it is singular.
    pub(crate) fn inverse(&self) -> Option<Matrix> {
        let size = self.columns;
        assert_eq!(self.row_count(), size, "square");
        let mut left = self.clone();
        let mut right = Matrix::from_fn(size, size, |row, column| u8::from(row == column));
        for pivot in 0..size {
            let row = (pivot..size).find(|&row| left.row(row)[pivot] != 0)?;
            left.swap_rows(row, pivot);
            right.swap_rows(row, pivot);
            let scale = gf::inverse(left.row(pivot)[pivot])?;
            left.scale_row(pivot, scale);
            right.scale_row(pivot, scale);
            for row in (0..size).filter(|&row| row != pivot) {
                let factor = left.row(row)[pivot];
                left.add_row(row, pivot, factor);
                right.add_row(row, pivot, factor);
            }
        }
        Some(right)
    }

    fn swap_rows(&mut self, a: usize, b: usize) {
        for column in 0..self.columns {
            self.cells.swap(a * self.columns + column, b * self.columns + column);
        }
    }

    fn scale_row(&mut self, row: usize, factor: u8) {
        for cell in &mut self.cells[row * self.columns..][..self.columns] {
            *cell = gf::mul(*cell, factor);
        }
    }

    /// row `to` += factor * row `from`.
    fn add_row(&mut self, to: usize, from: usize, factor: u8) {
        if factor == 0 {
            return;
        }
        for column in 0..self.columns {
            let product = gf::mul(self.cells[from * self.columns + column], factor);
            self.cells[to * self.columns + column] ^= product;
        }
    }
}

/// Some adjacent rows of a matrix: what a kernel multiplies with.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Rows<'a> {
    columns: usize,
    cells: &'a [u8],
}

impl<'a> Rows<'a> {
    pub(crate) fn columns(&self) -> usize {
        self.columns
    }

    pub(crate) fn count(&self) -> usize {
        self.cells.len() / self.columns
    }

    pub(crate) fn row(&self, row: usize) -> &'a [u8] {
        &self.cells[row * self.columns..][..self.columns]
    }

    /// `count` of these rows, beginning with `first`.
    pub(crate) fn part(&self, first: usize, count: usize) -> Rows<'a> {
        Rows { columns: self.columns, cells: &self.cells[first * self.columns..][..count * self.columns] }
    }

    fn to_matrix(self) -> Matrix {
        Matrix { columns: self.columns, cells: self.cells.to_vec() }
    }
}

#[cfg(test)]
mod tests;
