"""Multipart uploads in full: parts, copied parts, lists, completion and its refusals, abort."""

import hashlib

import pytest

from conftest import pattern
from harness.expect import refused

MIB = 1 << 20


def begin(s3, bucket, key="k", **more):
    return s3.create_multipart_upload(Bucket=bucket, Key=key, **more)["UploadId"]


def put(s3, bucket, upload, number, body, key="k", **more):
    etag = s3.upload_part(Bucket=bucket, Key=key, UploadId=upload, PartNumber=number, Body=body, **more)["ETag"]
    return {"PartNumber": number, "ETag": etag}


def complete(s3, bucket, upload, parts, key="k", **more):
    return s3.complete_multipart_upload(
        Bucket=bucket, Key=key, UploadId=upload, MultipartUpload={"Parts": parts}, **more)


def test_parts_join_in_order_of_their_numbers(s3, bucket):
    bodies = {2: pattern(5 * MIB, "two"), 1: pattern(5 * MIB + 17, "one"), 3: pattern(123, "last")}
    upload = begin(s3, bucket, Metadata={"m": "1"}, ContentType="a/b", CacheControl="no-cache", Tagging="t=1")
    parts = sorted((put(s3, bucket, upload, n, b) for n, b in bodies.items()), key=lambda p: p["PartNumber"])
    with refused("404"):
        s3.head_object(Bucket=bucket, Key="k")
    done = complete(s3, bucket, upload, parts)
    digests = b"".join(hashlib.md5(bodies[p["PartNumber"]]).digest() for p in parts)
    etag = f'"{hashlib.md5(digests).hexdigest()}-3"'
    whole = b"".join(bodies[p["PartNumber"]] for p in parts)
    assert done["ETag"] == etag and done["Bucket"] == bucket and done["Key"] == "k" and done["Location"]
    got = s3.get_object(Bucket=bucket, Key="k")
    assert got["Body"].read() == whole and got["ETag"] == etag
    assert (got["Metadata"], got["ContentType"], got["CacheControl"]) == ({"m": "1"}, "a/b", "no-cache")
    assert got["TagCount"] == 1
    with refused("NoSuchUpload", 404):
        s3.list_parts(Bucket=bucket, Key="k", UploadId=upload)
    start = 0
    for part in parts:
        size = len(bodies[part["PartNumber"]])
        got = s3.get_object(Bucket=bucket, Key="k", PartNumber=part["PartNumber"])
        assert got["PartsCount"] == 3 and got["Body"].read() == bodies[part["PartNumber"]]
        assert got["ContentRange"] == f"bytes {start}-{start + size - 1}/{len(whole)}"
        assert s3.head_object(Bucket=bucket, Key="k", PartNumber=part["PartNumber"])["ContentLength"] == size
        start += size
    for first, last in [(5 * MIB, 5 * MIB + 40), (4 * MIB, 11 * MIB), (10 * MIB, len(whole) - 1)]:
        got = s3.get_object(Bucket=bucket, Key="k", Range=f"bytes={first}-{last}")["Body"].read()
        assert got == whole[first : last + 1]
    with refused("InvalidPartNumber", 416):
        s3.get_object(Bucket=bucket, Key="k", PartNumber=4)
    answer = s3.get_object_attributes(Bucket=bucket, Key="k", ObjectAttributes=["ObjectParts", "ObjectSize"])
    assert answer["ObjectSize"] == len(whole) and answer["ObjectParts"]["TotalPartsCount"] == 3


def test_part_numbers_may_have_gaps(s3, bucket):
    bodies = {1: pattern(5 * MIB, 1), 3: pattern(5 * MIB + 1, 3), 10_000: b"last"}
    upload = begin(s3, bucket)
    complete(s3, bucket, upload, [put(s3, bucket, upload, n, b) for n, b in bodies.items()])
    assert s3.get_object(Bucket=bucket, Key="k")["Body"].read() == b"".join(bodies.values())
    assert s3.get_object(Bucket=bucket, Key="k", PartNumber=1)["Body"].read() == bodies[1]
    assert s3.get_object(Bucket=bucket, Key="k", PartNumber=10_000)["Body"].read() == b"last"
    with refused("InvalidPartNumber", 416):
        s3.get_object(Bucket=bucket, Key="k", PartNumber=2)


@pytest.mark.differs("behind a gap the bytes of a later part are given")
def test_part_behind_a_gap_is_read_by_its_number(s3, bucket):
    upload = begin(s3, bucket)
    bodies = {1: pattern(5 * MIB, 1), 3: pattern(5 * MIB + 1, 3), 9: b"last"}
    complete(s3, bucket, upload, [put(s3, bucket, upload, n, b) for n, b in bodies.items()])
    assert s3.get_object(Bucket=bucket, Key="k", PartNumber=3)["Body"].read() == bodies[3]


def test_part_sent_again_replaces_the_first(s3, bucket):
    upload = begin(s3, bucket)
    old = put(s3, bucket, upload, 1, b"first")
    new = put(s3, bucket, upload, 1, b"second!")
    with refused("InvalidPart", 400):
        complete(s3, bucket, upload, [old])
    complete(s3, bucket, upload, [new])
    assert s3.get_object(Bucket=bucket, Key="k")["Body"].read() == b"second!"


def test_parts_left_out_of_completion_are_dropped(s3, bucket):
    upload = begin(s3, bucket)
    put(s3, bucket, upload, 1, pattern(5 * MIB))
    kept = put(s3, bucket, upload, 2, b"only this")
    complete(s3, bucket, upload, [kept])
    assert s3.get_object(Bucket=bucket, Key="k")["Body"].read() == b"only this"


@pytest.mark.differs("a range beyond the source's end is InvalidArgument")
def test_copied_parts(s3, bucket):
    source = pattern(11 * MIB + 5, "source")
    s3.put_object(Bucket=bucket, Key="src", Body=source)
    upload = begin(s3, bucket)
    parts = []
    for number, first, last in [(1, 0, 5 * MIB - 1), (2, 5 * MIB, 10 * MIB + 3), (3, 10 * MIB + 4, len(source) - 1)]:
        answer = s3.upload_part_copy(Bucket=bucket, Key="k", UploadId=upload, PartNumber=number,
                                     CopySource={"Bucket": bucket, "Key": "src"}, CopySourceRange=f"bytes={first}-{last}")
        etag = answer["CopyPartResult"]["ETag"]
        assert etag == f'"{hashlib.md5(source[first:last + 1]).hexdigest()}"'
        parts.append({"PartNumber": number, "ETag": etag})
    complete(s3, bucket, upload, parts)
    assert s3.get_object(Bucket=bucket, Key="k")["Body"].read() == source
    upload = begin(s3, bucket, "whole")
    answer = s3.upload_part_copy(Bucket=bucket, Key="whole", UploadId=upload, PartNumber=1, CopySource=f"{bucket}/src")
    complete(s3, bucket, upload, [{"PartNumber": 1, "ETag": answer["CopyPartResult"]["ETag"]}], "whole")
    assert s3.get_object(Bucket=bucket, Key="whole")["Body"].read() == source
    upload = begin(s3, bucket)
    for header, code, status in [(f"bytes=0-{len(source)}", "InvalidRange", 416), ("0-9", "InvalidArgument", 400),
                                 (f"bytes={len(source)}-{len(source) + 1}", "InvalidRange", 416)]:
        with refused(code, status):
            s3.upload_part_copy(Bucket=bucket, Key="k", UploadId=upload, PartNumber=1,
                                CopySource=f"{bucket}/src", CopySourceRange=header)
    with refused("NoSuchKey", 404):
        s3.upload_part_copy(Bucket=bucket, Key="k", UploadId=upload, PartNumber=1, CopySource=f"{bucket}/none")


def test_list_parts(s3, bucket):
    upload = begin(s3, bucket)
    sent = {n: put(s3, bucket, upload, n, pattern(100 + n)) for n in (2, 5, 1, 9)}
    listed, marker, pages = [], 0, 0
    while True:
        page = s3.list_parts(Bucket=bucket, Key="k", UploadId=upload, MaxParts=3, PartNumberMarker=marker)
        listed += page["Parts"]
        pages += 1
        if not page["IsTruncated"]:
            break
        marker = page["NextPartNumberMarker"]
    assert pages == 2 and page["Key"] == "k" and page["UploadId"] == upload and page["StorageClass"] == "STANDARD"
    assert [(p["PartNumber"], p["Size"], p["ETag"]) for p in listed] == [
        (n, 100 + n, sent[n]["ETag"]) for n in (1, 2, 5, 9)]


def test_list_uploads_of_a_key(s3, bucket):
    ids = [begin(s3, bucket, "dir/k") for _ in range(5)]
    begin(s3, bucket, "dir/other")
    page = s3.list_multipart_uploads(Bucket=bucket, Prefix="dir/k")
    assert [u["UploadId"] for u in page["Uploads"]] == ids
    assert all(u["Key"] == "dir/k" for u in page["Uploads"]) and page["IsTruncated"] is False
    everything = s3.list_multipart_uploads(Bucket=bucket)["Uploads"]
    assert {u["UploadId"] for u in everything} > set(ids) and len(everything) == 6


def test_abort(s3, bucket):
    upload = begin(s3, bucket)
    part = put(s3, bucket, upload, 1, pattern(300_000))
    assert s3.abort_multipart_upload(Bucket=bucket, Key="k", UploadId=upload)["ResponseMetadata"]["HTTPStatusCode"] == 204
    with refused("NoSuchUpload", 404):
        put(s3, bucket, upload, 2, b"x")
    with refused("NoSuchUpload", 404):
        complete(s3, bucket, upload, [part])
    assert "Uploads" not in s3.list_multipart_uploads(Bucket=bucket, Prefix="k")


def test_refusals_of_completion(s3, bucket, raw):
    upload = begin(s3, bucket)
    small = put(s3, bucket, upload, 1, b"small")
    last = put(s3, bucket, upload, 2, b"last")
    for parts, code in [([small, last], "EntityTooSmall"), ([last, small], "InvalidPartOrder"),
                        ([small, {"PartNumber": 3, "ETag": last["ETag"]}], "InvalidPart"),
                        ([{"PartNumber": 1, "ETag": '"' + "0" * 32 + '"'}], "InvalidPart")]:
        with refused(code, 400):
            complete(s3, bucket, upload, parts)
    for body, code in [(b"<CompleteMultipartUpload></CompleteMultipartUpload>", "InvalidRequest"),
                       (b"<CompleteMultipartUpload><Part>", "MalformedXML")]:
        answer = raw.request("POST", f"/{bucket}/k", {"uploadId": upload}, body=body)
        assert (answer.status, answer.code) == (400, code), (body, answer)
    empty = raw.request("POST", f"/{bucket}/k", {"uploadId": upload})
    # MinIO says the former, AWS the latter.
    assert empty.status == 400 and empty.code in ("InvalidRequest", "MalformedXML"), empty
    complete(s3, bucket, upload, [last])
    assert s3.get_object(Bucket=bucket, Key="k")["Body"].read() == b"last"


def test_refusals_of_parts(s3, bucket, raw):
    with refused("NoSuchUpload", 404):
        put(s3, bucket, "bm8tc3VjaC11cGxvYWQ", 1, b"x")
    upload = begin(s3, bucket)
    with refused("NoSuchUpload", 404):
        put(s3, bucket, upload, 1, b"x", key="another")
    for number, code in [("0", "InvalidPart"), ("-1", "InvalidPart"), ("x", "InvalidPart"), ("10001", "InvalidArgument")]:
        answer = raw.request("PUT", f"/{bucket}/k", {"partNumber": number, "uploadId": upload}, body=b"x")
        assert (answer.status, answer.code) == (400, code), (number, answer)


@pytest.mark.differs("a part number given twice doubles the data")
def test_part_named_twice_is_refused(s3, bucket):
    upload = begin(s3, bucket)
    part = put(s3, bucket, upload, 1, pattern(5 * MIB))
    with refused("InvalidPartOrder", 400):
        complete(s3, bucket, upload, [part, part])


def test_completion_replaces_the_object_only_then(s3, bucket):
    s3.put_object(Bucket=bucket, Key="k", Body=b"old")
    upload = begin(s3, bucket)
    part = put(s3, bucket, upload, 1, pattern(400_000))
    assert s3.get_object(Bucket=bucket, Key="k")["Body"].read() == b"old"
    complete(s3, bucket, upload, [part])
    assert s3.get_object(Bucket=bucket, Key="k")["Body"].read() == pattern(400_000)


def test_conditional_completion(s3, bucket):
    upload = begin(s3, bucket)
    part = put(s3, bucket, upload, 1, b"new")
    s3.put_object(Bucket=bucket, Key="k", Body=b"old")
    with refused("PreconditionFailed", 412):
        complete(s3, bucket, upload, [part], IfNoneMatch="*")
    assert s3.get_object(Bucket=bucket, Key="k")["Body"].read() == b"old"


def test_empty_part(s3, bucket):
    upload = begin(s3, bucket)
    done = complete(s3, bucket, upload, [put(s3, bucket, upload, 1, b"")])
    assert done["ETag"].endswith('-1"')
    assert s3.get_object(Bucket=bucket, Key="k")["Body"].read() == b""
