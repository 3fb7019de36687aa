"""Drives as early releases left them, made from the format's description (docs/on-disk-format.md): `xl.json` with part files beside
it and digests over whole files, `xl.meta` 1.0 to 1.2, objects spread over sets by CRC-32.

Every part is `hello world!` on 2+2 drives, whose shards and digests are known.
"""

import hashlib
import json
import struct
import uuid
import zlib

BUCKET = "early"
CONTENT = b"hello world!"
SET = 4
SHARDS = ["68656c6c6f20", "776f726c6421", "5671506c7922", "497b4e6c7223"]
# HighwayHash-256 of each shard.
DIGESTS = [
    "475121817e20e1b6de2089391cbf08d049fa35325b99d696c15a6d3712c9607c",
    "0dba6856d728a47bbd0ccca86d1f769fcb3858f73031fb5ccc3452e93fc7774e",
    "df270f18dd5023e6e7a6102303012e0c659487d7728f250f5bdb7c880401fe9a",
    "fc3ece227876a53e28ce571616d4d59393aca9bcc373d704db868b1ed139cd61",
]
ETAG = "fc3ff98e8c6a0d3087d515c0473f8677"
DEPLOYMENT = uuid.UUID("5e3f4b1c-0f0e-4c3a-9b43-64c51b0b7d3d")
# 2019-05-01T10:00:00Z and seconds behind it, in nanoseconds.
TIME = 1_556_704_800 * 10**9
BLOCK = 10_485_760
# Objects by name, and of how many bytes.
OBJECTS = {f"{kind}/{at}": size for at in range(4) for kind, size in {
    "json-sha256": 12, "json-blake2b": 36, "meta-1.0": 12, "meta-1.1": 12, "meta-1.2": 12, "meta-1.2-file": 12}.items()}


def make(drives):
    """Fills empty directories, four a set."""
    sets = [[str(uuid.UUID(int=(s + 1) << 64 | 4 << 76 | 8 << 60 | d)) for d in range(SET)] for s in range(len(drives) // SET)]
    for at, drive in enumerate(drives):
        (drive / ".minio.sys").mkdir(parents=True)
        (drive / BUCKET).mkdir()
        text = {"version": "1", "format": "xl", "id": str(DEPLOYMENT), "xl": {
            "version": "3", "this": sets[at // SET][at % SET], "sets": sets, "distributionAlgo": "CRCMOD"}}
        (drive / ".minio.sys/format.json").write_text(json.dumps(text, separators=(",", ":")))
    for name, size in OBJECTS.items():
        chosen = zlib.crc32(name.encode()) % len(sets)
        for shard, drive in enumerate(drives[chosen * SET:(chosen + 1) * SET]):
            put(drive / BUCKET / name, name.split("/")[0], shard, size // len(CONTENT))


def put(folder, kind, shard, parts):
    """One drive's files of an object."""
    folder.mkdir(parents=True)
    if kind.startswith("json-"):
        return put_json(folder, kind.removeprefix("json-"), shard, parts)
    version = int(kind.removeprefix("meta-1.")[0])
    framed, data = bytes.fromhex(DIGESTS[shard] + SHARDS[shard]), uuid.UUID(int=99)
    inline = version > 0 and not kind.endswith("-file")
    if not inline:
        (folder / str(data)).mkdir()
        (folder / str(data) / "part.1").write_bytes(framed)
    (folder / "xl.meta").write_bytes(meta(version, data, shard, framed if inline else None))


def put_json(folder, algorithm, shard, parts):
    content, names = bytes.fromhex(SHARDS[shard]), [f"part.{n}" for n in range(1, parts + 1)]
    digest = {"sha256": hashlib.sha256, "blake2b": hashlib.blake2b}[algorithm](content).hexdigest()
    for name in names:
        (folder / name).write_bytes(content)
    document = {
        "version": "1.0.1", "format": "xl", "stat": {"size": len(CONTENT) * parts, "modTime": "2019-05-01T10:00:00Z"},
        "erasure": {
            "algorithm": "klauspost/reedsolomon/vandermonde", "data": 2, "parity": 2, "blockSize": BLOCK, "index": shard + 1,
            "distribution": [1, 2, 3, 4], "checksum": [{"name": name, "algorithm": algorithm, "hash": digest} for name in names]},
        "minio": {"release": "RELEASE.2019-05-01T00-00-00Z"}, "meta": {"content-type": "text/plain", "etag": ETAG},
        "parts": [{"number": n, "name": name, "etag": "", "size": 12, "actualSize": 12} for n, name in enumerate(names, 1)],
    }
    (folder / "xl.json").write_text(json.dumps(document))


def meta(minor, data, shard, inline):
    """`xl.meta` of version 1.`minor` with one version: the null version."""
    version = {
        "ID": bytes(16), "DDir": data.bytes, "EcAlgo": 1, "EcM": 2, "EcN": 2, "EcBSize": BLOCK, "EcIndex": shard + 1,
        "EcDist": [1, 2, 3, 4], "CSumAlgo": 1, "PartNums": [1], "PartETags": [""], "PartSizes": [12], "PartASizes": [12],
        "Size": 12, "MTime": TIME + 10**9 * minor, "MetaSys": {}, "MetaUsr": {"content-type": "text/plain", "etag": ETAG},
    }
    if inline:
        version["MetaSys"]["x-minio-internal-inline-data"] = b"true"
    payload = packed({"Versions": [{"Type": 1, "V2Obj": version}]})
    if minor == 0:
        return b"XL2 1   " + payload
    head = b"XL2 " + struct.pack("<HH", 1, minor) + packed(payload)
    check = b"\xce" + struct.pack(">I", xxh64(payload) & 0xFFFFFFFF) if minor > 1 else b""
    return head + check + (b"\x01" + packed({"null": inline}) if inline else b"")


def packed(value):
    """msgpack, as far as it is needed."""
    if isinstance(value, int):
        return bytes([value]) if value < 128 else b"\xd3" + struct.pack(">q", value)
    if isinstance(value, str):
        encoded = value.encode()
        return (bytes([0xA0 | len(encoded)]) if len(encoded) < 32 else b"\xd9" + bytes([len(encoded)])) + encoded
    if isinstance(value, bytes):
        return b"\xc6" + struct.pack(">I", len(value)) + value
    if isinstance(value, list):
        return bytes([0x90 | len(value)]) + b"".join(map(packed, value))
    return b"\xde" + struct.pack(">H", len(value)) + b"".join(packed(k) + packed(v) for k, v in value.items())


def xxh64(data):
    """XXH64 with seed 0 (its specification, XXH64 algorithm description)."""
    full, p = (1 << 64) - 1, (11400714785074694791, 14029467366897019727, 1609587929392839161, 9650029242287828579, 2870177450012600261)
    turn = lambda x, n: (x << n | x >> (64 - n)) & full
    mix = lambda acc, lane: turn((acc + lane * p[1]) & full, 31) * p[0] & full
    at = 0
    if len(data) >= 32:
        lanes = [(p[0] + p[1]) & full, p[1], 0, -p[0] & full]
        while at + 32 <= len(data):
            lanes = [mix(acc, lane) for acc, lane in zip(lanes, struct.unpack_from("<4Q", data, at))]
            at += 32
        h = sum(turn(lane, n) for lane, n in zip(lanes, (1, 7, 12, 18))) & full
        for lane in lanes:
            h = ((h ^ mix(0, lane)) * p[0] + p[3]) & full
    else:
        h = p[4]
    h = (h + len(data)) & full
    while at + 8 <= len(data):
        h = (turn(h ^ mix(0, struct.unpack_from("<Q", data, at)[0]), 27) * p[0] + p[3]) & full
        at += 8
    if at + 4 <= len(data):
        h = (turn(h ^ struct.unpack_from("<I", data, at)[0] * p[0] & full, 23) * p[1] + p[2]) & full
        at += 4
    for byte in data[at:]:
        h = turn(h ^ byte * p[4] & full, 11) * p[0] & full
    h = (h ^ h >> 33) * p[1] & full
    h = (h ^ h >> 29) * p[2] & full
    return h ^ h >> 32
