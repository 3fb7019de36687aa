use super::{Multipart, Plan, key};
use crate::cell::{self, Cell};
use crate::client::{Request, Work};
use crate::target::{Access, Target};
use crate::wire::Response;
use bytes::Bytes;
use std::collections::{BTreeMap, BTreeSet};

fn target() -> Target {
    let access = Access { key: "k".into(), secret: "s".into(), region: "us-east-1".into(), sign_bodies: false };
    Target::new("127.0.0.1:9000".parse().unwrap(), &access)
}

fn cell(name: &str) -> Cell {
    cell::select(name).unwrap()[0]
}

/// Method and path with query.
fn line(request: &Request) -> (String, String) {
    let head = std::str::from_utf8(&request.head).unwrap();
    let mut words = head.split(' ');
    (words.next().unwrap().into(), words.next().unwrap().into())
}

#[test]
fn a_fill_has_every_object_that_rounds_read_and_bodies_differ() {
    let plan = Plan::new(&cell("get-4k-c16-d4"), 1.0);
    let fill: BTreeMap<String, Bytes> =
        plan.fill(&target()).iter().map(|put| (line(put).1, put.body.clone())).collect();
    let mut work = plan.work(&target());
    for _ in 0..5000 {
        let (method, path) = line(&work.next(0).unwrap());
        assert!(method == "GET" && fill[&path].len() == 4096);
    }
    assert_ne!(fill[&format!("/rustfs-bench/{}", key(0))], fill[&format!("/rustfs-bench/{}", key(1))]);
}

#[test]
fn what_is_to_be_encrypted_says_so_and_must_come_back_so() {
    let cell = cell("get-1m-c1-d4-sse-kms");
    let plan = Plan::new(&cell, 1.0);
    let target = target().with_form(cell.form);
    let put = &plan.fill(&target)[0];
    let head = std::str::from_utf8(&put.head).unwrap();
    assert!(head.contains("x-amz-date;x-amz-server-side-encryption, Signature="));
    assert!(head.contains("\r\nx-amz-server-side-encryption:aws:kms\r\n"));
    let get = plan.work(&target).next(0).unwrap();
    assert!(!get.head.windows(4).any(|part| part == b"sse-") && get.expect.stored_as == Some("aws:kms"));
}

#[test]
fn what_is_to_be_compressed_has_other_words_later_on() {
    let text = Plan::new(&cell("put-1m-c1-d4-compressed"), 1.0).source;
    assert!(text.len() >= 1 << 20 && text.iter().all(|byte| byte.is_ascii_lowercase() || b" \n".contains(byte)));
    let sample = &text[..64];
    assert_eq!(text.windows(64).filter(|part| part == &sample).count(), 1);
}

#[test]
fn deletes_are_sent_once_each() {
    let plan = Plan::new(&cell("delete-4k-c16-d4"), 1.0);
    let mut work = plan.work(&target());
    let sent: Vec<String> = std::iter::from_fn(|| work.next(0)).map(|request| line(&request).1).collect();
    assert_eq!(sent.len(), plan.fill(&target()).len());
    assert_eq!(sent.iter().collect::<BTreeSet<_>>().len(), sent.len());
}

#[test]
fn the_mix_keeps_its_shares_and_reads_nothing_it_deletes() {
    let plan = Plan::new(&cell("mixed-4k-c16-d4"), 1.0);
    let mut work = plan.work(&target());
    let mut paths: BTreeMap<String, BTreeSet<String>> = BTreeMap::new();
    let mut counts: BTreeMap<String, u32> = BTreeMap::new();
    for _ in 0..4000 {
        let (method, path) = line(&work.next(0).unwrap());
        *counts.entry(method.clone()).or_default() += 1;
        paths.entry(method).or_default().insert(path);
    }
    assert_eq!(
        counts,
        [("GET", 1800), ("HEAD", 1200), ("PUT", 600), ("DELETE", 400)].map(|(m, n)| (m.into(), n)).into()
    );
    assert!(paths["GET"].is_disjoint(&paths["DELETE"]) && paths["HEAD"].is_disjoint(&paths["PUT"]));
    assert!(!paths["PUT"].is_disjoint(&paths["DELETE"]));
}

#[test]
fn a_page_that_is_not_full_is_an_error() {
    let mut work = Plan::new(&cell("list-c1-d1"), 1.0).work(&target());
    let (_, path) = line(&work.next(0).unwrap());
    assert_eq!(path, "/rustfs-bench?list-type=2&max-keys=1000&start-after=k%2F00%2F000000");
    let page = |count: &str| Response { body: format!("<KeyCount>{count}</KeyCount>").into(), ..Response::default() };
    assert_eq!(work.answered(0, page("1000")), Ok(true));
    assert!(work.answered(0, page("999")).is_err());
}

#[test]
fn an_object_that_reads_otherwise_is_an_error() {
    let plan = Plan::new(&cell("get-1k-c1-d1"), 0.01);
    let mut check = plan.check(&target()).unwrap();
    let body = plan.fill(&target())[0].body.to_vec();
    let answer = |body: &[u8]| Response { body: body.to_vec(), ..Response::default() };
    assert!(check.next(0).is_some());
    assert_eq!(check.answered(0, answer(&body)), Ok(true));
    assert!(check.next(0).is_some());
    assert!(check.answered(0, answer(&body)).unwrap_err().contains("reads other than written"));
}

#[test]
fn an_upload_goes_through_its_parts_and_begins_anew_after_a_failure() {
    let mut work = Multipart::new(target(), vec![0; 11 << 20].into(), 1, 64);
    let answer = |body: &str, etag: &str| Response { body: body.into(), etag: etag.into(), ..Response::default() };
    let created = || answer("<X><UploadId>u/1</UploadId></X>", "");
    for number in 1..=3 {
        if number == 1 {
            assert!(line(&work.next(0).unwrap()).1.ends_with("?uploads="));
            assert_eq!(work.answered(0, created()), Ok(false));
        }
        let part = work.next(0).unwrap();
        assert!(line(&part).1.ends_with(&format!("?partNumber={number}&uploadId=u%2F1")));
        assert_eq!(part.body.len(), if number < 3 { 5 << 20 } else { 1 << 20 });
        assert_eq!(work.answered(0, answer("", &format!("\"e{number}\""))), Ok(false));
    }
    let complete = work.next(0).unwrap();
    assert!(
        complete
            .body
            .ends_with(b"<Part><PartNumber>3</PartNumber><ETag>\"e3\"</ETag></Part></CompleteMultipartUpload>")
    );
    assert_eq!(work.answered(0, answer("<CompleteMultipartUploadResult/>", "")), Ok(true));
    assert!(line(&work.next(0).unwrap()).1.ends_with("?uploads="));
    work.answered(0, created()).unwrap();
    work.failed(0);
    assert!(line(&work.next(0).unwrap()).1.ends_with("?uploads="));
}
