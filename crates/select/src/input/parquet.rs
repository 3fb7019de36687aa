//! Rows of Parquet files. The columns that a query names are read, block by block; row groups one after the other.
//!
//! The reader is a library that was made for files one trusts more: a file that makes it panic is answered as one that
//! can't be parsed, and what it allocates is bounded by what is checked here before it is called.

mod blocks;
mod datum;

use super::{Feed, Row, Sink};
use crate::error::{Code, SelectError, fail};
use crate::limits::{MAX_PARQUET_COLUMNS, MAX_PARQUET_ROW_GROUP};
use crate::request::ScanRange;
use crate::sql::{Path, Step};
use crate::value::Datum;
use blocks::Blocks;
use parquet::basic::Compression;
use parquet::errors::ParquetError;
use parquet::file::metadata::{ParquetMetaData, RowGroupMetaData};
use parquet::file::reader::{FileReader, SerializedFileReader};
use parquet::record::reader::RowIter;
use parquet::schema::types::Type;
use std::ops::ControlFlow;
use std::panic::{AssertUnwindSafe, catch_unwind};

/// An open file.
pub struct Parquet {
    file: SerializedFileReader<Blocks>,
    blocks: Blocks,
}

impl Parquet {
    pub fn open(feed: &Feed) -> Result<Self, SelectError> {
        let blocks = Blocks::new(feed.clone());
        blocks.check_footer()?;
        let file = guarded(&blocks, || SerializedFileReader::new(blocks.clone()))?;
        check(file.metadata())?;
        Ok(Parquet { file, blocks })
    }

    /// Hands out rows with the attributes that are `wanted` (`None`: all) of the row groups that begin in the range.
    pub fn run(
        self,
        wanted: Option<&[Path]>,
        range: Option<ScanRange>,
        size: u64,
        sink: &mut Sink<'_>,
    ) -> Result<(), SelectError> {
        let (start, stop) = range.map_or((0, u64::MAX), |range| super::json::bounds(range, size));
        let schema = self.file.metadata().file_metadata().schema();
        let projection = projection(schema, wanted)?;
        for index in 0..self.file.num_row_groups() {
            let group = self.file.metadata().row_group(index);
            if !(start..stop).contains(&begins(group)) {
                continue;
            }
            let flow = match &projection {
                Some(columns) if columns.get_fields().is_empty() => empty_rows(group.num_rows(), sink)?,
                _ => self.group(index, projection.clone(), sink)?,
            };
            if flow == ControlFlow::Break(()) {
                return Ok(());
            }
        }
        Ok(())
    }

    fn group(
        &self,
        index: usize,
        projection: Option<Type>,
        sink: &mut Sink<'_>,
    ) -> Result<ControlFlow<()>, SelectError> {
        let group = guarded(&self.blocks, || self.file.get_row_group(index))?;
        let mut rows = guarded(&self.blocks, || RowIter::from_row_group(projection, &*group))?;
        while let Some(row) = guarded(&self.blocks, || rows.next().transpose())? {
            if sink(&Row::Tree(Some(datum::of_row(row)?)))? == ControlFlow::Break(()) {
                return Ok(ControlFlow::Break(()));
            }
        }
        Ok(ControlFlow::Continue(()))
    }
}

/// Calls the library; its panics are errors of the file. An error of reading the object goes before.
fn guarded<T>(blocks: &Blocks, call: impl FnOnce() -> Result<T, ParquetError>) -> Result<T, SelectError> {
    let result = catch_unwind(AssertUnwindSafe(call));
    if let Some(error) = blocks.take_error() {
        return Err(error);
    }
    match result {
        Ok(Ok(value)) => Ok(value),
        Ok(Err(error)) => fail(Code::ParquetParsingError, format!("The Parquet file can't be parsed: {error}.")),
        Err(_) => fail(Code::ParquetParsingError, "The Parquet file can't be parsed: it is damaged."),
    }
}

fn check(metadata: &ParquetMetaData) -> Result<(), SelectError> {
    let columns = metadata.file_metadata().schema_descr().num_columns();
    if columns > MAX_PARQUET_COLUMNS {
        let message =
            format!("The Parquet file has {columns} columns, more than the maximum of {MAX_PARQUET_COLUMNS}.");
        return fail(Code::OverMaxColumn, message);
    }
    for group in metadata.row_groups() {
        if group.total_byte_size() > MAX_PARQUET_ROW_GROUP {
            let message = format!("A row group of the Parquet file has more than {MAX_PARQUET_ROW_GROUP} bytes.");
            return fail(Code::OverMaxParquetBlock, message);
        }
        for column in group.columns() {
            match column.compression() {
                Compression::UNCOMPRESSED | Compression::SNAPPY | Compression::GZIP(_) | Compression::ZSTD(_) => {}
                other => {
                    let message = format!("The Parquet file is compressed with {other}, which is not supported.");
                    return fail(Code::ParquetUnsupportedCompressionCodec, message);
                }
            }
        }
    }
    Ok(())
}

/// Where a row group's first column begins.
fn begins(group: &RowGroupMetaData) -> u64 {
    let offset =
        group.columns().first().map(|column| column.dictionary_page_offset().unwrap_or(column.data_page_offset()));
    u64::try_from(offset.unwrap_or(0)).unwrap_or(0)
}

/// The columns to read; `None`: all. Attributes by number need all of them.
fn projection(schema: &Type, wanted: Option<&[Path]>) -> Result<Option<Type>, SelectError> {
    let Some(wanted) = wanted else { return Ok(None) };
    let by_name = |Path(steps): &Path| match steps.first() {
        Some(step @ Step::Key { .. }) => step.position().is_none(),
        _ => false,
    };
    if !wanted.iter().all(by_name) {
        return Ok(None);
    }
    let is_wanted = |name: &str| wanted.iter().any(|Path(steps)| steps.first().is_some_and(|step| step.fits(name)));
    let fields: Vec<_> = schema.get_fields().iter().filter(|field| is_wanted(field.name())).cloned().collect();
    let built = Type::group_type_builder(schema.name()).with_fields(fields).build();
    built.map(Some).or_else(|error| fail(Code::ParquetParsingError, error.to_string()))
}

/// Rows of which nothing is asked but that they are there.
fn empty_rows(count: i64, sink: &mut Sink<'_>) -> Result<ControlFlow<()>, SelectError> {
    let row = Row::Tree(Some(Datum::Struct(Vec::new())));
    for _ in 0..count {
        if sink(&row)? == ControlFlow::Break(()) {
            return Ok(ControlFlow::Break(()));
        }
    }
    Ok(ControlFlow::Continue(()))
}
