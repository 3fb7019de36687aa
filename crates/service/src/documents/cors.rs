//! A bucket's cross-origin document ("PutBucketCors"): which pages may use the bucket from a browser.

#[cfg(test)]
mod tests;

use super::NAMESPACE;
use super::xml::{self, Element};
use crate::ServiceError;

/// Most rules, as AWS has it.
const MAX_RULES: usize = 100;
/// Longest id of a rule, as AWS has it.
const MAX_ID: usize = 255;
const METHODS: [&str; 5] = ["GET", "PUT", "HEAD", "POST", "DELETE"];

/// A bucket's rules, in their order.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct CorsConfig {
    pub rules: Vec<CorsRule>,
}

/// What pages of some origins may do.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct CorsRule {
    id: Option<String>,
    origins: Vec<String>,
    pub methods: Vec<String>,
    headers: Vec<String>,
    /// Headers of answers that the page may read.
    pub exposed: Vec<String>,
    /// Seconds for which a browser may remember what it was told.
    pub max_age: Option<u32>,
}

impl CorsConfig {
    /// Reads and checks what a client sent.
    pub(crate) fn parse(document: &[u8]) -> Result<Self, ServiceError> {
        let root = xml::parse(document, &["CORSConfiguration"])?;
        let rules = root.children.iter().map(CorsRule::of).collect::<Result<Vec<_>, _>>()?;
        match rules.len() {
            1..=MAX_RULES => Ok(CorsConfig { rules }),
            0 => Err(malformed("a configuration needs a rule")),
            _ => Err(malformed("a configuration can have 100 rules at most")),
        }
    }

    /// As it is kept and shown.
    pub(crate) fn to_xml(&self) -> String {
        let mut root = Element { namespace: NAMESPACE.to_owned(), ..Element::new("CORSConfiguration") };
        root.children = self.rules.iter().map(CorsRule::element).collect();
        root.to_xml()
    }

    /// The first rule that lets a page of `origin` send a request of `method` with these headers.
    pub fn rule_for<'a>(
        &self,
        origin: &str,
        method: &str,
        mut headers: impl Iterator<Item = &'a str>,
    ) -> Option<&CorsRule> {
        let headers: Vec<String> = headers.by_ref().map(str::to_ascii_lowercase).collect();
        self.rules.iter().find(|rule| {
            let any = |patterns: &[String], text: &str| patterns.iter().any(|pattern| fits(pattern, text));
            any(&rule.origins, origin)
                && rule.methods.iter().any(|known| known == method)
                && headers
                    .iter()
                    .all(|header| rule.headers.iter().any(|known| fits(&known.to_ascii_lowercase(), header)))
        })
    }
}

impl CorsRule {
    /// Whether every page is let in, whoever it belongs to: then the answer names none.
    pub fn is_for_all(&self) -> bool {
        self.origins.iter().any(|origin| origin == "*")
    }

    fn of(element: &Element) -> Result<Self, ServiceError> {
        if element.name != "CORSRule" {
            return Err(malformed(format!("unexpected element <{}>", element.name)));
        }
        let mut rule = CorsRule::default();
        for child in &element.children {
            let text = child.text.clone();
            match child.name.as_str() {
                "ID" if rule.id.is_none() && text.chars().count() <= MAX_ID => rule.id = Some(text),
                "AllowedOrigin" => rule.origins.push(with_one_wildcard("AllowedOrigin", text)?),
                "AllowedHeader" => rule.headers.push(with_one_wildcard("AllowedHeader", text)?),
                "AllowedMethod" if METHODS.contains(&text.as_str()) => rule.methods.push(text),
                "AllowedMethod" => {
                    return Err(invalid(format!(
                        "Found unsupported HTTP method in CORS config. Unsupported method is {text}"
                    )));
                }
                "ExposeHeader" if text.contains('*') => {
                    return Err(invalid(format!(
                        "ExposeHeader \"{text}\" contains wildcard. We currently do not support wildcard for ExposeHeader."
                    )));
                }
                "ExposeHeader" if is_header_name(&text) => rule.exposed.push(text),
                "MaxAgeSeconds" if rule.max_age.is_none() => {
                    rule.max_age = Some(text.parse().map_err(|_| malformed("MaxAgeSeconds is no number of seconds"))?);
                }
                name => return Err(malformed(format!("<{name}> can't be this, or can't be here"))),
            }
        }
        if rule.origins.is_empty() || rule.methods.is_empty() {
            return Err(malformed("a rule needs an AllowedOrigin and an AllowedMethod"));
        }
        Ok(rule)
    }

    fn element(&self) -> Element {
        let age = self.max_age.map(|age| age.to_string());
        let lists = [
            ("AllowedHeader", &self.headers),
            ("AllowedMethod", &self.methods),
            ("AllowedOrigin", &self.origins),
            ("ExposeHeader", &self.exposed),
        ];
        let id = self.id.iter().map(|id| Element::with_text("ID", id));
        let listed = lists.iter().flat_map(|(name, texts)| texts.iter().map(|text| Element::with_text(name, text)));
        let age = age.iter().map(|age| Element::with_text("MaxAgeSeconds", age));
        Element { children: id.chain(listed).chain(age).collect(), ..Element::new("CORSRule") }
    }
}

/// Whether `text` fits a pattern in which one `*` stands for any text.
fn fits(pattern: &str, text: &str) -> bool {
    match pattern.split_once('*') {
        None => pattern == text,
        Some((start, end)) => text.strip_prefix(start).is_some_and(|rest| rest.ends_with(end)),
    }
}

fn with_one_wildcard(name: &str, text: String) -> Result<String, ServiceError> {
    if text.matches('*').count() > 1 {
        return Err(invalid(format!("{name} \"{text}\" can not have more than one wildcard.")));
    }
    if text.is_empty() { Err(malformed(format!("<{name}> is empty"))) } else { Ok(text) }
}

/// The letters of a token (RFC 9110, section 5.6.2): it goes into a header.
fn is_header_name(text: &str) -> bool {
    let letter = |byte: u8| byte.is_ascii_alphanumeric() || b"!#$%&'+-.^_`|~".contains(&byte);
    !text.is_empty() && text.bytes().all(letter)
}

fn malformed(reason: impl Into<String>) -> ServiceError {
    ServiceError::MalformedDocument { reason: reason.into() }
}

fn invalid(reason: String) -> ServiceError {
    ServiceError::InvalidRequest { reason }
}
