"""Plain objects of every kind and size, versions, multipart, copies, uploads in progress."""

from scenarios.base import MIB, Scenario, context, every_version, make_client, pattern, see

# Both sides of each border of the on-disk format.
SIZES = [0, 1, 4096, 16_384, 16_385, 131_072, 131_073, MIB - 1, MIB, MIB + 1, 3 * MIB + 77]
PLAIN, VERSIONED, SUSPENDED, EMPTY = "plain", "versioned", "suspended", "empty"


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


class Objects(Scenario):
    name = "objects"
    drives = (1, 4, 6, 16)

    def __init__(self):
        self.uploads = []

    def begin(self, server):
        Writer(make_client(server.endpoint), 0).buckets()

    def write(self, server, generation):
        self.uploads += Writer(make_client(server.endpoint), generation).write()

    def take_over(self, server, generation):
        client = make_client(server.endpoint)
        target, upload, parts = self.uploads.pop()
        client.complete_multipart_upload(**target, UploadId=upload, MultipartUpload={"Parts": parts})
        body = client.get_object(**target)["Body"].read()
        change(client, generation)
        if body == b"".join(pattern(5 * MIB, p["PartNumber"]) for p in parts):
            return 0
        print(f"    upload {target['Key']} begun by the other server: completed to other bytes")
        return 1

    def answers(self, server):
        ctx = context(server.endpoint)
        out = {"buckets": see.see_buckets(ctx), "owner": see.see_owner(ctx)}
        for bucket in (PLAIN, VERSIONED, SUSPENDED, EMPTY):
            out[f"{bucket}?versioning"] = see.see_config(ctx, bucket, "versioning")
            for api, params in (("list_objects_v2", {}), ("list_objects_v2", {"Delimiter": "/"}), ("list_objects", {"MaxKeys": 7})):
                listing = see.see_listing(ctx, bucket, api, params)
                listing.pop("page_sizes", None)
                out[f"{bucket} {api} {params}"] = listing
            out |= every_version(ctx, bucket)
        for target, upload, _ in self.uploads:
            out[f"upload {target['Key']}"] = see.see_upload(ctx, target["Bucket"], target["Key"], upload)
        return out

    def held_without_parity(self, answers):
        """Without objects of reduced redundancy, which need more drives, and uploads, whose parts MinIO lists by write quorum."""
        return {k: v for k, v in answers.items() if "/reduced@" not in k and not k.startswith("upload ")}
