"""What scenarios share: asking everything about an object, and the form of a scenario.

A scenario is a class with a name, perhaps an environment, and four methods; put it in a module here and its name in `__init__.py`.
"""

import pathlib
import sys

TESTS = pathlib.Path(__file__).resolve().parents[2]
sys.path[:0] = [str(TESTS), str(TESTS / "fixtures")]
import check_fixture as see  # noqa: E402
from conftest import make_client, pattern  # noqa: E402,F401
from harness.server import ACCESS_KEY, SECRET_KEY  # noqa: E402

MIB = 1 << 20


class Scenario:
    """What is written and asked while drives change hands. One instance lives through all legs on one set of drives."""

    name = ""
    # Of both servers.
    env = {}
    # Whether clients use TLS.
    tls = False
    # Sets that it is played on.
    drives = (1, 4)
    # Drives of a set, where that isn't all.
    set_size = None
    # Who writes: the other only answers.
    writers = ("rustfs", "minio")

    def prepare(self, server):
        """Before any server was started: what the drives have already."""

    def begin(self, server):
        """Once, on the first server that writes: buckets and what belongs to them."""

    def write(self, server, generation):
        """A generation of objects; `server.endpoint` is where."""

    def take_over(self, server, generation):
        """Changes what the other server wrote in the generation before. Number of wrong answers."""
        return 0

    def answers(self, server):
        """Everything that can be asked, as plain values by name."""
        raise NotImplementedError

    def held_without_parity(self, answers):
        """Those of the answers that must stay the same with as many drives missing as parity allows; None: isn't asked."""
        return None


def context(endpoint):
    return see.Ctx(endpoint, {"root": {"access_key": ACCESS_KEY, "secret_key": SECRET_KEY}})


def every_version(ctx, bucket):
    rows = see.see_versions(ctx, bucket)
    out = {f"{bucket} versions": rows}
    for row in rows:
        out |= one_version(ctx, bucket, row)
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
