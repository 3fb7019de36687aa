"""Objects through boto3: bodies of every storage shape, ranges, metadata, copies, deletes, tags."""

import datetime
import hashlib
import io

import pytest

from conftest import pattern
from harness.expect import refused

# Both sides of each border of the on-disk format: inline data (128 KiB, 16 KiB where versioned), blocks of 1 MiB.
SIZES = [0, 1, 15, 4096, 16_384, 16_385, 131_071, 131_072, 131_073, 786_433,
         (1 << 20) - 1, 1 << 20, (1 << 20) + 1, 5 * (1 << 20) + 3]


@pytest.mark.parametrize("size", SIZES)
def test_what_was_put_comes_back(s3, bucket, size):
    body = pattern(size, size)
    put = s3.put_object(Bucket=bucket, Key="dir/object", Body=body)
    etag = f'"{hashlib.md5(body).hexdigest()}"'
    assert put["ETag"] == etag
    got = s3.get_object(Bucket=bucket, Key="dir/object")
    assert got["Body"].read() == body
    for answer in (got, s3.head_object(Bucket=bucket, Key="dir/object")):
        assert answer["ContentLength"] == size
        assert answer["ETag"] == etag
        assert answer["ContentType"] == "binary/octet-stream"
        assert answer["AcceptRanges"] == "bytes"
        age = datetime.datetime.now(datetime.timezone.utc) - answer["LastModified"]
        assert abs(age) < datetime.timedelta(minutes=5)


@pytest.mark.parametrize("size", [1000, 200_000, (1 << 20) + 1, 3 * (1 << 20) + 77])
def test_ranges(s3, bucket, size):
    body = pattern(size, "range")
    s3.put_object(Bucket=bucket, Key="k", Body=body)
    for header, start, end in [
        ("bytes=0-0", 0, 1), ("bytes=0-", 0, size), ("bytes=5-9", 5, 10), (f"bytes={size - 1}-", size - 1, size),
        ("bytes=-1", size - 1, size), ("bytes=-100", size - 100, size), (f"bytes=-{size * 2}", 0, size),
        (f"bytes=10-{size * 5}", 10, size), (f"bytes={size // 2}-{size // 2 + 99}", size // 2, size // 2 + 100),
        (f"bytes={size // 3}-{size - 2}", size // 3, size - 1),
    ]:
        got = s3.get_object(Bucket=bucket, Key="k", Range=header)
        assert got["ResponseMetadata"]["HTTPStatusCode"] == 206, header
        assert got["ContentRange"] == f"bytes {start}-{end - 1}/{size}", header
        assert got["Body"].read() == body[start:end], header
    for header in (f"bytes={size}-", f"bytes={size + 5}-{size + 9}", "bytes=9-5", "bytes=-0"):
        with refused("InvalidRange", 416):
            s3.get_object(Bucket=bucket, Key="k", Range=header)
    for header in ("bytes=0-1,3-4", "lines=0-1", "nonsense"):
        got = s3.get_object(Bucket=bucket, Key="k", Range=header)
        assert got["ResponseMetadata"]["HTTPStatusCode"] == 200 and got["ContentLength"] == size, header
        got["Body"].read()
    head = s3.head_object(Bucket=bucket, Key="k", Range="bytes=3-7")
    assert head["ContentLength"] == 5


def test_part_number_of_a_plain_object(s3, bucket):
    s3.put_object(Bucket=bucket, Key="k", Body=b"whole")
    got = s3.get_object(Bucket=bucket, Key="k", PartNumber=1)
    assert got["Body"].read() == b"whole" and "PartsCount" not in got
    with refused("InvalidPartNumber", 416):
        s3.get_object(Bucket=bucket, Key="k", PartNumber=2)
    with refused("InvalidRequest", 400):
        s3.get_object(Bucket=bucket, Key="k", PartNumber=1, Range="bytes=0-1")


def test_metadata_comes_back(s3, bucket):
    expires = datetime.datetime(2031, 2, 3, 4, 5, 6, tzinfo=datetime.timezone.utc)
    given = dict(
        ContentType="text/x-odd; charset=utf-8", CacheControl="max-age=7", ContentDisposition='attachment; filename="a b"',
        ContentEncoding="gzip", ContentLanguage="de", Metadata={"one": "1", "two-words": "a  b", "empty": ""},
    )
    s3.put_object(Bucket=bucket, Key="k", Body=b"x", Expires=expires, **given)
    for answer in (s3.head_object(Bucket=bucket, Key="k"), s3.get_object(Bucket=bucket, Key="k")):
        for name, value in given.items():
            if name != "Metadata":
                assert answer[name] == value, name
        assert answer["Metadata"]["one"] == "1"
        assert answer["ResponseMetadata"]["HTTPHeaders"]["expires"] == "Mon, 03 Feb 2031 04:05:06 GMT"


def test_response_headers_can_be_asked_for(s3, bucket):
    s3.put_object(Bucket=bucket, Key="k", Body=b"x", ContentType="text/plain")
    got = s3.get_object(
        Bucket=bucket, Key="k", ResponseContentType="image/odd", ResponseCacheControl="no-store",
        ResponseContentDisposition="inline", ResponseContentEncoding="br", ResponseContentLanguage="fr",
    )
    assert (got["ContentType"], got["CacheControl"], got["ContentDisposition"]) == ("image/odd", "no-store", "inline")
    assert (got["ContentEncoding"], got["ContentLanguage"]) == ("br", "fr")


def test_too_much_metadata_is_refused(s3, bucket):
    with refused("MetadataTooLarge", 400):
        s3.put_object(Bucket=bucket, Key="k", Body=b"x", Metadata={"big": "v" * 3000})
    with refused("404"):
        s3.head_object(Bucket=bucket, Key="k")


NAMES = ["plain", "with blank", "ключ/значение", "日本語/名前.txt", "emoji-😀", "plus+plus", "percent%41", "a&b=c?d#e",
         "quote'\"<>", "back\\slash", "tilde~star*", "x" * 255, "deep/" * 20 + "leaf", "trailing.", ".hidden", "a/.b/..c",
         "comma,semi;colon:at@", "x/" + "n" * 250 + "/y", "tab\there"]


def test_names_of_every_kind(s3, bucket):
    for name in NAMES:
        s3.put_object(Bucket=bucket, Key=name, Body=name.encode())
    for name in NAMES:
        assert s3.get_object(Bucket=bucket, Key=name)["Body"].read() == name.encode(), name
    listed = [o["Key"] for o in s3.list_objects_v2(Bucket=bucket)["Contents"]]
    assert listed == sorted(NAMES, key=str.encode)
    deleted = s3.delete_objects(Bucket=bucket, Delete={"Objects": [{"Key": n} for n in NAMES]})
    assert sorted(d["Key"] for d in deleted["Deleted"]) == sorted(NAMES)
    assert "Contents" not in s3.list_objects_v2(Bucket=bucket)


def test_names_that_are_refused(raw, s3, bucket):
    for name, code in [("a/../b", "XMinioInvalidResourceName"), ("./a", "XMinioInvalidResourceName"),
                       ("a//b", "XMinioInvalidObjectName"), ("n" * 256, "XMinioInvalidObjectName"),
                       ("k/" * 600, "KeyTooLongError"), ("nul\0l", "XMinioInvalidObjectName")]:
        answer = raw.request("PUT", f"/{bucket}/{name}", body=b"x")
        assert (answer.status, answer.code) == (400, code), (name, answer)
    assert "Contents" not in s3.list_objects_v2(Bucket=bucket)


def test_directory_object_and_object_of_the_same_name_live_side_by_side(s3, bucket):
    s3.put_object(Bucket=bucket, Key="y", Body=b"file")
    s3.put_object(Bucket=bucket, Key="y/", Body=b"")
    s3.put_object(Bucket=bucket, Key="z/", Body=b"content")
    assert s3.get_object(Bucket=bucket, Key="y")["Body"].read() == b"file"
    assert s3.head_object(Bucket=bucket, Key="y/")["ContentLength"] == 0
    assert s3.get_object(Bucket=bucket, Key="z/")["Body"].read() == b"content"
    s3.delete_object(Bucket=bucket, Key="y/")
    assert s3.get_object(Bucket=bucket, Key="y")["Body"].read() == b"file"
    with refused("404"):
        s3.head_object(Bucket=bucket, Key="y/")


def test_overwrite_shows_the_new_object_whole(s3, bucket):
    for size in (10, 300_000, 0, 2 << 20, 50):
        s3.put_object(Bucket=bucket, Key="k", Body=pattern(size), Metadata={"size": str(size)})
        got = s3.get_object(Bucket=bucket, Key="k")
        assert got["Body"].read() == pattern(size) and got["Metadata"] == {"size": str(size)}


def test_missing_object(s3, bucket):
    with refused("NoSuchKey", 404):
        s3.get_object(Bucket=bucket, Key="none")
    with refused("404"):
        s3.head_object(Bucket=bucket, Key="none")
    assert s3.delete_object(Bucket=bucket, Key="none")["ResponseMetadata"]["HTTPStatusCode"] == 204


def test_prefix_of_a_key_is_not_an_object(s3, bucket):
    s3.put_object(Bucket=bucket, Key="a/b/c", Body=b"x")
    for key in ("a", "a/b", "a/b/", "a/b/c/d"):
        with refused("404"):
            s3.head_object(Bucket=bucket, Key=key)


def test_delete_many(s3, bucket):
    keys = [f"k{i:04}" for i in range(250)]
    for key in keys[:30]:
        s3.put_object(Bucket=bucket, Key=key, Body=b"x")
    answer = s3.delete_objects(Bucket=bucket, Delete={"Objects": [{"Key": k} for k in keys]})
    assert len(answer["Deleted"]) == 250 and "Errors" not in answer
    s3.put_object(Bucket=bucket, Key="q", Body=b"x")
    assert "Deleted" not in s3.delete_objects(Bucket=bucket, Delete={"Objects": [{"Key": "q"}], "Quiet": True})
    assert "Contents" not in s3.list_objects_v2(Bucket=bucket)
    with refused("MalformedXML", 400):
        s3.delete_objects(Bucket=bucket, Delete={"Objects": [{"Key": str(i)} for i in range(1001)]})


def test_copy(s3, bucket):
    s3.create_bucket(Bucket=bucket + "-to")
    for size in (10, 400_000, (2 << 20) + 9):
        body = pattern(size, "copy")
        s3.put_object(Bucket=bucket, Key="von ö", Body=body, ContentType="text/a", Metadata={"m": "1"}, Tagging="t=1")
        source = {"Bucket": bucket, "Key": "von ö"}
        answer = s3.copy_object(Bucket=bucket + "-to", Key="kept", CopySource=source)
        assert answer["CopyObjectResult"]["ETag"] == f'"{hashlib.md5(body).hexdigest()}"'
        got = s3.get_object(Bucket=bucket + "-to", Key="kept")
        assert got["Body"].read() == body and got["Metadata"] == {"m": "1"} and got["ContentType"] == "text/a"
        assert got["TagCount"] == 1
        s3.copy_object(Bucket=bucket + "-to", Key="replaced", CopySource=source, MetadataDirective="REPLACE",
                       Metadata={"n": "2"}, ContentType="text/b", TaggingDirective="REPLACE", Tagging="u=2&v=3")
        head = s3.head_object(Bucket=bucket + "-to", Key="replaced")
        assert head["Metadata"] == {"n": "2"} and head["ContentType"] == "text/b"
        tags = s3.get_object_tagging(Bucket=bucket + "-to", Key="replaced")["TagSet"]
        assert {t["Key"]: t["Value"] for t in tags} == {"u": "2", "v": "3"}


def test_copy_onto_itself(s3, bucket):
    s3.put_object(Bucket=bucket, Key="k", Body=b"x", Metadata={"m": "1"})
    source = {"Bucket": bucket, "Key": "k"}
    with refused("InvalidRequest", 400):
        s3.copy_object(Bucket=bucket, Key="k", CopySource=source)
    s3.copy_object(Bucket=bucket, Key="k", CopySource=source, MetadataDirective="REPLACE", Metadata={"n": "2"})
    got = s3.get_object(Bucket=bucket, Key="k")
    assert got["Metadata"] == {"n": "2"} and got["Body"].read() == b"x"


def test_copy_of_what_is_not_there(s3, bucket):
    with refused("NoSuchKey", 404):
        s3.copy_object(Bucket=bucket, Key="k", CopySource={"Bucket": bucket, "Key": "none"})
    with refused("NoSuchBucket", 404):
        s3.copy_object(Bucket=bucket, Key="k", CopySource={"Bucket": "no-such-bucket-here", "Key": "none"})


def test_copy_conditions(s3, bucket):
    etag = s3.put_object(Bucket=bucket, Key="k", Body=b"x")["ETag"]
    source = {"Bucket": bucket, "Key": "k"}
    future = datetime.datetime.now(datetime.timezone.utc) + datetime.timedelta(days=1)
    past = future - datetime.timedelta(days=3)
    s3.copy_object(Bucket=bucket, Key="c", CopySource=source, CopySourceIfMatch=etag, CopySourceIfUnmodifiedSince=future)
    for condition in ({"CopySourceIfMatch": '"other"'}, {"CopySourceIfNoneMatch": etag},
                      {"CopySourceIfUnmodifiedSince": past}):
        with refused("PreconditionFailed", 412):
            s3.copy_object(Bucket=bucket, Key="d", CopySource=source, **condition)


def test_tags(s3, bucket):
    s3.put_object(Bucket=bucket, Key="k", Body=b"x", Tagging="a=1&b%20c=%2F")
    read = lambda: {t["Key"]: t["Value"] for t in s3.get_object_tagging(Bucket=bucket, Key="k")["TagSet"]}
    assert read() == {"a": "1", "b c": "/"}
    assert s3.head_object(Bucket=bucket, Key="k")["ResponseMetadata"]["HTTPHeaders"]["x-amz-tagging-count"] == "2"
    s3.put_object_tagging(Bucket=bucket, Key="k", Tagging={"TagSet": [{"Key": "z", "Value": ""}]})
    assert read() == {"z": ""}
    s3.delete_object_tagging(Bucket=bucket, Key="k")
    assert read() == {}
    assert s3.get_object(Bucket=bucket, Key="k")["Body"].read() == b"x"
    with refused("InvalidTag", 400):
        s3.put_object_tagging(Bucket=bucket, Key="k", Tagging={"TagSet": [{"Key": "k" * 129, "Value": ""}]})
    with refused("NoSuchKey", 404):
        s3.get_object_tagging(Bucket=bucket, Key="none")


@pytest.mark.differs("it is BadRequest")
def test_an_object_has_ten_tags_at_most(s3, bucket):
    s3.put_object(Bucket=bucket, Key="k", Body=b"x")
    with refused("InvalidTag", 400):
        s3.put_object_tagging(Bucket=bucket, Key="k", Tagging={"TagSet": [{"Key": str(i), "Value": ""} for i in range(11)]})


def test_conditional_reads(s3, bucket):
    etag = s3.put_object(Bucket=bucket, Key="k", Body=b"x")["ETag"]
    future = datetime.datetime.now(datetime.timezone.utc) + datetime.timedelta(days=1)
    past = future - datetime.timedelta(days=3)
    for call in (s3.get_object, s3.head_object):
        for passes in ({"IfMatch": etag}, {"IfNoneMatch": '"other"'}, {"IfModifiedSince": past},
                       {"IfUnmodifiedSince": future}, {"IfMatch": etag, "IfUnmodifiedSince": past}):
            assert call(Bucket=bucket, Key="k", **passes)["ContentLength"] == 1, passes
        for code, status, condition in [("304", 304, {"IfNoneMatch": etag}), ("304", 304, {"IfModifiedSince": future}),
                                        (None, 412, {"IfMatch": '"other"'}), (None, 412, {"IfUnmodifiedSince": past})]:
            code = code or ("PreconditionFailed" if call == s3.get_object else "412")
            with refused(code, status) as caught:
                call(Bucket=bucket, Key="k", **condition)
            if status == 304:
                assert caught.value.response["ResponseMetadata"]["HTTPHeaders"]["etag"] == etag


def test_conditional_writes(s3, bucket):
    etag = s3.put_object(Bucket=bucket, Key="k", Body=b"1", IfNoneMatch="*")["ETag"]
    with refused("PreconditionFailed", 412):
        s3.put_object(Bucket=bucket, Key="k", Body=b"2", IfNoneMatch="*")
    with refused("PreconditionFailed", 412):
        s3.put_object(Bucket=bucket, Key="k", Body=b"2", IfMatch='"0123"')
    with refused("NoSuchKey", 404):
        s3.put_object(Bucket=bucket, Key="none", Body=b"2", IfMatch=etag)
    assert s3.get_object(Bucket=bucket, Key="k")["Body"].read() == b"1"
    s3.put_object(Bucket=bucket, Key="k", Body=b"3", IfMatch=etag)
    assert s3.get_object(Bucket=bucket, Key="k")["Body"].read() == b"3"


def test_storage_classes(s3, bucket):
    s3.put_object(Bucket=bucket, Key="r", Body=pattern(500_000), StorageClass="REDUCED_REDUNDANCY")
    s3.put_object(Bucket=bucket, Key="s", Body=b"x", StorageClass="STANDARD")
    assert s3.head_object(Bucket=bucket, Key="r")["StorageClass"] == "REDUCED_REDUNDANCY"
    assert "StorageClass" not in s3.head_object(Bucket=bucket, Key="s")
    assert s3.get_object(Bucket=bucket, Key="r")["Body"].read() == pattern(500_000)
    classes = {o["Key"]: o["StorageClass"] for o in s3.list_objects_v2(Bucket=bucket)["Contents"]}
    assert classes == {"r": "REDUCED_REDUNDANCY", "s": "STANDARD"}
    with refused("InvalidStorageClass", 400):
        s3.put_object(Bucket=bucket, Key="t", Body=b"x", StorageClass="GLACIER")


def test_object_attributes(s3, bucket):
    s3.put_object(Bucket=bucket, Key="k", Body=b"x" * 7)
    answer = s3.get_object_attributes(Bucket=bucket, Key="k", ObjectAttributes=["ETag", "ObjectSize", "StorageClass"])
    assert answer["ObjectSize"] == 7 and answer["ETag"] == hashlib.md5(b"x" * 7).hexdigest()


def test_transfer_manager_cuts_and_joins(s3, bucket):
    body = pattern(20 * (1 << 20) + 123, "transfer")
    s3.upload_fileobj(io.BytesIO(body), bucket, "big", ExtraArgs={"Metadata": {"m": "1"}, "ContentType": "a/b"})
    head = s3.head_object(Bucket=bucket, Key="big")
    assert head["ContentLength"] == len(body) and head["ETag"].endswith('-3"')
    assert head["Metadata"] == {"m": "1"} and head["ContentType"] == "a/b"
    out = io.BytesIO()
    s3.download_fileobj(bucket, "big", out)
    assert out.getvalue() == body
