use super::*;
use base::Timestamp;

fn uploads() -> Vec<Upload> {
    [("a", "1"), ("b/x", "2"), ("b/x", "3"), ("b/y", "4"), ("c", "5"), ("c", "6"), ("d/z", "7")]
        .into_iter()
        .map(|(key, id)| Upload {
            key: key.to_owned(),
            upload_id: id.to_owned(),
            initiated: Timestamp::ZERO,
            owner: None,
            checksum: None,
        })
        .collect()
}

fn request(delimiter: &str, key_marker: &str, upload_id_marker: &str, limit: usize) -> ListUploads {
    ListUploads {
        prefix: String::new(),
        delimiter: delimiter.to_owned(),
        key_marker: key_marker.to_owned(),
        upload_id_marker: upload_id_marker.to_owned(),
        limit,
    }
}

fn ids(page: &UploadListing) -> String {
    page.uploads.iter().map(|upload| upload.upload_id.as_str()).collect()
}

#[test]
fn everything_fits_on_one_page() {
    let page = page(uploads().into_iter(), &request("", "", "", 7));
    assert_eq!(ids(&page), "1234567");
    assert!(!page.truncated && page.next_key.is_empty() && page.next_upload_id.is_empty());
}

#[test]
fn pages_follow_one_another_without_gap_or_repetition() {
    for delimiter in ["", "/"] {
        for limit in 1..=4 {
            let (mut key, mut id) = (String::new(), String::new());
            let (mut seen, mut prefixes) = (String::new(), Vec::new());
            loop {
                let page = page(uploads().into_iter(), &request(delimiter, &key, &id, limit));
                assert!(page.uploads.len() + page.prefixes.len() <= limit);
                seen.push_str(&ids(&page));
                prefixes.extend(page.prefixes);
                if !page.truncated {
                    break;
                }
                (key, id) = (page.next_key, page.next_upload_id);
            }
            let expected = if delimiter.is_empty() { ("1234567", vec![]) } else { ("156", vec!["b/", "d/"]) };
            assert_eq!((seen.as_str(), prefixes), (expected.0, expected.1.into_iter().map(str::to_owned).collect()));
        }
    }
}

#[test]
fn a_key_marker_alone_skips_all_uploads_of_the_key() {
    assert_eq!(ids(&page(uploads().into_iter(), &request("", "b/x", "", 10))), "4567");
    assert_eq!(ids(&page(uploads().into_iter(), &request("", "b/x", "2", 10))), "34567");
}

#[test]
fn a_limit_of_zero_gives_an_empty_page() {
    let page = page(uploads().into_iter(), &request("", "", "", 0));
    assert!(page.uploads.is_empty() && !page.truncated);
}

#[test]
fn the_delimiter_counts_after_the_prefix() {
    let request = ListUploads { prefix: "b/".to_owned(), ..request("/", "", "", 10) };
    let within = uploads().into_iter().filter(|upload| upload.key.starts_with("b/"));
    assert_eq!(ids(&page(within, &request)), "234");
}
