"""s3fs: the server as a file system for Python."""

import pytest
import s3fs

from conftest import pattern
from harness.server import ACCESS_KEY, SECRET_KEY


@pytest.fixture
def fs(server):
    return s3fs.S3FileSystem(key=ACCESS_KEY, secret=SECRET_KEY, client_kwargs={
        "endpoint_url": server.endpoint, "region_name": "us-east-1"}, skip_instance_cache=True, use_listings_cache=False)


def test_files_are_written_and_read(fs, bucket):
    for size in (0, 10, 200_000, 12 << 20):
        path = f"{bucket}/dir/f-{size}"
        with fs.open(path, "wb") as f:
            f.write(pattern(size))
        assert fs.info(path)["size"] == size and fs.cat(path) == pattern(size)
    with fs.open(f"{bucket}/dir/f-200000", "rb") as f:
        f.seek(150_000)
        assert f.read(100) == pattern(200_000)[150_000:150_100]
    with fs.open(f"{bucket}/text", "w") as f:
        f.write("zwei\nZeilen ö\n")
    with fs.open(f"{bucket}/text", "r") as f:
        assert f.readlines() == ["zwei\n", "Zeilen ö\n"]


def test_walk_find_glob(fs, bucket):
    for name in ("a", "d/b", "d/e/c", "d/e/f.txt", "x/y.txt"):
        fs.pipe(f"{bucket}/{name}", name.encode())
    walked = {root: (sorted(dirs), sorted(files)) for root, dirs, files in fs.walk(bucket)}
    assert walked[bucket] == (["d", "x"], ["a"]) and walked[f"{bucket}/d/e"] == ([], ["c", "f.txt"])
    assert len(fs.find(bucket)) == 5
    assert fs.glob(f"{bucket}/**/*.txt") == [f"{bucket}/d/e/f.txt", f"{bucket}/x/y.txt"]
    assert sorted(fs.ls(f"{bucket}/d")) == [f"{bucket}/d/b", f"{bucket}/d/e"]
    assert fs.isdir(f"{bucket}/d") and fs.isfile(f"{bucket}/d/b") and not fs.exists(f"{bucket}/none")
    assert fs.du(bucket) == sum(map(len, ("a", "d/b", "d/e/c", "d/e/f.txt", "x/y.txt")))


def test_copy_move_remove(fs, bucket, tree, tmp_path):
    fs.put(str(tree), f"{bucket}/t", recursive=True)
    fs.copy(f"{bucket}/t/one.txt", f"{bucket}/copied")
    fs.mv(f"{bucket}/copied", f"{bucket}/moved")
    assert fs.exists(f"{bucket}/moved") and not fs.exists(f"{bucket}/copied")
    fs.get(f"{bucket}/t", str(tmp_path / "back"), recursive=True)
    files = {p.relative_to(tree): p.read_bytes() for p in tree.rglob("*") if p.is_file()}
    assert {p.relative_to(tmp_path / "back"): p.read_bytes() for p in (tmp_path / "back").rglob("*") if p.is_file()} == files
    fs.rm(f"{bucket}/t", recursive=True)
    assert fs.ls(bucket) == [f"{bucket}/moved"]


def test_append_rewrites_the_object(fs, bucket):
    for start in (10, 6 << 20):
        path = f"{bucket}/a{start}"
        fs.pipe(path, pattern(start))
        with fs.open(path, "ab") as f:
            f.write(b"more")
        assert fs.cat(path) == pattern(start) + b"more"


def test_metadata_and_tags(fs, bucket):
    fs.pipe(f"{bucket}/k", b"x")
    fs.setxattr(f"{bucket}/k", copy_kwargs={"ContentType": "a/b"}, colour="blue")
    assert fs.metadata(f"{bucket}/k")["colour"] == "blue"
    fs.put_tags(f"{bucket}/k", {"a": "b"})
    assert fs.get_tags(f"{bucket}/k") == {"a": "b"}
    assert fs.checksum(f"{bucket}/k") and fs.modified(f"{bucket}/k")


def test_buckets(fs):
    fs.mkdir("s3fs-made")
    assert "s3fs-made" in fs.ls("")
    fs.rmdir("s3fs-made")
    assert not fs.exists("s3fs-made")


def test_errors_are_pythons_own(fs, bucket):
    with pytest.raises(FileNotFoundError):
        fs.cat(f"{bucket}/none")
    with pytest.raises(FileNotFoundError):
        fs.ls("no-such-bucket-here")
