use super::*;
use crate::documents::xml::parse;

const TREE: Holds = Holds::All(&[
    Field::one("Id", Holds::Text),
    Field::maybe("Size", Holds::Number(1, 9)),
    Field::many("Word", Holds::Word(&["a", "b"]), 0..=2),
    Field::maybe("Choice", Holds::One(&[Field::one("Left", Holds::AnyText), Field::one("Right", Holds::AnyText)])),
]);

fn fits(content: &str) -> bool {
    let root = parse(format!("<R>{content}</R>").as_bytes(), &["R"]).expect("XML");
    check(&root, TREE).is_ok()
}

#[test]
fn what_the_table_says_fits() {
    assert!(fits("<Id>x</Id>"));
    assert!(fits("<Size>9</Size><Id>x</Id><Word>a</Word><Word>b</Word><Choice><Right/></Choice>"));
}

#[test]
fn nothing_else_does() {
    for wrong in [
        "",
        "<Id/>",
        "<Id>x</Id><Id>y</Id>",
        "<Id>x<Deep/></Id>",
        "<Id>x</Id><Other/>",
        "<Id>x</Id><Size>10</Size>",
        "<Id>x</Id><Size>-1</Size>",
        "<Id>x</Id><Word>c</Word>",
        "<Id>x</Id><Word>a</Word><Word>a</Word><Word>a</Word>",
        "<Id>x</Id><Choice/>",
        "<Id>x</Id><Choice><Left/><Right/></Choice>",
        "<Id>x</Id><Choice><Left/><Left/></Choice>",
    ] {
        assert!(!fits(wrong), "{wrong}");
    }
}
