"""One server process on fresh or given drives: start, stop as an operator does, kill as a power cut does.

The binary is RUSTFS_BIN (default target/debug/rustfs). It is started only through its public command line and
environment, so any server with the same command line can be put in its place.
"""

import http.client
import os
import pathlib
import shutil
import signal
import socket
import ssl
import subprocess
import tempfile
import time

REPOSITORY = pathlib.Path(__file__).resolve().parents[2]
ACCESS_KEY = "tester"
SECRET_KEY = "tester-secret-key"
# A debug build recovering many drives on a loaded two-core machine has been seen to need several seconds.
START_SECONDS = 60
# The server promises to finish requests within 30 seconds of SIGTERM.
STOP_SECONDS = 40


def binary():
    """Absolute path of the server under test."""
    given = os.environ.get("RUSTFS_BIN") or str(REPOSITORY / "target/debug/rustfs")
    path = os.path.abspath(given)
    if not os.access(path, os.X_OK):
        raise FileNotFoundError(f"no server binary at {path}: build it or set RUSTFS_BIN")
    return path


def is_minio(path=None):
    """Whether the server under test is the original: some tests pin what it does differently."""
    return os.path.basename(path or binary()) == "minio"


def free_port():
    with socket.socket() as s:
        s.bind(("127.0.0.1", 0))
        return s.getsockname()[1]


class Server:
    """`drives` directories d1..dN below `root`; `root` is made and removed here unless it is given. `tls`: with a
    certificate of its own, `certificate`, that clients may be told to trust.
    """

    def __init__(self, drives=1, root=None, env=None, program=None, args=None, tls=False):
        self.program = program or binary()
        self.owns_root = root is None
        self.root = pathlib.Path(root or tempfile.mkdtemp(prefix="rustfs-test-"))
        self.drives = [self.root / f"d{i}" for i in range(1, drives + 1)]
        for drive in self.drives:
            drive.mkdir(parents=True, exist_ok=True)
        self.args = args or (["d1"] if drives == 1 else ["d{1...%d}" % drives])
        self.env = env or {}
        self.certificate = self.make_certificate() if tls else None
        self.log = self.root / "server.log"
        self.port = None
        self.process = None

    def make_certificate(self):
        """Path of a fresh self-signed certificate for 127.0.0.1."""
        folder = self.root / "certs"
        folder.mkdir(exist_ok=True)
        subprocess.run(
            ["openssl", "req", "-x509", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:prime256v1", "-nodes", "-days", "30",
             "-subj", "/CN=127.0.0.1", "-addext", "subjectAltName=IP:127.0.0.1", "-keyout", folder / "private.key",
             "-out", folder / "public.crt"], check=True, capture_output=True)
        return folder / "public.crt"

    @property
    def endpoint(self):
        return f"{'https' if self.certificate else 'http'}://127.0.0.1:{self.port}"

    @property
    def address(self):
        return f"127.0.0.1:{self.port}"

    def start(self, wait="cluster"):
        """Starts and waits until /minio/health/ready and /minio/health/`wait` say 200: "cluster" has a write quorum,
        "cluster/read" a read quorum, None returns at once. The port is kept over restarts.
        """
        self.port = self.port or free_port()
        env = {k: v for k, v in os.environ.items() if not k.startswith(("MINIO_", "RUSTFS_", "AWS_", "_MINIO_"))}
        env.update(
            MINIO_ROOT_USER=ACCESS_KEY,
            MINIO_ROOT_PASSWORD=SECRET_KEY,
            MINIO_CI_CD="1",
            CI="true",
            MINIO_BROWSER="off",
            MINIO_UPDATE="off",
            HOME=str(self.root),
        )
        env.update(self.env)
        certs = ["--certs-dir", self.certificate.parent] if self.certificate else []
        with open(self.log, "ab") as log:
            self.process = subprocess.Popen(
                [self.program, "server", "--address", self.address, *certs, *self.args],
                cwd=self.root, env=env, stdin=subprocess.DEVNULL, stdout=log, stderr=log,
            )
        if wait:
            self.wait_ready(wait)
        return self

    def wait_ready(self, also="cluster"):
        deadline = time.monotonic() + START_SECONDS
        while time.monotonic() < deadline:
            if self.process.poll() is not None:
                raise RuntimeError(f"server ended with {self.process.returncode} while starting\n{self.log_tail()}")
            if self.health("ready") == 200 and self.health(also) == 200:
                return
            time.sleep(0.02)
        raise RuntimeError(f"server not ready within {START_SECONDS} s\n{self.log_tail()}")

    def health(self, what):
        """Status of /minio/health/`what`, or 0 when nothing answers."""
        if self.certificate:
            trusted = ssl.create_default_context(cafile=self.certificate)
            connection = http.client.HTTPSConnection("127.0.0.1", self.port, timeout=5, context=trusted)
        else:
            connection = http.client.HTTPConnection("127.0.0.1", self.port, timeout=5)
        try:
            connection.request("GET", f"/minio/health/{what}")
            return connection.getresponse().status
        except OSError:
            return 0
        except http.client.HTTPException:
            return 0
        finally:
            connection.close()

    def stop(self):
        """SIGTERM; gives the exit status."""
        self.process.send_signal(signal.SIGTERM)
        try:
            return self.process.wait(STOP_SECONDS)
        except subprocess.TimeoutExpired:
            self.process.kill()
            self.process.wait()
            raise RuntimeError(f"server still running {STOP_SECONDS} s after SIGTERM\n{self.log_tail()}") from None

    def kill(self):
        """SIGKILL: what was not on the drives is lost to the process, as at a crash."""
        self.process.kill()
        self.process.wait()

    def clean(self):
        if self.process and self.process.poll() is None:
            self.kill()
        if self.owns_root:
            shutil.rmtree(self.root, ignore_errors=True)

    def peak_memory(self):
        """Largest resident size so far, in bytes (VmHWM)."""
        status = pathlib.Path(f"/proc/{self.process.pid}/status").read_text()
        line = next(x for x in status.splitlines() if x.startswith("VmHWM:"))
        return int(line.split()[1]) * 1024

    def log_tail(self, lines=60):
        if not self.log.exists():
            return "(no log)"
        return "--- server log\n" + "\n".join(self.log.read_text(errors="replace").splitlines()[-lines:])
