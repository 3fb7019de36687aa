#!/usr/bin/env python3
"""A large upload, two of six drives lost half-way, in bounded memory.

    tests/memory/memory.py [--mebibytes 1024] [--limit 200]

A multipart upload over six drives; after half of the parts the directories of two drives are deleted. The object must
come back bit for bit, whole and by parts, and the server's peak resident memory stay below the limit (mebibytes). The server is RUSTFS_BIN.
"""

import argparse
import concurrent.futures
import hashlib
import http.client
import pathlib
import re
import shutil
import sys

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parents[1]))
from conftest import pattern  # noqa: E402
from harness import sigv4  # noqa: E402
from harness.raw import Raw  # noqa: E402
from harness.server import ACCESS_KEY, SECRET_KEY, Server  # noqa: E402

MIB = 1 << 20
PART = 16 * MIB
CLIENTS = 4
TARGET = "/memory/large"


def ask(server, method, path, query=(), body=b"", payload_hash=None):
    answer = Raw(server.address, ACCESS_KEY, SECRET_KEY).request(method, path, query, body=body, payload_hash=payload_hash)
    if answer.status not in (200, 204, 206):
        raise RuntimeError(f"{method} {path}: {answer}")
    return answer


def upload(server, parts):
    begun = ask(server, "POST", TARGET, {"uploads": ""})
    upload_id = re.search(rb"<UploadId>([^<]+)<", begun.body).group(1).decode()

    def part(number):
        query = {"partNumber": number, "uploadId": upload_id}
        return ask(server, "PUT", TARGET, query, pattern(PART, number), sigv4.UNSIGNED).headers["etag"]

    half = parts // 2
    with concurrent.futures.ThreadPoolExecutor(CLIENTS) as pool:
        etags = list(pool.map(part, range(1, half + 1)))
        for drive in server.drives[-2:]:
            shutil.rmtree(drive)
        print(f"{half} of {parts} parts sent, then {server.drives[-2].name} and {server.drives[-1].name} deleted", flush=True)
        etags += pool.map(part, range(half + 1, parts + 1))
    rows = "".join(f"<Part><PartNumber>{n}</PartNumber><ETag>{e}</ETag></Part>" for n, e in enumerate(etags, 1))
    body = f"<CompleteMultipartUpload>{rows}</CompleteMultipartUpload>".encode()
    if b"<ETag>" not in ask(server, "POST", TARGET, {"uploadId": upload_id}, body).body:
        raise RuntimeError("the upload was not completed")


def sha256_of_get(server):
    """Reads the object in one stream."""
    connection = http.client.HTTPConnection(server.address, timeout=120)
    connection.request("GET", sigv4.Signer(ACCESS_KEY, SECRET_KEY).presign("GET", TARGET, server.address))
    response = connection.getresponse()
    digest = hashlib.sha256()
    while piece := response.read(MIB):
        digest.update(piece)
    connection.close()
    return digest.hexdigest()


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--mebibytes", type=int, default=1024)
    parser.add_argument("--limit", type=int, default=200)
    options = parser.parse_args()
    parts = options.mebibytes * MIB // PART
    server = Server(drives=6)
    try:
        server.start()
        print(f"idle: {server.peak_memory() / MIB:.0f} MiB", flush=True)
        ask(server, "PUT", "/memory")
        upload(server, parts)
        print(f"after the upload: {server.peak_memory() / MIB:.0f} MiB at most", flush=True)
        wanted = hashlib.sha256()
        for number in range(1, parts + 1):
            wanted.update(pattern(PART, number))
        with concurrent.futures.ThreadPoolExecutor(CLIENTS) as pool:
            found = list(pool.map(lambda _: sha256_of_get(server), range(CLIENTS)))
            by_part = pool.map(
                lambda n: ask(server, "GET", TARGET, {"partNumber": n}).body == pattern(PART, n), (1, parts // 2 + 1, parts))
            same = found == [wanted.hexdigest()] * CLIENTS and all(by_part)
        peak = server.peak_memory() / MIB
        status = server.stop()
        print(f"bit for bit: {same}; peak resident memory {peak:.0f} MiB (limit {options.limit}); exit status {status}")
        if not (same and peak < options.limit and status == 0):
            print(server.log_tail())
            sys.exit(1)
    finally:
        server.clean()


if __name__ == "__main__":
    main()
