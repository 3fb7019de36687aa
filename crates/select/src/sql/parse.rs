//! The clauses of a query, one after the other.

use super::ast::{Path, RowName};
use super::dialect::SelectDialect;
use super::from::{self, Cursor};
use crate::error::{Code, SelectError, fail};
use crate::limits::{MAX_EXPRESSION, MAX_NESTING, MAX_OPERATORS};
use sqlparser::ast::{Expr, SelectItem};
use sqlparser::keywords::Keyword;
use sqlparser::parser::{Parser, ParserError};
use sqlparser::tokenizer::{Token, TokenWithSpan, Tokenizer, TokenizerError};

/// A query as it was written.
pub struct Select {
    pub items: Vec<SelectItem>,
    pub from: Path,
    pub row_name: RowName,
    pub filter: Option<Expr>,
    pub limit: Option<u64>,
}

pub fn check_length(expression: &str) -> Result<(), SelectError> {
    if expression.len() > MAX_EXPRESSION {
        let message = format!("The SQL expression is longer than the maximum of {MAX_EXPRESSION} bytes.");
        return fail(Code::ExpressionTooLong, message);
    }
    Ok(())
}

pub fn parse(expression: &str) -> Result<Select, SelectError> {
    check_length(expression)?;
    let tokens = Tokenizer::new(&SelectDialect, expression).tokenize_with_location().map_err(lexer)?;
    check_size(&tokens)?;
    let mut parser = Parser::new(&SelectDialect).with_recursion_limit(MAX_NESTING).with_tokens_with_locations(tokens);
    if !parser.parse_keyword(Keyword::SELECT) {
        return fail(Code::ParseExpectedKeyword, format!("Expected SELECT, found {}.", next(&parser)));
    }
    let items = items(&mut parser)?;
    if !parser.parse_keyword(Keyword::FROM) {
        return fail(Code::ParseSelectMissingFrom, format!("Expected FROM, found {}.", next(&parser)));
    }
    let (from, row_name) = from::parse(&mut Cursor(&mut parser))?;
    let filter = if parser.parse_keyword(Keyword::WHERE) { Some(parser.parse_expr().map_err(syntax)?) } else { None };
    let limit = if parser.parse_keyword(Keyword::LIMIT) { Some(limit(&mut parser)?) } else { None };
    while parser.consume_token(&Token::SemiColon) {}
    end(&parser)?;
    Ok(Select { items, from, row_name, filter, limit })
}

fn items(parser: &mut Parser<'_>) -> Result<Vec<SelectItem>, SelectError> {
    for unsupported in [Keyword::DISTINCT, Keyword::ALL, Keyword::TOP] {
        if parser.peek_keyword(unsupported) {
            return fail(Code::ParseUnsupportedSelect, format!("SELECT {unsupported:?} is not supported."));
        }
    }
    if parser.peek_keyword(Keyword::FROM) {
        return fail(Code::ParseEmptySelect, "The SQL expression contains an empty SELECT clause.");
    }
    let mut items = Vec::new();
    loop {
        items.push(parser.parse_select_item().map_err(syntax)?);
        if !parser.consume_token(&Token::Comma) {
            return Ok(items);
        }
    }
}

fn limit(parser: &mut Parser<'_>) -> Result<u64, SelectError> {
    let found = next(parser);
    match parser.next_token().token {
        Token::Number(text, _) => {
            text.parse().or_else(|_| fail(Code::ParseExpectedNumber, format!("LIMIT {text} is not a count.")))
        }
        Token::Minus => fail(Code::EvaluatorInvalidArguments, "The value of LIMIT is negative."),
        _ => fail(Code::ParseExpectedNumber, format!("Expected the number of LIMIT, found {found}.")),
    }
}

fn end(parser: &Parser<'_>) -> Result<(), SelectError> {
    let token = parser.peek_token().token;
    let Token::Word(word) = &token else {
        return match token {
            Token::EOF => Ok(()),
            Token::Comma => fail(Code::UnsupportedSqlStructure, "Only one table can be selected from."),
            _ => fail(Code::ParseUnexpectedToken, format!("Unexpected {} in the SQL expression.", next(parser))),
        };
    };
    match word.keyword {
        keyword if begins_unsupported(keyword) => {
            fail(Code::UnsupportedSqlStructure, format!("{} is not supported in SQL expressions.", next(parser)))
        }
        _ => fail(Code::ParseUnexpectedToken, format!("Unexpected {} in the SQL expression.", next(parser))),
    }
}

/// Whether a word begins a part of SQL that isn't offered.
pub(super) fn begins_unsupported(keyword: Keyword) -> bool {
    matches!(
        keyword,
        Keyword::GROUP
            | Keyword::ORDER
            | Keyword::HAVING
            | Keyword::JOIN
            | Keyword::INNER
            | Keyword::LEFT
            | Keyword::RIGHT
            | Keyword::FULL
            | Keyword::CROSS
            | Keyword::NATURAL
            | Keyword::UNION
            | Keyword::EXCEPT
            | Keyword::INTERSECT
            | Keyword::OFFSET
    )
}

/// Refuses what would be too deep a tree.
fn check_size(tokens: &[TokenWithSpan]) -> Result<(), SelectError> {
    let nests = |token: &&TokenWithSpan| match &token.token {
        Token::Word(word) => word.keyword != Keyword::NoKeyword && word.quote_style.is_none(),
        Token::Whitespace(_)
        | Token::Comma
        | Token::Number(..)
        | Token::SingleQuotedString(_)
        | Token::RParen
        | Token::SemiColon => false,
        _ => true,
    };
    if tokens.iter().filter(nests).count() > MAX_OPERATORS {
        let message = format!("The SQL expression has more than {MAX_OPERATORS} operators and keywords.");
        return fail(Code::ExpressionTooLong, message);
    }
    Ok(())
}

/// What comes next, and where.
pub fn next(parser: &Parser<'_>) -> String {
    describe(&parser.peek_token())
}

pub fn describe(token: &TokenWithSpan) -> String {
    let at = token.span.start;
    match &token.token {
        Token::EOF => "the end of the expression".to_owned(),
        token => format!("'{token}' at line {}, column {}", at.line, at.column),
    }
}

fn lexer(error: TokenizerError) -> SelectError {
    let code = if error.message.contains("nterminated") || error.message.contains("Expected close") {
        Code::LexerInvalidLiteral
    } else {
        Code::LexerInvalidChar
    };
    SelectError::new(code, format!("The SQL expression can't be read: {error}."))
}

pub fn syntax(error: ParserError) -> SelectError {
    match error {
        ParserError::TokenizerError(text) => SelectError::new(Code::LexerInvalidChar, text),
        ParserError::ParserError(text) => {
            SelectError::new(Code::ParseUnexpectedToken, format!("The SQL expression can't be parsed: {text}."))
        }
        ParserError::RecursionLimitExceeded => SelectError::new(
            Code::UnsupportedSqlStructure,
            format!("The SQL expression nests deeper than {MAX_NESTING} levels."),
        ),
    }
}
