"""Listings: order, pages, prefixes, delimiters, markers, encoding, in all three forms."""

import pytest

from harness.expect import refused

KEYS = ["a", "a b", "b/1", "b/2", "b/c/3", "b/c/4", "b0", "c", "d/", "d/x", "e+f", "zz/ключ", "ü"]


@pytest.fixture
def filled(s3, bucket):
    for key in KEYS:
        s3.put_object(Bucket=bucket, Key=key, Body=key.encode())
    return bucket


def keys(page):
    return [o["Key"] for o in page.get("Contents", [])]


def prefixes(page):
    return [p["Prefix"] for p in page.get("CommonPrefixes", [])]


def model(prefix="", delimiter="", after=""):
    """What S3's rules give for KEYS: keys and common prefixes, in one order."""
    out = []
    for key in sorted(KEYS, key=str.encode):
        if not key.startswith(prefix):
            continue
        cut = key.find(delimiter, len(prefix)) if delimiter else -1
        name = key[: cut + len(delimiter)] if cut >= 0 else key
        if name.encode() > after.encode() and not (cut >= 0 and after.startswith(name)) and name not in out:
            out.append(name)
    return out


def walk_v2(s3, bucket, prefix, delimiter, size):
    got, token = [], {}
    for _ in range(3 * len(KEYS)):
        page = s3.list_objects_v2(Bucket=bucket, Prefix=prefix, Delimiter=delimiter, MaxKeys=size, **token)
        names = sorted(keys(page) + prefixes(page), key=str.encode)
        assert page["KeyCount"] == len(names) <= size
        got += names
        if not page["IsTruncated"]:
            return got
        token = {"ContinuationToken": page["NextContinuationToken"]}
    raise AssertionError(f"endless listing: {got}")


def walk_v1(s3, bucket, prefix, delimiter, size):
    got, marker = [], ""
    for _ in range(3 * len(KEYS)):
        page = s3.list_objects(Bucket=bucket, Prefix=prefix, Delimiter=delimiter, MaxKeys=size, Marker=marker)
        got += sorted(keys(page) + prefixes(page), key=str.encode)
        if not page["IsTruncated"]:
            return got
        marker = page["NextMarker"]
    raise AssertionError(f"endless listing: {got}")


@pytest.mark.parametrize("walk", [walk_v1, walk_v2])
@pytest.mark.parametrize("size", [2, 3, 5, 100])
@pytest.mark.parametrize("prefix,delimiter", [("", ""), ("", "/"), ("b", ""), ("b", "/"), ("b/", "/"), ("b/c", "/"),
                                              ("d/", "/"), ("none", ""), ("zz", "/")])
def test_pages_join_to_the_whole(s3, filled, walk, prefix, delimiter, size):
    assert walk(s3, filled, prefix, delimiter, size) == model(prefix, delimiter)


@pytest.mark.parametrize("prefix,delimiter", [("", ""), ("b", ""), ("b", "/"), ("b/", "/"), ("none", ""), ("zz", "/")])
def test_pages_of_one_join_to_the_whole(s3, filled, prefix, delimiter):
    assert walk_v2(s3, filled, prefix, delimiter, 1) == model(prefix, delimiter)


@pytest.mark.differs("a page that ends with a directory object and its folder is said to be the last")
@pytest.mark.parametrize("prefix", ["", "d/"])
def test_pages_of_one_go_on_after_a_directory_object(s3, filled, prefix):
    assert walk_v2(s3, filled, prefix, "/", 1) == model(prefix, "/")


@pytest.mark.parametrize("delimiter", ["b", "c/"])
def test_delimiter_of_any_kind(s3, filled, delimiter):
    assert walk_v2(s3, filled, "", delimiter, 100) == model("", delimiter)


@pytest.mark.differs("a common prefix not ended by a slash comes again on the next page")
@pytest.mark.parametrize("size", [1, 2, 3, 5])
@pytest.mark.parametrize("delimiter", ["b", "c/"])
def test_pages_with_a_delimiter_of_any_kind(s3, filled, delimiter, size):
    assert walk_v2(s3, filled, "", delimiter, size) == model("", delimiter)


@pytest.mark.parametrize("after", ["", "a", "a b", "b/1", "b/c", "b/c/3", "b0", "d/", "zzz", "ü", "e"])
def test_start_after_and_marker(s3, filled, after):
    assert keys(s3.list_objects_v2(Bucket=filled, StartAfter=after)) == model(after=after)
    assert keys(s3.list_objects(Bucket=filled, Marker=after)) == model(after=after)


def test_marker_inside_a_prefix_hides_it(s3, filled):
    page = s3.list_objects_v2(Bucket=filled, Delimiter="/", StartAfter="b/1")
    assert "b/" not in prefixes(page)
    page = s3.list_objects(Bucket=filled, Delimiter="/", Marker="b/")
    assert "b/" not in prefixes(page)
    assert "b/" in prefixes(s3.list_objects(Bucket=filled, Delimiter="/", Marker="b"))


@pytest.mark.parametrize("prefix", ["k" * 300, "k" * 300 + "/x", "k" * 1025, "ü" * 200 + "/"])
def test_prefixes_that_no_key_can_have_list_nothing(s3, filled, prefix):
    assert "Contents" not in s3.list_objects_v2(Bucket=filled, Prefix=prefix)
    assert "Contents" not in s3.list_objects(Bucket=filled, Prefix=prefix)
    assert "Versions" not in s3.list_object_versions(Bucket=filled, Prefix=prefix)


def test_entries_say_what_head_says(s3, filled):
    page = s3.list_objects_v2(Bucket=filled, FetchOwner=True)
    for entry in page["Contents"]:
        head = s3.head_object(Bucket=filled, Key=entry["Key"])
        assert (entry["Size"], entry["ETag"]) == (head["ContentLength"], head["ETag"])
        assert entry["LastModified"].replace(microsecond=0) == head["LastModified"]
        assert entry["StorageClass"] == "STANDARD" and entry["Owner"]["ID"]
    assert "Owner" not in s3.list_objects_v2(Bucket=filled)["Contents"][0]


def test_encoding_url(raw, filled):
    answer = raw.request("GET", f"/{filled}", {"list-type": "2", "encoding-type": "url", "delimiter": "/"})
    text = answer.body.decode()
    assert "<EncodingType>url</EncodingType>" in text
    for part in ("<Key>e%2Bf</Key>", "<Key>%C3%BC</Key>", "<Prefix>b/</Prefix>"):
        assert part in text, part
    # A blank is a plus with MinIO, %20 with AWS; clients take both.
    assert "<Key>a+b</Key>" in text or "<Key>a%20b</Key>" in text
    plain = raw.request("GET", f"/{filled}", {"list-type": "2"}).body.decode()
    assert "<Key>a b</Key>" in plain and "<Key>ü</Key>" in plain
    bad = raw.request("GET", f"/{filled}", {"list-type": "2", "encoding-type": "other"})
    assert (bad.status, bad.code) == (400, "InvalidArgument")


def test_max_keys(raw, filled):
    none = raw.request("GET", f"/{filled}", {"list-type": "2", "max-keys": "0"})
    assert none.status == 200 and b"<Contents>" not in none.body and b"<IsTruncated>false<" in none.body
    exact = raw.request("GET", f"/{filled}", {"list-type": "2", "max-keys": str(len(KEYS))})
    assert b"<IsTruncated>false<" in exact.body
    for value in ("-1", "many"):
        bad = raw.request("GET", f"/{filled}", {"list-type": "2", "max-keys": value})
        assert (bad.status, bad.code) == (400, "InvalidArgument"), value


def test_bad_continuation_token(s3, filled):
    with refused("InvalidArgument", 400):
        s3.list_objects_v2(Bucket=filled, ContinuationToken="not base64 !")


@pytest.mark.differs("an empty token is refused")
def test_an_empty_continuation_token_is_none(s3, filled):
    assert keys(s3.list_objects_v2(Bucket=filled, ContinuationToken="")) == keys(s3.list_objects_v2(Bucket=filled))


def test_listing_follows_writes_at_once(s3, bucket):
    for i in range(12):
        s3.put_object(Bucket=bucket, Key=f"n/{i:02}", Body=b"")
        assert len(keys(s3.list_objects_v2(Bucket=bucket))) == i + 1
    for i in range(12):
        s3.delete_object(Bucket=bucket, Key=f"n/{i:02}")
        assert len(keys(s3.list_objects_v2(Bucket=bucket, Prefix="n/"))) == 11 - i
    assert not prefixes(s3.list_objects_v2(Bucket=bucket, Delimiter="/"))


def test_more_than_a_page(s3, bucket):
    wanted = [f"p{i % 7}/{i:05}" for i in range(1100)]
    for key in wanted:
        s3.put_object(Bucket=bucket, Key=key, Body=b"")
    first = s3.list_objects_v2(Bucket=bucket)
    assert first["IsTruncated"] and len(first["Contents"]) == 1000
    pages = s3.get_paginator("list_objects_v2").paginate(Bucket=bucket)
    assert [k for page in pages for k in keys(page)] == sorted(wanted)
    assert prefixes(s3.list_objects_v2(Bucket=bucket, Delimiter="/")) == [f"p{i}/" for i in range(7)]
    versions = s3.get_paginator("list_object_versions").paginate(Bucket=bucket)
    assert [v["Key"] for page in versions for v in page["Versions"]] == sorted(wanted)


@pytest.mark.parametrize("size", [1, 2, 3, 100])
def test_pages_of_versions_join_to_the_whole(s3, versioned, size):
    wanted = []
    for key in ("a", "b/1", "b/2", "c"):
        made = [s3.put_object(Bucket=versioned, Key=key, Body=bytes([i]))["VersionId"] for i in range(3)]
        if key == "b/2":
            made.append(s3.delete_object(Bucket=versioned, Key=key)["VersionId"])
        wanted += [(key, v) for v in reversed(made)]
    got, marker = [], {}
    for _ in range(3 * len(wanted)):
        page = s3.list_object_versions(Bucket=versioned, MaxKeys=size, **marker)
        rows = [(v["Key"], v["VersionId"], v["IsLatest"]) for v in page.get("Versions", []) + page.get("DeleteMarkers", [])]
        assert len(rows) <= size
        got += rows
        if not page["IsTruncated"]:
            break
        marker = {"KeyMarker": page["NextKeyMarker"], "VersionIdMarker": page["NextVersionIdMarker"]}
    assert sorted(g[:2] for g in got) == sorted(wanted)
    latest = {key: version for key, version in reversed(wanted)}
    assert {g[0]: g[1] for g in got if g[2]} == latest
    page = s3.list_object_versions(Bucket=versioned, Delimiter="/")
    assert prefixes(page) == ["b/"] and {v["Key"] for v in page["Versions"]} == {"a", "c"}
    assert {v["Key"] for v in s3.list_object_versions(Bucket=versioned, KeyMarker="b/1")["Versions"]} == {"b/2", "c"}
