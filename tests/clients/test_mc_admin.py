"""mc admin: users, groups, policies and access keys."""

import json

import pytest

from conftest import make_client, rows
from harness.server import ACCESS_KEY

READ_ONE = {
    "Version": "2012-10-17",
    "Statement": [{"Effect": "Allow", "Action": ["s3:GetObject"], "Resource": ["arn:aws:s3:::{bucket}/one/*"]}],
}


@pytest.fixture
def user(mc):
    mc.run("admin", "user", "add", "t", "alice", "alicesecret1")
    yield "alice"
    if "alice" in mc.run("admin", "user", "ls", "t"):
        mc.run("admin", "user", "rm", "t", "alice")


def client(server, access_key, secret_key):
    return make_client(server.endpoint, aws_access_key_id=access_key, aws_secret_access_key=secret_key)


def denied(call, *codes):
    with pytest.raises(Exception) as caught:
        call()
    assert caught.value.response["Error"]["Code"] in codes


def test_a_user_gets_policies_and_loses_them(mc, server, user, bucket):
    alice = client(server, user, "alicesecret1")
    put = lambda: alice.put_object(Bucket=bucket, Key="k", Body=b"x")
    denied(put, "AccessDenied")
    mc.run("admin", "policy", "attach", "t", "readwrite", "--user", user)
    put()
    info = rows(mc, "admin", "user", "info", "t", user)[0]
    assert (info["userStatus"], info["policyName"]) == ("enabled", "readwrite")
    assert [row["accessKey"] for row in rows(mc, "admin", "user", "ls", "t")] == [user]
    mc.run("admin", "user", "disable", "t", user)
    denied(put, "InvalidAccessKeyId")
    mc.run("admin", "user", "enable", "t", user)
    put()
    mc.run("admin", "policy", "detach", "t", "readwrite", "--user", user)
    denied(put, "AccessDenied")
    mc.run("admin", "user", "rm", "t", user)
    denied(put, "InvalidAccessKeyId")
    mc.run("admin", "user", "rm", "t", user, status=1)


def test_policies_are_stored_shown_and_in_use(mc, server, user, s3, bucket, tmp_path):
    path = tmp_path / "policy.json"
    path.write_text(json.dumps(READ_ONE).replace("{bucket}", bucket))
    mc.run("admin", "policy", "create", "t", "read-one", path)
    assert "read-one" in mc.run("admin", "policy", "ls", "t").split()
    shown = rows(mc, "admin", "policy", "info", "t", "read-one")[0]["policyInfo"]
    assert shown["PolicyName"] == "read-one" and shown["Policy"]["Statement"][0]["Action"] == ["s3:GetObject"]
    mc.run("admin", "policy", "attach", "t", "read-one", "--user", user)
    for key in ("one/k", "two/k"):
        s3.put_object(Bucket=bucket, Key=key, Body=b"x")
    alice = client(server, user, "alicesecret1")
    assert alice.get_object(Bucket=bucket, Key="one/k")["Body"].read() == b"x"
    denied(lambda: alice.get_object(Bucket=bucket, Key="two/k"), "AccessDenied")
    mappings = rows(mc, "admin", "policy", "entities", "t", "--policy", "read-one")[0]["result"]["policyMappings"]
    assert mappings == [{"policy": "read-one", "users": [user], "groups": None}]
    mc.run("admin", "policy", "rm", "t", "read-one", status=1)
    mc.run("admin", "policy", "detach", "t", "read-one", "--user", user)
    mc.run("admin", "policy", "rm", "t", "read-one")
    assert "read-one" not in mc.run("admin", "policy", "ls", "t").split()
    path.write_text('{"Version":"2012-10-17","Statement":[{"Effect":"Perhaps"}]}')
    mc.run("admin", "policy", "create", "t", "bad", path, status=1)


def test_groups_give_rights_to_their_members(mc, server, user, bucket):
    mc.run("admin", "group", "add", "t", "devs", user)
    mc.run("admin", "policy", "attach", "t", "readwrite", "--group", "devs")
    alice = client(server, user, "alicesecret1")
    put = lambda: alice.put_object(Bucket=bucket, Key="k", Body=b"x")
    put()
    info = rows(mc, "admin", "group", "info", "t", "devs")[0]
    assert (info["members"], info["groupStatus"], info["groupPolicy"]) == ([user], "enabled", "readwrite")
    mc.run("admin", "group", "disable", "t", "devs")
    denied(put, "AccessDenied")
    mc.run("admin", "group", "enable", "t", "devs")
    put()
    mc.run("admin", "group", "rm", "t", "devs", status=1)
    mc.run("admin", "group", "rm", "t", "devs", user)
    denied(put, "AccessDenied")
    mc.run("admin", "group", "rm", "t", "devs")
    assert "devs" not in mc.run("admin", "group", "ls", "t")
    mc.run("admin", "group", "add", "t", "devs", "nobody", status=1)


def test_access_keys_narrow_their_parent(mc, server, user, s3, bucket, tmp_path):
    mc.run("admin", "policy", "attach", "t", "readwrite", "--user", user)
    path = tmp_path / "policy.json"
    path.write_text(json.dumps(READ_ONE).replace("{bucket}", bucket))
    mc.run("admin", "user", "svcacct", "add", "t", user, "--access-key", "NARROWKEY1", "--secret-key", "narrowsecret1",
           "--policy", path)
    narrow = client(server, "NARROWKEY1", "narrowsecret1")
    s3.put_object(Bucket=bucket, Key="one/k", Body=b"x")
    assert narrow.get_object(Bucket=bucket, Key="one/k")["Body"].read() == b"x"
    denied(lambda: narrow.put_object(Bucket=bucket, Key="one/k", Body=b"y"), "AccessDenied")
    listed = rows(mc, "admin", "user", "svcacct", "ls", "t", user)
    assert [row["accessKey"] for row in listed] == ["NARROWKEY1"]
    info = rows(mc, "admin", "user", "svcacct", "info", "t", "NARROWKEY1")[0]
    assert (info["parentUser"], info["accountStatus"], info.get("impliedPolicy", False)) == (user, "on", False)
    mc.run("admin", "user", "svcacct", "disable", "t", "NARROWKEY1")
    denied(lambda: narrow.get_object(Bucket=bucket, Key="one/k"), "InvalidAccessKeyId")
    mc.run("admin", "user", "svcacct", "rm", "t", "NARROWKEY1")
    denied(lambda: narrow.get_object(Bucket=bucket, Key="one/k"), "InvalidAccessKeyId")
    made = rows(mc, "admin", "accesskey", "create", "t", user)[0]
    whole = client(server, made["accessKey"], made["secretKey"])
    whole.put_object(Bucket=bucket, Key="two/k", Body=b"y")
    mc.run("admin", "user", "rm", "t", user)
    denied(lambda: whole.get_object(Bucket=bucket, Key="two/k"), "InvalidAccessKeyId")


@pytest.mark.differs("MinIO drops a policy that a change doesn't name")
def test_a_change_of_an_access_key_leaves_its_policy(mc, server, user, bucket, tmp_path):
    mc.run("admin", "policy", "attach", "t", "readwrite", "--user", user)
    path = tmp_path / "policy.json"
    path.write_text(json.dumps(READ_ONE).replace("{bucket}", bucket))
    mc.run("admin", "user", "svcacct", "add", "t", user, "--access-key", "NARROWKEY2", "--secret-key", "narrowsecret2",
           "--policy", path)
    mc.run("admin", "user", "svcacct", "edit", "t", "NARROWKEY2", "--secret-key", "narrowsecret3")
    narrow = client(server, "NARROWKEY2", "narrowsecret3")
    denied(lambda: narrow.put_object(Bucket=bucket, Key="k", Body=b"y"), "AccessDenied")


def test_who_administers_needs_permission(mc, server, user, bucket):
    """A user may look after its own keys, and nothing else."""
    mc.run("admin", "policy", "attach", "t", "readwrite", "--user", user)
    mc.run("alias", "set", "alice", server.endpoint, user, "alicesecret1")
    mc.run("admin", "user", "svcacct", "add", "alice", user, "--access-key", "OWNKEY0001", "--secret-key", "ownsecret01")
    mc.run("admin", "user", "svcacct", "rm", "alice", "OWNKEY0001")
    for refused in (
        ("user", "add", "alice", "mallory", "mallorysecret"),
        ("user", "ls", "alice"),
        ("user", "svcacct", "add", "alice", ACCESS_KEY),
        ("policy", "attach", "alice", "consoleAdmin", "--user", user),
        ("group", "add", "alice", "g", user),
        ("policy", "rm", "alice", "readonly"),
    ):
        mc.run("admin", *refused, status=1)
    mc.run("admin", "user", "add", "t", ACCESS_KEY, "othersecret", status=1)


def test_what_is_unknown_or_unsigned_changes_nothing(server, raw):
    def answer(got):
        return got.status, json.loads(got.body)["Code"]

    path, query = "/minio/admin/v3/add-user", {"accessKey": "mallory"}
    assert answer(raw.request("GET", "/minio/admin/v3/nope")) == (426, "XMinioAdminVersionMismatch")
    anonymous = raw.send("PUT", f"{path}?accessKey=mallory", {"host": server.address}, b"x" * 100)
    assert answer(anonymous) == (403, "AccessDenied")
    assert answer(raw.request("PUT", path, query, body=b"x" * 100)) == (400, "XMinioAdminConfigBadJSON")
    assert answer(raw.request("PUT", path, query)) == (400, "XMinioAdminConfigBadJSON")
    assert answer(raw.request("GET", "/minio/admin/v3/user-info", query)) == (404, "XMinioAdminNoSuchUser")


def test_admin_info_tells_of_the_server_and_its_drives(mc, server, bucket):
    info = rows(mc, "admin", "info", "t")[0]["info"]
    assert info["mode"] == "online" and info["deploymentID"]
    [node] = info["servers"]
    assert node["state"] == "online" and node["network"] == {node["endpoint"]: "online"}
    drives = node["drives"]
    assert len(drives) == info["backend"]["onlineDisks"] and info["backend"]["offlineDisks"] == 0
    assert all(d["state"] == "ok" and d["totalspace"] >= d["usedspace"] > 0 and d["uuid"] for d in drives)
    assert len({d["path"] for d in drives}) == len(drives)
    [pool] = info["pools"].values()
    assert sum(s["rawCapacity"] for s in pool.values()) == sum(d["totalspace"] for d in drives)
    assert f"{len(drives)} drive" in mc.run("admin", "info", "t")


def test_admin_info_needs_its_permission(mc, server, user):
    mc.run("admin", "policy", "attach", "t", "readwrite", "--user", user)
    mc.run("alias", "set", "alice", server.endpoint, user, "alicesecret1")
    assert "Access Denied" in mc.run("admin", "info", "alice", status=1)
    mc.run("admin", "policy", "attach", "t", "diagnostics", "--user", user)
    assert "drive" in mc.run("admin", "info", "alice")
