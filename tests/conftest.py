"""Servers, clients and buckets that the tests ask for."""

import itertools
import json
import os
import pathlib
import shutil
import subprocess

import boto3
import pytest
from botocore.config import Config

from harness.raw import Raw
from harness.server import ACCESS_KEY, REPOSITORY, SECRET_KEY, Server, is_minio

_names = itertools.count(1)


def pytest_collection_modifyitems(items):
    if not is_minio():
        return
    for item in items:
        mark = item.get_closest_marker("differs")
        if mark:
            item.add_marker(pytest.mark.xfail(reason=mark.args[0], strict=True))


@pytest.hookimpl(hookwrapper=True)
def pytest_runtest_makereport(item):
    """A failure shows what the server said."""
    report = (yield).get_result()
    server = next((v for v in getattr(item, "funcargs", {}).values() if isinstance(v, Server)), None)
    if report.failed and server:
        report.sections.append(("server log", server.log_tail(25)))


def _serve(**options):
    server = Server(**options)
    try:
        server.start()
        yield server
        status = server.stop()
        assert status == 0, f"exit status {status} after SIGTERM\n{server.log_tail()}"
    finally:
        server.clean()


@pytest.fixture(scope="session", params=[1, 6], ids=["1drive", "6drives"])
def server(request):
    yield from _serve(drives=request.param)


@pytest.fixture(scope="session")
def regional_server():
    """A server with a domain for virtual-host requests and a region of its own."""
    yield from _serve(env={"MINIO_DOMAIN": "s3.example.test", "MINIO_SITE_REGION": "eu-test-7"})


def make_client(endpoint, **options):
    config = dict(s3={"addressing_style": "path"}, retries={"total_max_attempts": 1})
    config.update(options.pop("config", {}))
    given = dict(aws_access_key_id=ACCESS_KEY, aws_secret_access_key=SECRET_KEY, region_name="us-east-1")
    given.update(options)
    return boto3.client("s3", endpoint_url=endpoint, config=Config(**config), **given)


@pytest.fixture(scope="session")
def s3(server):
    return make_client(server.endpoint)


@pytest.fixture(scope="session")
def raw(server):
    return Raw(server.address, ACCESS_KEY, SECRET_KEY)


@pytest.fixture
def bucket(s3):
    name = f"bucket-{next(_names)}"
    s3.create_bucket(Bucket=name)
    return name


@pytest.fixture
def versioned(s3, bucket):
    s3.put_bucket_versioning(Bucket=bucket, VersioningConfiguration={"Status": "Enabled"})
    return bucket


def find_tool(name):
    """A client program: installed by scripts/test under .cache/, or on the path."""
    for folder in (REPOSITORY / ".cache/bin", REPOSITORY / ".cache/venv/bin"):
        if os.access(folder / name, os.X_OK):
            return str(folder / name)
    found = shutil.which(name)
    if not found:
        raise FileNotFoundError(f"{name} is not installed: scripts/test installs it")
    return found


class Tool:
    """A command-line client in a home of its own."""

    def __init__(self, name, home, env, arguments=()):
        self.program, self.arguments = find_tool(name), list(arguments)
        path = os.environ.get("PATH", "")
        self.env = {"HOME": str(home), "PATH": path, "LANG": "C.UTF-8", "LC_ALL": "C.UTF-8", **env}

    def run(self, *args, stdin=None, status=0):
        """Standard output as text, once the program ended with `status` (None: any non-zero)."""
        done = subprocess.run(
            [self.program, *self.arguments, *map(str, args)], env=self.env, input=stdin, capture_output=True, timeout=300
        )
        wanted = done.returncode != 0 if status is None else done.returncode == status
        said = done.stdout.decode(errors="replace")
        assert wanted, f"{args} ended with {done.returncode}\n{said}\n{done.stderr.decode(errors='replace')}"
        return said if status == 0 else said + done.stderr.decode(errors="replace")

    def bytes(self, *args):
        """Standard output as it is."""
        return subprocess.run(
            [self.program, *self.arguments, *map(str, args)], env=self.env, capture_output=True, timeout=300, check=True
        ).stdout


@pytest.fixture
def mc(server, tmp_path):
    """mc with the alias `t` for the server, as root."""
    tool = Tool("mc", tmp_path, {"MC_UPDATE": "off"}, ["--config-dir", str(tmp_path / "mc"), "--no-color"])
    tool.run("alias", "set", "t", server.endpoint, ACCESS_KEY, SECRET_KEY)
    return tool


def rows(mc, *args):
    """What mc says line by line with --json."""
    return [json.loads(line) for line in mc.run("--json", *args).splitlines() if line.strip()]


@pytest.fixture
def tree(tmp_path):
    """A small folder: nested names, an empty file, blanks and letters beyond ASCII, one file above a part's size."""
    root = pathlib.Path(tmp_path) / "tree"
    for name, size in {
        "one.txt": 11, "empty": 0, "dir/two.bin": 70_000, "dir/deeper/three.bin": 1 << 20,
        "with blank/ä ö.txt": 300, "big.bin": (9 << 20) + 7,
    }.items():
        path = root / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(pattern(size, name))
    return root


def pattern(size, seed=""):
    """Bytes that repeat only after a prime, so that a block put in another's place shows."""
    unit = (str(seed).encode() + bytes(range(256)))[:251].ljust(251, b"#")
    return (unit * (size // len(unit) + 1))[:size]
