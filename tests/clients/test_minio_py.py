"""minio-py: signed chunks, its own multipart cut, compose, listings, tags, versions."""

import datetime
import io

import pytest
from minio import Minio
from minio.commonconfig import CopySource, ComposeSource, REPLACE, Tags, ENABLED
from minio.deleteobjects import DeleteObject
from minio.error import S3Error
from minio.versioningconfig import VersioningConfig

from conftest import pattern
from harness.server import ACCESS_KEY, SECRET_KEY

MIB = 1 << 20


@pytest.fixture(scope="session")
def client(server):
    return Minio(server.address, ACCESS_KEY, SECRET_KEY, secure=False)


def read(client, bucket, key, **more):
    response = client.get_object(bucket, key, **more)
    try:
        return response.read()
    finally:
        response.close()
        response.release_conn()


def test_buckets(client):
    client.make_bucket("minio-py-made")
    assert client.bucket_exists("minio-py-made") and not client.bucket_exists("minio-py-none")
    assert "minio-py-made" in [b.name for b in client.list_buckets()]
    client.remove_bucket("minio-py-made")
    assert not client.bucket_exists("minio-py-made")


@pytest.mark.parametrize("size", [0, 100, 300_000, 6 * MIB, 17 * MIB + 1])
def test_put_and_get(client, bucket, size):
    body = pattern(size, "minio-py")
    done = client.put_object(bucket, "dir/ö k", io.BytesIO(body), size, content_type="a/b", metadata={"x": "y"})
    assert read(client, bucket, "dir/ö k") == body
    stat = client.stat_object(bucket, "dir/ö k")
    assert (stat.size, stat.etag, stat.content_type) == (size, done.etag, "a/b")
    assert stat.metadata["x-amz-meta-x"] == "y"
    if size > 500:
        assert read(client, bucket, "dir/ö k", offset=100, length=300) == body[100:400]


def test_stream_of_unknown_length(client, bucket):
    body = pattern(12 * MIB, "unknown")
    client.put_object(bucket, "k", io.BytesIO(body), -1, part_size=5 * MIB)
    assert read(client, bucket, "k") == body
    assert client.stat_object(bucket, "k").etag.endswith("-3")


def test_files(client, bucket, tmp_path):
    (tmp_path / "in").write_bytes(pattern(7 * MIB))
    client.fput_object(bucket, "k", str(tmp_path / "in"))
    client.fget_object(bucket, "k", str(tmp_path / "out"))
    assert (tmp_path / "out").read_bytes() == pattern(7 * MIB)


def test_copy_and_compose(client, bucket):
    first, second = pattern(5 * MIB, 1), pattern(6 * MIB, 2)
    for key, body in (("one", first), ("two", second)):
        client.put_object(bucket, key, io.BytesIO(body), len(body))
    client.copy_object(bucket, "copy", CopySource(bucket, "one"))
    assert read(client, bucket, "copy") == first
    client.copy_object(bucket, "copy", CopySource(bucket, "one"), metadata={"a": "b"}, metadata_directive=REPLACE)
    assert client.stat_object(bucket, "copy").metadata["x-amz-meta-a"] == "b"
    client.compose_object(bucket, "both", [ComposeSource(bucket, "one"), ComposeSource(bucket, "two")])
    assert read(client, bucket, "both") == first + second


def test_lists_and_removals(client, bucket):
    keys = [f"d{i % 3}/k{i:02}" for i in range(30)]
    for key in keys:
        client.put_object(bucket, key, io.BytesIO(b"x"), 1)
    assert [o.object_name for o in client.list_objects(bucket)] == ["d0/", "d1/", "d2/"]
    assert [o.object_name for o in client.list_objects(bucket, recursive=True)] == sorted(keys)
    assert [o.object_name for o in client.list_objects(bucket, prefix="d1/")] == sorted(k for k in keys if k.startswith("d1/"))
    later = [o.object_name for o in client.list_objects(bucket, recursive=True, start_after="d1/k10")]
    assert later == [k for k in sorted(keys) if k > "d1/k10"]
    assert not list(client.remove_objects(bucket, [DeleteObject(k) for k in keys]))
    assert not list(client.list_objects(bucket, recursive=True))


def test_tags_and_versions(client, bucket):
    client.set_bucket_versioning(bucket, VersioningConfig(ENABLED))
    assert client.get_bucket_versioning(bucket).status == ENABLED
    versions = [client.put_object(bucket, "k", io.BytesIO(b"%d" % i), 1).version_id for i in range(3)]
    tags = Tags.new_object_tags()
    tags["a"] = "b"
    client.set_object_tags(bucket, "k", tags)
    assert client.get_object_tags(bucket, "k") == tags
    client.delete_object_tags(bucket, "k")
    assert not client.get_object_tags(bucket, "k")
    assert read(client, bucket, "k", version_id=versions[0]) == b"0"
    client.remove_object(bucket, "k")
    listed = list(client.list_objects(bucket, include_version=True))
    assert sum(o.is_delete_marker for o in listed) == 1 and len(listed) == 4


def test_errors_have_their_codes(client, bucket):
    for call, code in [(lambda: client.stat_object(bucket, "none"), "NoSuchKey"),
                       (lambda: client.get_object("no-such-bucket-here", "k"), "NoSuchBucket"),
                       (lambda: client.make_bucket(bucket), "BucketAlreadyOwnedByYou")]:
        with pytest.raises(S3Error) as caught:
            call()
        assert caught.value.code == code


def test_presigned(client, bucket, raw):
    url = client.presigned_put_object(bucket, "k", expires=datetime.timedelta(minutes=5))
    assert raw.send("PUT", url[url.index("/", 8):], body=b"x").status == 200
    url = client.presigned_get_object(bucket, "k")
    assert raw.send("GET", url[url.index("/", 8):]).body == b"x"
