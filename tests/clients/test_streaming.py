"""Bodies in signed and unsigned chunks, bent in every place, and the framing of HTTP below them."""

import socket

import pytest

from conftest import pattern
from harness import sigv4


def refusal(answer):
    return answer.status, answer.code


@pytest.mark.parametrize("sizes", [[], [1], [8192], [65_536, 65_536, 5], [1 << 20, 1 << 20, 3], [7] * 300])
def test_signed_chunks(raw, bucket, sizes):
    pieces = [pattern(size, i) for i, size in enumerate(sizes)]
    answer = raw.streaming(f"/{bucket}/k", pieces, headers={"content-encoding": "aws-chunked,gzip"})
    assert answer.status == 200, answer
    got = raw.request("GET", f"/{bucket}/k")
    assert got.body == b"".join(pieces)
    assert got.headers["content-encoding"] == "gzip"


def test_chunk_with_a_wrong_signature(raw, bucket):
    pieces = [pattern(70_000), pattern(70_000, 2)]

    def change_data(body):
        spot = body.index(pattern(70_000, 2)[:30])
        return body[:spot] + bytes([body[spot] ^ 1]) + body[spot + 1:]

    def change_signature(body):
        spot = body.rindex(b"chunk-signature=") + 16
        return body[:spot] + (b"0" if body[spot:spot + 1] != b"0" else b"1") + body[spot + 1:]

    for change in (change_data, change_signature):
        assert refusal(raw.streaming(f"/{bucket}/k", pieces, change=change)) == (403, "SignatureDoesNotMatch")
    assert raw.request("GET", f"/{bucket}/k").status == 404


def test_malformed_chunks(raw, bucket):
    for change in (lambda b: b"zz" + b[2:], lambda b: b.replace(b";chunk-signature", b";other", 1),
                   lambda b: b.replace(b"\r\n", b"\n\n", 1)):
        answer = raw.streaming(f"/{bucket}/k", [pattern(5000)], change=change)
        assert answer.status in (400, 403), answer
    assert raw.request("GET", f"/{bucket}/k").status == 404


def test_decoded_length_that_is_not_the_bodys(raw, bucket):
    for length, code in [("4", "ExcessData"), ("10", "IncompleteBody")]:
        answer = raw.streaming(f"/{bucket}/k", [b"12345"], headers={"x-amz-decoded-content-length": length})
        assert refusal(answer) == (400, code), answer
    assert raw.request("GET", f"/{bucket}/k").status == 404


@pytest.mark.differs("a body without its last chunk is accepted")
def test_missing_last_chunk_is_refused(raw, bucket):
    change = lambda body: body[: body.rindex(b"0;chunk-signature")]
    assert raw.streaming(f"/{bucket}/k", [b"12345"], change=change).status >= 400
    assert raw.request("GET", f"/{bucket}/k").status == 404


def test_missing_trailer_is_refused(raw, bucket):
    answer = raw.unsigned_streaming(f"/{bucket}/k", [b"12345"], headers={"x-amz-trailer": "x-amz-checksum-crc32"})
    assert answer.status == 400
    assert raw.request("GET", f"/{bucket}/k").status == 404


def test_trailer_signature_is_checked(raw, bucket):
    def change(body):
        spot = body.rindex(b"x-amz-trailer-signature:") + 24
        return body[:spot] + (b"0" if body[spot:spot + 1] != b"0" else b"1") + body[spot + 1:]

    answer = raw.streaming(f"/{bucket}/k", [b"12345"], [("x-amz-checksum-crc32", "y/U6HA==")], change=change)
    assert refusal(answer) == (403, "SignatureDoesNotMatch"), answer
    assert raw.streaming(f"/{bucket}/k", [b"12345"], [("x-amz-checksum-crc32", "y/U6HA==")]).status == 200


def test_parts_in_signed_chunks(s3, raw, bucket):
    upload = s3.create_multipart_upload(Bucket=bucket, Key="k")["UploadId"]
    body = pattern(5 << 20)
    pieces = [body[i : i + 65_536] for i in range(0, len(body), 65_536)]
    answer = raw.streaming(f"/{bucket}/k", pieces, query=[("partNumber", "1"), ("uploadId", upload)])
    assert answer.status == 200, answer
    s3.complete_multipart_upload(Bucket=bucket, Key="k", UploadId=upload, MultipartUpload={
        "Parts": [{"PartNumber": 1, "ETag": answer.headers["etag"]}]})
    assert s3.get_object(Bucket=bucket, Key="k")["Body"].read() == body


def test_put_without_length(raw, bucket):
    headers = raw.signer.headers("PUT", f"/{bucket}/k", [], {"host": raw.address}, sigv4.UNSIGNED)
    said = talk(raw, "PUT", f"/{bucket}/k", {**headers, "transfer-encoding": "chunked"}, b"5\r\nhello\r\n0\r\n\r\n")
    assert said.startswith(b"HTTP/1.1 411") and b"MissingContentLength" in said


def talk(raw, method, target, headers, body=b"", close_early=False):
    """One exchange over a bare socket: all bytes that came back."""
    host, port = raw.address.split(":")
    with socket.create_connection((host, int(port)), timeout=30) as s:
        pairs = headers.items() if isinstance(headers, dict) else headers
        lines = "".join(f"{k}: {v}\r\n" for k, v in pairs)
        s.sendall(f"{method} {target} HTTP/1.1\r\nConnection: close\r\n{lines}\r\n".encode() + body)
        if close_early:
            return b""
        out = b""
        try:
            while piece := s.recv(65_536):
                out += piece
        except ConnectionResetError:
            pass
        return out


def test_conflicting_lengths_are_refused(raw, bucket):
    path = f"/{bucket}/k"
    headers = raw.signer.headers("PUT", path, [], {"host": raw.address}, sigv4.UNSIGNED)
    for extra in ([("Content-Length", "5"), ("Content-Length", "3")], [("Content-Length", "+5")], [("Content-Length", "-1")],
                  [("Content-Length", "5 5")]):
        said = talk(raw, "PUT", path, [*headers.items(), *extra], b"hello")
        assert said == b"" or said.startswith(b"HTTP/1.1 400"), (extra, said)
    assert raw.request("GET", path).status == 404


def test_upload_cut_short_leaves_nothing(raw, bucket):
    path = f"/{bucket}/k"
    headers = raw.signer.headers("PUT", path, [], {"host": raw.address}, sigv4.UNSIGNED)
    for sent in (0, 1000, 300_000):
        talk(raw, "PUT", path, {**headers, "content-length": "400000"}, pattern(sent), close_early=True)
    assert raw.request("GET", path).status == 404
    assert raw.request("GET", f"/{bucket}", {"list-type": "2"}).body.count(b"<Contents>") == 0


def test_connection_is_kept_and_pipelines_of_requests_work(raw, bucket):
    keep = type(raw)(raw.address, raw.signer.access_key, raw.signer.secret_key, keep=True)
    for i in range(20):
        assert keep.request("PUT", f"/{bucket}/k{i}", body=pattern(1000 * i)).status == 200
        assert keep.request("GET", f"/{bucket}/k{i}").body == pattern(1000 * i)
        assert keep.request("GET", f"/{bucket}/none").status == 404


def test_expect_continue(raw, bucket):
    headers = raw.signer.headers("PUT", f"/{bucket}/k", [], {"host": raw.address}, sigv4.UNSIGNED)
    said = talk(raw, "PUT", f"/{bucket}/k", {**headers, "expect": "100-continue", "content-length": "5"}, b"hello")
    assert b"HTTP/1.1 200" in said
    bad = type(raw)(raw.address, raw.signer.access_key, "wrong")
    headers = bad.signer.headers("PUT", f"/{bucket}/k", [], {"host": raw.address}, sigv4.UNSIGNED)
    said = talk(raw, "PUT", f"/{bucket}/k", {**headers, "expect": "100-continue", "content-length": "5"}, b"")
    assert said.startswith(b"HTTP/1.1 403")


def test_headers_beyond_the_limit(raw, bucket):
    answer = raw.request("PUT", f"/{bucket}/k", headers={"x-odd": "v" * 9000}, body=b"x")
    assert refusal(answer) == (400, "MetadataTooLarge")


def test_unmatched_requests(raw, bucket):
    answer = raw.request("POST", f"/{bucket}/k", body=b"")
    assert refusal(answer) == (400, "BadRequest"), answer
    answer = raw.request("PUT", "/", body=b"")
    assert answer.status in (400, 405), answer
