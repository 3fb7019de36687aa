"""Versioning: enabled, suspended, delete markers, versions by id."""

import pytest

from conftest import pattern
from harness.expect import refused


def versions(s3, bucket, key=""):
    page = s3.list_object_versions(Bucket=bucket, Prefix=key)
    return [v["VersionId"] for v in page.get("Versions", [])], [v["VersionId"] for v in page.get("DeleteMarkers", [])]


def suspend(s3, bucket):
    s3.put_bucket_versioning(Bucket=bucket, VersioningConfiguration={"Status": "Suspended"})


def test_state_is_kept(s3, bucket):
    assert "Status" not in s3.get_bucket_versioning(Bucket=bucket)
    for status in ("Enabled", "Suspended", "Enabled"):
        s3.put_bucket_versioning(Bucket=bucket, VersioningConfiguration={"Status": status})
        assert s3.get_bucket_versioning(Bucket=bucket)["Status"] == status


@pytest.mark.parametrize("size", [5, 20_000, 300_000, (2 << 20) + 1])
def test_every_version_stays_readable(s3, versioned, size):
    made = {}
    for i in range(5):
        body = pattern(size + i, i)
        made[s3.put_object(Bucket=versioned, Key="k", Body=body, Metadata={"n": str(i)})["VersionId"]] = (body, str(i))
    assert len(made) == 5
    for version, (body, n) in made.items():
        got = s3.get_object(Bucket=versioned, Key="k", VersionId=version)
        assert got["Body"].read() == body and got["Metadata"]["n"] == n and got["VersionId"] == version
        assert s3.head_object(Bucket=versioned, Key="k", VersionId=version)["ContentLength"] == len(body)
    newest = list(made)[-1]
    assert s3.get_object(Bucket=versioned, Key="k")["VersionId"] == newest
    assert versions(s3, versioned) == (list(reversed(made)), [])
    s3.delete_object(Bucket=versioned, Key="k", VersionId=newest)
    assert s3.get_object(Bucket=versioned, Key="k")["Body"].read() == made[list(made)[-2]][0]
    with refused("NoSuchVersion", 404):
        s3.get_object(Bucket=versioned, Key="k", VersionId=newest)


def test_delete_marker(s3, versioned):
    first = s3.put_object(Bucket=versioned, Key="k", Body=b"1")["VersionId"]
    gone = s3.delete_object(Bucket=versioned, Key="k")
    assert gone["DeleteMarker"] is True
    with refused("NoSuchKey", 404) as caught:
        s3.get_object(Bucket=versioned, Key="k")
    headers = caught.value.response["ResponseMetadata"]["HTTPHeaders"]
    assert headers["x-amz-delete-marker"] == "true" and headers["x-amz-version-id"] == gone["VersionId"]
    with refused("MethodNotAllowed", 405):
        s3.get_object(Bucket=versioned, Key="k", VersionId=gone["VersionId"])
    assert s3.get_object(Bucket=versioned, Key="k", VersionId=first)["Body"].read() == b"1"
    assert versions(s3, versioned) == ([first], [gone["VersionId"]])
    assert "Contents" not in s3.list_objects_v2(Bucket=versioned)
    undone = s3.delete_object(Bucket=versioned, Key="k", VersionId=gone["VersionId"])
    assert undone["DeleteMarker"] is True and undone["VersionId"] == gone["VersionId"]
    assert s3.get_object(Bucket=versioned, Key="k")["Body"].read() == b"1"


def test_object_put_over_a_delete_marker_is_seen(s3, versioned):
    s3.put_object(Bucket=versioned, Key="k", Body=b"1")
    s3.delete_object(Bucket=versioned, Key="k")
    s3.put_object(Bucket=versioned, Key="k", Body=b"2")
    assert s3.get_object(Bucket=versioned, Key="k")["Body"].read() == b"2"
    made, markers = versions(s3, versioned)
    assert (len(made), len(markers)) == (2, 1)


@pytest.mark.differs("it leaves nothing")
def test_delete_of_a_missing_key_makes_a_marker(s3, versioned):
    marker = s3.delete_object(Bucket=versioned, Key="none")["VersionId"]
    assert versions(s3, versioned) == ([], [marker])


def test_delete_many_with_versions(s3, versioned):
    made = [s3.put_object(Bucket=versioned, Key="k", Body=bytes([i]))["VersionId"] for i in range(4)]
    answer = s3.delete_objects(Bucket=versioned, Delete={"Objects": [
        {"Key": "k", "VersionId": made[0]}, {"Key": "k", "VersionId": made[2]}, {"Key": "k"}]})
    assert len(answer["Deleted"]) == 3
    marker = next(d for d in answer["Deleted"] if d.get("DeleteMarker"))
    assert versions(s3, versioned) == ([made[3], made[1]], [marker["DeleteMarkerVersionId"]])


def test_null_version_from_before_versioning(s3, bucket):
    s3.put_object(Bucket=bucket, Key="k", Body=b"old")
    s3.put_bucket_versioning(Bucket=bucket, VersioningConfiguration={"Status": "Enabled"})
    new = s3.put_object(Bucket=bucket, Key="k", Body=b"new")["VersionId"]
    assert versions(s3, bucket) == ([new, "null"], [])
    assert s3.get_object(Bucket=bucket, Key="k", VersionId="null")["Body"].read() == b"old"
    s3.delete_object(Bucket=bucket, Key="k", VersionId="null")
    assert versions(s3, bucket) == ([new], [])


def test_suspended_versioning_replaces_the_null_version_only(s3, versioned):
    kept = s3.put_object(Bucket=versioned, Key="k", Body=b"kept")["VersionId"]
    suspend(s3, versioned)
    for body in (b"null 1", b"null 2"):
        assert s3.put_object(Bucket=versioned, Key="k", Body=body).get("VersionId") in (None, "null")
    assert versions(s3, versioned) == (["null", kept], [])
    assert s3.get_object(Bucket=versioned, Key="k")["Body"].read() == b"null 2"
    s3.delete_object(Bucket=versioned, Key="k")
    assert versions(s3, versioned) == ([kept], ["null"])
    assert s3.get_object(Bucket=versioned, Key="k", VersionId=kept)["Body"].read() == b"kept"
    with refused("NoSuchKey", 404):
        s3.get_object(Bucket=versioned, Key="k")


def test_old_version_restored_by_copy(s3, versioned):
    first = s3.put_object(Bucket=versioned, Key="k", Body=pattern(200_000, 1), Metadata={"n": "1"})["VersionId"]
    s3.put_object(Bucket=versioned, Key="k", Body=b"2")
    answer = s3.copy_object(Bucket=versioned, Key="k", CopySource={"Bucket": versioned, "Key": "k", "VersionId": first})
    assert answer["CopySourceVersionId"] == first and answer["VersionId"] != first
    got = s3.get_object(Bucket=versioned, Key="k")
    assert got["Body"].read() == pattern(200_000, 1) and got["Metadata"] == {"n": "1"}
    assert len(versions(s3, versioned)[0]) == 3


def test_tags_belong_to_a_version(s3, versioned):
    first = s3.put_object(Bucket=versioned, Key="k", Body=b"1", Tagging="v=1")["VersionId"]
    second = s3.put_object(Bucket=versioned, Key="k", Body=b"2")["VersionId"]
    s3.put_object_tagging(Bucket=versioned, Key="k", VersionId=first, Tagging={"TagSet": [{"Key": "w", "Value": "1"}]})
    tags = lambda v: {t["Key"]: t["Value"] for t in s3.get_object_tagging(Bucket=versioned, Key="k", VersionId=v)["TagSet"]}
    assert (tags(first), tags(second)) == ({"w": "1"}, {})


def test_bad_and_missing_version_ids(s3, versioned):
    s3.put_object(Bucket=versioned, Key="k", Body=b"1")
    with refused("InvalidArgument", 400):
        s3.get_object(Bucket=versioned, Key="k", VersionId="not-an-id")
    with refused("NoSuchVersion", 404):
        s3.get_object(Bucket=versioned, Key="k", VersionId="00000000-0000-4000-8000-000000000000")
    with refused("NoSuchVersion", 404):
        s3.get_object(Bucket=versioned, Key="k", VersionId="null")


def test_multipart_makes_one_version(s3, versioned):
    upload = s3.create_multipart_upload(Bucket=versioned, Key="k")["UploadId"]
    etag = s3.upload_part(Bucket=versioned, Key="k", UploadId=upload, PartNumber=1, Body=b"p")["ETag"]
    done = s3.complete_multipart_upload(
        Bucket=versioned, Key="k", UploadId=upload, MultipartUpload={"Parts": [{"PartNumber": 1, "ETag": etag}]})
    assert versions(s3, versioned) == ([done["VersionId"]], [])


def test_many_versions_of_one_key(s3, versioned):
    made = [s3.put_object(Bucket=versioned, Key="k", Body=str(i).encode())["VersionId"] for i in range(120)]
    assert versions(s3, versioned)[0] == made[::-1]
    for i in (0, 50, 119):
        assert s3.get_object(Bucket=versioned, Key="k", VersionId=made[i])["Body"].read() == str(i).encode()


def test_conditional_put_after_a_delete(s3, versioned):
    s3.put_object(Bucket=versioned, Key="k", Body=b"1")
    s3.delete_object(Bucket=versioned, Key="k")
    s3.put_object(Bucket=versioned, Key="k", Body=b"2", IfNoneMatch="*")
    assert s3.get_object(Bucket=versioned, Key="k")["Body"].read() == b"2"
