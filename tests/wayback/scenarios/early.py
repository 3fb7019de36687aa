"""Objects of early releases: both servers answer the same from them where they lie, and beneath what this server wrote above them.

MinIO doesn't move an `xl.json` object's parts when it writes a version above it, which loses them: it only reads here.
"""

from harness import early
from scenarios.base import Scenario, context, every_version, make_client, see


class Early(Scenario):
    name = "early"
    drives = (4, 8)
    writers = ("rustfs",)
    # Eight drives are two sets, among which CRC-32 chooses.
    env = {"MINIO_ERASURE_SET_DRIVE_COUNT": "4"}
    set_size = early.SET

    def prepare(self, server):
        early.make(server.drives)

    def begin(self, server):
        make_client(server.endpoint).put_bucket_versioning(Bucket=early.BUCKET, VersioningConfiguration={"Status": "Enabled"})

    def write(self, server, generation):
        """Each generation changes one object of each kind: a version above, a marker above, and the oldest goes."""
        s3 = make_client(server.endpoint)
        changed = [name for name in early.OBJECTS if name.endswith(f"/{generation // 2}")]
        for name in changed:
            wanted = early.CONTENT * (early.OBJECTS[name] // len(early.CONTENT))
            found = s3.get_object(Bucket=early.BUCKET, Key=name)["Body"].read()
            assert found == wanted, f"{name} is {found!r}"
            s3.put_object(Bucket=early.BUCKET, Key=name, Body=b"a version above")
            if name.startswith(("json-sha256", "meta-1.1")):
                s3.delete_object(Bucket=early.BUCKET, Key=name)
            if name.startswith("meta-1.2/"):
                s3.delete_object(Bucket=early.BUCKET, Key=name, VersionId="null")

    def answers(self, server):
        ctx = context(server.endpoint)
        out = {"list": see.see_listing(ctx, early.BUCKET, "list_objects_v2", {})}
        return out | every_version(ctx, early.BUCKET)

    def held_without_parity(self, answers):
        return answers
