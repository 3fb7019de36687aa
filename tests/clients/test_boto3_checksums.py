"""Checksums: every algorithm, in header and trailer, of plain and multipart objects, composite and full."""

import base64
import hashlib
import zlib

import pytest
from awscrt import checksums as crt

from conftest import make_client, pattern
from harness.expect import refused

MIB = 1 << 20


def crc64nvme(data):
    return crt.crc64nvme(data).to_bytes(8, "big")


DIGESTS = {
    "CRC32": lambda d: zlib.crc32(d).to_bytes(4, "big"),
    "CRC32C": lambda d: crt.crc32c(d).to_bytes(4, "big"),
    "CRC64NVME": crc64nvme,
    "SHA1": lambda d: hashlib.sha1(d).digest(),
    "SHA256": lambda d: hashlib.sha256(d).digest(),
}
ALGORITHMS = list(DIGESTS)


def value(algorithm, data):
    return base64.b64encode(DIGESTS[algorithm](data)).decode()


@pytest.fixture(scope="session")
def unsummed(server):
    """A client that adds no checksum of its own."""
    return make_client(server.endpoint, config=dict(
        request_checksum_calculation="when_required", response_checksum_validation="when_required"))


@pytest.mark.parametrize("algorithm", ALGORITHMS)
@pytest.mark.parametrize("size", [0, 11, 200_000, 3 * MIB + 1])
def test_checksum_in_a_header(unsummed, bucket, algorithm, size):
    body, field = pattern(size, algorithm), "Checksum" + algorithm
    put = unsummed.put_object(Bucket=bucket, Key="k", Body=body, **{field: value(algorithm, body)})
    assert put[field] == value(algorithm, body)
    for call in (unsummed.head_object, unsummed.get_object):
        got = call(Bucket=bucket, Key="k", ChecksumMode="ENABLED")
        assert got[field] == value(algorithm, body) and got["ChecksumType"] == "FULL_OBJECT"
        assert field not in call(Bucket=bucket, Key="k")
    wrong = value(algorithm, b"something else")
    with refused("BadDigest", 400):
        unsummed.put_object(Bucket=bucket, Key="bad", Body=body, **{field: wrong})
    with refused("404"):
        unsummed.head_object(Bucket=bucket, Key="bad")


@pytest.mark.parametrize("algorithm", ALGORITHMS)
@pytest.mark.parametrize("size", [0, 11, 200_000, 3 * MIB + 1])
def test_checksum_in_a_trailer(raw, unsummed, bucket, algorithm, size):
    body, name = pattern(size, algorithm), "x-amz-checksum-" + algorithm.lower()
    pieces = [body[i : i + 65_536] for i in range(0, size, 65_536)]
    for streaming in (raw.streaming, raw.unsigned_streaming):
        answer = streaming(f"/{bucket}/k", pieces, [(name, value(algorithm, body))])
        assert answer.status == 200, answer
        assert answer.headers[name] == value(algorithm, body)
        got = unsummed.get_object(Bucket=bucket, Key="k", ChecksumMode="ENABLED")
        assert got["Body"].read() == body and got["Checksum" + algorithm] == value(algorithm, body)
        answer = streaming(f"/{bucket}/bad", pieces, [(name, value(algorithm, b"something else"))])
        assert (answer.status, answer.code) == (400, "BadDigest"), answer
    with refused("404"):
        unsummed.head_object(Bucket=bucket, Key="bad")


@pytest.mark.parametrize("algorithm", ALGORITHMS)
def test_the_sdks_own_checksums(s3, bucket, algorithm):
    body = pattern(300_000, algorithm)
    s3.put_object(Bucket=bucket, Key="k", Body=body, ChecksumAlgorithm=algorithm)
    got = s3.get_object(Bucket=bucket, Key="k", ChecksumMode="ENABLED")
    assert got["Body"].read() == body and got["Checksum" + algorithm] == value(algorithm, body)


def multipart(client, bucket, bodies, algorithm, kind):
    upload = client.create_multipart_upload(Bucket=bucket, Key="k", ChecksumAlgorithm=algorithm, ChecksumType=kind)
    assert (upload["ChecksumAlgorithm"], upload["ChecksumType"]) == (algorithm, kind)
    parts, field = [], "Checksum" + algorithm
    for number, body in enumerate(bodies, 1):
        answer = client.upload_part(Bucket=bucket, Key="k", UploadId=upload["UploadId"], PartNumber=number, Body=body,
                                    **{field: value(algorithm, body)})
        assert answer[field] == value(algorithm, body)
        parts.append({"PartNumber": number, "ETag": answer["ETag"], field: answer[field]})
    return upload["UploadId"], parts


@pytest.mark.parametrize("algorithm", ["CRC32", "CRC32C", "SHA1", "SHA256"])
def test_composite_checksum_of_parts(unsummed, bucket, algorithm):
    bodies, field = [pattern(5 * MIB, 1), pattern(MIB + 3, 2)], "Checksum" + algorithm
    upload, parts = multipart(unsummed, bucket, bodies, algorithm, "COMPOSITE")
    listed = unsummed.list_parts(Bucket=bucket, Key="k", UploadId=upload)
    assert [p[field] for p in listed["Parts"]] == [p[field] for p in parts]
    without = [{k: v for k, v in p.items() if k != field} for p in parts]
    with refused("InvalidPart", 400):
        unsummed.complete_multipart_upload(Bucket=bucket, Key="k", UploadId=upload, MultipartUpload={"Parts": without})
    done = unsummed.complete_multipart_upload(Bucket=bucket, Key="k", UploadId=upload, MultipartUpload={"Parts": parts})
    whole = value(algorithm, b"".join(DIGESTS[algorithm](b) for b in bodies)) + "-2"
    assert done[field] == whole
    head = unsummed.head_object(Bucket=bucket, Key="k", ChecksumMode="ENABLED")
    assert head[field] == whole and head["ChecksumType"] == "COMPOSITE"
    attributes = unsummed.get_object_attributes(Bucket=bucket, Key="k", ObjectAttributes=["Checksum", "ObjectParts"])
    assert [p[field] for p in attributes["ObjectParts"]["Parts"]] == [p[field] for p in parts]


@pytest.mark.parametrize("algorithm", ["CRC32", "CRC32C", "CRC64NVME"])
def test_full_object_checksum_of_parts(unsummed, bucket, algorithm):
    bodies, field = [pattern(5 * MIB, 1), pattern(MIB + 3, 2)], "Checksum" + algorithm
    upload, parts = multipart(unsummed, bucket, bodies, algorithm, "FULL_OBJECT")
    whole = value(algorithm, b"".join(bodies))
    done = unsummed.complete_multipart_upload(Bucket=bucket, Key="k", UploadId=upload, MultipartUpload={"Parts": parts})
    assert done[field] == whole
    got = unsummed.get_object(Bucket=bucket, Key="k", ChecksumMode="ENABLED")
    assert got[field] == whole and got["ChecksumType"] == "FULL_OBJECT" and got["Body"].read() == b"".join(bodies)


def test_sha_has_no_full_object_form(unsummed, bucket):
    with refused("InvalidArgument", 400):
        unsummed.create_multipart_upload(Bucket=bucket, Key="k", ChecksumAlgorithm="SHA256", ChecksumType="FULL_OBJECT")


@pytest.mark.differs("a checksum that can't be one is InvalidArgument")
def test_two_checksums_or_a_malformed_one_are_refused(raw, bucket):
    two = {"x-amz-checksum-crc32": value("CRC32", b"x"), "x-amz-checksum-sha1": value("SHA1", b"x")}
    for headers, code in ((two, "InvalidArgument"), ({"x-amz-checksum-crc32": "AAAA"}, "BadDigest"),
                          ({"x-amz-checksum-sha256": "not base64!"}, "BadDigest")):
        answer = raw.request("PUT", f"/{bucket}/k", headers=headers, body=b"x")
        assert (answer.status, answer.code) == (400, code), (headers, answer)


def test_content_md5(raw, bucket, s3):
    good = base64.b64encode(hashlib.md5(b"body").digest()).decode()
    assert raw.request("PUT", f"/{bucket}/k", headers={"content-md5": good}, body=b"body").status == 200
    for md5, code in [(base64.b64encode(hashlib.md5(b"other").digest()).decode(), "BadDigest"), ("short", "InvalidDigest")]:
        answer = raw.request("PUT", f"/{bucket}/bad", headers={"content-md5": md5}, body=b"body")
        assert (answer.status, answer.code) == (400, code), answer
    with refused("404"):
        s3.head_object(Bucket=bucket, Key="bad")


def test_copy_keeps_or_makes_a_checksum(unsummed, bucket):
    body = pattern(200_000)
    unsummed.put_object(Bucket=bucket, Key="with", Body=body, ChecksumSHA256=value("SHA256", body))
    unsummed.put_object(Bucket=bucket, Key="without", Body=body)
    unsummed.copy_object(Bucket=bucket, Key="c", CopySource=f"{bucket}/with")
    assert unsummed.head_object(Bucket=bucket, Key="c", ChecksumMode="ENABLED")["ChecksumSHA256"] == value("SHA256", body)
    unsummed.copy_object(Bucket=bucket, Key="c", CopySource=f"{bucket}/without")
    assert unsummed.head_object(Bucket=bucket, Key="c", ChecksumMode="ENABLED")["ChecksumCRC64NVME"] == value("CRC64NVME", body)
