"""ceph/s3-tests, run from a checkout against a server of its own."""

import base64
import itertools
import json
import os
import pathlib
import secrets
import shutil
import subprocess
import tempfile

from harness.server import ACCESS_KEY, REPOSITORY, SECRET_KEY, Server

FILES = ["test_s3.py", "test_headers.py", "test_s3select.py", "test_iam.py", "test_sts.py", "test_sns.py"]
# What is counted as the S3 API; the other files are about services beside it.
S3_FILES = FILES[:2]
# Beside what the suite itself asks for.
REQUIREMENTS = ["pytest-timeout"]
# The slowest cases upload thousands of parts or keys; a debug build under load takes a minute for them.
CASE_SECONDS = 180
# A run whose process ended in the middle of a case goes on with the next; more ends than this, and the server is to blame.
MAX_RESTARTS = 20
# Policies of the suite's users. None administrates but those of the IAM tests: administrators are above ownership.
USERS = {
    "s3 main": "readwrite",
    "s3 alt": "readwrite",
    "s3 tenant": "readwrite",
    "iam": "consoleAdmin",
    "iam root": "consoleAdmin",
    "iam alt root": "consoleAdmin",
}
KMS_KEY = "testkey-1"
# Answers name keys by ARN, as AWS does.
KMS_KEY_ARN = f"arn:aws:kms:{KMS_KEY}"


def is_checkout(folder):
    return (folder / "s3tests" / "functional" / "test_s3.py").exists()


def groups(verdicts):
    """The verdicts by what is counted together."""
    s3 = {name: verdict for name, verdict in verdicts.items() if name.split("::")[0] in S3_FILES}
    found = {
        "the S3 API (test_s3, test_headers)": s3,
        "of these, not marked fails_on_aws": {
            name: verdict for name, verdict in s3.items() if "fails_on_aws" not in verdict["markers"]
        },
    }
    for file in FILES[2:]:
        found[file.removesuffix(".py")] = {
            name: verdict for name, verdict in verdicts.items() if name.startswith(file)
        }
    return {title: chosen for title, chosen in found.items() if chosen}


def run(suite, python, only=""):
    """Verdicts by case: {"test_s3.py::test_x": {"outcome", "message", "markers"}}."""
    key = base64.b64encode(secrets.token_bytes(32)).decode()
    env = {
        "RUSTFS_SEPARATE_ACCOUNTS": "on",
        # The suite waits five seconds for a log.
        "RUSTFS_ACCESS_LOG_INTERVAL": "4s",
        "MINIO_KMS_SECRET_KEY": f"{KMS_KEY}:{key}",
        "MINIO_SITE_REGION": "us-east-1",
    }
    server = Server(drives=4, env=env, tls=True)
    work = pathlib.Path(tempfile.mkdtemp(prefix="rustfs-conformance-"))
    try:
        server.start()
        users = _make_users(server, work)
        (work / "s3tests.conf").write_text(_configuration(server, users))
        return _run_all(suite, python, work, server, only)
    finally:
        server.clean()
        shutil.rmtree(work, ignore_errors=True)


def _make_users(server, work):
    """{role: (access key, secret key)}"""
    found = REPOSITORY / ".cache" / "bin" / "mc"
    mc = [found if found.exists() else shutil.which("mc"), "--config-dir", work / "mc", "--insecure", "--quiet"]
    if mc[0] is None:
        raise FileNotFoundError("mc is neither under .cache/bin nor on the path: run scripts/test clients once")

    def run_mc(*args):
        subprocess.run([*mc, *args], check=True, capture_output=True, timeout=60)

    run_mc("alias", "set", "server", server.endpoint, ACCESS_KEY, SECRET_KEY)
    users = {}
    for role, policy in USERS.items():
        access, secret = role.replace(" ", "-"), secrets.token_hex(16)
        run_mc("admin", "user", "add", "server", access, secret)
        run_mc("admin", "policy", "attach", "server", policy, "--user", access)
        users[role] = (access, secret)
    return users


def _configuration(server, users):
    """The suite's configuration file. Ids, display names and addresses of users are their names."""
    host, port = server.address.split(":")
    lines = [
        "[DEFAULT]", f"host = {host}", f"port = {port}", "is_secure = True", "ssl_verify = False",
        "[fixtures]", "bucket prefix = case-{random}-", "iam name prefix = case-", "iam path prefix = /case/",
    ]
    for role, (access, secret) in users.items():
        lines += [f"[{role}]", f"user_id = {access}", f"display_name = {access}", f"email = {access}",
                  f"access_key = {access}", f"secret_key = {secret}"]
        if role == "s3 main":
            lines += ["api_name = us-east-1", f"kms_keyid = {KMS_KEY_ARN}", f"kms_keyid2 = {KMS_KEY_ARN}", "lc_debug_interval = 2"]
        if role == "s3 tenant":
            lines += ["tenant = tenant"]
    lines += ["[webidentity]"] + [f"{name} = none" for name in ("token", "aud", "sub", "azp", "user_token", "thumbprint", "KC_REALM")]
    return "\n".join(lines) + "\n"


def _run_all(suite, python, work, server, only):
    """Goes through the suite; after a process that ended in the middle of a case, with the cases that are left."""
    verdicts = {}
    for number in itertools.count():
        log = work / f"verdicts-{number}"
        ended_in = _run_once(suite, python, work, server, only, log, done=verdicts)
        for line in log.read_text().splitlines() if log.exists() else []:
            verdict = json.loads(line)
            verdicts[verdict.pop("case")] = verdict
        if ended_in is None:
            return verdicts
        if number == MAX_RESTARTS:
            raise RuntimeError(f"the suite ended {number} times before its end, last in {ended_in}\n{server.log_tail()}")
        verdicts[ended_in] = {"outcome": "error", "message": "the suite ended in this case", "markers": []}


def _run_once(suite, python, work, server, only, log, done):
    """One process of pytest. Gives the case in the middle of which it ended, or None if it came to its end."""
    hidden = ("AWS_", "BOTO", "S3TEST", "PYTEST")
    env = {name: value for name, value in os.environ.items() if not name.startswith(hidden)}
    env.update(
        S3TEST_CONF=str(work / "s3tests.conf"), PYTHONPATH=str(REPOSITORY / "tests" / "conformance"),
        PYTHONDONTWRITEBYTECODE="1", REQUESTS_CA_BUNDLE=str(server.certificate),
        SSL_CERT_FILE=str(server.certificate), CONFORMANCE_LOG=str(log),
        AWS_DEFAULT_REGION="us-east-1", AWS_EC2_METADATA_DISABLED="true",
        AWS_CONFIG_FILE=os.devnull, AWS_SHARED_CREDENTIALS_FILE=os.devnull,
    )
    skipped = work / "done"
    skipped.write_text("".join(f"{case}\n" for case in done))
    env["CONFORMANCE_DONE"] = str(skipped)
    files = [f"s3tests/functional/{file}" for file in FILES if (suite / "s3tests" / "functional" / file).exists()]
    command = [python, "-m", "pytest", "-q", "-p", "ceph_plugin", "-p", "no:cacheprovider", "--tb=short", "-rN",
               "--timeout", str(CASE_SECONDS), "--timeout-method=signal", *files]
    if only:
        command += ["-k", only]
    subprocess.run(command, cwd=suite, env=env, stdout=subprocess.DEVNULL, check=False)
    running = pathlib.Path(f"{log}.running")
    return running.read_text() if running.exists() else None
