use super::*;
use http::HeaderValue;

fn route(method: Method, path: &str, headers: &[(&'static str, &'static str)]) -> Operation {
    let (path, query) = path.split_once('?').unwrap_or((path, ""));
    let target = Target::of(path, "localhost", &[]).unwrap();
    let query = Query::parse(query).unwrap();
    let mut map = HeaderMap::new();
    for (name, value) in headers {
        map.insert(*name, HeaderValue::from_static(value));
    }
    operation(&method, &target, &query, &map)
}

const PLAIN: &[(&str, &str)] = &[];
const COPY: &[(&str, &str)] = &[("x-amz-copy-source", "/b/k")];

#[test]
fn requests_for_objects_find_their_operation() {
    for (method, query, expected) in [
        (Method::GET, "", Op::GetObject),
        (Method::HEAD, "?uploadId=x", Op::HeadObject),
        (Method::PUT, "", Op::PutObject),
        (Method::DELETE, "?versionId=null", Op::DeleteObject),
        (Method::GET, "?attributes", Op::GetObjectAttributes),
        (Method::PUT, "?partNumber=1&uploadId=u", Op::UploadPart),
        (Method::GET, "?uploadId=u", Op::ListParts),
        (Method::POST, "?uploadId=u", Op::CompleteMultipartUpload),
        (Method::POST, "?uploads", Op::CreateMultipartUpload),
        (Method::DELETE, "?uploadId=u", Op::AbortMultipartUpload),
        (Method::GET, "?acl=foo", Op::GetObjectAcl),
        (Method::PUT, "?acl", Op::PutObjectAcl),
        (Method::GET, "?tagging", Op::GetObjectTagging),
        (Method::PUT, "?tagging", Op::PutObjectTagging),
        (Method::DELETE, "?tagging", Op::DeleteObjectTagging),
        (Method::GET, "?retention", Op::GetObjectRetention),
        (Method::PUT, "?retention", Op::PutObjectRetention),
        (Method::GET, "?legal-hold", Op::GetObjectLegalHold),
        (Method::PUT, "?legal-hold", Op::PutObjectLegalHold),
        (Method::GET, "?uploads", Op::GetObject),
        (Method::GET, "?torrent", Op::NotImplemented),
        (Method::POST, "?select&select-type=2", Op::SelectObjectContent),
        (Method::POST, "?restore", Op::NotImplemented),
        (Method::POST, "", Op::Unsupported),
        (Method::PATCH, "", Op::Unsupported),
    ] {
        assert_eq!(route(method.clone(), &format!("/b/k{query}"), PLAIN), expected, "{method} {query}");
    }
}

#[test]
fn requests_for_buckets_find_their_operation() {
    for (method, query, expected) in [
        (Method::GET, "", Op::ListObjectsV1),
        (Method::GET, "?list-type=3&foo", Op::ListObjectsV1),
        (Method::GET, "?list-type=2&metadata=true", Op::ListObjectsV2),
        (Method::GET, "?versions", Op::ListObjectVersions),
        (Method::GET, "?uploads", Op::ListMultipartUploads),
        (Method::GET, "?location", Op::GetBucketLocation),
        (Method::GET, "?versioning", Op::GetBucketVersioning),
        (Method::PUT, "?versioning", Op::PutBucketVersioning),
        (Method::GET, "?policyStatus", Op::GetBucketPolicyStatus),
        (Method::GET, "?publicAccessBlock", Op::GetPublicAccessBlock),
        (Method::PUT, "?publicAccessBlock", Op::PutPublicAccessBlock),
        (Method::DELETE, "?publicAccessBlock", Op::DeletePublicAccessBlock),
        (Method::PUT, "?ownershipControls", Op::PutBucketOwnershipControls),
        (Method::DELETE, "?ownershipControls", Op::DeleteBucketOwnershipControls),
        (Method::PUT, "?policy", Op::PutBucketPolicy),
        (Method::DELETE, "?policy", Op::DeleteBucketPolicy),
        (Method::PUT, "", Op::CreateBucket),
        (Method::PUT, "?x-id=CreateBucket", Op::CreateBucket),
        (Method::HEAD, "?acl", Op::HeadBucket),
        (Method::POST, "?delete", Op::DeleteObjects),
        (Method::DELETE, "", Op::DeleteBucket),
        (Method::DELETE, "?website", Op::DeleteConfiguration(Configuration::Website)),
        (Method::GET, "?metrics", Op::ListListedConfigurations(ConfigurationList::Metrics)),
        (Method::GET, "?metrics&id=a", Op::GetListedConfiguration(ConfigurationList::Metrics)),
        (Method::POST, "", Op::Unsupported),
    ] {
        for path in ["/b", "/b/"] {
            assert_eq!(route(method.clone(), &format!("{path}{query}"), PLAIN), expected, "{method} {query}");
        }
    }
}

#[test]
fn no_unknown_sub_resource_creates_or_deletes() {
    for name in ["notification", "replication", "session", "abac"] {
        assert_eq!(route(Method::PUT, &format!("/b?{name}"), PLAIN), Op::NotImplemented, "PUT {name}");
    }
    for name in ["logging", "accelerate", "requestPayment", "versioning", "uploads", "acl"] {
        assert_eq!(route(Method::DELETE, &format!("/b?{name}"), PLAIN), Op::NotImplemented, "DELETE {name}");
    }
    for name in ["retention", "legal-hold", "acl", "attributes", "uploads", "torrent"] {
        assert_eq!(route(Method::DELETE, &format!("/b/k?{name}"), PLAIN), Op::NotImplemented, "DELETE object {name}");
    }
    for name in ["uploadId", "partNumber", "torrent", "restore"] {
        assert_eq!(route(Method::PUT, &format!("/b/k?{name}"), PLAIN), Op::NotImplemented, "PUT object {name}");
    }
}

#[test]
fn copies_are_told_by_their_source() {
    assert_eq!(route(Method::PUT, "/b/k", COPY), Op::CopyObject);
    assert_eq!(route(Method::PUT, "/b/k?retention", COPY), Op::CopyObject, "copying wins");
    assert_eq!(route(Method::PUT, "/b/k?partNumber=1&uploadId=u", COPY), Op::UploadPartCopy);
    assert_eq!(route(Method::PUT, "/b/k", &[("x-amz-copy-source", "b%2fk")]), Op::CopyObject);
    assert_eq!(route(Method::PUT, "/b/k", &[("x-amz-copy-source", "nothing")]), Op::PutObject);
}

#[test]
fn headers_and_forms_choose_too() {
    assert_eq!(route(Method::PUT, "/b/k", &[("x-amz-write-offset-bytes", "3")]), Op::Unsupported);
    assert_eq!(route(Method::PUT, "/b/k", &[("x-amz-meta-snowball-auto-extract", "true")]), Op::PutObjectExtract);
    assert_eq!(route(Method::PUT, "/b/k", &[("x-amz-meta-snowball-auto-extract", "True")]), Op::PutObject);
    assert_eq!(route(Method::POST, "/b", &[("content-type", "multipart/form-data; boundary=x")]), Op::PostObject);
}

#[test]
fn the_root_lists_buckets_only() {
    assert_eq!(route(Method::GET, "/", PLAIN), Op::ListBuckets);
    assert_eq!(route(Method::GET, "//", PLAIN), Op::ListBuckets);
    assert_eq!(route(Method::GET, "/?events=x", PLAIN), Op::NotImplemented);
    for method in [Method::PUT, Method::POST, Method::HEAD, Method::DELETE] {
        assert_eq!(route(method, "/", PLAIN), Op::Unsupported);
    }
}
