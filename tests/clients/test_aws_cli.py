"""The AWS command line: cp, sync, mv, rm, ls, presign, and some of s3api."""

import json

import pytest

from conftest import Tool, pattern
from harness.server import ACCESS_KEY, SECRET_KEY


@pytest.fixture
def aws(server, tmp_path):
    (tmp_path / ".aws").mkdir()
    (tmp_path / ".aws/config").write_text("[default]\ns3 =\n  signature_version = s3v4\n")
    return Tool("aws", tmp_path, {
        "AWS_ACCESS_KEY_ID": ACCESS_KEY, "AWS_SECRET_ACCESS_KEY": SECRET_KEY, "AWS_DEFAULT_REGION": "us-east-1",
        "AWS_ENDPOINT_URL": server.endpoint, "AWS_EC2_METADATA_DISABLED": "true", "AWS_MAX_ATTEMPTS": "1",
    })


def test_buckets(aws):
    aws.run("s3", "mb", "s3://aws-made")
    assert "aws-made" in aws.run("s3", "ls")
    aws.run("s3", "rb", "s3://aws-made")
    assert "aws-made" not in aws.run("s3", "ls")


def test_a_hundred_mebibytes_go_round(aws, bucket, tmp_path):
    body = pattern((100 << 20) + 11, "large")
    (tmp_path / "in").write_bytes(body)
    aws.run("s3", "cp", "--no-progress", tmp_path / "in", f"s3://{bucket}/large")
    head = json.loads(aws.run("s3api", "head-object", "--bucket", bucket, "--key", "large"))
    assert head["ContentLength"] == len(body) and head["ETag"].endswith('-13"')
    aws.run("s3", "cp", "--no-progress", f"s3://{bucket}/large", tmp_path / "out")
    assert (tmp_path / "out").read_bytes() == body


def test_sync_there_and_back(aws, bucket, tree, tmp_path):
    aws.run("s3", "sync", "--no-progress", tree, f"s3://{bucket}/t")
    assert aws.run("s3", "sync", "--no-progress", tree, f"s3://{bucket}/t") == ""
    aws.run("s3", "sync", "--no-progress", f"s3://{bucket}/t", tmp_path / "back")
    files = {p.relative_to(tree): p.read_bytes() for p in tree.rglob("*") if p.is_file()}
    back = {p.relative_to(tmp_path / "back"): p.read_bytes() for p in (tmp_path / "back").rglob("*") if p.is_file()}
    assert back == files
    (tree / "one.txt").unlink()
    assert "delete" in aws.run("s3", "sync", "--no-progress", "--delete", tree, f"s3://{bucket}/t")
    assert "one.txt" not in aws.run("s3", "ls", "--recursive", f"s3://{bucket}/t/")


def test_ls_mv_rm(aws, bucket):
    for key in ("a.txt", "dir/b.txt", "dir/c.txt"):
        aws.run("s3", "cp", "-", f"s3://{bucket}/{key}", stdin=key.encode())
    listed = aws.run("s3", "ls", f"s3://{bucket}/")
    assert "PRE dir/" in listed and "a.txt" in listed and "b.txt" not in listed
    aws.run("s3", "mv", f"s3://{bucket}/a.txt", f"s3://{bucket}/moved.txt")
    assert aws.run("s3", "cp", f"s3://{bucket}/moved.txt", "-") == "a.txt"
    aws.run("s3", "cp", f"s3://{bucket}/a.txt", "-", status=1)
    aws.run("s3", "rm", "--recursive", f"s3://{bucket}/")
    assert "Contents" not in (json.loads(aws.run("s3api", "list-objects-v2", "--bucket", bucket) or "{}"))


def test_s3api_multipart_with_checksums(aws, bucket, tmp_path):
    (tmp_path / "part").write_bytes(pattern(5 << 20))
    begun = json.loads(aws.run("s3api", "create-multipart-upload", "--bucket", bucket, "--key", "k",
                               "--checksum-algorithm", "CRC32C"))
    part = json.loads(aws.run("s3api", "upload-part", "--bucket", bucket, "--key", "k", "--part-number", 1, "--upload-id",
                              begun["UploadId"], "--body", tmp_path / "part", "--checksum-algorithm", "CRC32C"))
    parts = {"Parts": [{"PartNumber": 1, "ETag": part["ETag"], "ChecksumCRC32C": part["ChecksumCRC32C"]}]}
    done = json.loads(aws.run("s3api", "complete-multipart-upload", "--bucket", bucket, "--key", "k", "--upload-id",
                              begun["UploadId"], "--multipart-upload", json.dumps(parts)))
    assert done["ChecksumCRC32C"].endswith("-1")
    assert aws.bytes("s3", "cp", f"s3://{bucket}/k", "-") == pattern(5 << 20)


def test_presigned_url(aws, bucket, raw):
    aws.run("s3", "cp", "-", f"s3://{bucket}/k", stdin=b"by url")
    url = aws.run("s3", "presign", f"s3://{bucket}/k").strip()
    assert raw.send("GET", url[url.index("/", 8):]).body == b"by url"


def test_refusals_are_told(aws):
    assert "NoSuchBucket" in aws.run("s3", "ls", "s3://no-such-bucket-here", status=None)
    aws.env["AWS_SECRET_ACCESS_KEY"] = "wrong-secret"
    assert "SignatureDoesNotMatch" in aws.run("s3", "ls", status=None)
