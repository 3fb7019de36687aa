//! Errors with the codes of the S3 reference.

use base::StreamError;

macro_rules! codes {
    ($($name:ident)*) => {
        /// A code of the S3 reference's list of errors of SelectObjectContent.
        #[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
        pub enum Code { $($name,)* }

        impl Code {
            /// The code as clients see it.
            pub const fn name(self) -> &'static str {
                match self { $(Code::$name => stringify!($name),)* }
            }
        }
    };
}

codes! {
    AmbiguousFieldName
    CastFailed
    CSVParsingError
    CSVUnescapedQuote
    EvaluatorInvalidArguments
    EvaluatorInvalidTimestampFormatPattern
    EvaluatorInvalidTimestampFormatPatternToken
    EvaluatorUnterminatedTimestampFormatPatternToken
    EvaluatorLikePatternInvalidEscapeSequence
    ExpressionTooLong
    IncorrectSqlFunctionArgumentType
    IntegerOverflow
    InternalError
    InvalidColumnIndex
    InvalidCompressionFormat
    InvalidDataSource
    InvalidKeyPath
    InvalidRequestParameter
    InvalidScanRange
    InvalidTableAlias
    InvalidTextEncoding
    JSONParsingError
    LexerInvalidChar
    LexerInvalidLiteral
    LexerInvalidIONLiteral
    LikeInvalidInputs
    MissingHeaders
    NumberFormatError
    OverMaxColumn
    OverMaxParquetBlock
    OverMaxRecordSize
    ParquetParsingError
    ParquetUnsupportedCompressionCodec
    ParseAsteriskIsNotAloneInSelectList
    ParseEmptySelect
    ParseExpectedDatePart
    ParseExpectedIdentForAlias
    ParseExpectedKeyword
    ParseExpectedNumber
    ParseExpectedTypeName
    ParseInvalidContextForWildcardInSelectList
    ParseInvalidPathComponent
    ParseNonUnaryAgregateFunctionCall
    ParseSelectMissingFrom
    ParseUnexpectedToken
    ParseUnsupportedCallWithStar
    ParseUnsupportedSelect
    ParseUnsupportedSyntax
    TruncatedInput
    UnsupportedFunction
    UnsupportedParquetType
    UnsupportedScanRangeInput
    UnsupportedSqlOperation
    UnsupportedSqlStructure
}

/// Why a request can't be answered, or its answer breaks off.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("{}: {message}", .code.name())]
pub struct SelectError {
    pub code: Code,
    /// For the client; names what it is about.
    pub message: String,
}

impl SelectError {
    pub(crate) fn new(code: Code, message: impl Into<String>) -> Self {
        SelectError { code, message: message.into() }
    }

    /// Of the object's bytes, which couldn't be read.
    pub(crate) fn of_stream(error: &StreamError) -> Self {
        tracing::error!(%error, "an object that is being selected from can't be read");
        SelectError::new(Code::InternalError, "The object could not be read to its end. Try again.")
    }
}

/// An error with this code.
pub(crate) fn fail<T>(code: Code, message: impl Into<String>) -> Result<T, SelectError> {
    Err(SelectError::new(code, message))
}
