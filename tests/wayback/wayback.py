#!/usr/bin/env python3
"""The way back: drives change hands between this server and a real MinIO, and both answer the same from them.

    MINIO_BIN=/path/to/minio tests/wayback/wayback.py [--drives 1,4,6,16] [--legs 4] [--first rustfs]

Not part of the test command, since it needs the other server's binary. On the same drives the servers take turns. Each one
first must answer everything (listings, heads, bodies, ranges, parts, tags, attributes, uploads in progress) as the one
before it did, also with as many drives missing as parity allows; then it completes an upload that the other began, overwrites,
deletes, and adds a generation of objects of every kind for the next. This server is RUSTFS_BIN.
"""

import argparse
import os
import pathlib
import sys

TESTS = pathlib.Path(__file__).resolve().parents[1]
sys.path[:0] = [str(TESTS), str(TESTS / "fixtures")]
import check_fixture as see  # noqa: E402
from conftest import make_client, pattern  # noqa: E402
from harness.server import ACCESS_KEY, SECRET_KEY, Server, binary  # noqa: E402

MIB = 1 << 20
# Both sides of each border of the on-disk format.
SIZES = [0, 1, 4096, 16_384, 16_385, 131_072, 131_073, MIB - 1, MIB, MIB + 1, 3 * MIB + 77]
PLAIN, VERSIONED, SUSPENDED, EMPTY = "plain", "versioned", "suspended", "empty"
# Drives that may be missing while everything stays readable: the default parity of a set of that size.
PARITY = {1: 0, 2: 1, 3: 1, 4: 2, 5: 2, 6: 3, 7: 3}


class Writer:
    """Objects of every kind, each generation under a prefix of its own."""

    def __init__(self, client, generation):
        self.s3, self.prefix = client, f"generation-{generation}/"

    def buckets(self):
        for name in (PLAIN, VERSIONED, SUSPENDED, EMPTY):
            self.s3.create_bucket(Bucket=name)
        self.s3.put_object(Bucket=VERSIONED, Key="from before versioning", Body=b"null version")
        self.versioning(VERSIONED, "Enabled")

    def versioning(self, bucket, status):
        self.s3.put_bucket_versioning(Bucket=bucket, VersioningConfiguration={"Status": status})

    def put(self, bucket, key, body, **more):
        return self.s3.put_object(Bucket=bucket, Key=self.prefix + key, Body=body, **more)

    def write(self):
        """Gives the uploads left in progress: [(key, upload id, parts)]."""
        self.plain()
        self.checksums()
        self.multipart()
        self.copies()
        self.versions()
        return [self.unfinished("left/one", 1), self.unfinished("left/two", 2)]

    def plain(self):
        for size in SIZES:
            self.put(PLAIN, f"size/{size}", pattern(size, size))
        self.put(PLAIN, "metadata", b"x", ContentType="text/odd", CacheControl="no-cache", ContentDisposition="inline",
                 ContentEncoding="gzip", ContentLanguage="de", Metadata={"a": "1", "two-words": "b c"}, Tagging="k=v&l=w%20x")
        self.put(PLAIN, "reduced", pattern(400_000), StorageClass="REDUCED_REDUNDANCY")
        for name in ("ключ/日本", "blank and + %41", "folder/", "folder/inside", "a", "deep/" * 30 + "leaf", "n" * 200):
            self.put(PLAIN, "names/" + name, name.encode())
        for turn in range(3):
            self.put(PLAIN, "overwritten", pattern(200_000 * turn + 5, turn))
        self.put(PLAIN, "deleted", b"gone")
        self.s3.delete_object(Bucket=PLAIN, Key=self.prefix + "deleted")

    def checksums(self):
        for algorithm in ("CRC32", "CRC32C", "CRC64NVME", "SHA1", "SHA256"):
            for size in (100, 500_000):
                self.put(PLAIN, f"sum/{algorithm}-{size}", pattern(size, algorithm), ChecksumAlgorithm=algorithm)

    def multipart(self):
        self.upload("mp/plain", [pattern(5 * MIB, 1), pattern(5 * MIB + 3, 2), b"end"], Metadata={"m": "1"}, Tagging="t=1")
        self.upload("mp/gaps", [pattern(5 * MIB, 1), b"end"], numbers=[4, 9])
        for algorithm, kind in (("CRC32", "COMPOSITE"), ("SHA256", "COMPOSITE"), ("CRC64NVME", "FULL_OBJECT"), ("CRC32", "FULL_OBJECT")):
            self.upload(f"mp/{algorithm}-{kind}", [pattern(5 * MIB, kind), pattern(70_000, algorithm)],
                        ChecksumAlgorithm=algorithm, ChecksumType=kind)

    def upload(self, key, bodies, numbers=None, bucket=PLAIN, **more):
        target = dict(Bucket=bucket, Key=self.prefix + key)
        upload = self.s3.create_multipart_upload(**target, **more)["UploadId"]
        parts = []
        algorithm = {k: v for k, v in more.items() if k == "ChecksumAlgorithm"}
        for number, body in zip(numbers or range(1, len(bodies) + 1), bodies):
            answer = self.s3.upload_part(**target, UploadId=upload, PartNumber=number, Body=body, **algorithm)
            parts.append({"PartNumber": number, **{k: v for k, v in answer.items() if k == "ETag" or k.startswith("Checksum")}})
        parts = [{k: v for k, v in p.items() if k != "ChecksumType"} for p in parts]
        self.s3.complete_multipart_upload(**target, UploadId=upload, MultipartUpload={"Parts": parts})

    def unfinished(self, key, count):
        target = dict(Bucket=PLAIN, Key=self.prefix + key)
        upload = self.s3.create_multipart_upload(**target, Metadata={"left": "1"})["UploadId"]
        parts = [{"PartNumber": n, "ETag": self.s3.upload_part(
            **target, UploadId=upload, PartNumber=n, Body=pattern(5 * MIB, n))["ETag"]} for n in range(1, count + 1)]
        return target, upload, parts

    def copies(self):
        for source in ("size/3145805", "metadata", "mp/plain", "sum/SHA256-500000"):
            self.s3.copy_object(Bucket=PLAIN, Key=f"{self.prefix}copy/{source}", CopySource={"Bucket": PLAIN, "Key": self.prefix + source})

    def versions(self):
        for turn in range(4):
            for size in (10, 20_000, 300_000):
                self.put(VERSIONED, f"k{size}", pattern(size, turn), Metadata={"turn": str(turn)})
        for turn in range(60):
            self.put(VERSIONED, "many", str(turn).encode())
        self.put(VERSIONED, "marked", b"x")
        self.s3.delete_object(Bucket=VERSIONED, Key=self.prefix + "marked")
        self.upload("mp", [pattern(5 * MIB, 1), b"end"], bucket=VERSIONED)
        self.versioning(SUSPENDED, "Enabled")
        for key in ("kept", "null", "null marker"):
            self.put(SUSPENDED, key, b"an old version")
        self.versioning(SUSPENDED, "Suspended")
        self.put(SUSPENDED, "null", b"the null version")
        self.s3.delete_object(Bucket=SUSPENDED, Key=self.prefix + "null marker")


def change(client, generation):
    """Overwrites and deletes some of what the server before wrote."""
    prefix = f"generation-{generation}/"
    client.put_object(Bucket=PLAIN, Key=prefix + "size/1048577", Body=b"overwritten by the other")
    client.delete_object(Bucket=PLAIN, Key=prefix + "size/131073")
    client.put_object(Bucket=VERSIONED, Key=prefix + "k300000", Body=pattern(300_001, "other"))
    client.delete_object(Bucket=VERSIONED, Key=prefix + "k20000")
    client.put_object_tagging(Bucket=PLAIN, Key=prefix + "metadata", Tagging={"TagSet": [{"Key": "other", "Value": "server"}]})
    first = client.list_object_versions(Bucket=VERSIONED, Prefix=prefix + "many")["Versions"][-1]
    client.delete_object(Bucket=VERSIONED, Key=first["Key"], VersionId=first["VersionId"])


def snapshot(endpoint, uploads):
    """Everything that can be asked, as plain values."""
    ctx = see.Ctx(endpoint, {"root": {"access_key": ACCESS_KEY, "secret_key": SECRET_KEY}})
    out = {"buckets": see.see_buckets(ctx), "owner": see.see_owner(ctx)}
    for bucket in (PLAIN, VERSIONED, SUSPENDED, EMPTY):
        out[f"{bucket}?versioning"] = see.see_config(ctx, bucket, "versioning")
        for api, params in (("list_objects_v2", {}), ("list_objects_v2", {"Delimiter": "/"}), ("list_objects", {"MaxKeys": 7})):
            listing = see.see_listing(ctx, bucket, api, params)
            listing.pop("page_sizes", None)
            out[f"{bucket} {api} {params}"] = listing
        rows = see.see_versions(ctx, bucket)
        out[f"{bucket} versions"] = rows
        for row in rows:
            out |= one_version(ctx, bucket, row)
    for target, upload, _ in uploads:
        out[f"upload {target['Key']}"] = see.see_upload(ctx, target["Bucket"], target["Key"], upload)
    return out


def one_version(ctx, bucket, row):
    where, version = f"{bucket}/{row['key']}@{row['version_id']}", row["version_id"]
    head = see.see_head(ctx, bucket, row["key"], version)
    out = {f"{where} HEAD": head, f"{where} GET": see.see_get(ctx, bucket, row["key"], version)}
    if row.get("delete_marker"):
        return out
    out[f"{where} tags"] = see.see_tags(ctx, bucket, row["key"], version)
    if row["size"] > 4096:
        if "gaps" not in row["key"]:  # MinIO says wrongly that more parts follow
            out[f"{where} attributes"] = see.see_attributes(ctx, bucket, row["key"], version)
        for span in (f"bytes=5-{row['size'] // 2}", "bytes=-777"):
            out[f"{where} {span}"] = see.see_get(ctx, bucket, row["key"], version, range=span)
    if "-" in row["etag"]:
        for part in (1, 2, 3):
            if "gaps" not in row["key"]:
                out[f"{where} part {part}"] = see.see_get(ctx, bucket, row["key"], version, part=part)
    return out


def compare(title, wanted, found):
    """Number of answers that differ; prints the first of them."""
    wrong = {k: see.diff(wanted.get(k), found.get(k)) for k in wanted.keys() | found.keys()}
    wrong = {k: d for k, d in wrong.items() if d}
    print(f"  {title}: {len(wanted)} answers, {len(wrong)} differ", flush=True)
    for name in sorted(wrong)[:15]:
        print(f"    {name}: {'; '.join(wrong[name][:4])}")
    return len(wrong)


class Deployment:
    """The drives, and whose turn it is."""

    def __init__(self, drives, programs):
        self.server = Server(drives=drives)
        self.programs = programs
        self.hidden = PARITY.get(drives, 4)

    def start(self, name, wait="cluster"):
        self.server.program = self.programs[name]
        return self.server.start(wait)

    def stop(self):
        status = self.server.stop()
        if status != 0:
            raise RuntimeError(f"exit status {status}\n{self.server.log_tail()}")

    def introduce(self, names):
        """Lets each server write its own settings on the empty drives: MinIO's first start needs a write quorum for them."""
        for name in names:
            self.start(name)
            self.stop()

    def without_parity(self, name, wanted):
        """Asks everything with the last drives gone: files in their place, so that nothing can be healed onto them.
        Left out: objects of reduced redundancy, which need more drives, and uploads, whose parts MinIO lists by write quorum.
        """
        if not self.hidden:
            return 0
        held = lambda answers: {k: v for k, v in answers.items() if "/reduced@" not in k and not k.startswith("upload ")}
        gone = self.server.drives[-self.hidden:]
        for drive in gone:
            drive.rename(drive.with_suffix(".away"))
            drive.write_text("not a drive")
        try:
            self.start(name, "cluster/read")
            return compare(f"{name} with {len(gone)} drives missing", held(wanted), held(snapshot(self.server.endpoint, [])))
        finally:
            self.stop()
            for drive in gone:
                drive.unlink()
                drive.with_suffix(".away").rename(drive)


def on_drives(drives, order, programs):
    """Number of differing answers over all legs."""
    deployment, wrong, wanted, uploads = Deployment(drives, programs), 0, None, []
    print(f"{drives} drives: {' -> '.join(order)}", flush=True)
    try:
        if deployment.hidden:
            deployment.introduce(order[:2])
        for generation, name in enumerate(order, 1):
            if wanted:
                wrong += deployment.without_parity(name, wanted)
            server = deployment.start(name)
            client = make_client(server.endpoint)
            if wanted:
                wrong += compare(name, wanted, snapshot(server.endpoint, uploads))
                target, upload, parts = uploads.pop()
                client.complete_multipart_upload(**target, UploadId=upload, MultipartUpload={"Parts": parts})
                body = client.get_object(**target)["Body"].read()
                if body != b"".join(pattern(5 * MIB, p["PartNumber"]) for p in parts):
                    wrong += 1
                    print(f"    upload {target['Key']} begun by the other server: completed to other bytes")
                change(client, generation - 1)
            writer = Writer(client, generation)
            if generation == 1:
                writer.buckets()
            uploads += writer.write()
            wanted = snapshot(server.endpoint, uploads)
            deployment.stop()
        return wrong
    finally:
        deployment.server.clean()


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--drives", default="1,4,6,16")
    parser.add_argument("--legs", type=int, default=4)
    parser.add_argument("--first", choices=("rustfs", "minio"), default="rustfs")
    options = parser.parse_args()
    programs = {"rustfs": binary(), "minio": os.environ.get("MINIO_BIN")}
    if not programs["minio"]:
        parser.error("MINIO_BIN names no MinIO server")
    names = ["rustfs", "minio"] if options.first == "rustfs" else ["minio", "rustfs"]
    order = [names[i % 2] for i in range(options.legs)]
    wrong = sum(on_drives(int(d), order, programs) for d in options.drives.split(","))
    print(f"{wrong} answers differ")
    sys.exit(1 if wrong else 0)


if __name__ == "__main__":
    main()
