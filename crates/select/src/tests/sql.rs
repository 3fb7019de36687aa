//! Expressions: what they give, and what is refused.

use super::*;
use proptest::prelude::*;

fn check(expression: &str, expected: &str) {
    assert_eq!(value(expression).as_deref(), Ok(expected), "{expression}");
}

fn refused(expression: &str, code: Code) {
    assert_eq!(value(expression), Err(code), "{expression}");
}

#[test]
fn arithmetic_keeps_integers_and_decimals_exact() {
    check("1+2*3", "7");
    check("7/2", "3");
    check("-7 % 3", "-1");
    check("0.1+0.2", "0.3");
    check("1.0/3", "0.333333333333333333");
    check("-9223372036854775808", "-9223372036854775808");
    check("1e0 + 1", "2");
    check("s._2 + 1", "8");
    refused("9223372036854775807 + 1", Code::IntegerOverflow);
    refused("1 / 0", Code::EvaluatorInvalidArguments);
    refused("'a' + 1", Code::IncorrectSqlFunctionArgumentType);
}

#[test]
fn unknown_is_neither_true_nor_false() {
    check("NULL = NULL", "");
    check("NULL IS NULL", "true");
    check("MISSING IS NULL", "true");
    check("NULL IS MISSING", "false");
    check("s._9 IS MISSING", "true");
    check("s._9 IS NOT MISSING", "false");
    check("NULL AND FALSE", "false");
    check("NULL OR TRUE", "true");
    check("(NULL OR FALSE) IS NULL", "true");
    check("NOT (1 = 1 AND 2 = 3)", "true");
    check("1 IN (2, NULL)", "");
    check("1 IN (2, 1)", "true");
    check("1 NOT IN (2, 3)", "true");
    check("2 BETWEEN 1 AND 3", "true");
    check("2 NOT BETWEEN 1 AND 3", "false");
}

#[test]
fn comparison_takes_fields_of_csv_as_what_they_meet() {
    check("s._2 = 7", "true");
    check("s._2 = '7'", "true");
    check("s._2 > 10", "false");
    check("s._1 > 10", "");
    check("s._1 = 10", "false");
    check("1 = 1.0", "true");
    check("'a' < 'b'", "true");
}

#[test]
fn like_has_wildcards_and_escapes() {
    check("'abc' LIKE 'a%'", "true");
    check("'abc' LIKE '_b_'", "true");
    check("'abc' LIKE 'b%'", "false");
    check("'' LIKE '%'", "true");
    check("'a%c' LIKE 'a!%c' ESCAPE '!'", "true");
    check("'abc' LIKE 'a!%c' ESCAPE '!'", "false");
    check("'abc' NOT LIKE '%c'", "false");
    refused("'a' LIKE 'a!b' ESCAPE '!'", Code::EvaluatorLikePatternInvalidEscapeSequence);
    refused("1 LIKE 'a'", Code::LikeInvalidInputs);
}

#[test]
fn strings() {
    check("CHAR_LENGTH('añb')", "3");
    check("CHARACTER_LENGTH('')", "0");
    check("UPPER('aé') || LOWER('Q')", "AÉq");
    check("SUBSTRING('abcdef', 2)", "bcdef");
    check("SUBSTRING('abcdef', 0, 3)", "ab");
    check("SUBSTRING('abcdef' FROM 3 FOR 2)", "cd");
    check("SUBSTRING('abc', 9)", "");
    check("TRIM('  a b ')", "a b");
    check("TRIM(LEADING FROM '  a')", "a");
    check("TRIM(TRAILING 'x' FROM 'axx')", "a");
    check("TRIM(BOTH '12' FROM '1112211foobar22211122')", "foobar");
    refused("SUBSTRING('a', 1, -1)", Code::EvaluatorInvalidArguments);
    refused("LOWER(1)", Code::IncorrectSqlFunctionArgumentType);
}

#[test]
fn conditionals() {
    check("CASE WHEN 1 = 2 THEN 'a' WHEN NULL THEN 'b' ELSE 'c' END", "c");
    check("CASE 2 WHEN 1 THEN 'a' WHEN 2 THEN 'b' END", "b");
    check("CASE 3 WHEN 1 THEN 'a' END", "");
    check("COALESCE(NULL, MISSING, 3)", "3");
    check("NULLIF(1, 1)", "");
    check("NULLIF(1, 2)", "1");
}

#[test]
fn casts() {
    check("CAST(' 7.9 ' AS INT)", "7");
    check("CAST('1.50' AS DECIMAL(5,1))", "1.5");
    check("CAST('1.25' AS NUMERIC(5,1))", "1.3");
    check("CAST('1.5e3' AS FLOAT)", "1500");
    check("CAST('true' AS BOOL)", "true");
    check("CAST(0 AS BOOL)", "false");
    check("CAST(1.5 AS STRING) || 'x'", "1.5x");
    check("CAST('2010-01-01T' AS TIMESTAMP)", "2010-01-01T");
    check("CAST(NULL AS INT)", "");
    refused("CAST('x' AS INT)", Code::CastFailed);
    refused("CAST('1234.5' AS DECIMAL(3,1))", Code::CastFailed);
    refused("CAST(1 AS BLOB)", Code::ParseExpectedTypeName);
}

#[test]
fn dates_are_as_the_reference_has_them() {
    check("DATE_ADD(year, 5, `2010-01-01T`)", "2015-01-01T");
    check("DATE_ADD(month, 1, `2010T`)", "2010-02T");
    check("DATE_ADD(month, 13, `2010T`)", "2011-02T");
    check("DATE_ADD(day, -1, `2017-01-10T`)", "2017-01-09T");
    check("DATE_ADD(minute, 1, `2017-01-02T03:04Z`)", "2017-01-02T03:05Z");
    check("DATE_ADD(month, 1, `2020-01-31T`)", "2020-02-29T");
    check("DATE_DIFF(year, `2010-01-01T`, `2011-01-01T`)", "1");
    check("DATE_DIFF(month, `2010T`, `2010-05T`)", "4");
    check("DATE_DIFF(month, `2011T`, `2010T`)", "-12");
    check("DATE_DIFF(day, `2010-01-01T23:00Z`, `2010-01-02T01:00Z`)", "0");
    check("EXTRACT(YEAR FROM `2010-01-01T`)", "2010");
    check("EXTRACT(HOUR FROM `2017-01-02T03:04:05+07:08`)", "3");
    check("EXTRACT(TIMEZONE_MINUTE FROM `2017-01-02T03:04:05+07:08`)", "8");
    check("TO_STRING(`1969-07-20T20:18Z`, 'MMMM d, y')", "\"July 20, 1969\"");
    check("TO_STRING(`1969-07-20T20:18Z`, 'MM/d/yy h:m a')", "07/20/69 8:18 PM");
    check("TO_STRING(`1969-07-20T20:18:13Z`, 'MMMM d, y h:m:ss a X')", "\"July 20, 1969 8:18:13 PM Z\"");
    check("TO_STRING(`1969-07-20T20:18:13+08:00`, 'y-MM-dd''T''H:m:ssXXX')", "1969-07-20T20:18:13+08:00");
    check("TO_TIMESTAMP('2007-02-23T12:14:33.079-08:00')", "2007-02-23T12:14:33.079-08:00");
    check("TO_TIMESTAMP('23/2/2007 1:05 PM', 'd/M/yyyy h:mm a')", "2007-02-23T13:05:00Z");
    check("UTCNOW() > `2023-11-14T`", "true");
    refused("DATE_ADD(week, 1, `2010T`)", Code::ParseExpectedDatePart);
    refused("TO_STRING(`2010T`, 'q')", Code::EvaluatorInvalidTimestampFormatPatternToken);
    refused("`not a time`", Code::LexerInvalidIONLiteral);
}

#[test]
fn what_the_reference_does_not_have_is_refused_by_its_code() {
    let select = |text: &str| records(csv(text, Header::None), b"x,7\n");
    let cases = [
        ("SELECT", Code::ParseUnexpectedToken),
        ("SELECT FROM S3Object", Code::ParseEmptySelect),
        ("DELETE FROM S3Object", Code::ParseExpectedKeyword),
        ("SELECT 1", Code::ParseSelectMissingFrom),
        ("SELECT *, _1 FROM S3Object", Code::ParseAsteriskIsNotAloneInSelectList),
        ("SELECT * FROM other", Code::InvalidTableAlias),
        ("SELECT * FROM S3Object GROUP BY _1", Code::UnsupportedSqlStructure),
        ("SELECT * FROM S3Object ORDER BY _1", Code::UnsupportedSqlStructure),
        ("SELECT * FROM S3Object, S3Object", Code::UnsupportedSqlStructure),
        ("SELECT DISTINCT _1 FROM S3Object", Code::ParseUnsupportedSelect),
        ("SELECT * FROM S3Object LIMIT -1", Code::EvaluatorInvalidArguments),
        ("SELECT * FROM S3Object LIMIT x", Code::ParseExpectedNumber),
        ("SELECT * FROM S3Object WHERE _1 LIKE 'a' LIKE", Code::ParseUnexpectedToken),
        ("SELECT _1, COUNT(*) FROM S3Object", Code::UnsupportedSqlStructure),
        ("SELECT * FROM S3Object WHERE COUNT(*) > 1", Code::UnsupportedSqlStructure),
        ("SELECT SUM(AVG(_2)) FROM S3Object", Code::UnsupportedSqlStructure),
        ("SELECT SUM(*) FROM S3Object", Code::ParseUnsupportedCallWithStar),
        ("SELECT SOUNDEX(_1) FROM S3Object", Code::UnsupportedFunction),
        ("SELECT name FROM S3Object", Code::MissingHeaders),
        ("SELECT _0 FROM S3Object", Code::InvalidColumnIndex),
        ("SELECT 'a FROM S3Object", Code::LexerInvalidLiteral),
        ("SELECT * FROM S3Object.a", Code::InvalidKeyPath),
        ("SELECT (SELECT 1) FROM S3Object", Code::UnsupportedSqlStructure),
    ];
    for (text, code) in cases {
        assert_eq!(select(text), Err(code), "{text}");
    }
}

#[test]
fn aggregates() {
    let object = b"1,a\n2.5,b\n3,c\n";
    let all = "SELECT COUNT(*), SUM(_1), AVG(CAST(_1 AS INT)), MIN(_1), MAX(_1) + 1 FROM S3Object WHERE _1 < 3";
    assert_eq!(records(csv(all, Header::None), object).as_deref(), Ok("2,3.5,1.5,1,3.5\n"));
    let none = "SELECT COUNT(_1), SUM(_1) FROM S3Object WHERE _1 > 100";
    assert_eq!(records(csv(none, Header::None), object).as_deref(), Ok("0,\n"));
    assert_eq!(records(csv("SELECT COUNT(*) FROM S3Object", Header::None), b"").as_deref(), Ok("0\n"));
    assert_eq!(value("SUM(_1)"), Err(Code::IncorrectSqlFunctionArgumentType));
}

#[test]
fn long_and_deep_expressions_are_refused_before_the_stack_is() {
    refused(&vec!["1"; 5000].join("+"), Code::ExpressionTooLong);
    refused(&format!("{}1{}", "(".repeat(900), ")".repeat(900)), Code::UnsupportedSqlStructure);
    refused(&format!("{}1", "NOT ".repeat(1500)), Code::ParseSelectMissingFrom);
    refused(&"x".repeat(crate::limits::MAX_EXPRESSION), Code::ExpressionTooLong);
    check(&vec!["1"; 1000].join("+"), "1000");
    check(&format!("1 IN ({})", vec!["1"; 20_000].join(",")), "true");
}

proptest! {
    #[test]
    fn decimals_compute_as_integers_do(a in -1_000_000_000_i64..1_000_000_000, b in -1_000_000_000_i64..1_000_000_000) {
        use crate::value::{Arithmetic, Decimal, Number};
        let decimal = |value: i64| Number::Decimal(Decimal::parse(&format!("{value}.0")).expect("a decimal"));
        for operator in [Arithmetic::Add, Arithmetic::Subtract, Arithmetic::Multiply, Arithmetic::Remainder] {
            if b == 0 && operator == Arithmetic::Remainder {
                continue;
            }
            let exact = Number::Int(a).apply(operator, Number::Int(b)).expect("no overflow");
            let found = decimal(a).apply(operator, decimal(b)).expect("no overflow");
            prop_assert_eq!(found.compare(exact), Some(std::cmp::Ordering::Equal));
        }
    }

    #[test]
    fn like_agrees_with_the_plainest_way(text in "[ab]{0,8}", pattern in "[ab%_]{0,6}") {
        fn plain(pattern: &[u8], text: &[u8]) -> bool {
            match (pattern.split_first(), text.split_first()) {
                (None, _) => text.is_empty(),
                (Some((b'%', rest)), _) => (0..=text.len()).any(|skip| plain(rest, &text[skip..])),
                (Some((b'_', rest)), Some((_, behind))) => plain(rest, behind),
                (Some((is, rest)), Some((found, behind))) => is == found && plain(rest, behind),
                (Some(_), None) => false,
            }
        }
        let like = crate::eval::Like::new(&pattern, None).expect("a pattern");
        prop_assert_eq!(like.fits(&text), plain(pattern.as_bytes(), text.as_bytes()));
    }

    #[test]
    fn no_expression_makes_it_panic(text in "(SELECT|FROM|S3Object|WHERE|\\(|\\)|\\*|,|'|\"|`|[a-z0-9_.\\[\\]]| |LIKE|CASE|IS|MISSING|NOT|-|=){0,30}") {
        let _ = crate::sql::compile(&format!("SELECT {text}"));
    }
}
