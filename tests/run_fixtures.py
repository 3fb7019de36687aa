#!/usr/bin/env python3
"""Every fixture of tests/fixtures against the server: unpack, start, compare, stop.

    tests/run_fixtures.py [NAME...]      the server is RUSTFS_BIN, by default target/debug/rustfs

Prints each fixture's failures and counts as soon as it is done; the exit status is 0 only if nothing failed.
"""

import concurrent.futures
import pathlib
import subprocess
import sys

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parent))
from harness.server import binary, free_port  # noqa: E402

FIXTURES = pathlib.Path(__file__).resolve().parent / "fixtures"
# Two servers and two checkers keep a machine of two cores busy.
AT_ONCE = 2
SECONDS = 300
# Checks left out, by fixture: (pattern of their names, why).
# What of the tables belongs to what isn't there yet of the administration and token services.
IDENTITIES = [
    (r"access (eve|bob) POST / ", "AssumeRole"),
    # MinIO asks what the key may write before it looks at the signature, and so tells whoever knows a key's name.
    (r"access bob-wrong-secret PUT ", "the signature is checked first"),
    # As AWS has it: who may list the bucket.
    (r"access root-svc-limited GET /[^/]+/no/such", "who may list learns what isn't there"),
    # MinIO asks bucket policies for anonymous requests alone. AWS asks them for all, and this one lets everybody in.
    (r"access \S+ (GET|HEAD) /[^/]+/public/readme", "a bucket's policy is for those who sign too"),
]
LEFT_OUT = {
    "iam-plain": IDENTITIES,
    "iam-kms": [*IDENTITIES, (r"^admin accountinfo ", "histograms of what a scanner counted")],
    "bucket-config": [
        # MinIO's lists name nobody, and a bucket is public to it if everybody may both list and write.
        (r"\?acl$", "lists name owners"),
        (r"\?(publicAccessBlock|ownershipControls)$", "there are such documents"),
        (r"\?policyStatus$", "what lets everybody in is public, as AWS has it; MinIO writes capitals, which boto3 doesn't read"),
        # MinIO judges a compressed object by its compressed size at HEAD, and by its size at GET.
        (r"^dune-crate/big/two\.txt@null HEAD", "the rule that counts at HEAD"),
    ],
    "multipart-inprogress": [
        (r"^echo-box30/up/crc(32|64) complete upload$", "the answer to a completion names the type of the checksum, as AWS has it"),
    ],
    "versions": [
        # AWS answers 403 AccessDenied to what object lock forbids, MinIO 400 InvalidRequest; and 409 instead of 400 where versioning
        # can't be suspended.
        (r"^access root (DELETE|PUT) /(moss-files89/(comp|gov|hold)|lark-hold29/default) ", "what is protected answers 403"),
        (r"^access root PUT /moss-files89 \{'versioning': ''\}$", "an invalid state of a bucket answers 409"),
    ],
    "damaged-i-beyond-quorum": [
        # Too few shards of these blocks are left to make one from others. MinIO breaks off whatever range is asked; here
        # what lies in data shards that are whole, each with its own hash, is still given.
        (r"pine-rack/blocks GET bytes=(699052-1048578|1048570-1048590)$", "read whole"),
        (r"pine-rack/mp GET bytes=(3495512-5243268|5242877-5242883)$", "read whole"),
    ],
}


def check(name):
    """(passed?, what the checker printed) of one fixture."""
    command = [sys.executable, FIXTURES / "check_fixture.py", "--serve", binary(), "--port", str(free_port())]
    if name == "bucket-config":
        command.append("--no-admin")  # quotas, targets, tiers and configuration over the administration API
    for pattern, _ in LEFT_OUT.get(name, []):
        command += ["--except", pattern]
    try:
        done = subprocess.run(
            [*command, FIXTURES / f"{name}.json"], stdin=subprocess.DEVNULL, capture_output=True, text=True, timeout=SECONDS
        )
        return done.returncode == 0, done.stdout + done.stderr
    except subprocess.TimeoutExpired as late:
        said = late.stdout.decode(errors="replace") if late.stdout else ""
        return False, f"{said}{name}: not done after {SECONDS} s\n"


def main():
    names = sys.argv[1:] or sorted(p.stem for p in FIXTURES.glob("*.json"))
    failed = []
    with concurrent.futures.ThreadPoolExecutor(AT_ONCE) as pool:
        runs = {pool.submit(check, name): name for name in names}
        for run in concurrent.futures.as_completed(runs):
            passed, said = run.result()
            print(said, end="", flush=True)
            if not passed:
                failed.append(runs[run])
    if failed:
        print("failed:", " ".join(sorted(failed)))
    print(f"{len(names) - len(failed)} fixtures passed, {len(failed)} failed")
    sys.exit(1 if failed else 0)


if __name__ == "__main__":
    main()
