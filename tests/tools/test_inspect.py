"""`rustfs inspect` on files and objects that MinIO wrote."""

import json
import os
import shutil
import subprocess

import pytest
from harness.server import binary
from test_fsck import Tree


def inspect(*args, folder=".", env=None, status=0):
    env = {**os.environ, **(env or {})}
    done = subprocess.run([binary(), "inspect", *map(str, args)], cwd=folder, env=env, capture_output=True, text=True, timeout=60)
    assert done.returncode == status, done.stdout + done.stderr
    return done.stdout if status == 0 else done.stderr


@pytest.fixture
def drives(tmp_path):
    yield Tree("ec4-basic", tmp_path)
    shutil.rmtree(tmp_path, ignore_errors=True)


def test_files_say_what_they_are(drives):
    small = drives.inline()
    described = json.loads(inspect("--json", small / "xl.meta"))
    assert described["is"] == "xl.meta" and described["says"]["versions"][0]["erasure"]["data"] >= 2
    text = inspect(drives.folder / "d2/.minio.sys/format.json")
    assert "place: set 1, position 2" in text and "distributionAlgo: SIPMOD+PARITY" in text


def test_every_drives_view_is_shown_and_the_broken_one_named(drives):
    small = drives.inline()
    os.truncate(drives.drive(small, 3) / "xl.meta", 20)
    (drives.drive(small, 4) / "xl.meta").unlink()
    name = "/".join(small.relative_to(drives.folder).parts[1:])
    shown = json.loads(inspect("--json", "d{1...4}", name, folder=drives.folder, env=drives.env))
    first, second, third, fourth = [shown["drives"][str(drives.folder / f"d{n}")] for n in range(1, 5)]
    assert first["versions"][0]["signature"] == second["versions"][0]["signature"]
    assert third.startswith("meta-broken") and fourth == "(doesn't have it)"
    assert "signature" in inspect("d{1...4}", name, folder=drives.folder, env=drives.env)


def test_documents_of_the_server_are_shown_decoded(drives):
    shown = inspect("d{1...4}", ".minio.sys/config/config.json", folder=drives.folder, env=drives.env)
    assert "is: server configuration (config.json)" in shown and "requests_max" in shown
    bucket = drives.manifest["buckets"][0]["name"]
    shown = json.loads(inspect("--json", "d{1...4}", f".minio.sys/buckets/{bucket}/.metadata.bin", folder=drives.folder, env=drives.env))
    assert shown["is"] == "bucket metadata" and shown["says"]["name"] == bucket


def test_bad_input_is_a_named_error(drives, tmp_path):
    empty = tmp_path / "xl.meta"
    empty.write_bytes(b"")
    assert "the file is empty" in inspect(empty, status=1)
    assert "No such file" in inspect(tmp_path / "nothing", status=1)
    empty.write_bytes(os.urandom(100))
    assert "it is not a xl.meta" in inspect(empty, status=1)
    assert "is not BUCKET/KEY" in inspect("d{1...4}", "nothing", folder=drives.folder, env=drives.env, status=1)
    assert "no drive has it" in inspect("d{1...4}", "no/thing", folder=drives.folder, env=drives.env, status=1)
    assert "d9" in inspect("d9", "a/b", folder=drives.folder, env=drives.env, status=1)
