//! What `sqlparser` must know of S3 Select's SQL.

use sqlparser::ast::{Expr, Ident};
use sqlparser::dialect::Dialect;
use sqlparser::keywords::Keyword;
use sqlparser::parser::{Parser, ParserError};
use sqlparser::tokenizer::Token;

/// Stands for `IS MISSING`, which `sqlparser` doesn't have, in [`Expr::Named`].
pub const IS_MISSING: &str = "is missing";
/// The same, negated.
pub const IS_NOT_MISSING: &str = "is not missing";

#[derive(Debug)]
pub struct SelectDialect;

impl Dialect for SelectDialect {
    fn is_identifier_start(&self, character: char) -> bool {
        character.is_alphabetic() || character == '_'
    }

    fn is_identifier_part(&self, character: char) -> bool {
        character.is_alphanumeric() || character == '_' || character == '$'
    }

    /// Names stand in double quotes, Ion's timestamps in backticks.
    fn is_delimited_identifier_start(&self, character: char) -> bool {
        character == '"' || character == '`'
    }

    /// `TRIM(BOTH FROM x)`.
    fn supports_comma_separated_trim(&self) -> bool {
        true
    }

    fn parse_infix(&self, parser: &mut Parser<'_>, expr: &Expr, _precedence: u8) -> Option<Result<Expr, ParserError>> {
        let negated = match parser.peek_tokens::<3>() {
            [is, missing, _] if is_word(&is, Keyword::IS) && is_missing(&missing) => false,
            [is, not, missing] if is_word(&is, Keyword::IS) && is_word(&not, Keyword::NOT) && is_missing(&missing) => {
                true
            }
            _ => return None,
        };
        for _ in 0..if negated { 3 } else { 2 } {
            parser.next_token();
        }
        let name = Ident::new(if negated { IS_NOT_MISSING } else { IS_MISSING });
        Some(Ok(Expr::Named { expr: Box::new(expr.clone()), name }))
    }
}

fn is_word(token: &Token, keyword: Keyword) -> bool {
    matches!(token, Token::Word(word) if word.keyword == keyword && word.quote_style.is_none())
}

fn is_missing(token: &Token) -> bool {
    matches!(token, Token::Word(word) if word.quote_style.is_none() && word.value.eq_ignore_ascii_case("missing"))
}
