"""Every kind of encryption, in clear and compressed: whole, in ranges around every border, part by part, by copies, and in
uploads that the other server began. Both servers have the same key, compress, and use TLS, which clients' own keys need.
"""

import os
import random

from botocore.exceptions import BotoCoreError, ClientError
from harness.server import is_minio
from scenarios.base import MIB, Scenario, make_client, pattern

BUCKET, DEFAULT = "sealed", "by-default"
ENVIRONMENT = {
    "MINIO_KMS_SECRET_KEY": "way-back-key:AAECAwQFBgcICQoLDA0ODxAREhMUFRYXGBkaGxwdHh8=",
    "MINIO_COMPRESSION_ENABLE": "on",
    "MINIO_COMPRESSION_ALLOW_ENCRYPTION": "on",
    "MINIO_COMPRESSION_EXTENSIONS": ".txt",
    "MINIO_COMPRESSION_MIME_TYPES": "text/*",
}
CONTEXT = "eyJwcm9qZWN0IjoiPG9uZT4iLCJ0ZWFtIjoiw6QifQ=="  # {"project":"<one>","team":"ä"}
# Both sides of each border: package, inlining, block, index.
SIZES = [0, 1, 4097, 65_535, 65_536, 65_537, 131_073, MIB, 3 * MIB + 77, 9 * MIB + 5]
KEYS = {name: bytes([byte]) * 32 for name, byte in (("one", 1), ("two", 2), ("wrong", 3))}
KINDS = {
    "clear": {},
    "s3": {"ServerSideEncryption": "AES256"},
    "kms": {"ServerSideEncryption": "aws:kms", "SSEKMSKeyId": "way-back-key", "SSEKMSEncryptionContext": CONTEXT},
    "c": {"SSECustomerAlgorithm": "AES256", "SSECustomerKey": KEYS["one"]},
}
SHOWN = ("ETag", "ContentLength", "ServerSideEncryption", "SSEKMSKeyId", "SSECustomerAlgorithm", "SSECustomerKeyMD5",
         "ChecksumCRC32", "ChecksumSHA256", "ChecksumCRC64NVME")


def shown_of(key, head):
    # MinIO's HEAD shows the etags of folders as they are stored.
    return {name: head.get(name) for name in SHOWN if not (name == "ETag" and key.endswith("/"))}


def of_customer(name):
    return {"SSECustomerAlgorithm": "AES256", "SSECustomerKey": KEYS[name]}


def of_source(name):
    return {"CopySourceSSECustomerAlgorithm": "AES256", "CopySourceSSECustomerKey": KEYS[name]}


class Held:
    """Everything written so far: (bucket, key) to its bytes, key of the client, what HEAD shows, borders of parts."""

    def __init__(self):
        self.objects = {}
        self.unfinished = []
        self.wrong = []

    def expect(self, what, wanted, found):
        if wanted != found:
            short = lambda value: f"{len(value)} bytes" if isinstance(value, bytes) else value
            self.wrong.append(f"{what}: {short(wanted)} became {short(found)}")

    def add(self, s3, bucket, key, body, customer=None, borders=()):
        head = s3.head_object(Bucket=bucket, Key=key, ChecksumMode="ENABLED", **(of_customer(customer) if customer else {}))
        self.objects[bucket, key] = (body, customer, shown_of(key, head), borders)

    def check(self, s3, minio):
        """Asks everything of everything; gives what is wrong. `minio`: what it can't do is not asked of it."""
        self.wrong, listed = [], {}
        for bucket in (BUCKET, DEFAULT):
            pages = s3.get_paginator("list_objects_v2").paginate(Bucket=bucket)
            listed |= {(bucket, row["Key"]): (row["ETag"], row["Size"]) for page in pages for row in page.get("Contents", [])}
        self.expect("names", sorted(self.objects), sorted(listed))
        for (bucket, key), (body, customer, shown, borders) in self.objects.items():
            where = f"{bucket}/{key}"
            if not key.endswith("/"):
                self.expect(f"{where} listed", (shown["ETag"], len(body)), listed.get((bucket, key)))
            target = dict(Bucket=bucket, Key=key, **(of_customer(customer) if customer else {}))
            head = s3.head_object(ChecksumMode="ENABLED", **target)
            self.expect(f"{where} HEAD", shown, shown_of(key, head))
            self.expect(f"{where} GET", body, read(s3, **target))
            for first, last in self.ranges(len(body), borders):
                # MinIO can't begin where a compressed block begins that isn't the first, if it is encrypted.
                if minio and ".txt" in key and "/clear/" not in key and first and first % MIB == 0:
                    continue
                part = read(s3, Range=f"bytes={first}-{last}", **target)
                self.expect(f"{where} {first}-{last}", body[first:last + 1], part)
            for number, (start, end) in enumerate(zip((0, *borders), (*borders, len(body))), 1):
                if borders:
                    self.expect(f"{where} part {number}", body[start:end], read(s3, PartNumber=number, **target))
            # MinIO gives nothing to whoever has a wrong key for nothing.
            if customer and body:
                self.refused(f"{where} with a wrong key", s3, bucket, key)
        return self.wrong

    def refused(self, what, s3, bucket, key):
        try:
            s3.get_object(Bucket=bucket, Key=key, **of_customer("wrong"))
            self.expect(what, "refused", "given")
        except ClientError as error:
            self.expect(what, "AccessDenied", error.response["Error"]["Code"])

    def ranges(self, size, borders):
        dice = random.Random(size)
        marks = {0, 65_536, MIB, 8 * MIB, size - 1, *borders, *(dice.randrange(size) for _ in range(3) if size)}
        marks = sorted(at for mark in marks for at in (mark - 1, mark, mark + 1) if 0 <= at < size)
        pairs = list(zip(marks, marks[2:])) + list(zip(marks, marks[:-4:-1]))
        return [(min(a, b), max(a, b)) for a, b in pairs][:14]


def read(s3, **target):
    """A body, or why it can't be had."""
    try:
        return s3.get_object(**target)["Body"].read()
    except (BotoCoreError, ClientError) as error:
        return str(error)[:200]


def buckets(s3):
    for bucket in (BUCKET, DEFAULT):
        s3.create_bucket(Bucket=bucket)
    rule = {"ApplyServerSideEncryptionByDefault": {"SSEAlgorithm": "aws:kms", "KMSMasterKeyID": "way-back-key"}}
    s3.put_bucket_encryption(Bucket=DEFAULT, ServerSideEncryptionConfiguration={"Rules": [rule]})


def write(s3, held, turn):
    prefix = f"turn-{turn}/"
    for kind, asked in KINDS.items():
        customer = "one" if kind == "c" else None
        for size in SIZES:
            for ending in ("bin", "txt"):
                key, body = f"{prefix}{kind}/{size}.{ending}", pattern(size, kind)
                s3.put_object(Bucket=BUCKET, Key=key, Body=body, **asked)
                held.add(s3, BUCKET, key, body, customer)
        s3.put_object(Bucket=BUCKET, Key=f"{prefix}{kind}/sum", Body=b"hello", ChecksumAlgorithm="SHA256", **asked)
        held.add(s3, BUCKET, f"{prefix}{kind}/sum", b"hello", customer)
        s3.put_object(Bucket=BUCKET, Key=f"{prefix}{kind}/folder/", Body=b"", **asked)
        held.add(s3, BUCKET, f"{prefix}{kind}/folder/", b"", customer)
        for ending in ("bin", "txt"):
            # The second part compresses to less than a package.
            bodies = [pattern(9 * MIB, kind), bytes(5 * MIB), os.urandom(5 * MIB), b"end"]
            upload(s3, held, f"{prefix}{kind}/parts.{ending}", bodies, kind)
        upload(s3, held, f"{prefix}{kind}/parts-sum", [pattern(5 * MIB, kind), b"end"], kind, ChecksumAlgorithm="CRC32")
    body = pattern(200_000, "default")
    s3.put_object(Bucket=DEFAULT, Key=f"{prefix}k", Body=body)
    held.add(s3, DEFAULT, f"{prefix}k", body)
    held.unfinished = [begin(s3, f"{prefix}left-{kind}", kind) for kind in KINDS]


def begin(s3, key, kind, **more):
    asked = KINDS[kind]
    upload = s3.create_multipart_upload(Bucket=BUCKET, Key=key, **asked, **more)["UploadId"]
    body = pattern(5 * MIB + 1, key)
    return key, kind, upload, [body], [put_part(s3, key, kind, upload, 1, body)]


def put_part(s3, key, kind, upload, number, body, **more):
    asked = KINDS[kind] if kind == "c" else {}
    answer = s3.upload_part(Bucket=BUCKET, Key=key, UploadId=upload, PartNumber=number, Body=body, **asked, **more)
    return {"PartNumber": number, **{k: v for k, v in answer.items() if k in ("ETag", "ChecksumCRC32")}}


def upload(s3, held, key, bodies, kind, **more):
    asked = KINDS[kind]
    upload = s3.create_multipart_upload(Bucket=BUCKET, Key=key, **asked, **more)["UploadId"]
    parts = [put_part(s3, key, kind, upload, n, body, **more) for n, body in enumerate(bodies, 1)]
    complete(s3, held, key, kind, upload, bodies, parts)


def complete(s3, held, key, kind, upload, bodies, parts):
    asked = KINDS[kind] if kind == "c" else {}
    s3.complete_multipart_upload(Bucket=BUCKET, Key=key, UploadId=upload, MultipartUpload={"Parts": parts}, **asked)
    borders = [sum(map(len, bodies[:n])) for n in range(1, len(bodies))]
    held.add(s3, BUCKET, key, b"".join(bodies), "one" if kind == "c" else None, borders)


def take_over(s3, held, turn, minio):
    """What one server began or wrote, the other completes and changes."""
    for key, kind, upload, bodies, parts in held.unfinished:
        parts.append(put_part(s3, key, kind, upload, 2, b"by the other"))
        complete(s3, held, key, kind, upload, [*bodies, b"by the other"], parts)
    before = f"turn-{turn - 1}/"
    for kind in KINDS:
        for to, asked in KINDS.items():
            # MinIO lets the context of SSE-KMS stand where the copy is in clear, and then takes that for encrypted.
            if minio and (kind, to) == ("kms", "clear"):
                continue
            for original in ("3145805.txt", "parts.bin"):
                source, key = f"{before}{kind}/{original}", f"turn-{turn}/copies/{kind}-{to}-{original}"
                more = of_source("one") if kind == "c" else {}
                s3.copy_object(Bucket=BUCKET, Key=key, CopySource={"Bucket": BUCKET, "Key": source}, **more, **asked)
                held.add(s3, BUCKET, key, held.objects[BUCKET, source][0], "one" if to == "c" else None)
    key = f"{before}c/131073.bin"
    body = held.objects[BUCKET, key][0]
    s3.copy_object(Bucket=BUCKET, Key=key, CopySource={"Bucket": BUCKET, "Key": key}, MetadataDirective="REPLACE",
                   **of_source("one"), **of_customer("two"))
    held.add(s3, BUCKET, key, body, "two")


class Sealed(Scenario):
    name = "sealed"
    env = ENVIRONMENT
    tls = True

    def __init__(self):
        self.held = Held()

    def client(self, server):
        return make_client(server.endpoint, verify=str(server.certificate))

    def begin(self, server):
        buckets(self.client(server))

    def write(self, server, generation):
        write(self.client(server), self.held, generation)

    def take_over(self, server, generation):
        take_over(self.client(server), self.held, generation + 1, is_minio(server.program))
        return 0

    def answers(self, server):
        wrong = self.held.check(self.client(server), is_minio(server.program))
        # What was written is the measure, not what the server before answered.
        assert not wrong, "\n      ".join([f"{len(wrong)} answers are wrong", *wrong[:15]])
        return {"objects": len(self.held.objects)}
