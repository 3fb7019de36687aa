//! A bucket's website ("PutBucketWebsite"): which page stands for a folder and which for an error, and where requests are sent
//! instead.

#[cfg(test)]
mod tests;

use super::NAMESPACE;
use super::schema::{Field, Holds, check};
use super::xml::{self, Element, malformed};
use crate::ServiceError;

/// Most rules, as AWS has it.
const MAX_RULES: usize = 50;

const PROTOCOL: Holds = Holds::Word(&["http", "https"]);

const WEBSITE: Holds = Holds::All(&[
    Field::maybe("ErrorDocument", Holds::All(&[Field::one("Key", Holds::Text)])),
    Field::maybe("IndexDocument", Holds::All(&[Field::one("Suffix", Holds::Text)])),
    Field::maybe(
        "RedirectAllRequestsTo",
        Holds::All(&[Field::one("HostName", Holds::Text), Field::maybe("Protocol", PROTOCOL)]),
    ),
    Field::maybe("RoutingRules", Holds::All(&[Field::many("RoutingRule", RULE, 0..=MAX_RULES)])),
]);

const RULE: Holds = Holds::All(&[
    Field::maybe(
        "Condition",
        Holds::All(&[
            Field::maybe("HttpErrorCodeReturnedEquals", Holds::Number(400, 599)),
            Field::maybe("KeyPrefixEquals", Holds::AnyText),
        ]),
    ),
    Field::one(
        "Redirect",
        Holds::All(&[
            Field::maybe("HostName", Holds::Text),
            Field::maybe("HttpRedirectCode", Holds::Number(301, 399)),
            Field::maybe("Protocol", PROTOCOL),
            Field::maybe("ReplaceKeyPrefixWith", Holds::AnyText),
            Field::maybe("ReplaceKeyWith", Holds::AnyText),
        ]),
    ),
]);

/// A bucket's website.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct WebsiteConfig {
    /// As it was sent, without namespace.
    element: Element,
}

/// Where a request is sent instead.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Redirect {
    /// `http` or `https`; `None`: as the request came.
    pub protocol: Option<String>,
    /// `None`: the same host.
    pub host: Option<String>,
    /// The key there.
    pub key: String,
    /// The status, 301 to 399.
    pub status: u16,
}

/// The status of a redirection that says nothing of it.
const MOVED_PERMANENTLY: u16 = 301;

impl WebsiteConfig {
    /// Reads and checks what a client sent or a drive holds.
    pub(crate) fn parse(document: &[u8]) -> Result<Self, ServiceError> {
        let mut element = xml::parse(document, &["WebsiteConfiguration"])?;
        check(&element, WEBSITE)?;
        element.namespace.clear();
        let config = WebsiteConfig { element };
        if config.element.child("RedirectAllRequestsTo").is_some() {
            return if config.element.children.len() == 1 {
                Ok(config)
            } else {
                Err(malformed("RedirectAllRequestsTo stands alone"))
            };
        }
        let suffix = config.index_suffix().ok_or_else(|| malformed("IndexDocument is missing"))?;
        if suffix.contains('/') {
            let reason = "The IndexDocument Suffix is not well formed".to_owned();
            return Err(ServiceError::InvalidArgument { reason });
        }
        for rule in config.rules() {
            let redirect = rule.child("Redirect").map_or(&[][..], |redirect| &redirect.children);
            let both = ["ReplaceKeyPrefixWith", "ReplaceKeyWith"];
            if redirect.is_empty() || both.iter().all(|name| redirect.iter().any(|child| child.name == *name)) {
                return Err(malformed("a Redirect says something, and only one of how to replace the key"));
            }
            if rule.child("Condition").is_some_and(|condition| condition.children.is_empty()) {
                return Err(malformed("a Condition says something"));
            }
        }
        Ok(config)
    }

    /// As it is kept and shown.
    pub(crate) fn to_xml(&self) -> String {
        Element { namespace: NAMESPACE.to_owned(), ..self.element.clone() }.to_xml()
    }

    /// What stands behind a folder's name for its page.
    fn index_suffix(&self) -> Option<&str> {
        Some(&self.element.child("IndexDocument")?.child("Suffix")?.text)
    }

    /// The key of the page that stands for `key`: that itself, unless it is a folder.
    pub fn page(&self, key: &str) -> String {
        match self.index_suffix() {
            Some(suffix) if key.is_empty() || key.ends_with('/') => format!("{key}{suffix}"),
            _ => key.to_owned(),
        }
    }

    /// The page of a folder that was named without its slash.
    pub fn folder_page(&self, key: &str) -> Option<String> {
        let suffix = self.index_suffix()?;
        (!key.is_empty() && !key.ends_with('/')).then(|| format!("{key}/{suffix}"))
    }

    /// The key of the page that tells of errors.
    pub fn error_page(&self) -> Option<&str> {
        Some(&self.element.child("ErrorDocument")?.child("Key")?.text)
    }

    /// Where a request for `key` is sent instead. `status`: what it would be answered with, if it has been tried.
    pub fn redirect(&self, key: &str, status: Option<u16>) -> Option<Redirect> {
        let text = |element: &Element, name: &str| element.child(name).map(|child| child.text.clone());
        if let Some(all) = self.element.child("RedirectAllRequestsTo") {
            let (protocol, host) = (text(all, "Protocol"), text(all, "HostName"));
            return Some(Redirect { protocol, host, key: key.to_owned(), status: MOVED_PERMANENTLY });
        }
        let rule = self.rules().find(|rule| applies(rule, key, status))?;
        let redirect = rule.child("Redirect")?;
        let prefix = rule.child("Condition").and_then(|condition| text(condition, "KeyPrefixEquals"));
        let rest = key.strip_prefix(prefix.as_deref().unwrap_or_default()).unwrap_or(key);
        let key = match (text(redirect, "ReplaceKeyWith"), text(redirect, "ReplaceKeyPrefixWith")) {
            (Some(whole), _) => whole,
            (None, Some(prefix)) => format!("{prefix}{rest}"),
            (None, None) => key.to_owned(),
        };
        let status = redirect.child("HttpRedirectCode").and_then(|code| code.text.parse().ok());
        let status = status.unwrap_or(MOVED_PERMANENTLY);
        Some(Redirect { protocol: text(redirect, "Protocol"), host: text(redirect, "HostName"), key, status })
    }

    fn rules(&self) -> impl Iterator<Item = &Element> {
        self.element.child("RoutingRules").into_iter().flat_map(|rules| &rules.children)
    }
}

/// Rules that ask for an error count once there is one, others only before the request is tried.
fn applies(rule: &Element, key: &str, status: Option<u16>) -> bool {
    let condition = |name| rule.child("Condition").and_then(|condition| condition.child(name));
    let prefix = condition("KeyPrefixEquals").is_none_or(|prefix| key.starts_with(&prefix.text));
    let code = condition("HttpErrorCodeReturnedEquals").and_then(|code| code.text.parse::<u16>().ok());
    prefix && code == status
}
