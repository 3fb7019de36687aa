"""The stored configuration: what the other server's `mc admin config set` wrote takes effect on both, and is kept as it is."""

import tempfile
import time

from conftest import Tool
from harness.server import ACCESS_KEY, SECRET_KEY
from scenarios.base import Scenario, make_client, pattern

BUCKET = "configured"
SETTINGS = [
    ("compression", "enable=on", "extensions=.txt", "mime_types=text/*"),
    ("storage_class", "standard=EC:1", "inline_block=16KiB"),
    ("site", "name=way-back", "region=eu-way-back-1"),
    ("api", "requests_max=500", "object_max_versions=3"),
    ("scanner", "speed=slow"),
    ("audit_webhook:far", "endpoint=http://127.0.0.1:9/", "enable=off"),
]


class Configuration(Scenario):
    name = "configuration"
    writers = ("minio",)
    drives = (4,)

    def __init__(self):
        self.exported = None

    def begin(self, server):
        with self.mc(server) as mc:
            for subsystem, *values in SETTINGS:
                mc.run("admin", "config", "set", "s", subsystem, *values)
        # What needs a restart for MinIO takes effect at its next turn.
        server.stop()
        server.start()
        with self.mc(server) as mc:
            self.exported = mc.run("admin", "config", "export", "s")
        make_client(server.endpoint, region_name="eu-way-back-1").create_bucket(Bucket=BUCKET)

    def mc(self, server):
        return Client(server)

    def take_over(self, server, generation):
        with self.mc(server) as mc:
            found = mc.run("admin", "config", "export", "s")
        if found == self.exported:
            return 0
        print("    the stored configuration changed")
        return 1

    def answers(self, server):
        s3 = make_client(server.endpoint, region_name="eu-way-back-1")
        s3.put_object(Bucket=BUCKET, Key="compressed.txt", Body=pattern(50_000))
        s3.put_object(Bucket=BUCKET, Key="plain.bin", Body=pattern(60_000))
        out = {"location": s3.get_bucket_location(Bucket=BUCKET)["LocationConstraint"]}
        for key in ("compressed.txt", "plain.bin"):
            headers = s3.head_object(Bucket=BUCKET, Key=key)["ResponseMetadata"]["HTTPHeaders"]
            out[key] = {"compressed": headers.get("x-minio-compressed", "")}
        # Three shards of 20,000 bytes: no longer inline.
        placed = s3.get_object(Bucket=BUCKET, Key="plain.bin")
        out["plain.bin"] |= {"length": placed["ContentLength"], "files": [size_of(drive / BUCKET / "plain.bin") for drive in server.drives]}
        return out


def size_of(folder):
    """The size of an object's only part on a drive, once it is there."""
    for _ in range(100):
        sizes = [part.stat().st_size for part in folder.glob("*/part.1")]
        if sizes:
            break
        time.sleep(0.05)
    return sizes


class Client:
    """mc in a home of its own."""

    def __init__(self, server):
        self.home, self.address = tempfile.TemporaryDirectory(), server.address

    def __enter__(self):
        return Tool("mc", self.home.name, {"MC_HOST_s": f"http://{ACCESS_KEY}:{SECRET_KEY}@{self.address}"})

    def __exit__(self, *_):
        self.home.cleanup()
