"""The server against real key servers: its own interface of key management first, then what objects see."""

import json
import time
import urllib.error
import urllib.request

import pytest
from botocore.auth import SigV4Auth
from botocore.awsrequest import AWSRequest
from botocore.credentials import Credentials

from harness.server import ACCESS_KEY, SECRET_KEY, Server


def ask(server, method, path):
    """Status and body of a signed request to /minio/kms/v1."""
    url = f"{server.endpoint}/minio/kms/v1/{path}"
    signed = AWSRequest(method, url, headers={"x-amz-content-sha256": "UNSIGNED-PAYLOAD"})
    SigV4Auth(Credentials(ACCESS_KEY, SECRET_KEY), "s3", "us-east-1").add_auth(signed)
    request = urllib.request.Request(url, headers=dict(signed.headers), method=method)
    try:
        with urllib.request.urlopen(request, timeout=30) as answer:
            return answer.status, answer.read().decode()
    except urllib.error.HTTPError as error:
        return error.code, error.read().decode()


@pytest.fixture(params=["kes-api-key", "kes-certificate", "bao-token", "bao-role"])
def key_server(request):
    kind, _, login = request.param.partition("-")
    keys = request.getfixturevalue(kind)
    env = keys.env(certificate=login == "certificate") if kind == "kes" else keys.env(role=login == "role")
    server = Server(env=env)
    try:
        server.start()
        yield kind, server
    finally:
        server.clean()


def test_keys_are_made_listed_and_work(key_server):
    kind, server = key_server
    name = f"made-{server.port}"
    assert ask(server, "POST", f"key/create?key-id={name}") == (200, "")
    status, body = ask(server, "POST", f"key/create?key-id={name}")
    assert status == 500 and "key with given key ID already exits" in body
    status, body = ask(server, "GET", "key/list?pattern=made-")
    assert status == 200, body
    assert name in [key["name"] for key in json.loads(body)]
    assert "default-key" in [key["name"] for key in json.loads(ask(server, "GET", "key/list?pattern=%2A")[1])]
    assert json.loads(ask(server, "GET", f"key/status?key-id={name}")[1]) == {"key-id": name}
    missing = json.loads(ask(server, "GET", "key/status?key-id=nobody")[1])
    assert missing == {"key-id": "nobody", "encryption-error": "key with given key ID does not exist"}
    state = json.loads(ask(server, "GET", "status")[1])
    assert state["default-key-id"] == "default-key" and list(state["endpoints"].values()) == ["online"]
    assert json.loads(ask(server, "GET", "metrics")[1])["kms_req_success"] > 0
    assert ask(server, "GET", "version")[0] == 200
    status, body = ask(server, "GET", "apis")
    assert (status == 200) == (kind == "kes"), body


def test_asking_for_a_key_that_is_not_there_makes_none(bao):
    server = Server(env=bao.env())
    try:
        server.start()
        ask(server, "GET", "key/status?key-id=mistyped")
        assert "mistyped" not in bao.keys()
    finally:
        server.clean()


def test_a_key_server_that_goes_away_is_told_and_comes_back(kes):
    server = Server(env=kes.env())
    try:
        server.start()
        kes.stop()
        for _ in range(3):
            state = json.loads(ask(server, "GET", "key/status")[1])
            assert state["encryption-error"] == "failed to generate data key with KMS key"
        assert list(json.loads(ask(server, "GET", "status")[1])["endpoints"].values()) == ["offline"]
        kes.start()
        for _ in range(200):
            state = json.loads(ask(server, "GET", "key/status")[1])
            if state == {"key-id": "default-key"}:
                break
            time.sleep(0.2)
        assert state == {"key-id": "default-key"}
    finally:
        server.clean()
