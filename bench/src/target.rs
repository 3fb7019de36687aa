//! A server's address, and requests for it, signed ahead.

use crate::cell::Form;
use crate::client::{Expect, Request};
use crate::sign::{Signer, UNSIGNED, Unsigned, sha256_hex};
use bytes::Bytes;
use percent_encoding::{AsciiSet, NON_ALPHANUMERIC, utf8_percent_encode};
use std::fmt::Write;
use std::net::SocketAddr;
use time::OffsetDateTime;

/// What Signature V4 leaves as it is.
const QUERY: AsciiSet = NON_ALPHANUMERIC.remove(b'-').remove(b'_').remove(b'.').remove(b'~');

/// Who asks.
#[derive(Clone, Debug)]
pub struct Access {
    /// The access key.
    pub key: String,
    /// Its secret.
    pub secret: String,
    /// The region that signatures name.
    pub region: String,
    /// Whether bodies are signed too (their SHA-256 is worked out ahead).
    pub sign_bodies: bool,
}

/// Makes requests for one bucket of one server, signed as of the time it was made.
#[derive(Clone)]
pub struct Target {
    /// Where to connect to.
    pub address: SocketAddr,
    signer: Signer,
    sign_bodies: bool,
    form: Form,
}

/// The bucket that cells work in.
pub const BUCKET: &str = "rustfs-bench";

impl Target {
    /// Requests for the server at `address`.
    pub fn new(address: SocketAddr, access: &Access) -> Target {
        let now = OffsetDateTime::now_utc();
        let signer = Signer::new(&address.to_string(), &access.key, &access.secret, &access.region, now);
        Target { address, signer, sign_bodies: access.sign_bodies, form: Form::Plain }
    }

    /// The same, where objects are to be stored in a form.
    pub fn with_form(self, form: Form) -> Target {
        Target { form, ..self }
    }

    /// Any request. The path begins with a slash and needs no escapes; the query's parameters are sorted by name.
    pub fn request(&self, method: &str, path: &str, query: &[(&str, &str)], body: Bytes, expect: Expect) -> Request {
        self.with_encryption(None, method, path, query, body, expect)
    }

    fn with_encryption(
        &self,
        encryption: Option<&str>,
        method: &str,
        path: &str,
        query: &[(&str, &str)],
        body: Bytes,
        expect: Expect,
    ) -> Request {
        let mut text = String::new();
        for (name, value) in query {
            let mark = if text.is_empty() { "" } else { "&" };
            let _ = write!(text, "{mark}{}={}", utf8_percent_encode(name, &QUERY), utf8_percent_encode(value, &QUERY));
        }
        let hash = if self.sign_bodies { sha256_hex(&body) } else { UNSIGNED.to_owned() };
        let head = self.signer.head(&Unsigned { method, path, query: &text, payload: &hash, encryption }, body.len());
        Request { head: head.into(), body, expect }
    }

    /// Asks for the list of all buckets: the first thing a client does.
    pub fn list_buckets(&self) -> Request {
        self.request("GET", "/", &[], Bytes::new(), Expect::status(200))
    }

    /// Makes a bucket.
    pub fn create_bucket(&self, name: &str) -> Request {
        self.request("PUT", &format!("/{name}"), &[], Bytes::new(), Expect::status(200))
    }

    /// Removes the bucket of the cells.
    pub fn delete_bucket(&self) -> Request {
        self.request("DELETE", &format!("/{BUCKET}"), &[], Bytes::new(), Expect::status(204))
    }

    /// Writes an object.
    pub fn put(&self, key: &str, body: Bytes) -> Request {
        // That an object was compressed is only said when it is read.
        let encryption = self.encryption();
        let expect = Expect { stored_as: encryption, ..Expect::status(200) };
        self.with_encryption(encryption, "PUT", &path(key), &[], body, expect)
    }

    /// Reads an object of a known length; `keep` to look at what comes.
    pub fn get(&self, key: &str, length: usize, keep: bool) -> Request {
        let stored_as = if self.form == Form::Compressed { Some("S2") } else { self.encryption() };
        let expect = Expect { length: Some(length as u64), keep, stored_as, ..Expect::status(200) };
        self.request("GET", &path(key), &[], Bytes::new(), expect)
    }

    /// Asks for the metadata of an object of a known length.
    pub fn head(&self, key: &str, length: usize) -> Request {
        let expect = Expect { length: Some(length as u64), head_only: true, ..Expect::status(200) };
        self.request("HEAD", &path(key), &[], Bytes::new(), expect)
    }

    /// Deletes an object, which need not be there.
    pub fn delete(&self, key: &str) -> Request {
        self.request("DELETE", &path(key), &[], Bytes::new(), Expect::status(204))
    }

    /// The value of `x-amz-server-side-encryption`.
    fn encryption(&self) -> Option<&'static str> {
        match self.form {
            Form::SseS3 => Some("AES256"),
            Form::SseKms => Some("aws:kms"),
            Form::Plain | Form::Compressed => None,
        }
    }

    /// Lists a page of keys behind one.
    pub fn list(&self, start_after: &str, max_keys: usize) -> Request {
        let max_keys = max_keys.to_string();
        let query = [("list-type", "2"), ("max-keys", &max_keys), ("start-after", start_after)];
        self.request("GET", &format!("/{BUCKET}"), &query, Bytes::new(), Expect { keep: true, ..Expect::status(200) })
    }
}

/// The path of a key, which needs no escapes.
pub fn path(key: &str) -> String {
    format!("/{BUCKET}/{key}")
}
