//! Whole multipart uploads, one after the other on each connection. Their requests name an upload's id, which nobody knows
//! ahead: they are signed when they are sent.

use super::key;
use crate::client::{Expect, Request, Work};
use crate::target::{Target, path};
use crate::wire::Response;
use bytes::Bytes;
use std::fmt::Write;

/// The smallest part that may be followed by another.
const PART: usize = 5 << 20;

/// Uploads of one body under a number of keys in turns.
pub struct Multipart {
    target: Target,
    body: Bytes,
    keys: usize,
    next_key: usize,
    uploads: Vec<Upload>,
}

/// The upload that a connection is at.
#[derive(Default)]
struct Upload {
    key: String,
    id: Option<String>,
    etags: Vec<String>,
    completing: bool,
}

impl Multipart {
    /// Uploads of `body` by so many connections to so many keys.
    pub fn new(target: Target, body: Bytes, connections: usize, keys: usize) -> Multipart {
        let uploads = (0..connections).map(|_| Upload::default()).collect();
        Multipart { target, body, keys, next_key: 0, uploads }
    }

    fn part(&self, number: usize) -> Option<Bytes> {
        let start = (number - 1) * PART;
        (start < self.body.len()).then(|| self.body.slice(start..self.body.len().min(start + PART)))
    }
}

impl Work for Multipart {
    fn next(&mut self, connection: usize) -> Option<Request> {
        let kept = Expect { keep: true, ..Expect::status(200) };
        if self.uploads[connection].id.is_none() {
            self.next_key += 1;
            self.uploads[connection].key = key(self.next_key % self.keys);
            let path = path(&self.uploads[connection].key);
            return Some(self.target.request("POST", &path, &[("uploads", "")], Bytes::new(), kept));
        }
        let number = self.uploads[connection].etags.len() + 1;
        let part = self.part(number);
        let upload = &mut self.uploads[connection];
        let id = upload.id.as_deref()?;
        let path = path(&upload.key);
        match part {
            Some(part) => {
                let query = [("partNumber", &*number.to_string()), ("uploadId", id)];
                Some(self.target.request("PUT", &path, &query, part, Expect::status(200)))
            }
            None => {
                upload.completing = true;
                let document = complete(&upload.etags);
                Some(self.target.request("POST", &path, &[("uploadId", id)], document.into(), kept))
            }
        }
    }

    fn answered(&mut self, connection: usize, response: Response) -> Result<bool, String> {
        let upload = &mut self.uploads[connection];
        let text = || String::from_utf8_lossy(&response.body);
        if upload.completing {
            // The status comes before the outcome is known.
            let good = text().contains("<CompleteMultipartUploadResult");
            let said = if good { String::new() } else { text().into_owned() };
            *upload = Upload::default();
            return if good { Ok(true) } else { Err(said) };
        }
        if upload.id.is_some() {
            upload.etags.push(response.etag);
            return Ok(false);
        }
        let id = text().split_once("<UploadId>").and_then(|(_, rest)| Some(rest.split_once('<')?.0.to_owned()));
        upload.id = Some(id.ok_or_else(|| format!("no upload id in {}", text()))?);
        Ok(false)
    }

    fn failed(&mut self, connection: usize) {
        self.uploads[connection] = Upload::default();
    }
}

fn complete(etags: &[String]) -> String {
    let mut document = String::from("<CompleteMultipartUpload>");
    for (at, etag) in etags.iter().enumerate() {
        let _ = write!(document, "<Part><PartNumber>{}</PartNumber><ETag>{etag}</ETag></Part>", at + 1);
    }
    document.push_str("</CompleteMultipartUpload>");
    document
}
