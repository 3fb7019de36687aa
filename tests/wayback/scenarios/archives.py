"""Tars that were unpacked as they came (Snowball), and members of zip archives, stored in clear, compressed, and encrypted."""

import io
import random
import tarfile
import zipfile
import zlib

from scenarios.base import Scenario, context, every_version, make_client, pattern, see

BUCKET, DEFAULT = "archives", "archives-by-default"
# Small ones are stored several at a time; both sides of that limit.
ENTRIES = {"a.txt": 10, "dir/b.txt": 5000, "dir/c.bin": 128 << 10, "d.txt": (128 << 10) + 1, "deep/er/e.txt": 9 << 20, "empty": 0}
MEMBERS = {"one.txt": 120, "dir/two.bin": 70_000, "dir/three.txt": 3 << 20, "none.txt": 0}
KINDS = {"clear": {}, "s3": {"ServerSideEncryption": "AES256"}, "kms": {"ServerSideEncryption": "aws:kms", "SSEKMSKeyId": "way-back-key"}}


class Archives(Scenario):
    """Not asked with drives missing: MinIO writes an archive's index when a member is first asked for, then only on those there."""

    name = "archives"
    env = {
        "MINIO_KMS_SECRET_KEY": "way-back-key:AAECAwQFBgcICQoLDA0ODxAREhMUFRYXGBkaGxwdHh8=",
        "MINIO_COMPRESSION_ENABLE": "on",
        "MINIO_COMPRESSION_ALLOW_ENCRYPTION": "on",
        "MINIO_COMPRESSION_EXTENSIONS": ".txt,.packed.zip",
    }

    def begin(self, server):
        s3 = make_client(server.endpoint)
        for bucket in (BUCKET, DEFAULT):
            s3.create_bucket(Bucket=bucket)
        rule = {"ApplyServerSideEncryptionByDefault": {"SSEAlgorithm": "AES256"}}
        s3.put_bucket_encryption(Bucket=DEFAULT, ServerSideEncryptionConfiguration={"Rules": [rule]})

    def write(self, server, generation):
        s3, prefix = make_client(server.endpoint), f"generation-{generation}"
        for bucket, kind in ((BUCKET, "clear"), (BUCKET, "s3"), (DEFAULT, "clear")):
            unpacked = dict(Metadata={"Snowball-Auto-Extract": "true", "Minio-Snowball-Prefix": f"{prefix}/{kind}"}, **KINDS[kind])
            s3.put_object(Bucket=bucket, Key="upload.tar", Body=tar(), **unpacked)
            s3.put_object(Bucket=bucket, Key="upload.tar.gz", Body=zlib.compress(tar("packed/"), wbits=31), **unpacked)
        for kind, how in KINDS.items():
            for ending in ("zip", "packed.zip"):
                s3.put_object(Bucket=BUCKET, Key=f"{prefix}/{kind}.{ending}", Body=packed(), **how)
        indexed(server, f"{prefix}/indexed.zip")

    def answers(self, server):
        ctx = context(server.endpoint)
        out = every_version(ctx, BUCKET) | every_version(ctx, DEFAULT)
        for name in [name for name in out if name.endswith("/@null HEAD")]:
            # MinIO's HEAD shows the etags of encrypted folders as they are stored.
            out[name]["headers"].pop("etag")
        archives = [row["key"] for row in see.see_versions(ctx, BUCKET) if row["key"].endswith(".zip")]
        for archive in archives:
            for member in [*MEMBERS, "missing"]:
                out[f"{archive}/{member} GET"] = inside(ctx, "GET", f"{archive}/{member}")
                out[f"{archive}/{member} HEAD"] = inside(ctx, "HEAD", f"{archive}/{member}")
        return out


def tar(below=""):
    """Files, directories, a link; names that need cleaning; metadata of an entry's own."""
    out = io.BytesIO()
    with tarfile.open(fileobj=out, mode="w", format=tarfile.PAX_FORMAT) as archive:
        folder = tarfile.TarInfo(f"{below}folder")
        folder.type, folder.mtime = tarfile.DIRTYPE, 1_700_000_000
        archive.addfile(folder)
        link = tarfile.TarInfo(f"{below}link")
        link.type, link.linkname = tarfile.SYMTYPE, "a.txt"
        archive.addfile(link)
        for name, size in ENTRIES.items():
            entry = tarfile.TarInfo(f"{below}{name}")
            entry.size, entry.mtime = size, 1_700_000_001
            if name == "dir/b.txt":
                entry.pax_headers = {"minio.metadata.x-amz-meta-own": "1", "minio.metadata.content-type": "text/own"}
            archive.addfile(entry, io.BytesIO(pattern(size, name)))
    return out.getvalue()


def packed():
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w") as archive:
        for at, (name, size) in enumerate(MEMBERS.items()):
            member = zipfile.ZipInfo(name, (2024, 1, 1, 0, 0, 0))
            member.compress_type = (zipfile.ZIP_DEFLATED, zipfile.ZIP_STORED)[at % 2]
            archive.writestr(member, random.Random(name).randbytes(size // 2) + pattern(size - size // 2, name))
    return out.getvalue()


def indexed(server, key):
    """Stored with the header that has MinIO keep the archive's index."""
    status, _, body = context(server.endpoint).raw("PUT", f"/{BUCKET}/{key}", headers={"x-minio-extract": "true"}, body=packed())
    assert status == 200, body


def inside(ctx, method, path):
    status, headers, body = ctx.raw(method, f"/{BUCKET}/{path}", headers={"x-minio-extract": "true"})
    if method == "GET" and status == 200:
        body = f"{len(body)} bytes, CRC-32 {zlib.crc32(body):08x}"
    kept = {k: v for k, v in headers.items() if k.lower() in ("content-length", "content-type", "last-modified")}
    return {"status": status, "headers": kept if status == 200 else {}, "body": body if status == 200 else ""}
