"""mc, MinIO's client: what a person types every day."""

from conftest import pattern, rows


def names(mc, *args):
    return sorted(row["key"] for row in rows(mc, "ls", *args))


def test_buckets(mc):
    mc.run("mb", "t/mc-made")
    assert "mc-made/" in names(mc, "t")
    assert "mc-made" in mc.run("stat", "t/mc-made")
    mc.run("mb", "t/mc-made", status=1)
    mc.run("mb", "--ignore-existing", "t/mc-made")
    mc.run("rb", "t/mc-made")
    assert "mc-made/" not in names(mc, "t")


def test_cp_cat_head_stat(mc, bucket, tree):
    mc.run("cp", "--attr", "Artist=Someone;Cache-Control=max-age=9", tree / "dir/two.bin", f"t/{bucket}/d/two.bin")
    assert mc.bytes("cat", f"t/{bucket}/d/two.bin") == (tree / "dir/two.bin").read_bytes()
    stat = rows(mc, "stat", f"t/{bucket}/d/two.bin")[0]
    assert stat["size"] == 70_000
    metadata = {k.lower(): v for k, v in stat["metadata"].items()}
    assert metadata["x-amz-meta-artist"] == "Someone" and metadata["cache-control"] == "max-age=9"
    mc.run("pipe", f"t/{bucket}/piped", stdin=b"line 1\nline 2\nline 3\n")
    assert mc.run("head", "-n", 2, f"t/{bucket}/piped") == "line 1\nline 2\n"
    assert mc.run("cat", "--offset", 2, f"t/{bucket}/piped") == "ne 1\nline 2\nline 3\n"
    mc.run("cp", f"t/{bucket}/piped", f"t/{bucket}/again")
    assert mc.run("cat", f"t/{bucket}/again").startswith("line 1")
    mc.run("cat", f"t/{bucket}/none", status=1)


def test_mirror_diff_and_back(mc, bucket, tree, tmp_path):
    mc.run("mirror", tree, f"t/{bucket}/m")
    assert mc.run("diff", tree, f"t/{bucket}/m") == ""
    (tree / "one.txt").write_text("another length altogether")
    (tree / "empty").unlink()
    assert "one.txt" in mc.run("diff", tree, f"t/{bucket}/m")
    mc.run("mirror", "--overwrite", "--remove", tree, f"t/{bucket}/m")
    assert mc.run("diff", tree, f"t/{bucket}/m") == ""
    mc.run("mirror", f"t/{bucket}/m", tmp_path / "back")
    files = {p.relative_to(tree): p.read_bytes() for p in tree.rglob("*") if p.is_file()}
    assert {p.relative_to(tmp_path / "back"): p.read_bytes() for p in (tmp_path / "back").rglob("*") if p.is_file()} == files


def test_ls_find_du_tree(mc, bucket, tree):
    mc.run("cp", "--recursive", f"{tree}/", f"t/{bucket}/")
    assert names(mc, f"t/{bucket}") == ["big.bin", "dir/", "empty", "one.txt", "with blank/"]
    assert len(names(mc, "--recursive", f"t/{bucket}")) == 6
    found = mc.run("find", f"t/{bucket}", "--name", "*.bin").splitlines()
    assert sorted(f.rsplit("/", 1)[1] for f in found) == ["big.bin", "three.bin", "two.bin"]
    assert mc.run("find", f"t/{bucket}", "--larger", "5MiB").strip().endswith("big.bin")
    total = sum(p.stat().st_size for p in tree.rglob("*") if p.is_file())
    assert rows(mc, "du", f"t/{bucket}")[0]["size"] == total
    assert "deeper" in mc.run("tree", f"t/{bucket}")


def test_rm_and_mv(mc, bucket, tree):
    mc.run("cp", "--recursive", f"{tree}/", f"t/{bucket}/")
    mc.run("mv", f"t/{bucket}/one.txt", f"t/{bucket}/moved.txt")
    mc.run("rm", f"t/{bucket}/empty")
    assert {"moved.txt"} < set(names(mc, f"t/{bucket}")) and "one.txt" not in names(mc, f"t/{bucket}")
    mc.run("rm", "--recursive", "--force", f"t/{bucket}/dir")
    assert names(mc, f"t/{bucket}/dir/") == []
    mc.run("rb", "--force", f"t/{bucket}")
    mc.run("stat", f"t/{bucket}", status=1)


def test_tags(mc, bucket):
    mc.run("pipe", "--tags", "a=1&b=2", f"t/{bucket}/k", stdin=b"x")
    assert rows(mc, "tag", "list", f"t/{bucket}/k")[0]["tagset"] == {"a": "1", "b": "2"}
    mc.run("tag", "set", f"t/{bucket}/k", "c=3")
    assert rows(mc, "tag", "list", f"t/{bucket}/k")[0]["tagset"] == {"c": "3"}
    mc.run("tag", "remove", f"t/{bucket}/k")
    assert "No tags found" in mc.run("tag", "list", f"t/{bucket}/k")


def test_versions(mc, bucket):
    mc.run("version", "enable", f"t/{bucket}")
    assert rows(mc, "version", "info", f"t/{bucket}")[0]["versioning"]["status"] == "Enabled"
    for text in (b"1", b"2"):
        mc.run("pipe", f"t/{bucket}/k", stdin=text)
    mc.run("rm", f"t/{bucket}/k")
    listed = rows(mc, "ls", "--versions", f"t/{bucket}")
    assert len(listed) == 3 and sum(row.get("isDeleteMarker", False) for row in listed) == 1
    first = next(row for row in listed if row["versionOrdinal"] == 1)
    assert mc.run("cat", "--version-id", first["versionId"], f"t/{bucket}/k") == "1"
    mc.run("undo", f"t/{bucket}/k", "--force")
    assert mc.run("cat", f"t/{bucket}/k") == "2"
    mc.run("rm", "--versions", "--force", f"t/{bucket}/k")
    assert rows(mc, "ls", "--versions", f"t/{bucket}") == []
    mc.run("version", "suspend", f"t/{bucket}")
    assert rows(mc, "version", "info", f"t/{bucket}")[0]["versioning"]["status"] == "Suspended"


def test_large_upload_in_parts(mc, bucket, tmp_path):
    (tmp_path / "large").write_bytes(pattern(80 << 20, "mc"))
    mc.run("cp", tmp_path / "large", f"t/{bucket}/large")
    assert "-" in rows(mc, "stat", f"t/{bucket}/large")[0]["etag"]
    mc.run("cp", f"t/{bucket}/large", tmp_path / "back")
    assert (tmp_path / "back").read_bytes() == pattern(80 << 20, "mc")


def test_share(mc, bucket, raw):
    mc.run("pipe", f"t/{bucket}/k", stdin=b"shared")
    url = rows(mc, "share", "download", f"t/{bucket}/k")[0]["share"]
    assert raw.send("GET", url[url.index("/", 8):]).body == b"shared"


def test_unfinished_uploads_are_listed_and_removed(mc, s3, bucket):
    upload = s3.create_multipart_upload(Bucket=bucket, Key="left")["UploadId"]
    s3.upload_part(Bucket=bucket, Key="left", UploadId=upload, PartNumber=1, Body=b"x")
    assert [row["key"] for row in rows(mc, "ls", "--incomplete", f"t/{bucket}")] == ["left"]
    mc.run("rm", "--incomplete", "--recursive", "--force", f"t/{bucket}")
    assert rows(mc, "ls", "--incomplete", f"t/{bucket}") == []


def test_ping_and_ready(mc):
    mc.run("ready", "t")
    mc.run("ping", "--count", 1, "t")
