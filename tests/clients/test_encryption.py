"""Server-side encryption and compression through boto3 and mc, over TLS with a key from the environment."""

import base64
import hashlib
import itertools
import json

import pytest

from conftest import Tool, make_client, pattern
from harness.expect import refused
from harness.raw import Raw
from harness.server import ACCESS_KEY, SECRET_KEY, Server, is_minio

MIB = 1 << 20
KEY_NAME = "test-key"
ENVIRONMENT = {
    "MINIO_KMS_SECRET_KEY": KEY_NAME + ":AAECAwQFBgcICQoLDA0ODxAREhMUFRYXGBkaGxwdHh8=",
    "MINIO_COMPRESSION_ENABLE": "on",
    "MINIO_COMPRESSION_EXTENSIONS": ".txt",
    "MINIO_COMPRESSION_MIME_TYPES": "text/*",
    "MINIO_COMPRESSION_ALLOW_ENCRYPTION": "on",
}
RIGHT, OTHER = b"a" * 32, b"b" * 32
CONTEXT = base64.b64encode(json.dumps({"team": "storage"}).encode()).decode()
_names = itertools.count(1)


def of_client(key):
    return {"SSECustomerAlgorithm": "AES256", "SSECustomerKey": key}


def of_source(key):
    return {"CopySourceSSECustomerAlgorithm": "AES256", "CopySourceSSECustomerKey": key}


KINDS = {
    "s3": ({"ServerSideEncryption": "AES256"}, {}),
    "kms": ({"ServerSideEncryption": "aws:kms", "SSEKMSKeyId": KEY_NAME, "SSEKMSEncryptionContext": CONTEXT}, {}),
    "c": (of_client(RIGHT), of_client(RIGHT)),
}


@pytest.fixture(scope="module")
def sealed():
    server = Server(drives=4, env=ENVIRONMENT, tls=True)
    try:
        yield server.start()
        assert server.stop() == 0, server.log_tail()
    finally:
        server.clean()


@pytest.fixture(scope="module")
def client(sealed):
    return make_client(sealed.endpoint, verify=str(sealed.certificate))


@pytest.fixture
def place(client):
    name = f"sealed-{next(_names)}"
    client.create_bucket(Bucket=name)
    return name


@pytest.mark.parametrize("kind", KINDS)
@pytest.mark.parametrize("name", ["k.bin", "k.txt"])
def test_what_was_put_comes_back_and_the_answers_say_how_it_is_kept(client, place, kind, name):
    write, read = KINDS[kind]
    for size in (0, 1, 65_536, 65_537, 200_000, 9 * MIB + 5):
        body = pattern(size, kind)
        put = client.put_object(Bucket=place, Key=name, Body=body, **write)
        got = client.get_object(Bucket=place, Key=name, **read)
        assert got["Body"].read() == body and got["ContentLength"] == size
        head = client.head_object(Bucket=place, Key=name, **read)
        for answer in (put, got, head):
            assert answer["ETag"] == put["ETag"]
            assert answer.get("ServerSideEncryption") == write.get("ServerSideEncryption")
            if kind == "kms":
                assert answer["SSEKMSKeyId"] == "arn:aws:kms:" + KEY_NAME
            if kind == "c":
                assert answer["SSECustomerAlgorithm"] == "AES256"
                assert answer["SSECustomerKeyMD5"] == base64.b64encode(hashlib.md5(RIGHT).digest()).decode()
        if kind == "s3":
            assert put["ETag"] == f'"{hashlib.md5(body).hexdigest()}"'
        listed = client.list_objects_v2(Bucket=place)["Contents"][0]
        assert (listed["ETag"], listed["Size"]) == (put["ETag"], size)
        if size > 200_000:
            for first, last in ((0, 0), (65_535, 65_536), (MIB - 1, 3 * MIB), (8 * MIB + 1, size - 1)):
                part = client.get_object(Bucket=place, Key=name, Range=f"bytes={first}-{last}", **read)
                assert part["Body"].read() == body[first:last + 1]


@pytest.mark.parametrize("kind", KINDS)
def test_uploads_in_parts(client, place, kind):
    write, read = KINDS[kind]
    bodies = [pattern(5 * MIB + 1, 1), pattern(5 * MIB, 2), b"end"]
    for key in ("k.bin", "k.txt"):
        upload = client.create_multipart_upload(Bucket=place, Key=key, **write)["UploadId"]
        target = dict(Bucket=place, Key=key, UploadId=upload)
        if kind == "c":
            with refused("InvalidRequest"):
                client.upload_part(PartNumber=1, Body=b"no key", **target)
            with refused("AccessDenied" if is_minio() else "InvalidRequest"):
                client.upload_part(PartNumber=1, Body=b"wrong key", **target, **of_client(OTHER))
        parts = [{"PartNumber": n, "ETag": client.upload_part(PartNumber=n, Body=body, **target, **read)["ETag"]}
                 for n, body in enumerate(bodies, 1)]
        assert [p["ETag"] for p in client.list_parts(**target)["Parts"]] == [p["ETag"] for p in parts]
        client.complete_multipart_upload(MultipartUpload={"Parts": parts}, **target)
        whole = b"".join(bodies)
        got = client.get_object(Bucket=place, Key=key, **read)
        assert got["Body"].read() == whole and got["ETag"].endswith('-3"')
        got = client.get_object(Bucket=place, Key=key, PartNumber=2, **read)
        assert got["Body"].read() == bodies[1] and got["PartsCount"] == 3
        border = len(bodies[0])
        got = client.get_object(Bucket=place, Key=key, Range=f"bytes={border - 2}-{border + 1}", **read)
        assert got["Body"].read() == whole[border - 2:border + 2]


def test_copies_between_all_kinds(client, place):
    body = pattern(3 * MIB, "copy")
    for kind, (write, read) in KINDS.items():
        client.put_object(Bucket=place, Key=kind, Body=body, **write)
        for to, (asked, opens) in KINDS.items():
            source = of_source(RIGHT) if kind == "c" else {}
            client.copy_object(Bucket=place, Key=f"{kind}-{to}", CopySource={"Bucket": place, "Key": kind}, **source, **asked)
            assert client.get_object(Bucket=place, Key=f"{kind}-{to}", **opens)["Body"].read() == body
    client.copy_object(Bucket=place, Key="c", CopySource={"Bucket": place, "Key": "c"}, MetadataDirective="REPLACE",
                       **of_source(RIGHT), **of_client(OTHER))
    with refused("403"):
        client.head_object(Bucket=place, Key="c", **of_client(RIGHT))
    assert client.get_object(Bucket=place, Key="c", **of_client(OTHER))["Body"].read() == body


def test_keys_that_are_missing_wrong_or_out_of_place(client, place):
    client.put_object(Bucket=place, Key="c", Body=b"x", **of_client(RIGHT))
    client.put_object(Bucket=place, Key="s3", Body=b"x", ServerSideEncryption="AES256")
    client.put_object(Bucket=place, Key="clear", Body=b"x")
    with refused("InvalidRequest"):
        client.get_object(Bucket=place, Key="c")
    with refused("AccessDenied"):
        client.get_object(Bucket=place, Key="c", **of_client(OTHER))
    for key in ("s3", "clear"):
        with refused("InvalidRequest"):
            client.get_object(Bucket=place, Key=key, **of_client(RIGHT))
    with refused("kms:KeyNotFound"):
        client.put_object(Bucket=place, Key="k", Body=b"x", ServerSideEncryption="aws:kms", SSEKMSKeyId="nobody")
    with refused("InvalidArgument"):
        client.put_object(Bucket=place, Key="k", Body=b"x", ServerSideEncryption="AES256", **of_client(RIGHT))
    with refused("404"):
        client.head_object(Bucket=place, Key="k")


def test_a_buckets_default(client, place):
    with refused("ServerSideEncryptionConfigurationNotFoundError"):
        client.get_bucket_encryption(Bucket=place)
    rule = {"ApplyServerSideEncryptionByDefault": {"SSEAlgorithm": "aws:kms", "KMSMasterKeyID": KEY_NAME}}
    client.put_bucket_encryption(Bucket=place, ServerSideEncryptionConfiguration={"Rules": [rule]})
    assert client.get_bucket_encryption(Bucket=place)["ServerSideEncryptionConfiguration"]["Rules"] == [rule]
    assert client.put_object(Bucket=place, Key="k", Body=b"x")["ServerSideEncryption"] == "aws:kms"
    assert client.put_object(Bucket=place, Key="k", Body=b"x", ServerSideEncryption="AES256")["ServerSideEncryption"] == "AES256"
    client.delete_bucket_encryption(Bucket=place)
    assert "ServerSideEncryption" not in client.put_object(Bucket=place, Key="k", Body=b"x")


def test_what_is_compressed_says_so(client, place, sealed):
    client.put_object(Bucket=place, Key="k.txt", Body=bytes(100_000))
    head = client.head_object(Bucket=place, Key="k.txt")
    assert head["ResponseMetadata"]["HTTPHeaders"]["x-minio-compressed"] == "s2"
    assert head["ContentLength"] == 100_000 and head["ETag"] == f'"{hashlib.md5(bytes(100_000)).hexdigest()}"'
    stored = sum(f.stat().st_size for d in sealed.drives for f in (d / place / "k.txt").rglob("*"))
    assert stored < 20_000, "nothing became smaller"
    client.put_object(Bucket=place, Key="small.txt", Body=bytes(4096))
    assert "x-minio-compressed" not in client.head_object(Bucket=place, Key="small.txt")["ResponseMetadata"]["HTTPHeaders"]


def test_a_condition_means_the_etag_that_is_shown(client, place):
    etag = client.put_object(Bucket=place, Key="k", Body=b"one", ServerSideEncryption="AES256")["ETag"]
    with refused("PreconditionFailed"):
        client.put_object(Bucket=place, Key="k", Body=b"two", IfMatch='"' + "0" * 32 + '"')
    client.put_object(Bucket=place, Key="k", Body=b"two", IfMatch=etag)


def test_a_clients_key_needs_tls(server, bucket):
    raw = Raw(server.address, ACCESS_KEY, SECRET_KEY)
    answer = raw.request("GET", f"/{bucket}/k", headers={"x-amz-server-side-encryption-customer-algorithm": "AES256"})
    assert answer.status == 400 and b"secure connection" in answer.body


def test_mc(sealed, client, place, tree, tmp_path):
    mc = Tool("mc", tmp_path, {"MC_UPDATE": "off"}, ["--config-dir", str(tmp_path / "mc"), "--no-color", "--insecure"])
    mc.run("alias", "set", "t", sealed.endpoint, ACCESS_KEY, SECRET_KEY)
    mc.run("encrypt", "set", "sse-s3", f"t/{place}")
    assert "sse-s3" in mc.run("encrypt", "info", f"t/{place}").lower()
    mc.run("cp", tree / "big.bin", f"t/{place}/default")
    assert client.head_object(Bucket=place, Key="default")["ServerSideEncryption"] == "AES256"
    mc.run("encrypt", "clear", f"t/{place}")
    key = base64.b64encode(RIGHT).decode().rstrip("=")
    mc.run("cp", "--enc-c", f"t/{place}/={key}", tree / "big.bin", f"t/{place}/mine")
    assert mc.bytes("cat", "--enc-c", f"t/{place}/={key}", f"t/{place}/mine") == (tree / "big.bin").read_bytes()
    mc.run("cat", f"t/{place}/mine", status=None)
    assert mc.bytes("cat", f"t/{place}/default") == (tree / "big.bin").read_bytes()
