//! What a client asks for.

use crate::error::{Code, SelectError, fail};

/// A request, checked by [`Request::check`] before it is carried out.
#[derive(Clone, Debug)]
pub struct Request {
    /// SQL.
    pub expression: String,
    pub input: Input,
    pub output: Output,
    /// Whether progress messages are wanted.
    pub progress: bool,
    pub scan_range: Option<ScanRange>,
}

#[derive(Clone, Debug)]
pub struct Input {
    pub format: InputFormat,
    pub compression: Compression,
}

#[derive(Clone, Debug)]
pub enum InputFormat {
    Csv(CsvInput),
    Json(JsonInput),
    Parquet,
}

/// How the object is compressed: the S3 reference's first three, and MinIO's.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Compression {
    #[default]
    None,
    Gzip,
    Bzip2,
    Zstd,
    Lz4,
    S2,
    Snappy,
}

impl Compression {
    /// From a request's `CompressionType`.
    pub fn from_name(name: &str) -> Option<Self> {
        let all = [
            ("", Compression::None),
            ("NONE", Compression::None),
            ("GZIP", Compression::Gzip),
            ("BZIP2", Compression::Bzip2),
            ("ZSTD", Compression::Zstd),
            ("LZ4", Compression::Lz4),
            ("S2", Compression::S2),
            ("SNAPPY", Compression::Snappy),
        ];
        all.into_iter().find(|(known, _)| known.eq_ignore_ascii_case(name)).map(|(_, compression)| compression)
    }
}

/// What the first record of a CSV object is.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Header {
    /// A record as all others.
    #[default]
    None,
    /// Names, which aren't used.
    Ignore,
    /// Names of the columns.
    Use,
}

#[derive(Clone, Debug)]
pub struct CsvInput {
    pub header: Header,
    /// One or two bytes.
    pub record_delimiter: String,
    pub field_delimiter: String,
    /// `None`: fields aren't quoted.
    pub quote: Option<u8>,
    /// In front of a quote within quotes.
    pub quote_escape: Option<u8>,
    /// At the beginning of records to pass over.
    pub comments: Option<u8>,
    /// Whether quoted fields may hold the record delimiter.
    pub quoted_record_delimiter: bool,
}

impl Default for CsvInput {
    fn default() -> Self {
        CsvInput {
            header: Header::None,
            record_delimiter: "\n".to_owned(),
            field_delimiter: ",".to_owned(),
            quote: Some(b'"'),
            quote_escape: Some(b'"'),
            comments: Some(b'#'),
            quoted_record_delimiter: false,
        }
    }
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum JsonInput {
    /// Values, each of which may span lines.
    Document,
    /// A value a line.
    Lines,
}

#[derive(Clone, Debug)]
pub enum Output {
    Csv(CsvOutput),
    Json(JsonOutput),
}

#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum QuoteFields {
    #[default]
    AsNeeded,
    Always,
}

#[derive(Clone, Debug)]
pub struct CsvOutput {
    pub quote_fields: QuoteFields,
    pub record_delimiter: String,
    pub field_delimiter: String,
    pub quote: u8,
    pub quote_escape: u8,
}

impl Default for CsvOutput {
    fn default() -> Self {
        CsvOutput {
            quote_fields: QuoteFields::AsNeeded,
            record_delimiter: "\n".to_owned(),
            field_delimiter: ",".to_owned(),
            quote: b'"',
            quote_escape: b'"',
        }
    }
}

#[derive(Clone, Debug)]
pub struct JsonOutput {
    pub record_delimiter: String,
}

impl Default for JsonOutput {
    fn default() -> Self {
        JsonOutput { record_delimiter: "\n".to_owned() }
    }
}

/// Records that begin in a range of bytes.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct ScanRange {
    /// Without it `end` counts from the object's end.
    pub start: Option<u64>,
    /// The first byte behind the range.
    pub end: Option<u64>,
}

/// Bytes of the longest delimiter: `\r\n`, or one character beyond ASCII.
const MAX_DELIMITER: usize = 4;

impl Request {
    /// What can be said of a request without the object.
    pub fn check(&self) -> Result<(), SelectError> {
        match &self.input.format {
            InputFormat::Csv(csv) => {
                check_delimiters(&csv.record_delimiter, &csv.field_delimiter)?;
                if csv.quote.is_some_and(|quote| csv.field_delimiter.as_bytes().contains(&quote)) {
                    return fail(Code::InvalidRequestParameter, "QuoteCharacter and FieldDelimiter are the same.");
                }
            }
            InputFormat::Json(_) => {}
            InputFormat::Parquet if self.input.compression != Compression::None => {
                return fail(Code::InvalidCompressionFormat, "CompressionType must be NONE for Parquet objects.");
            }
            InputFormat::Parquet => {}
        }
        match &self.output {
            Output::Csv(csv) => check_delimiters(&csv.record_delimiter, &csv.field_delimiter)?,
            Output::Json(json) => check_delimiter("RecordDelimiter", &json.record_delimiter)?,
        }
        if let Some(range) = self.scan_range {
            self.check_scan_range(range)?;
        }
        crate::sql::check(&self.expression)
    }

    fn check_scan_range(&self, range: ScanRange) -> Result<(), SelectError> {
        let unsupported =
            |what: &str| fail(Code::UnsupportedScanRangeInput, format!("ScanRange doesn't go with {what}."));
        match (range.start, range.end) {
            (None, None) => return fail(Code::InvalidScanRange, "ScanRange has neither Start nor End."),
            (Some(start), Some(end)) if start > end => {
                return fail(Code::InvalidScanRange, format!("ScanRange starts at {start}, behind its end {end}."));
            }
            _ => {}
        }
        if self.input.compression != Compression::None {
            return unsupported("compressed objects");
        }
        match &self.input.format {
            InputFormat::Json(JsonInput::Document) => unsupported("JSON documents"),
            InputFormat::Csv(csv) if csv.quoted_record_delimiter => unsupported("AllowQuotedRecordDelimiter"),
            _ => Ok(()),
        }
    }
}

fn check_delimiters(record: &str, field: &str) -> Result<(), SelectError> {
    check_delimiter("RecordDelimiter", record)?;
    check_delimiter("FieldDelimiter", field)?;
    if record.as_bytes().first() == field.as_bytes().first() {
        return fail(
            Code::InvalidRequestParameter,
            "RecordDelimiter and FieldDelimiter begin with the same character.",
        );
    }
    Ok(())
}

fn check_delimiter(name: &str, text: &str) -> Result<(), SelectError> {
    if text.is_empty() || text.len() > MAX_DELIMITER || text.chars().count() > 2 {
        return fail(Code::InvalidRequestParameter, format!("{name} must be one or two characters."));
    }
    Ok(())
}
