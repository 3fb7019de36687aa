//! The FROM clause: `S3Object[*].a.b[0] AS s`.

use super::ast::{Path, RowName, Step};
use super::parse::{begins_unsupported, next};
use crate::error::{Code, SelectError, fail};
use sqlparser::keywords::Keyword;
use sqlparser::parser::Parser;
use sqlparser::tokenizer::{Token, Word};

/// The only table.
const TABLE: &str = "S3Object";

/// Where the parser stands.
pub struct Cursor<'c, 'p>(pub &'c mut Parser<'p>);

/// The path behind the table's name, and what rows are called: by their alias, else by the last name of the path.
pub fn parse(cursor: &mut Cursor<'_, '_>) -> Result<(Path, RowName), SelectError> {
    let found = next(cursor.0);
    match cursor.0.next_token().token {
        Token::Word(word) if word.value.eq_ignore_ascii_case(TABLE) => {}
        _ => return fail(Code::InvalidTableAlias, format!("The table name must be {TABLE}, found {found}.")),
    }
    let mut steps = Vec::new();
    loop {
        if cursor.0.consume_token(&Token::Period) {
            steps.push(cursor.key()?);
        } else if cursor.0.consume_token(&Token::LBracket) {
            steps.push(cursor.bracket()?);
        } else {
            break;
        }
    }
    let name = match cursor.alias()? {
        Some(name) => name,
        None => implicit(&steps),
    };
    Ok((Path(steps), name))
}

fn implicit(steps: &[Step]) -> RowName {
    match steps.last() {
        Some(Step::Key { name, exact }) => RowName { name: name.clone(), quoted: *exact },
        _ => RowName { name: TABLE.to_owned(), quoted: false },
    }
}

impl Cursor<'_, '_> {
    fn key(&mut self) -> Result<Step, SelectError> {
        let found = next(self.0);
        match self.0.next_token().token {
            Token::Word(Word { quote_style: Some('`'), .. }) | Token::Mul => {
                fail(Code::ParseInvalidPathComponent, format!("Unexpected {found} in the path of FROM."))
            }
            Token::Word(word) => Ok(Step::Key { exact: word.quote_style.is_some(), name: word.value }),
            _ => fail(Code::ParseInvalidPathComponent, format!("Expected a name in the path of FROM, found {found}.")),
        }
    }

    fn bracket(&mut self) -> Result<Step, SelectError> {
        let found = next(self.0);
        let step = match self.0.next_token().token {
            Token::Mul => Step::Each,
            Token::SingleQuotedString(name) => Step::Key { name, exact: true },
            Token::Number(text, _) => match text.parse() {
                Ok(index) => Step::Index(index),
                Err(_) => return fail(Code::ParseInvalidPathComponent, format!("{found} is no index.")),
            },
            _ => {
                return fail(
                    Code::ParseInvalidPathComponent,
                    format!("Expected *, an index or a name, found {found}."),
                );
            }
        };
        if !self.0.consume_token(&Token::RBracket) {
            return fail(Code::ParseInvalidPathComponent, format!("Expected ], found {}.", next(self.0)));
        }
        Ok(step)
    }

    fn alias(&mut self) -> Result<Option<RowName>, SelectError> {
        let said = self.0.parse_keyword(Keyword::AS);
        let found = next(self.0);
        match self.0.peek_token().token {
            Token::Word(Word { quote_style: Some('`'), .. }) => {}
            Token::Word(word) if word.quote_style.is_some() || is_free(word.keyword) => {
                self.0.next_token();
                return Ok(Some(RowName { quoted: word.quote_style.is_some(), name: word.value }));
            }
            _ => {}
        }
        if said {
            return fail(Code::ParseExpectedIdentForAlias, format!("Expected an alias behind AS, found {found}."));
        }
        Ok(None)
    }
}

/// Whether a word may be an alias: not one that begins another clause.
fn is_free(keyword: Keyword) -> bool {
    let other = matches!(keyword, Keyword::WHERE | Keyword::LIMIT | Keyword::AT | Keyword::BY);
    !other && !begins_unsupported(keyword)
}
