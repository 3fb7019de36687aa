"""`rustfs check-migration` on drives that MinIO wrote: everything by name, values never, both directions."""

import json
import os
import shutil
import subprocess

import pytest
from harness.server import Server, binary
from test_fsck import FIXTURES, Tree

@pytest.fixture
def tmp_path(tmp_path):
    yield tmp_path
    shutil.rmtree(tmp_path, ignore_errors=True)


NOTHING, WITHOUT_EFFECT, UNPROTECTED, PREVENTED = range(4)


def check(folder, *args, env):
    """(exit status, verdict by section and name, the output as text)."""
    clean = {k: v for k, v in os.environ.items() if not k.startswith(("MINIO_", "RUSTFS_"))}
    command = [binary(), "check-migration", "--json", *args]
    done = subprocess.run(command, cwd=folder, env={**clean, **env}, capture_output=True, text=True, timeout=60)
    items = json.loads(done.stdout)["items"] if done.stdout else []
    return done.returncode, {(i["section"], i["name"]): i["verdict"] for i in items}, done.stdout + done.stderr


def test_plain_drives_are_taken_over_with_the_other_servers_command_line(tmp_path):
    drives = Tree("ec4-basic", tmp_path)
    before = drives.bytes()
    env = drives.manifest["server"]["env"]
    status, found, said = check(tmp_path, "server", "--address", ":9000", "d{1...4}", env=env)
    assert status == NOTHING, said
    assert found["environment", "MINIO_ROOT_PASSWORD"] == found["flags", "--address"] == found["drives", "pool 1"] == "taken over"
    assert env["MINIO_ROOT_PASSWORD"] not in said
    assert drives.bytes() == before


def test_settings_are_told_by_name(tmp_path):
    drives = Tree("ec4-basic", tmp_path)
    env = {**drives.manifest["server"]["env"], "MINIO_AUDIT_WEBHOOK_ENDPOINT_a": "http://x/very-private", "MINIO_SCANNER_SPEED": "slow",
           "MINIO_MISTYPED": "1"}
    status, found, said = check(tmp_path, "server", "--ftp", "address=:8021", "d{1...4}", env=env)
    assert status == UNPROTECTED
    assert found["environment", "MINIO_AUDIT_WEBHOOK_ENDPOINT_a"] == "loses protection"
    assert found["environment", "MINIO_SCANNER_SPEED"] == found["flags", "--ftp"] == "without effect"
    assert found["environment", "MINIO_MISTYPED"] == "unknown"
    assert "very-private" not in said


@pytest.mark.skipif(not (FIXTURES / "bucket-config.json").exists(), reason="the fixture isn't here")
def test_features_of_buckets_and_the_stored_configuration_are_told(tmp_path):
    drives = Tree("bucket-config", tmp_path)
    status, found, said = check(tmp_path, "d{1...4}", env=drives.manifest["server"]["env"])
    features = {name for section, name in found if section.startswith("bucket ")}
    assert {"policy", "versioning", "object lock", "encryption", "tags", "lifecycle", "replication", "quota"} <= features, said
    assert status >= UNPROTECTED
    without_keys = {k: v for k, v in drives.manifest["server"]["env"].items() if "KMS" not in k}
    status, found, said = check(tmp_path, "d{1...4}", env=without_keys)
    assert status == PREVENTED and "there is no key service" in said


def test_too_few_drives_or_wrong_arguments_prevent_the_change(tmp_path):
    drives = Tree("ec4-basic", tmp_path)
    env = drives.manifest["server"]["env"]
    assert check(tmp_path, "d{1...3}", env=env)[0] == PREVENTED
    for number in (2, 3, 4):
        shutil.rmtree(tmp_path / f"d{number}")
    assert check(tmp_path, "d{1...4}", env=env)[0] == PREVENTED


def test_the_way_back_after_a_kill_says_recover_first(tmp_path):
    server = Server(drives=4, root=tmp_path)
    try:
        server.start()
        from conftest import make_client
        client = make_client(server.endpoint)
        client.create_bucket(Bucket="bucket")
        for number in range(20):
            client.put_object(Bucket="bucket", Key=str(number), Body=b"acknowledged")
        server.kill()
    finally:
        server.clean()
    env = {"MINIO_CI_CD": "1"}
    status, _, said = check(tmp_path, "--to", "minio", "d{1...4}", env=env)
    assert status == PREVENTED and "rustfs recover" in said
    recover = subprocess.run([binary(), "recover", "d{1...4}"], cwd=tmp_path, env={**os.environ, **env}, capture_output=True, text=True)
    assert recover.returncode == 0, recover.stdout + recover.stderr
    status, _, said = check(tmp_path, "--to", "minio", "d{1...4}", env=env)
    assert status == NOTHING, said
