"""Drives that MinIO wrote and this server served: the other still answers what their manifests say, and so does this server after it.

A scenario for each archive of `tests/fixtures` whose drives are sound.
"""

import json
import re

from harness.server import REPOSITORY, is_minio
from run_fixtures import LEFT_OUT
from scenarios.base import Scenario, see

FIXTURES = REPOSITORY / "tests/fixtures"
SOUND = sorted(path.stem for path in FIXTURES.glob("*.json") if not path.stem.startswith("damaged-"))


class Fixture(Scenario):
    """Each server's answers are compared with the manifest, all that only read; nobody writes."""

    fixture = ""
    writers = ()
    # The archive brings its own.
    drives = (1,)

    def __init__(self):
        self.manifest = json.loads((FIXTURES / f"{self.fixture}.json").read_text())
        self.env, self.tls = self.manifest["server"]["env"], bool(self.manifest["server"].get("tls"))

    def prepare(self, server):
        for drive in server.drives:
            drive.rmdir()
        see.unpack(FIXTURES / f"{self.fixture}.tar.zst", server.root)
        server.args = self.manifest["server"]["args"]

    def answers(self, server):
        manifest = dict(self.manifest)
        tally = see.Tally(False, False, False)
        if is_minio(server.program):
            # The manifest's requests for tokens left some.
            tally.leave = [re.compile("^admin list-access-keys-bulk")]
        else:
            manifest["admin"] = []
            tally.leave = [re.compile(pattern) for pattern, _ in LEFT_OUT.get(self.fixture, [])]
        see.check_manifest(see.Ctx(server.endpoint, manifest), tally, True)
        assert tally.passed and not tally.failed, f"{tally.failed} answers are not those of the manifest"
        return {"failed": tally.failed}


SCENARIOS = [type(name, (Fixture,), {"name": f"fixture-{name}", "fixture": name}) for name in SOUND]
