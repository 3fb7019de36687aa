"""`rustfs fsck` on drives that MinIO wrote: each kind of damage under its name, none on sound drives; repaired, then sound.

What has to be found in the damaged fixtures is written down by hand from the `about` of their manifests, not taken from fsck.
"""

import collections
import hashlib
import json
import os
import pathlib
import shutil
import subprocess
import sys
import tarfile
import uuid

import pytest
import zstandard
from conftest import make_client
from harness import early
from harness.server import Server, binary

FIXTURES = pathlib.Path(__file__).resolve().parents[1] / "fixtures"
sys.path.insert(0, str(FIXTURES))
import check_fixture as see  # noqa: E402

SOUND, REPAIRABLE, LOST, UNCHECKED = range(4)


class Tree:
    """An unpacked fixture."""

    def __init__(self, name, folder):
        self.folder = pathlib.Path(folder)
        self.manifest = json.loads((FIXTURES / f"{name}.json").read_text())
        with open(FIXTURES / f"{name}.tar.zst", "rb") as packed:
            with tarfile.open(fileobj=zstandard.ZstdDecompressor().stream_reader(packed), mode="r|") as archive:
                archive.extractall(self.folder, filter="data")
        self.user = None
        self.env = {**os.environ, "MINIO_CI_CD": "1", **self.manifest["server"]["env"]}

    def fsck(self, *flags, args=None):
        """(exit status, findings, summary)."""
        args = args or self.manifest["server"]["args"]
        done = subprocess.run(
            [binary(), "fsck", "--json", *flags, *args],
            cwd=self.folder, env=self.env, user=self.user, capture_output=True, text=True, timeout=120,
        )
        lines = [json.loads(line) for line in done.stdout.splitlines()]
        findings = [line for line in lines if line["type"] == "finding"]
        summaries = [line for line in lines if line["type"] == "summary"]
        return done.returncode, findings, summaries[-1] if summaries else done.stderr

    def answers_its_manifest(self):
        """Starts the server and asks it, as a client, everything that only reads."""
        server = Server(root=self.folder, drives=0, args=self.manifest["server"]["args"], env=self.manifest["server"]["env"],
                        tls=self.manifest["server"].get("tls"))
        try:
            server.start("cluster/read")
            tally = see.Tally()
            see.check_manifest(see.Ctx(server.endpoint, {**self.manifest, "admin": []}), tally, True)
            assert tally.passed and not tally.failed
            assert server.stop() == 0
        finally:
            server.clean()

    def bytes(self):
        """Every file's path, kind and content."""
        seen = {}
        for path in sorted(self.folder.rglob("*")):
            name = str(path.relative_to(self.folder))
            if path.is_symlink():
                seen[name] = "link"
            elif path.is_file():
                seen[name] = hashlib.sha256(path.read_bytes()).hexdigest()
            else:
                seen[name] = "dir" if path.is_dir() else "other"
        return seen

    def objects(self):
        """Directories of clients' objects on the first drive, in order."""
        first = self.folder / "d1"
        metas = sorted(first.rglob("xl.meta"))
        return [meta.parent for meta in metas if ".minio.sys" not in meta.parts and meta.is_file()]

    def inline(self):
        """A small object: on drive 1."""
        return next(path for path in self.objects() if os.listdir(path) == ["xl.meta"] and (path / "xl.meta").stat().st_size > 3000)

    def large(self):
        """A part file on drive 1 of an object that has nothing else."""
        return next(part for path in self.objects() for part in sorted(path.glob("*/part.1")) if part.stat().st_size > 40)

    def drive(self, path, number):
        """The same path on another drive."""
        relative = path.relative_to(self.folder)
        return self.folder / f"d{number}" / pathlib.Path(*relative.parts[1:])


class Early(Tree):
    """Drives of early releases, in two sets."""

    def __init__(self, folder):
        self.folder, self.user = pathlib.Path(folder), None
        drives = [self.folder / f"d{number}" for number in range(1, 9)]
        early.make(drives)
        self.manifest = {"server": {"args": ["d{1...8}"], "env": {"MINIO_ERASURE_SET_DRIVE_COUNT": str(early.SET)}}}
        self.env = {**os.environ, "MINIO_CI_CD": "1", **self.manifest["server"]["env"]}

    def of(self, name):
        """The object's directory on the first drive of its set."""
        return next(drive / early.BUCKET / name for drive in sorted(self.folder.iterdir()) if (drive / early.BUCKET / name).exists())


@pytest.fixture
def tree(tmp_path):
    yield lambda name: Tree(name, tmp_path)
    # A hundred trees of a hundred megabytes each are not kept for whoever looks at failures.
    shutil.rmtree(tmp_path, ignore_errors=True)


def told(findings):
    """(kind, drive's name, bucket/object) of each finding, sorted."""
    name = lambda f: "/".join(f[k] for k in ("bucket", "object") if k in f)
    return sorted((f["kind"], pathlib.Path(f.get("drive", "")).name, name(f)) for f in findings)


SOUND_FIXTURES = sorted(path.stem for path in FIXTURES.glob("*.json") if not path.stem.startswith("damaged-"))


@pytest.mark.parametrize("name", SOUND_FIXTURES)
def test_sound_drives_give_nothing_and_stay_as_they_are(tree, name):
    drives = tree(name)
    before = drives.bytes()
    status, findings, summary = drives.fsck()
    assert (status, findings) == (SOUND, []), summary
    assert summary["names"] > 0 and summary["outcome"] == "sound"
    assert drives.bytes() == before


def per_drive(kind, prefix, pattern="pine-rack/{}/{}"):
    return [(kind, f"d{at + 1}", pattern.format(prefix, at)) for at in range(4)]


# What the manifests' `about` says.
DAMAGED = {
    "damaged-a-drive-emptied": (REPAIRABLE, [("drive-unformatted", "d3", "")]),
    "damaged-b-drive-missing": (REPAIRABLE, [("drive-missing", "d2", "")]),
    "damaged-b2-drive-offline": (REPAIRABLE, [("drive-missing", "d4", "")]),
    "damaged-c-bytes-flipped": (REPAIRABLE, [
        *per_drive("shard-corrupt", "part"), *per_drive("inline-corrupt", "inline"),
        ("shard-corrupt", "d1", "pine-rack/mp"), ("shard-corrupt", "d4", "pine-rack/mp"), ("shard-corrupt", "d2", "pine-rack/blocks"),
    ]),
    "damaged-e-part-deleted": (REPAIRABLE, [
        *per_drive("shard-missing", "part"), ("shard-missing", "d1", "pine-rack/mp"), ("shard-missing", "d2", "pine-rack/mp"),
        ("shard-missing", "d3", "pine-rack/blocks"), ("meta-missing", "d1", "pine-rack/inline/0"),
    ]),
}


@pytest.mark.parametrize("name", DAMAGED)
def test_damaged_fixtures_give_what_their_manifests_name(tree, name):
    drives = tree(name)
    before = drives.bytes()
    status, findings, summary = drives.fsck()
    wanted_status, wanted = DAMAGED[name]
    assert told(findings) == sorted(wanted)
    assert status == wanted_status, summary
    assert drives.bytes() == before


def kinds(findings, **where):
    return collections.Counter(f["kind"] for f in findings if all(f.get(k) == v for k, v in where.items()))


def test_truncated_metadata_is_found_on_one_drive_of_each_object(tree):
    status, findings, _ = tree("damaged-d-meta-truncated").fsck()
    assert status == REPAIRABLE
    # Cut by a few bytes only the data at the end is gone.
    assert set(kinds(findings)) == {"meta-broken", "inline-missing"}
    assert max(collections.Counter((f["bucket"], f["object"]) for f in findings).values()) == 1


def test_a_drive_that_was_away_missed_changes(tree):
    status, findings, _ = tree("damaged-f-stale-meta").fsck()
    assert status == REPAIRABLE
    assert {pathlib.Path(f["drive"]).name for f in findings} == {"d2"}
    assert set(kinds(findings)) == {"meta-stale", "meta-missing", "bucket-missing"}


def test_a_drive_that_was_away_still_has_what_was_deleted(tree):
    drives = tree("damaged-g-deleted-while-offline")
    status, findings, _ = drives.fsck()
    assert status == REPAIRABLE
    assert set(kinds(findings)) == {"deletion-remains", "bucket-remains"}
    deleted = {"old-public/o", "pine-rack/empty", "pine-rack/mp", "pine-rack/inline/0", "pine-rack/part/0", "moss-store84/doc", "moss-store84/big"}
    named = {f"{f['bucket']}/{f['object']}" for f in findings if "object" in f and f["bucket"] != ".minio.sys"}
    assert named == deleted


def test_two_damaged_drives_are_made_up_for_by_the_others(tree):
    status, findings, _ = tree("damaged-h-two-drives").fsck()
    assert status == REPAIRABLE and {f["severity"] for f in findings} == {"repairable"}


def unreadable(row):
    head, get = row.get("head") or {}, row.get("get") or {}
    marker = row.get("delete_marker") or "x-amz-delete-marker" in head.get("headers", {})
    return not marker and (head.get("status", 200) >= 400 or get.get("broken"))


def test_what_is_beyond_quorum_is_lost_and_nothing_else_is_named(tree):
    drives = tree("damaged-i-beyond-quorum")
    status, findings, _ = drives.fsck()
    assert status == LOST
    lost = {f["object"] for f in findings if f["kind"] in ("version-lost", "deletion-remains")}
    gone = {
        row["key"] for bucket in drives.manifest["buckets"] for row in bucket["current"] + bucket["versions"]
        if unreadable(row)
    }
    named = {f["object"] for f in findings}
    assert gone <= named and lost == named


def flip(path, at):
    data = bytearray(path.read_bytes())
    data[at] ^= 0xFF
    path.write_bytes(data)


def cut(path, size):
    os.truncate(path, size)


def replace(path, make):
    if path.is_dir():
        shutil.rmtree(path)
    else:
        path.unlink()
    make(path)


def swap(drives):
    one, two = drives.folder / "d1", drives.folder / "d2"
    one.rename(drives.folder / "x"), two.rename(one), (drives.folder / "x").rename(two)


def foreign(drives):
    path = drives.folder / "d3/.minio.sys/format.json"
    document = json.loads(path.read_text())
    document["id"] = str(uuid.uuid4())
    path.write_text(json.dumps(document))


def orphan(drives):
    directory = drives.large().parent.parent / str(uuid.uuid4())
    directory.mkdir()
    (directory / "part.1").write_bytes(b"x" * 100)


def staging(drives):
    directory = drives.folder / f"d2/.minio.sys/tmp/{uuid.uuid4()}/{uuid.uuid4()}"
    directory.mkdir(parents=True)
    (directory / "part.1").write_bytes(b"x" * 100)


def half_upload(drives):
    for number in (1, 2):
        directory = drives.folder / f"d{number}/.minio.sys/multipart/{'a' * 64}/{uuid.UUID(int=1)}x1700000000000000000/{uuid.UUID(int=2)}"
        directory.mkdir(parents=True)
        (directory / "part.1").write_bytes(b"x" * 100)


def copied_meta(drives):
    """The metadata of another drive: its shard is there twice."""
    small = drives.inline()
    shutil.copy(drives.drive(small, 2) / "xl.meta", small / "xl.meta")


def stale(drives):
    """The first of two states of an object, put back on one drive."""
    small = drives.inline()
    other = next(path for path in drives.objects() if path != small and os.listdir(path) == ["xl.meta"])
    shutil.copy(other / "xl.meta", small / "xl.meta")


INJECTED = {
    "a byte of inline data": (lambda d: flip(d.inline() / "xl.meta", -5), {"inline-corrupt"}),
    "a byte of a part": (lambda d: flip(d.large(), 40), {"shard-corrupt"}),
    "a byte of a digest": (lambda d: flip(d.large(), 3), {"shard-corrupt"}),
    "a byte of metadata": (lambda d: flip(d.inline() / "xl.meta", 60), {"meta-broken"}),
    "metadata of no bytes": (lambda d: cut(d.inline() / "xl.meta", 0), {"meta-broken"}),
    "a part cut short": (lambda d: cut(d.large(), d.large().stat().st_size - 1), {"shard-length"}),
    "a part of no bytes": (lambda d: cut(d.large(), 0), {"shard-length"}),
    "a part too long": (lambda d: d.large().open("ab").write(b"more"), {"shard-length"}),
    "a part deleted": (lambda d: d.large().unlink(), {"shard-missing"}),
    "metadata deleted": (lambda d: (d.inline() / "xl.meta").unlink(), {"meta-missing"}),
    "an object's directory deleted": (lambda d: shutil.rmtree(d.large().parent.parent), {"meta-missing"}),
    "a bucket's directory deleted": (lambda d: shutil.rmtree(d.folder / "d4" / d.inline().relative_to(d.folder).parts[1]), {"bucket-missing"}),
    "another object's metadata": (stale, {"meta-stale", "version-lost", "deletion-remains", "meta-misplaced"}),
    "another drive's metadata": (copied_meta, {"meta-misplaced"}),
    "an empty directory": (lambda d: (d.inline().parent / "nothing").mkdir(), {"empty-directory"}),
    "an orphaned data directory": (orphan, {"data-orphaned"}),
    "a file in a data directory": (lambda d: (d.large().parent / "part.77").write_bytes(b"x"), {"leftover-file"}),
    "staging": (staging, {"staging-remains"}),
    "half an upload": (half_upload, {"upload-broken"}),
    "a file of nobody's": (lambda d: (d.inline() / "notes.txt").write_text("mine"), {"unexpected-file"}),
    "a link for a part": (lambda d: replace(d.large(), lambda p: p.symlink_to("/etc/hostname")), {"wrong-kind"}),
    "a pipe for a part": (lambda d: replace(d.large(), os.mkfifo), {"wrong-kind"}),
    "a directory for a part": (lambda d: replace(d.large(), pathlib.Path.mkdir), {"wrong-kind"}),
    "a pipe for metadata": (lambda d: replace(d.inline() / "xl.meta", os.mkfifo), {"wrong-kind"}),
    "a directory for metadata": (lambda d: replace(d.inline() / "xl.meta", pathlib.Path.mkdir), {"wrong-kind"}),
    "a file for an object's directory": (lambda d: replace(d.inline(), lambda p: p.write_bytes(b"x")), {"wrong-kind"}),
    "a broken format.json": (lambda d: cut(d.folder / "d2/.minio.sys/format.json", 50), {"format-broken"}),
    "an emptied drive": (lambda d: [shutil.rmtree(p) for p in (d.folder / "d2").iterdir()], {"drive-unformatted"}),
    "a healing tracker that can't be read": (lambda d: (d.folder / "d1/.minio.sys/buckets/.healing.bin").write_bytes(b"\x81"), {"healing-tracker-broken"}),
    "swapped drives": (swap, {"drive-swapped"}),
    "a foreign drive": (foreign, {"drive-foreign"}),
    "a missing drive": (lambda d: shutil.rmtree(d.folder / "d3"), {"drive-missing"}),
}
# What fsck can't or mustn't repair: who put it so has to.
LEFT = {"a file of nobody's", "swapped drives", "a foreign drive", "a missing drive", "another object's metadata"}
HARMLESS = {"staging-remains", "empty-directory", "data-orphaned", "leftover-file", "unexpected-file", "upload-broken", "healing-tracker-broken"}


@pytest.mark.parametrize("name", INJECTED)
def test_injected_damage_is_found_under_its_name(tree, name):
    drives = tree("ec4-basic")
    inject, wanted = INJECTED[name]
    inject(drives)
    before = drives.bytes()
    status, findings, summary = drives.fsck()
    found = set(kinds(findings))
    assert found and found <= wanted, summary
    assert status == (SOUND if found <= HARMLESS else REPAIRABLE), summary
    assert drives.bytes() == before


@pytest.mark.parametrize("name", [name for name in INJECTED if name not in LEFT])
def test_what_can_be_repaired_is_and_objects_are_whole(tree, name):
    drives = tree("ec4-basic")
    INJECTED[name][0](drives)
    status, findings, summary = drives.fsck("--repair")
    assert status == SOUND, summary
    status, findings, summary = drives.fsck("--repair")
    assert (status, findings) == (SOUND, []), summary


@pytest.mark.parametrize("name", [n for n in DAMAGED if "missing" not in n and "offline" not in n] + [
    "damaged-d-meta-truncated", "damaged-f-stale-meta", "damaged-g-deleted-while-offline", "damaged-h-two-drives"])
def test_damaged_fixtures_are_repaired(tree, name):
    drives = tree(name)
    status, _, summary = drives.fsck("--repair")
    assert status == SOUND, summary
    status, findings, summary = drives.fsck()
    assert status == SOUND and {f["severity"] for f in findings} <= {"harmless"}, findings
    drives.answers_its_manifest()


@pytest.mark.parametrize("name", ["sse-ec4", "compress-sse-ec4"])
def test_repaired_objects_are_read_back_whole_from_what_was_repaired(tree, name):
    """A drive is emptied and repaired; then two others go, so that what is read comes from it."""
    drives = tree(name)
    [shutil.rmtree(path) for path in (drives.folder / "d2").iterdir()]
    status, _, summary = drives.fsck("--repair")
    assert status == SOUND, summary
    for gone in ("d1", "d3"):
        (drives.folder / gone).rename(drives.folder / f"{gone}.away")
        (drives.folder / gone).write_text("not a drive")
    drives.answers_its_manifest()


def test_drives_of_early_releases_are_sound(tmp_path):
    drives = Early(tmp_path)
    before = drives.bytes()
    status, findings, summary = drives.fsck()
    assert (status, findings) == (SOUND, []), summary
    assert summary["names"] == len(early.OBJECTS)
    assert drives.bytes() == before


EARLY = {
    "a part deleted": (lambda d: (d.of("json-blake2b/0") / "part.2").unlink(), "json-blake2b/0", "shard-missing"),
    "a byte of a part": (lambda d: flip(d.of("json-blake2b/0") / "part.3", 2), "json-blake2b/0", "shard-corrupt"),
    "a part cut short": (lambda d: cut(d.of("json-sha256/1") / "part.1", 3), "json-sha256/1", "shard-length"),
    "xl.json deleted": (lambda d: shutil.rmtree(d.of("json-sha256/1")), "json-sha256/1", "meta-missing"),
    "xl.json cut short": (lambda d: cut(d.of("json-sha256/1") / "xl.json", 100), "json-sha256/1", "meta-broken"),
    "xl.meta 1.0 cut short": (lambda d: cut(d.of("meta-1.0/2") / "xl.meta", 60), "meta-1.0/2", "meta-broken"),
    "a byte of inline data of 1.1": (lambda d: flip(d.of("meta-1.1/2") / "xl.meta", -1), "meta-1.1/2", "inline-corrupt"),
    "a byte of xl.meta 1.2": (lambda d: flip(d.of("meta-1.2/2") / "xl.meta", 60), "meta-1.2/2", "meta-broken"),
    "a byte of a part of 1.2": (lambda d: flip(next(d.of("meta-1.2-file/2").glob("*/part.1")), -1), "meta-1.2-file/2", "shard-corrupt"),
}


@pytest.mark.parametrize("name", EARLY)
def test_damage_to_early_releases_is_found_and_repaired(tmp_path, name):
    drives = Early(tmp_path)
    inject, damaged, kind = EARLY[name]
    inject(drives)
    status, findings, summary = drives.fsck()
    assert (status, [(f["object"], f["kind"]) for f in findings]) == (REPAIRABLE, [(damaged, kind)]), summary
    status, _, summary = drives.fsck("--repair")
    assert status == SOUND, summary
    status, findings, summary = drives.fsck()
    assert (status, findings) == (SOUND, []), summary
    server = Server(root=drives.folder, drives=8, args=["d{1...8}"], env=drives.manifest["server"]["env"])
    try:
        s3 = make_client(server.start().endpoint)
        for key, size in early.OBJECTS.items():
            assert s3.get_object(Bucket=early.BUCKET, Key=key)["Body"].read() == early.CONTENT * (size // len(early.CONTENT)), key
        assert server.stop() == 0
    finally:
        server.clean()


def test_a_missing_drive_is_not_made_by_a_repair(tree):
    drives = tree("damaged-b-drive-missing")
    status, _, _ = drives.fsck("--repair")
    assert status == REPAIRABLE and not (drives.folder / "d2").exists()


def test_a_file_that_cant_be_read_is_named(tree):
    drives = tree("ec4-basic")
    drives.large().chmod(0)
    if os.geteuid() == 0:  # who may read everything
        for folder in drives.folder.resolve().parents:
            if folder.owner() == "root" and "pytest" in str(folder):
                folder.chmod(0o755)
        drives.folder.chmod(0o755)
        drives.user = 65534
    status, findings, summary = drives.fsck()
    assert (status, set(kinds(findings))) == (REPAIRABLE, {"unreadable"}), summary


def test_wrong_arguments_are_told_not_guessed(tree):
    drives = tree("ec4-basic")
    for args in (["d{1...3}"], ["d{1...4}", "e{1...4}"], ["d1"]):
        status, findings, said = drives.fsck(args=args)
        assert status == UNCHECKED and findings == [], said
