"""rclone: copy, sync, check, listings, moves, removals."""

import hashlib
import json
import os

import pytest

from conftest import Tool
from harness.server import ACCESS_KEY, SECRET_KEY


@pytest.fixture
def rclone(server, tmp_path):
    return Tool("rclone", tmp_path, {
        "RCLONE_CONFIG": str(tmp_path / "rclone.conf"), "RCLONE_CONFIG_R_TYPE": "s3", "RCLONE_CONFIG_R_PROVIDER": "Minio",
        "RCLONE_CONFIG_R_ENDPOINT": server.endpoint, "RCLONE_CONFIG_R_ACCESS_KEY_ID": ACCESS_KEY,
        "RCLONE_CONFIG_R_SECRET_ACCESS_KEY": SECRET_KEY, "RCLONE_CONFIG_R_REGION": "us-east-1", "RCLONE_RETRIES": "1",
        "RCLONE_S3_UPLOAD_CUTOFF": "6M", "RCLONE_S3_CHUNK_SIZE": "5M",
    })


def test_sync_and_check(rclone, bucket, tree, tmp_path):
    there = f"r:{bucket}/t"
    rclone.run("sync", tree, there)
    rclone.run("check", "--download", tree, there)
    rclone.run("check", tree, there)
    assert rclone.run("sync", "--dry-run", "--use-json-log", tree, there) == ""
    (tree / "one.txt").write_text("changed")
    (tree / "empty").unlink()
    rclone.run("check", tree, there, status=None)
    rclone.run("sync", tree, there)
    rclone.run("check", "--download", tree, there)
    rclone.run("sync", there, tmp_path / "back")
    rclone.run("check", tree, tmp_path / "back")


def test_listings(rclone, bucket, tree):
    rclone.run("copy", tree, f"r:{bucket}")
    listed = {e["Path"]: e for e in json.loads(rclone.run("lsjson", "-R", "--files-only", f"r:{bucket}"))}
    files = {str(p.relative_to(tree)): p for p in tree.rglob("*") if p.is_file()}
    assert {k: e["Size"] for k, e in listed.items()} == {k: p.stat().st_size for k, p in files.items()}
    assert rclone.run("lsf", "--dirs-only", f"r:{bucket}").splitlines() == ["dir/", "with blank/"]
    assert json.loads(rclone.run("size", "--json", f"r:{bucket}"))["count"] == len(files)


def test_modification_times_are_kept(rclone, bucket, tmp_path):
    (tmp_path / "f").write_text("x")
    os.utime(tmp_path / "f", (1_234_567_890, 1_234_567_890))
    rclone.run("copyto", tmp_path / "f", f"r:{bucket}/f")
    entry = json.loads(rclone.run("lsjson", f"r:{bucket}/f"))[0]
    assert entry["ModTime"].startswith("2009-02-13T")


def test_move_copy_and_remove_within_the_server(rclone, bucket, tree):
    rclone.run("copy", tree, f"r:{bucket}/a")
    rclone.run("copy", f"r:{bucket}/a", f"r:{bucket}/b")
    rclone.run("check", f"r:{bucket}/a", f"r:{bucket}/b")
    rclone.run("move", f"r:{bucket}/b", f"r:{bucket}/c")
    rclone.run("check", tree, f"r:{bucket}/c")
    assert rclone.run("lsf", f"r:{bucket}").splitlines() == ["a/", "c/"]
    rclone.run("purge", f"r:{bucket}/a")
    rclone.run("delete", f"r:{bucket}/c")
    assert rclone.run("lsf", "-R", f"r:{bucket}") == ""


def test_stream_from_standard_input(rclone, bucket):
    body = b"0123456789" * 1_200_000
    rclone.run("rcat", f"r:{bucket}/k", stdin=body)
    assert rclone.bytes("cat", f"r:{bucket}/k") == body
    assert rclone.bytes("cat", "--offset", "5", "--count", "7", f"r:{bucket}/k") == body[5:12]
    assert rclone.run("md5sum", "--download", f"r:{bucket}/k").split()[0] == hashlib.md5(body).hexdigest()


def test_buckets(rclone):
    rclone.run("mkdir", "r:rclone-made")
    assert "rclone-made/" in rclone.run("lsf", "r:").splitlines()
    rclone.run("rmdir", "r:rclone-made")
    assert "rclone-made/" not in rclone.run("lsf", "r:").splitlines()
