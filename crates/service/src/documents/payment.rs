//! Two small documents of buckets: who pays ("PutBucketRequestPayment"), and acceleration
//! ("PutBucketAccelerateConfiguration").

use super::NAMESPACE;
use super::xml::{self, Element, malformed};
use crate::ServiceError;

/// Who pays for requests and transfer.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Payer {
    BucketOwner,
    Requester,
}

impl Payer {
    /// As it is kept and shown; empty for what holds without.
    pub fn to_xml(self) -> String {
        match self {
            Payer::BucketOwner => String::new(),
            Payer::Requester => document("RequestPaymentConfiguration", "Payer", "Requester"),
        }
    }
}

/// Reads who pays.
pub(crate) fn payer(document: &[u8]) -> Result<Payer, ServiceError> {
    match only_child(document, "RequestPaymentConfiguration", "Payer")?.as_deref() {
        Some("BucketOwner") => Ok(Payer::BucketOwner),
        Some("Requester") => Ok(Payer::Requester),
        _ => Err(malformed("a Payer is BucketOwner or Requester")),
    }
}

/// Reads acceleration, and gives it as it is kept and shown.
pub(crate) fn accelerate(sent: &[u8]) -> Result<String, ServiceError> {
    match only_child(sent, "AccelerateConfiguration", "Status")?.as_deref() {
        Some(status @ ("Enabled" | "Suspended")) => Ok(document("AccelerateConfiguration", "Status", status)),
        _ => Err(malformed("a Status is Enabled or Suspended")),
    }
}

fn only_child(document: &[u8], root: &str, name: &str) -> Result<Option<String>, ServiceError> {
    let root = xml::parse(document, &[root])?;
    match root.children.as_slice() {
        [] => Ok(None),
        [child] if child.name == name => Ok(Some(child.text.clone())),
        _ => Err(malformed(format!("{} has a {name} and nothing else", root.name))),
    }
}

fn document(root: &str, name: &str, text: &str) -> String {
    let children = vec![Element::with_text(name, text)];
    Element { namespace: NAMESPACE.to_owned(), children, ..Element::new(root) }.to_xml()
}
