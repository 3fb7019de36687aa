//! `SelectObjectContentRequest`.

use crate::error::{ErrorCode, S3Error, S3Result};
use crate::xml::Reader;
use service::select::{
    Compression, CsvInput, CsvOutput, Header, Input, InputFormat, JsonInput, JsonOutput, Output, QuoteFields, Request,
    ScanRange,
};

/// The request that a document says; what is optional has the S3 reference's defaults.
pub fn parse_select(document: &[u8]) -> S3Result<Request> {
    let mut xml = Reader::open_any(document, &["SelectObjectContentRequest", "SelectRequest"])?;
    let (mut expression, mut kind) = (String::new(), String::new());
    let (mut input, mut output) = (None, None);
    let (mut progress, mut scan_range) = (false, None);
    while let Some(name) = xml.child()? {
        match name.as_str() {
            "Expression" => expression = xml.text()?,
            "ExpressionType" => kind = xml.text()?,
            "InputSerialization" => input = Some(parse_input(&mut xml)?),
            "OutputSerialization" => output = Some(parse_output(&mut xml)?),
            "RequestProgress" => progress = parse_progress(&mut xml)?,
            "ScanRange" => scan_range = Some(parse_range(&mut xml)?),
            _ => xml.skip()?,
        }
    }
    if expression.trim().is_empty() {
        return missing("Expression");
    }
    if !kind.trim().eq_ignore_ascii_case("SQL") {
        let message = "The ExpressionType is invalid. Only SQL expressions are supported.";
        return refused("InvalidExpressionType", message);
    }
    let (Some(input), Some(output)) = (input, output) else {
        return missing("InputSerialization or OutputSerialization");
    };
    Ok(Request { expression, input, output, progress, scan_range })
}

fn parse_input(xml: &mut Reader<'_>) -> S3Result<Input> {
    let (mut formats, mut compression) = (Vec::new(), Compression::None);
    while let Some(name) = xml.child()? {
        match name.as_str() {
            "CSV" => formats.push(InputFormat::Csv(parse_csv_input(xml)?)),
            "JSON" => formats.push(InputFormat::Json(parse_json_input(xml)?)),
            "Parquet" => {
                xml.skip()?;
                formats.push(InputFormat::Parquet);
            }
            "CompressionType" => {
                let name = xml.text()?;
                let unknown =
                    || S3Error::with(ErrorCode::SelectRefused, "The file is not in a supported compression format.");
                compression =
                    Compression::from_name(name.trim()).ok_or_else(|| unknown().named("InvalidCompressionFormat"))?;
            }
            _ => xml.skip()?,
        }
    }
    one(formats, "InputSerialization").map(|format| Input { format, compression })
}

fn parse_output(xml: &mut Reader<'_>) -> S3Result<Output> {
    let mut formats = Vec::new();
    while let Some(name) = xml.child()? {
        match name.as_str() {
            "CSV" => formats.push(Output::Csv(parse_csv_output(xml)?)),
            "JSON" => formats.push(Output::Json(parse_json_output(xml)?)),
            _ => xml.skip()?,
        }
    }
    one(formats, "OutputSerialization")
}

fn one<T>(mut formats: Vec<T>, element: &str) -> S3Result<T> {
    match (formats.pop(), formats.is_empty()) {
        (Some(format), true) => Ok(format),
        (None, _) => missing(element),
        _ => refused("ObjectSerializationConflict", format!("{element} must name one format.")),
    }
}

fn parse_csv_input(xml: &mut Reader<'_>) -> S3Result<CsvInput> {
    let mut csv = CsvInput::default();
    while let Some(name) = xml.child()? {
        match name.as_str() {
            "FileHeaderInfo" => {
                csv.header = match xml.text()?.trim().to_ascii_uppercase().as_str() {
                    "" | "NONE" => Header::None,
                    "IGNORE" => Header::Ignore,
                    "USE" => Header::Use,
                    _ => return refused("InvalidFileHeaderInfo", "FileHeaderInfo must be NONE, USE or IGNORE."),
                };
            }
            "RecordDelimiter" => set(&mut csv.record_delimiter, xml.text()?),
            "FieldDelimiter" => set(&mut csv.field_delimiter, xml.text()?),
            "QuoteCharacter" => csv.quote = character(&name, &xml.text()?)?,
            "QuoteEscapeCharacter" => csv.quote_escape = character(&name, &xml.text()?)?,
            "Comments" => csv.comments = character(&name, &xml.text()?)?,
            "AllowQuotedRecordDelimiter" => csv.quoted_record_delimiter = flag(&name, &xml.text()?)?,
            _ => xml.skip()?,
        }
    }
    Ok(csv)
}

fn parse_json_input(xml: &mut Reader<'_>) -> S3Result<JsonInput> {
    let mut kind = None;
    while let Some(name) = xml.child()? {
        match name.as_str() {
            "Type" => {
                kind = match xml.text()?.trim().to_ascii_uppercase().as_str() {
                    "DOCUMENT" => Some(JsonInput::Document),
                    "LINES" => Some(JsonInput::Lines),
                    _ => None,
                };
            }
            _ => xml.skip()?,
        }
    }
    match kind {
        Some(kind) => Ok(kind),
        None => refused("InvalidJsonType", "The JsonType is invalid. Only DOCUMENT and LINES are supported."),
    }
}

fn parse_csv_output(xml: &mut Reader<'_>) -> S3Result<CsvOutput> {
    let mut csv = CsvOutput::default();
    while let Some(name) = xml.child()? {
        match name.as_str() {
            "QuoteFields" => {
                csv.quote_fields = match xml.text()?.trim().to_ascii_uppercase().as_str() {
                    "" | "ASNEEDED" => QuoteFields::AsNeeded,
                    "ALWAYS" => QuoteFields::Always,
                    _ => return refused("InvalidQuoteFields", "QuoteFields must be ALWAYS or ASNEEDED."),
                };
            }
            "RecordDelimiter" => set(&mut csv.record_delimiter, xml.text()?),
            "FieldDelimiter" => set(&mut csv.field_delimiter, xml.text()?),
            "QuoteCharacter" => csv.quote = character(&name, &xml.text()?)?.unwrap_or(csv.quote),
            "QuoteEscapeCharacter" => csv.quote_escape = character(&name, &xml.text()?)?.unwrap_or(csv.quote_escape),
            _ => xml.skip()?,
        }
    }
    Ok(csv)
}

fn parse_json_output(xml: &mut Reader<'_>) -> S3Result<JsonOutput> {
    let mut json = JsonOutput::default();
    while let Some(name) = xml.child()? {
        match name.as_str() {
            "RecordDelimiter" => set(&mut json.record_delimiter, xml.text()?),
            _ => xml.skip()?,
        }
    }
    Ok(json)
}

fn parse_progress(xml: &mut Reader<'_>) -> S3Result<bool> {
    let mut enabled = false;
    while let Some(name) = xml.child()? {
        match name.as_str() {
            "Enabled" => enabled = flag(&name, &xml.text()?)?,
            _ => xml.skip()?,
        }
    }
    Ok(enabled)
}

fn parse_range(xml: &mut Reader<'_>) -> S3Result<ScanRange> {
    let mut range = ScanRange { start: None, end: None };
    while let Some(name) = xml.child()? {
        let place = match name.as_str() {
            "Start" => &mut range.start,
            "End" => &mut range.end,
            _ => {
                xml.skip()?;
                continue;
            }
        };
        let text = xml.text()?;
        *place = match text.trim().parse() {
            Ok(offset) => Some(offset),
            Err(_) => return refused("InvalidScanRange", format!("{name} of ScanRange is no offset of a byte.")),
        };
    }
    Ok(range)
}

/// An empty element leaves the default.
fn set(place: &mut String, text: String) {
    if !text.is_empty() {
        *place = text;
    }
}

/// One character of ASCII; an empty element says that there is none.
fn character(name: &str, text: &str) -> S3Result<Option<u8>> {
    match text.as_bytes() {
        [] => Ok(None),
        [byte] => Ok(Some(*byte)),
        _ => refused("InvalidRequestParameter", format!("{name} must be one character of ASCII.")),
    }
}

fn flag(name: &str, text: &str) -> S3Result<bool> {
    match text.trim() {
        text if text.eq_ignore_ascii_case("true") => Ok(true),
        text if text.eq_ignore_ascii_case("false") || text.is_empty() => Ok(false),
        _ => refused("InvalidRequestParameter", format!("{name} must be TRUE or FALSE.")),
    }
}

fn missing<T>(what: &str) -> S3Result<T> {
    refused("MissingRequiredParameter", format!("The SelectRequest entity is missing a required parameter: {what}."))
}

fn refused<T>(name: &'static str, message: impl Into<String>) -> S3Result<T> {
    Err(S3Error::with(ErrorCode::SelectRefused, message.into()).named(name))
}
