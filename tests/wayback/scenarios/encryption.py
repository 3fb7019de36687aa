"""Objects that the server encrypts: SSE-S3, SSE-KMS with a context, bucket default, multipart, copies that re-key."""

import base64
import json

from scenarios.base import MIB, Scenario, context, every_version, make_client, pattern, see

KEY = "way-back-key:" + base64.b64encode(bytes(range(32))).decode()
BUCKET, DEFAULT = "sealed", "sealed-by-default"
# Both sides of a package's border and of an inline object's.
SIZES = [0, 1, 65_535, 65_536, 65_537, 131_072, MIB + 1, 3 * MIB + 77]
S3 = {"ServerSideEncryption": "AES256"}
KMS = {
    "ServerSideEncryption": "aws:kms",
    "SSEKMSKeyId": "way-back-key",
    "SSEKMSEncryptionContext": base64.b64encode(json.dumps({"purpose": "test"}).encode()).decode(),
}


class Encryption(Scenario):
    name = "encryption"
    env = {"MINIO_KMS_SECRET_KEY": KEY}

    def begin(self, server):
        s3 = make_client(server.endpoint)
        s3.create_bucket(Bucket=BUCKET)
        s3.create_bucket(Bucket=DEFAULT)
        rule = {"ApplyServerSideEncryptionByDefault": {"SSEAlgorithm": "AES256"}}
        s3.put_bucket_encryption(Bucket=DEFAULT, ServerSideEncryptionConfiguration={"Rules": [rule]})

    def write(self, server, generation):
        s3, prefix = make_client(server.endpoint), f"generation-{generation}/"
        for size in SIZES:
            for kind, how in (("s3", S3), ("kms", KMS)):
                s3.put_object(Bucket=BUCKET, Key=f"{prefix}{kind}/{size}", Body=pattern(size, size), **how)
        for size in (10, MIB):
            s3.put_object(Bucket=DEFAULT, Key=f"{prefix}{size}", Body=pattern(size, size))
        for kind, how in (("s3", S3), ("kms", KMS)):
            target = dict(Bucket=BUCKET, Key=f"{prefix}mp/{kind}")
            upload = s3.create_multipart_upload(**target, **how)["UploadId"]
            bodies = [pattern(5 * MIB, 1), pattern(70_000, 2)]
            parts = [{"PartNumber": n, "ETag": s3.upload_part(**target, UploadId=upload, PartNumber=n, Body=body)["ETag"]}
                     for n, body in enumerate(bodies, 1)]
            s3.complete_multipart_upload(**target, UploadId=upload, MultipartUpload={"Parts": parts})

    def take_over(self, server, generation):
        """A copy of what the other wrote, under another kind of key."""
        s3, prefix = make_client(server.endpoint), f"generation-{generation}/"
        for source, how in (("s3/1048577", KMS), ("kms/1048577", S3)):
            s3.copy_object(Bucket=BUCKET, Key=f"{prefix}copy/{source}", CopySource={"Bucket": BUCKET, "Key": prefix + source}, **how)
        return 0

    def answers(self, server):
        ctx = context(server.endpoint)
        out = {f"{DEFAULT}?encryption": see.see_config(ctx, DEFAULT, "encryption")}
        return out | every_version(ctx, BUCKET) | every_version(ctx, DEFAULT)

    def held_without_parity(self, answers):
        return answers
