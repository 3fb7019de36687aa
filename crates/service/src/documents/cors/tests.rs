use super::*;

fn read(rules: &str) -> Result<CorsConfig, ServiceError> {
    CorsConfig::parse(format!("<CORSConfiguration>{rules}</CORSConfiguration>").as_bytes())
}

const RULE: &str = "<CORSRule><ID>a</ID><AllowedHeader>x-amz-*</AllowedHeader><AllowedMethod>GET</AllowedMethod>\
    <AllowedMethod>PUT</AllowedMethod><AllowedOrigin>https://*.example</AllowedOrigin><ExposeHeader>ETag</ExposeHeader>\
    <MaxAgeSeconds>30</MaxAgeSeconds></CORSRule>";
const ALL: &str = "<CORSRule><AllowedMethod>GET</AllowedMethod><AllowedOrigin>*</AllowedOrigin></CORSRule>";

#[test]
fn what_is_kept_reads_as_what_was_sent() {
    let config = read(&format!("{RULE}{ALL}")).unwrap();
    let kept = config.to_xml();
    assert!(kept.contains(RULE) && kept.contains(ALL), "{kept}");
    assert_eq!(CorsConfig::parse(kept.as_bytes()).unwrap(), config);
}

#[test]
fn the_first_rule_that_fits_decides() {
    let config = read(&format!("{RULE}{ALL}")).unwrap();
    let rule = |origin, method, headers: &[&'static str]| {
        config.rule_for(origin, method, headers.iter().copied()).map(CorsRule::is_for_all)
    };
    assert_eq!(rule("https://a.example", "GET", &[]), Some(false));
    assert_eq!(rule("https://a.example", "PUT", &["X-Amz-Date"]), Some(false));
    assert_eq!(rule("https://a.example", "PUT", &["x-amz-date", "range"]), None);
    assert_eq!(rule("https://a.example", "GET", &["range"]), None, "the second rule allows no headers");
    assert_eq!(rule("https://a.test", "GET", &[]), Some(true));
    assert_eq!(rule("https://a.test", "PUT", &[]), None);
    assert_eq!(rule("https://a.example", "DELETE", &[]), None);
}

#[test]
fn a_wildcard_stands_for_any_text_and_nothing_twice() {
    assert!(fits("*", "") && fits("a*", "a") && fits("*a", "ba") && fits("a*c", "abbc") && fits("ac", "ac"));
    assert!(!fits("a*a", "a"), "the two ends are different letters");
    assert!(!fits("a*c", "abd") && !fits("a", "ab") && !fits("", "a"));
}

#[test]
fn what_can_not_be_is_refused() {
    let replaced = |from: &str, to: &str| read(&RULE.replacen(from, to, 1));
    let malformed = |result| assert!(matches!(result, Err(ServiceError::MalformedDocument { .. })), "{result:?}");
    let invalid = |result| assert!(matches!(result, Err(ServiceError::InvalidRequest { .. })), "{result:?}");
    malformed(read(""));
    malformed(read("<Rule/>"));
    malformed(read("<CORSRule/>"));
    malformed(read(&ALL.repeat(101)));
    assert_eq!(read(&ALL.repeat(100)).unwrap().rules.len(), 100);
    malformed(replaced("<ID>a</ID>", "<ID>a</ID><ID>b</ID>"));
    malformed(replaced("<ID>a</ID>", &format!("<ID>{}</ID>", "a".repeat(256))));
    malformed(replaced(">30<", ">-1<"));
    malformed(replaced(">30<", ">soon<"));
    malformed(replaced(">ETag<", ">E Tag<"));
    malformed(replaced(">ETag<", "><"));
    malformed(replaced("https://*.example", ""));
    invalid(replaced(">GET<", ">OPTIONS<"));
    invalid(replaced(">GET<", ">get<"));
    invalid(replaced("https://*.example", "https://*.*"));
    invalid(replaced("x-amz-*", "*-*"));
    invalid(replaced(">ETag<", ">x-*<"));
}
