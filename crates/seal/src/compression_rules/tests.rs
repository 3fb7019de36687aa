use super::*;

fn rules() -> CompressionRules {
    CompressionRules {
        enabled: true,
        allow_encryption: false,
        extensions: [".txt", ".log"].map(str::to_owned).into(),
        mime_types: ["text/*", "application/json"].map(str::to_owned).into(),
    }
}

#[test]
fn names_and_types_decide() {
    let yes = [("a.txt", ""), ("A.TXT", ""), ("a", "text/plain"), ("a", "application/json"), (".log", "image/png")];
    let no = [
        ("a", ""),
        ("a.txt.gz", "text/plain"),
        ("b.ZIP", "text/plain"),
        ("a.txt", "video/mp4"),
        ("a.txt", "application/zip"),
        ("a", "application/jsonx"),
        ("txt", ""),
        ("a", "Text/plain"),
    ];
    for (name, kind) in yes {
        assert!(rules().apply_to(name, kind, false), "{name} {kind}");
    }
    for (name, kind) in no {
        assert!(!rules().apply_to(name, kind, false), "{name} {kind}");
    }
    // A space in the built-in list keeps this type out of it.
    assert!(rules().apply_to("a.txt", "application/x-compress", false));
}

#[test]
fn the_configuration_can_turn_it_off_or_ask_for_all() {
    assert!(!CompressionRules { enabled: false, ..rules() }.apply_to("a.txt", "", false));
    assert!(!rules().apply_to("a.txt", "", true));
    assert!(CompressionRules { allow_encryption: true, ..rules() }.apply_to("a.txt", "", true));
    let all = CompressionRules { extensions: vec![], mime_types: vec![], ..rules() };
    assert!(all.apply_to("anything", "", false) && !all.apply_to("a.jpg", "", false));
    let star = CompressionRules { extensions: vec!["*".into()], mime_types: vec![], ..rules() };
    assert!(star.apply_to("anything", "", false));
}

#[test]
fn patterns_have_stars_anywhere() {
    for (pattern, text, fits) in [
        ("*", "", true),
        ("a*c", "abc", true),
        ("a*c", "ac", true),
        ("a*b*c", "a-b-b-c", true),
        ("a*bc", "abcbc", true),
        ("*b", "ab", true),
        ("a*c", "abd", false),
        ("ab*b", "ab", false),
        ("", "a", false),
    ] {
        assert_eq!(matches(pattern, text), fits, "{pattern} {text}");
    }
}
