use super::*;

fn parse(content: &str) -> Result<WebsiteConfig, ServiceError> {
    WebsiteConfig::parse(format!("<WebsiteConfiguration>{content}</WebsiteConfiguration>").as_bytes())
}

const PAGES: &str = "<IndexDocument><Suffix>index.html</Suffix></IndexDocument><ErrorDocument><Key>error.html</Key></ErrorDocument>\
    <RoutingRules><RoutingRule><Condition><KeyPrefixEquals>docs/</KeyPrefixEquals></Condition>\
    <Redirect><ReplaceKeyPrefixWith>documents/</ReplaceKeyPrefixWith></Redirect></RoutingRule>\
    <RoutingRule><Condition><HttpErrorCodeReturnedEquals>404</HttpErrorCodeReturnedEquals>\
    <KeyPrefixEquals>images/</KeyPrefixEquals></Condition><Redirect><HostName>example.com</HostName><Protocol>https</Protocol>\
    <ReplaceKeyWith>none.png</ReplaceKeyWith><HttpRedirectCode>302</HttpRedirectCode></Redirect></RoutingRule></RoutingRules>";

#[test]
fn folders_have_pages() {
    let site = parse(PAGES).expect("a website");
    assert_eq!(site.page(""), "index.html");
    assert_eq!(site.page("a/"), "a/index.html");
    assert_eq!(site.page("a/b.html"), "a/b.html");
    assert_eq!(site.folder_page("a").as_deref(), Some("a/index.html"));
    assert_eq!(site.folder_page("a/"), None);
    assert_eq!(site.error_page(), Some("error.html"));
}

#[test]
fn rules_send_requests_elsewhere() {
    let site = parse(PAGES).expect("a website");
    let moved = site.redirect("docs/a.html", None).expect("a redirection");
    assert_eq!((moved.host, moved.key.as_str(), moved.status), (None, "documents/a.html", 301));
    assert_eq!(site.redirect("images/a.png", None), None, "it may be there");
    let missing = site.redirect("images/a.png", Some(404)).expect("a redirection");
    let expected = Redirect {
        protocol: Some("https".to_owned()),
        host: Some("example.com".to_owned()),
        key: "none.png".to_owned(),
        status: 302,
    };
    assert_eq!(missing, expected);
    assert_eq!(site.redirect("images/a.png", Some(403)), None);
    assert_eq!(site.redirect("other", Some(404)), None);
}

#[test]
fn all_requests_can_be_sent_elsewhere() {
    let site =
        parse("<RedirectAllRequestsTo><HostName>example.com</HostName></RedirectAllRequestsTo>").expect("a website");
    let moved = site.redirect("a/b", None).expect("a redirection");
    assert_eq!((moved.host.as_deref(), moved.key.as_str(), moved.status), (Some("example.com"), "a/b", 301));
}

#[test]
fn a_document_comes_back() {
    let site = parse(PAGES).expect("a website");
    assert_eq!(WebsiteConfig::parse(site.to_xml().as_bytes()).expect("its own document"), site);
}

#[test]
fn what_can_not_be_is_refused() {
    for wrong in [
        "",
        "<ErrorDocument><Key>e</Key></ErrorDocument>",
        "<IndexDocument><Suffix/></IndexDocument>",
        "<IndexDocument><Suffix>a/b</Suffix></IndexDocument>",
        "<RedirectAllRequestsTo/>",
        "<RedirectAllRequestsTo><HostName>h</HostName><Protocol>ftp</Protocol></RedirectAllRequestsTo>",
        "<RedirectAllRequestsTo><HostName>h</HostName></RedirectAllRequestsTo><IndexDocument><Suffix>i</Suffix></IndexDocument>",
        &PAGES.replace("<ReplaceKeyPrefixWith>documents/</ReplaceKeyPrefixWith>", ""),
        &PAGES.replace("<ReplaceKeyWith>", "<ReplaceKeyPrefixWith>x</ReplaceKeyPrefixWith><ReplaceKeyWith>"),
        &PAGES.replace(">302<", ">200<"),
        &PAGES.replace(">404<", ">200<"),
        &PAGES.replace("<KeyPrefixEquals>docs/</KeyPrefixEquals>", ""),
    ] {
        parse(wrong).expect_err(wrong);
    }
}
