"""Everything encrypted though nobody asks for it (MINIO_KMS_AUTO_ENCRYPTION), and compressed as well."""

from scenarios.base import MIB, Scenario, context, every_version, make_client, pattern

BUCKET = "automatic"
SIZES = [0, 1, 4097, 65_536, MIB + 1, 9 * MIB]


class Automatic(Scenario):
    name = "automatic"
    env = {
        "MINIO_KMS_SECRET_KEY": "way-back-key:AAECAwQFBgcICQoLDA0ODxAREhMUFRYXGBkaGxwdHh8=",
        "MINIO_KMS_AUTO_ENCRYPTION": "on",
        "MINIO_COMPRESSION_ENABLE": "on",
        "MINIO_COMPRESSION_ALLOW_ENCRYPTION": "on",
        "MINIO_COMPRESSION_EXTENSIONS": ".txt",
    }

    def begin(self, server):
        s3 = make_client(server.endpoint)
        s3.create_bucket(Bucket=BUCKET)
        s3.put_bucket_versioning(Bucket=BUCKET, VersioningConfiguration={"Status": "Enabled"})

    def write(self, server, generation):
        s3, prefix = make_client(server.endpoint), f"generation-{generation}/"
        for size in SIZES:
            for ending in ("txt", "bin"):
                s3.put_object(Bucket=BUCKET, Key=f"{prefix}{size}.{ending}", Body=pattern(size, size), Metadata={"size": str(size)})
        for ending in ("txt", "bin"):
            target = dict(Bucket=BUCKET, Key=f"{prefix}mp.{ending}")
            upload = s3.create_multipart_upload(**target)["UploadId"]
            bodies = [pattern(9 * MIB, 1), pattern(70_000, 2)]
            parts = [{"PartNumber": n, "ETag": s3.upload_part(**target, UploadId=upload, PartNumber=n, Body=body)["ETag"]}
                     for n, body in enumerate(bodies, 1)]
            s3.complete_multipart_upload(**target, UploadId=upload, MultipartUpload={"Parts": parts})

    def take_over(self, server, generation):
        s3, prefix = make_client(server.endpoint), f"generation-{generation}/"
        for source in ("65536.txt", "1048577.bin", "mp.txt"):
            s3.copy_object(Bucket=BUCKET, Key=f"{prefix}copy/{source}", CopySource={"Bucket": BUCKET, "Key": prefix + source})
        return 0

    def answers(self, server):
        return every_version(context(server.endpoint), BUCKET)

    def held_without_parity(self, answers):
        return answers
