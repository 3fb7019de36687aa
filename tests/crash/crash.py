#!/usr/bin/env python3
"""kill -9 in the middle of many clients' writes: nothing acknowledged may be lost, nothing may be seen by half.

    tests/crash/crash.py [--rounds 5] [--drives 1,4,6] [--threads 16] [--seed N]

Each round: clients put, overwrite, delete and complete multipart uploads; the server is killed at a random moment, at times
once more while it recovers, and started again on the same drives. Then every name is read whole and compared with what its
history allows: the newest acknowledged write, or one that was in flight, from its first byte to its last. The server is RUSTFS_BIN.

An upload counts as acknowledged only by its ETag, and requests go out over bare connections: SDKs have been seen to make a
success out of a connection that was cut.
"""

import argparse
import http.client
import itertools
import pathlib
import random
import re
import sys
import threading
import time
import urllib.parse

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parents[1]))
from crash.history import ABSENT, History, body_of  # noqa: E402
from harness import sigv4  # noqa: E402
from harness.raw import Raw  # noqa: E402
from harness.server import ACCESS_KEY, SECRET_KEY, Server  # noqa: E402

SMALL, MIDDLE, LARGE = 4096, 100 * 1024, 3 << 20
PART = 5 << 20
KEYS_OF_A_THREAD = 6
HOT_KEYS = 4
PLAIN, VERSIONED = "plain", "versioned"
CUT = (OSError, http.client.HTTPException)


class Failure(Exception):
    """The server answered what it must not."""


class World:
    """What all clients did to the server so far."""

    def __init__(self, seed):
        self.random = random.Random(seed)
        self.ids = itertools.count(1)
        self.plain = {}  # key -> History
        self.versions = {}  # (key, version id) -> value, acknowledged
        self.in_flight = set()  # ids of versioned puts that were never acknowledged
        self.uploads = {}  # upload id -> (key, {part number: (etag, value)}), acknowledged and not completed
        self.lock = threading.Lock()
        self.acknowledged = 0
        self.refusals = []

    def history(self, key):
        with self.lock:
            return self.plain.setdefault(key, History())


class Client(threading.Thread):
    """One writer with names of its own and the hot names of all."""

    def __init__(self, world, server, number, round_number):
        super().__init__(daemon=True)
        self.world, self.number, self.round = world, number, round_number
        self.random = random.Random(world.random.random())
        self.raw = Raw(server.address, ACCESS_KEY, SECRET_KEY, keep=True)

    def run(self):
        actions = [self.put] * 6 + [self.put_version] * 2 + [self.delete, self.multipart, self.leave_upload]
        try:
            while True:
                self.random.choice(actions)()
        except CUT:
            pass  # killed: what was under way stays unacknowledged
        except Failure as refusal:
            self.world.refusals.append(str(refusal))

    def request(self, method, path, query=(), headers=None, body=b""):
        answer = self.raw.request(method, path, query, headers, body, payload_hash=sigv4.UNSIGNED)
        if answer.status not in (200, 204):
            raise Failure(f"{method} {path} {dict(query)}: {answer}")
        return answer

    def acknowledged(self):
        with self.world.lock:
            self.world.acknowledged += 1

    def key(self):
        if self.random.random() < 0.3:
            return f"hot/{self.random.randrange(HOT_KEYS)}"
        return f"own/{self.number:02}/{self.random.randrange(KEYS_OF_A_THREAD)}"

    def value(self, size=None):
        return next(self.world.ids), size or self.random.choice([SMALL] * 5 + [MIDDLE] * 3 + [LARGE])

    def put(self):
        key, value = self.key(), self.value()
        history = self.world.history(key)
        operation = history.begin(value)
        answer = self.request("PUT", f"/{PLAIN}/{key}", headers=self.mark(value), body=body_of(value))
        if answer.headers.get("etag"):
            history.acknowledge(operation)
            self.acknowledged()

    @staticmethod
    def mark(value):
        return {"x-amz-meta-operation": str(value[0])}

    def delete(self):
        history = self.world.history(key := self.key())
        operation = history.begin(ABSENT)
        if self.request("DELETE", f"/{PLAIN}/{key}").status == 204:
            history.acknowledge(operation)
            self.acknowledged()

    def put_version(self):
        key, value = f"{self.round}/{self.random.randrange(HOT_KEYS)}", self.value()
        with self.world.lock:
            self.world.in_flight.add(value[0])
        answer = self.request("PUT", f"/{VERSIONED}/{key}", headers=self.mark(value), body=body_of(value))
        if answer.headers.get("etag"):
            with self.world.lock:
                self.world.versions[key, answer.headers["x-amz-version-id"]] = value
                self.world.in_flight.discard(value[0])
                self.world.acknowledged += 1

    def begin_upload(self, key, value):
        answer = self.request("POST", f"/{PLAIN}/{key}", {"uploads": ""}, self.mark(value))
        return re.search(rb"<UploadId>([^<]+)<", answer.body).group(1).decode()

    def part(self, key, upload, number, body):
        answer = self.request("PUT", f"/{PLAIN}/{key}", {"partNumber": number, "uploadId": upload}, body=body)
        return answer.headers["etag"]

    def multipart(self):
        key, value = self.key(), self.value(self.random.choice([MIDDLE, MIDDLE, PART + MIDDLE]))
        upload, body = self.begin_upload(key, value), body_of(value)
        parts = {n: self.part(key, upload, n, p) for n, p in enumerate((body[:PART], body[PART:]), 1) if p}
        history = self.world.history(key)
        operation = history.begin(value)
        answer = self.request("POST", f"/{PLAIN}/{key}", {"uploadId": upload}, body=completion(parts))
        if b"<ETag>" in answer.body:
            history.acknowledge(operation)
            self.acknowledged()

    def leave_upload(self):
        """Parts of an upload that nobody completes before the crash."""
        if self.random.random() > 0.2:
            return
        key, value = f"left/{self.number:02}", self.value(MIDDLE)
        upload = self.begin_upload(key, value)
        etag = self.part(key, upload, 1, body_of(value))
        with self.world.lock:
            self.world.uploads[upload] = (key, etag, value)
            self.world.acknowledged += 1


def completion(parts):
    rows = "".join(f"<Part><PartNumber>{n}</PartNumber><ETag>{e}</ETag></Part>" for n, e in parts.items())
    return f"<CompleteMultipartUpload>{rows}</CompleteMultipartUpload>".encode()


class Check:
    """Reads everything back after a crash and collects what is wrong."""

    def __init__(self, world, server):
        self.world, self.wrong = world, []
        self.raw = Raw(server.address, ACCESS_KEY, SECRET_KEY, keep=True)

    def run(self, rounds):
        self.plain()
        self.versions(rounds)
        self.uploads()
        return self.wrong

    def read(self, bucket, key, version=None):
        """The value found: ABSENT, (id, size), or a text that says what is wrong with it."""
        query = {"versionId": version} if version else {}
        try:
            answer = self.raw.request("GET", f"/{bucket}/{key}", query)
        except CUT as broken:
            return f"body broke off: {broken!r}"
        if answer.status == 404:
            return ABSENT
        if answer.status != 200:
            return str(answer)
        marked = answer.headers.get("x-amz-meta-operation", "?")
        value = (int(marked) if marked.isdigit() else -1, len(answer.body))
        if answer.body != body_of(value):
            return f"{len(answer.body)} bytes that are not those of operation {marked}"
        return value

    def plain(self):
        listed = set(self.listing(PLAIN, "list-type"))
        for key, history in sorted(self.world.plain.items()):
            found = self.read(PLAIN, key)
            if found not in history.allowed():
                self.wrong.append(f"{key}: found {found}, allowed {sorted(map(str, history.allowed()))}")
            if (found is not ABSENT) != (key in listed):
                self.wrong.append(f"{key}: found {found}, {'' if key in listed else 'not '}listed")
            history.settle(found if isinstance(found, tuple) else ABSENT)

    def versions(self, rounds):
        wanted = {kv: v for kv, v in self.world.versions.items() if int(kv[0].split("/")[0]) in rounds}
        listed = {kv for kv in self.listing(VERSIONED, "versions") if int(kv[0].split("/")[0]) in rounds}
        for key, version in sorted(listed | set(wanted)):
            found = self.read(VERSIONED, key, version)
            value = wanted.get((key, version))
            if value and found != value:
                self.wrong.append(f"{key} version {version}: found {found}, acknowledged {value}")
            elif value and (key, version) not in listed:
                self.wrong.append(f"{key} version {version}: acknowledged and not listed")
            elif not value and not (isinstance(found, tuple) and found[0] in self.world.in_flight):
                self.wrong.append(f"{key} version {version}: found {found}, which nobody wrote")
            elif not value:
                self.world.versions[key, version] = found  # was in flight and came through: it stays

    def uploads(self):
        """Uploads that were left can be completed from their acknowledged parts."""
        for upload, (key, etag, value) in self.world.uploads.items():
            answer = self.raw.request("POST", f"/{PLAIN}/{key}", {"uploadId": upload}, body=completion({1: etag}))
            found = self.read(PLAIN, key) if answer.status == 200 else str(answer)
            if found != value:
                self.wrong.append(f"{key} upload {upload}: found {found}, acknowledged {value}")
            else:
                self.world.history(key).settle(value)
        self.world.uploads.clear()

    def listing(self, bucket, kind):
        query = {kind: "2" if kind == "list-type" else "", "encoding-type": "url"}
        while True:
            answer = self.raw.request("GET", f"/{bucket}", query)
            if answer.status != 200:
                self.wrong.append(f"listing of {bucket}: {answer}")
                return
            text = answer.body.decode()
            for row in re.findall(r"<(?:Contents|Version)>(.*?)</(?:Contents|Version)>", text):
                key = urllib.parse.unquote_plus(field(row, "Key"))
                yield key if kind == "list-type" else (key, field(row, "VersionId"))
            if field(text, "IsTruncated") != "true":
                return
            if kind == "list-type":
                query["continuation-token"] = field(text, "NextContinuationToken")
            else:
                query["key-marker"] = urllib.parse.unquote_plus(field(text, "NextKeyMarker"))
                query["version-id-marker"] = field(text, "NextVersionIdMarker")


def field(text, name):
    return re.search(rf"<{name}>([^<]*)</{name}>", text).group(1)


def one_round(world, server, number, threads):
    """Writes until a random moment, kills, starts again; gives (acknowledged, what is wrong)."""
    before = world.acknowledged
    clients = [Client(world, server, n, number) for n in range(threads)]
    for client in clients:
        client.start()
    time.sleep(world.random.uniform(0.2, 2.0))
    server.kill()
    for client in clients:
        client.join()
    if world.random.random() < 0.3:
        server.start(wait=None)
        time.sleep(world.random.uniform(0.0, 0.4))
        server.kill()
    server.start()
    wrong = [f"refused while healthy: {r}" for r in world.refusals] + Check(world, server).run({number, number - 1})
    world.refusals.clear()
    return world.acknowledged - before, wrong


def on_drives(drives, rounds, threads, seed):
    """Number of failed rounds."""
    world, server, failed = World(seed), Server(drives=drives), 0
    try:
        server.start()
        raw = Raw(server.address, ACCESS_KEY, SECRET_KEY)
        for bucket in (PLAIN, VERSIONED):
            if (answer := raw.request("PUT", f"/{bucket}")).status != 200:
                raise Failure(f"bucket {bucket}: {answer}")
        enabled = b"<VersioningConfiguration><Status>Enabled</Status></VersioningConfiguration>"
        if (answer := raw.request("PUT", f"/{VERSIONED}", {"versioning": ""}, body=enabled)).status != 200:
            raise Failure(f"versioning: {answer}")
        for number in range(1, rounds + 1):
            acknowledged, wrong = one_round(world, server, number, threads)
            print(f"{drives} drives, round {number}: {acknowledged} acknowledged, "
                  f"{len(world.plain)} names and {len(world.versions)} versions held: {'FAILED' if wrong else 'ok'}", flush=True)
            for line in wrong[:20]:
                print("   ", line)
            failed += bool(wrong)
        wrong = Check(world, server).run(range(rounds + 1))
        print(f"{drives} drives, all versions of all rounds: {'FAILED' if wrong else 'ok'}")
        for line in wrong[:20]:
            print("   ", line)
        status = server.stop()
        if wrong or status != 0:
            failed += 1
            print(f"    exit status {status} after SIGTERM")
        if failed:
            print(server.log_tail())
    except (RuntimeError, Failure) as broken:
        print(f"{drives} drives: FAILED: {broken}")
        failed += 1
    finally:
        server.clean()
    return failed


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--rounds", type=int, default=5, help="kills on each number of drives")
    parser.add_argument("--drives", default="1,4,6")
    parser.add_argument("--threads", type=int, default=16)
    parser.add_argument("--seed", type=int, default=random.randrange(1 << 32))
    options = parser.parse_args()
    print(f"seed {options.seed}")
    counts = [int(d) for d in options.drives.split(",")]
    failed = sum(on_drives(d, options.rounds, options.threads, options.seed) for d in counts)
    # The last look at everything, after all rounds of a deployment, counts as one more.
    print(f"{max(len(counts) * (options.rounds + 1) - failed, 0)} rounds passed, {failed} failed")
    sys.exit(1 if failed else 0)


if __name__ == "__main__":
    main()
