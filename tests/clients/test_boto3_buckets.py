"""Buckets: made, seen, listed, removed."""

import urllib.request

import pytest

from harness.expect import refused


def test_made_bucket_is_seen_listed_and_removed(s3):
    made = s3.create_bucket(Bucket="made-bucket")
    assert made["ResponseMetadata"]["HTTPHeaders"]["location"] == "/made-bucket"
    assert s3.head_bucket(Bucket="made-bucket")["ResponseMetadata"]["HTTPStatusCode"] == 200
    assert not s3.get_bucket_location(Bucket="made-bucket").get("LocationConstraint")
    listed = s3.list_buckets()
    names = [b["Name"] for b in listed["Buckets"]]
    assert "made-bucket" in names and names == sorted(names)
    assert listed["Owner"]["ID"]
    assert s3.delete_bucket(Bucket="made-bucket")["ResponseMetadata"]["HTTPStatusCode"] == 204
    with refused("404"):
        s3.head_bucket(Bucket="made-bucket")


def test_bucket_made_twice_is_refused(s3, bucket):
    with refused("BucketAlreadyOwnedByYou", 409):
        s3.create_bucket(Bucket=bucket)


def test_bucket_with_an_object_is_not_removed(s3, bucket):
    s3.put_object(Bucket=bucket, Key="a/b", Body=b"x")
    with refused("BucketNotEmpty", 409):
        s3.delete_bucket(Bucket=bucket)
    s3.delete_object(Bucket=bucket, Key="a/b")
    s3.delete_bucket(Bucket=bucket)


def test_bucket_with_only_a_delete_marker_is_not_removed(s3, versioned):
    s3.put_object(Bucket=versioned, Key="k", Body=b"x")
    s3.delete_object(Bucket=versioned, Key="k")
    with refused("BucketNotEmpty", 409):
        s3.delete_bucket(Bucket=versioned)


def test_bucket_with_an_unfinished_upload_can_be_removed(s3, bucket):
    s3.create_multipart_upload(Bucket=bucket, Key="k")
    s3.delete_bucket(Bucket=bucket)
    with refused("404"):
        s3.head_bucket(Bucket=bucket)


@pytest.mark.parametrize("call", [
    lambda s3, b: s3.list_objects_v2(Bucket=b),
    lambda s3, b: s3.list_objects(Bucket=b),
    lambda s3, b: s3.list_object_versions(Bucket=b),
    lambda s3, b: s3.get_bucket_location(Bucket=b),
    lambda s3, b: s3.get_object(Bucket=b, Key="k"),
    lambda s3, b: s3.put_object(Bucket=b, Key="k", Body=b"x"),
    lambda s3, b: s3.create_multipart_upload(Bucket=b, Key="k"),
    lambda s3, b: s3.delete_object(Bucket=b, Key="k"),
    lambda s3, b: s3.delete_bucket(Bucket=b),
    lambda s3, b: s3.list_multipart_uploads(Bucket=b),
    lambda s3, b: s3.get_bucket_versioning(Bucket=b),
])
def test_a_missing_bucket_is_named_so(s3, call):
    with refused("NoSuchBucket", 404):
        call(s3, "no-such-bucket-here")


@pytest.mark.parametrize("name", ["Upper", "ab", "a..b", "1.2.3.4", "-abc", "abc-", "a_b", "x" * 64])
def test_a_bad_bucket_name_is_refused(raw, name):
    answer = raw.request("PUT", "/" + name)
    assert (answer.status, answer.code) == (400, "InvalidBucketName"), answer


def test_the_servers_own_bucket_is_closed(raw):
    for path in ("/.minio.sys", "/.minio.sys/format.json", "/minio/x"):
        answer = raw.request("PUT", path)
        assert (answer.status, answer.code) == (403, "AllAccessDisabled"), (path, answer)


def test_subresources_that_were_never_set(s3, bucket):
    for call, code in [
        (s3.get_bucket_policy, "NoSuchBucketPolicy"),
        (s3.get_bucket_tagging, "NoSuchTagSet"),
        (s3.get_bucket_lifecycle_configuration, "NoSuchLifecycleConfiguration"),
        (s3.get_bucket_encryption, "ServerSideEncryptionConfigurationNotFoundError"),
        (s3.get_bucket_replication, "ReplicationConfigurationNotFoundError"),
        (s3.get_object_lock_configuration, "ObjectLockConfigurationNotFoundError"),
        (s3.get_bucket_cors, "NoSuchCORSConfiguration"),
        (s3.get_bucket_website, "NoSuchWebsiteConfiguration"),
    ]:
        with refused(code, 404):
            call(Bucket=bucket)
    assert s3.get_bucket_acl(Bucket=bucket)["Grants"][0]["Permission"] == "FULL_CONTROL"


@pytest.mark.differs("MinIO keeps no CORS documents: 501")
def test_pages_of_the_origins_that_a_bucket_names_may_read_it(s3, server, bucket):
    rules = [
        {"AllowedMethods": ["GET"], "AllowedOrigins": ["https://*.example"], "ExposeHeaders": ["ETag"], "MaxAgeSeconds": 60},
        {"ID": "all", "AllowedMethods": ["PUT"], "AllowedOrigins": ["*"], "AllowedHeaders": ["*"]},
    ]
    s3.put_bucket_cors(Bucket=bucket, CORSConfiguration={"CORSRules": rules})
    assert s3.get_bucket_cors(Bucket=bucket)["CORSRules"] == rules
    s3.put_object(Bucket=bucket, Key="k", Body=b"x")
    url = s3.generate_presigned_url("get_object", Params={"Bucket": bucket, "Key": "k"})

    def allowed(origin):
        with urllib.request.urlopen(urllib.request.Request(url, headers={"Origin": origin})) as answer:
            return answer.headers.get("Access-Control-Allow-Origin")

    assert allowed("https://a.example") == "https://a.example"
    assert allowed("https://b.test") is None
    s3.delete_bucket_cors(Bucket=bucket)
    with refused("NoSuchCORSConfiguration", 404):
        s3.get_bucket_cors(Bucket=bucket)
