"""Objects that the server compresses: whole, in parts, and not at all."""

import random

from scenarios.base import MIB, Scenario, context, every_version, make_client, pattern

BUCKET = "packed"
SIZES = [0, 1, 4095, 4096, 4097, MIB, 3 * MIB + 77, 9 * MIB]


class Compression(Scenario):
    name = "compression"
    env = {"MINIO_COMPRESSION_ENABLE": "on", "MINIO_COMPRESSION_EXTENSIONS": ".txt,.log", "MINIO_COMPRESSION_MIME_TYPES": "text/*"}

    def begin(self, server):
        make_client(server.endpoint).create_bucket(Bucket=BUCKET)

    def write(self, server, generation):
        s3, prefix = make_client(server.endpoint), f"generation-{generation}/"
        for size in SIZES:
            s3.put_object(Bucket=BUCKET, Key=f"{prefix}{size}.txt", Body=pattern(size, size))
            s3.put_object(Bucket=BUCKET, Key=f"{prefix}random/{size}.log", Body=random.Random(size).randbytes(size))
            s3.put_object(Bucket=BUCKET, Key=f"{prefix}{size}.jpg", Body=pattern(size, size))
        target = dict(Bucket=BUCKET, Key=f"{prefix}mp.txt")
        upload = s3.create_multipart_upload(**target)["UploadId"]
        bodies = [pattern(9 * MIB, 1), pattern(70_000, 2)]
        parts = [{"PartNumber": n, "ETag": s3.upload_part(**target, UploadId=upload, PartNumber=n, Body=body)["ETag"]}
                 for n, body in enumerate(bodies, 1)]
        s3.complete_multipart_upload(**target, UploadId=upload, MultipartUpload={"Parts": parts})

    def answers(self, server):
        return every_version(context(server.endpoint), BUCKET)

    def held_without_parity(self, answers):
        return answers
