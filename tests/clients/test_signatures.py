"""Who may come in: signatures, dates, regions, presigned URLs, and everything that is refused."""

import datetime

import pytest

from conftest import make_client
from harness import sigv4
from harness.raw import Raw
from harness.server import ACCESS_KEY, SECRET_KEY

HOUR = datetime.timedelta(hours=1)


@pytest.fixture
def thing(s3, bucket):
    s3.put_object(Bucket=bucket, Key="k ö", Body=b"content")
    return f"/{bucket}/k ö"


def refusal(answer):
    return answer.status, answer.code


def test_a_good_signature_is_let_in(raw, thing):
    assert raw.request("GET", thing).body == b"content"


@pytest.mark.parametrize("method,path", [("GET", ""), ("PUT", ""), ("HEAD", ""), ("DELETE", ""), ("GET", "bucket"), ("LIST", "")])
def test_anonymous_requests_are_refused(raw, thing, method, path):
    target = {"LIST": "/"}.get(method, sigv4.quote(thing if path != "bucket" else thing.rsplit("/", 1)[0]))
    answer = raw.send("GET" if method == "LIST" else method, target, body=b"x" if method == "PUT" else b"")
    assert refusal(answer) == (403, "AccessDenied"), answer
    assert raw.request("GET", thing).body == b"content"


def test_wrong_secret(raw, thing, server):
    other = Raw(server.address, ACCESS_KEY, SECRET_KEY + "x")
    for method in ("GET", "PUT", "DELETE"):
        assert refusal(other.request(method, thing, body=b"")) == (403, "SignatureDoesNotMatch")
    head = other.request("HEAD", thing)
    assert head.status == 403 and head.body == b""
    assert raw.request("GET", thing).body == b"content"


def test_unknown_access_key(thing, server):
    answer = Raw(server.address, "nobody", SECRET_KEY).request("GET", thing)
    assert refusal(answer) == (403, "InvalidAccessKeyId")


def test_skewed_clock(raw, thing):
    now = sigv4.utc_now()
    for shift in (-HOUR, HOUR, 20 * -HOUR):
        assert refusal(raw.request("GET", thing, when=now + shift)) == (403, "RequestTimeTooSkewed")
    for shift in (-HOUR / 6, HOUR / 6):
        assert raw.request("GET", thing, when=now + shift).status == 200


def test_what_was_signed_cannot_be_changed(raw, thing):
    def bend(**changes):
        return lambda headers: headers.update({k.replace("_", "-"): v for k, v in changes.items()})
    changes = [bend(x_amz_meta_a="2"), bend(x_amz_content_sha256=sigv4.EMPTY_SHA256)]
    for change in changes:
        answer = raw.request("PUT", thing, headers={"x-amz-meta-a": "1"}, body=b"new", change=change)
        assert refusal(answer) == (403, "SignatureDoesNotMatch")
    assert raw.request("GET", thing).body == b"content"


def test_body_that_is_not_the_signed_one(raw, thing):
    answer = raw.request("PUT", thing, body=b"other", payload_hash="0" * 64)
    assert refusal(answer) == (400, "XAmzContentSHA256Mismatch")
    assert raw.request("GET", thing).body == b"content"
    assert raw.request("PUT", thing, body=b"unsigned", payload_hash=sigv4.UNSIGNED).status == 200
    assert raw.request("GET", thing).body == b"unsigned"


@pytest.mark.parametrize("authorization,status,code", [
    ("AWS4-HMAC-SHA256 nonsense", 400, "MissingFields"),
    ("AWS4-HMAC-SHA256 Credential=tester/20260101/us-east-1/s3, SignedHeaders=host, Signature=0", 400,
     "AuthorizationQueryParametersError"),
    ("Basic dGVzdGVyOng=", 400, "InvalidRequest"),
    ("", 400, "InvalidRequest"),
    ("Bearer abc", 403, "AccessDenied"),
])
def test_bad_authorization_headers(raw, thing, authorization, status, code):
    answer = raw.request("GET", thing, change=lambda h: h.update(authorization=authorization))
    assert refusal(answer) == (status, code), answer


def test_bad_dates(raw, thing):
    missing = raw.request("GET", thing, change=lambda h: h.pop("x-amz-date"))
    assert refusal(missing) == (400, "AccessDenied")
    bad = raw.request("GET", thing, change=lambda h: h.update({"x-amz-date": "yesterday"}))
    assert refusal(bad) == (400, "MalformedDate")


def test_host_must_be_signed(raw, thing):
    assert refusal(raw.request("GET", thing, leave_unsigned=("host",))) == (400, "AccessDenied")


def test_wrong_service_in_scope(server, thing):
    other = Raw(server.address, ACCESS_KEY, SECRET_KEY)
    other.signer.service = "ec2"
    assert refusal(other.request("GET", thing)) == (400, "AuthorizationParametersError")


def test_any_region_where_none_is_set(server, thing):
    assert Raw(server.address, ACCESS_KEY, SECRET_KEY, region="mars-1").request("GET", thing).status == 200


def test_wrong_region(regional_server):
    right = Raw(regional_server.address, ACCESS_KEY, SECRET_KEY, region="eu-test-7")
    wrong = Raw(regional_server.address, ACCESS_KEY, SECRET_KEY, region="us-east-1")
    assert right.request("PUT", "/region-bucket").status == 200
    answer = wrong.request("GET", "/region-bucket/k")
    assert refusal(answer) == (400, "AuthorizationHeaderMalformed") and "eu-test-7" in answer.message
    assert wrong.request("GET", "/").status == 200
    located = wrong.request("GET", "/region-bucket", {"location": ""})
    assert located.status == 200 and b">eu-test-7<" in located.body
    assert right.request("HEAD", "/region-bucket").headers["x-amz-bucket-region"] == "eu-test-7"


def test_presigned_urls(raw, server, thing):
    address, signer = server.address, raw.signer
    get = signer.presign("GET", thing, address)
    assert raw.send("GET", get).body == b"content"
    assert refusal(raw.send("HEAD", get))[0] == 403
    assert refusal(raw.send("GET", get + "&versionId=null")) == (403, "SignatureDoesNotMatch")
    put = signer.presign("PUT", thing + "2", address)
    assert raw.send("PUT", put, body=b"by url").status == 200
    named = signer.presign("GET", thing + "2", address, [("response-content-type", "a/b")])
    answer = raw.send("GET", named)
    assert answer.body == b"by url" and answer.headers["content-type"] == "a/b"
    assert raw.send("DELETE", signer.presign("DELETE", thing + "2", address)).status == 204


@pytest.mark.differs("what is to live for less than nothing or more than a week: 400 AuthorizationQueryParametersError")
def test_presigned_urls_that_are_refused(raw, server, thing):
    now, address, signer = sigv4.utc_now(), server.address, raw.signer
    good = signer.presign("GET", thing, address)
    for target, status, code in [
        (signer.presign("GET", thing, address, expires=60, when=now - HOUR), 403, "AccessDenied"),
        (signer.presign("GET", thing, address, when=now + HOUR), 403, "AccessDenied"),
        (signer.presign("GET", thing, address, expires=604_801), 403, "AccessDenied"),
        (signer.presign("GET", thing, address, expires=-1), 403, "AccessDenied"),
        (signer.presign("GET", thing, address, expires="soon"), 400, "AuthorizationQueryParametersError"),
        (good.replace("X-Amz-Expires=600", "X-Amz-Expires=700"), 403, "SignatureDoesNotMatch"),
        (good[:-4] + ("0000" if good[-4:] != "0000" else "1111"), 403, "SignatureDoesNotMatch"),
        (good.replace("&X-Amz-SignedHeaders=host", ""), 400, "AuthorizationQueryParametersError"),
        (sigv4.Signer("nobody", SECRET_KEY).presign("GET", thing, address), 403, "InvalidAccessKeyId"),
    ]:
        assert refusal(raw.send("GET", target)) == (status, code), target


def test_presigned_by_boto3(server, raw, thing):
    s3 = make_client(server.endpoint, config={"signature_version": "s3v4"})
    bucket, key = thing[1:].split("/", 1)
    url = s3.generate_presigned_url("get_object", {"Bucket": bucket, "Key": key}, ExpiresIn=60)
    assert raw.send("GET", url[url.index("/", 8):]).body == b"content"
    url = s3.generate_presigned_url("put_object", {"Bucket": bucket, "Key": "n", "ContentType": "a/b"}, ExpiresIn=60)
    target = url[url.index("/", 8):]
    assert raw.send("PUT", target, {"content-type": "a/b"}, b"x").status == 200
    assert refusal(raw.send("PUT", target, {"content-type": "c/d"}, b"x")) == (403, "SignatureDoesNotMatch")


def test_two_kinds_of_authentication_at_once(raw, server, thing):
    query = raw.signer.presign("GET", thing, server.address).split("?", 1)[1]
    headers = raw.signer.headers("GET", thing, [], {"host": server.address}, sigv4.EMPTY_SHA256)
    answer = raw.send("GET", sigv4.quote(thing) + "?" + query, headers)
    assert refusal(answer) == (400, "InvalidRequest")


def test_virtual_host_style(regional_server):
    raw = Raw(regional_server.address, ACCESS_KEY, SECRET_KEY, region="eu-test-7")
    port = regional_server.port
    host = f"hosted.s3.example.test:{port}"
    assert raw.request("PUT", "/", host=host).status == 200
    assert raw.request("PUT", "/dir/k", host=host, body=b"by host").status == 200
    assert raw.request("GET", "/dir/k", host=host).body == b"by host"
    assert raw.request("GET", "/hosted/dir/k").body == b"by host"
    assert raw.request("GET", "/hosted/dir/k", host=f"s3.example.test:{port}").body == b"by host"
    listed = raw.request("GET", "/", {"list-type": "2"}, host=host)
    assert b"<Name>hosted</Name>" in listed.body and b"<Key>dir/k</Key>" in listed.body
    presigned = raw.signer.presign("GET", "/dir/k", host)
    assert raw.send("GET", presigned, {"host": host}).body == b"by host"
    assert raw.request("GET", "/", host=f"none.s3.example.test:{port}").code == "NoSuchBucket"
    assert raw.request("DELETE", "/dir/k", host=host).status == 204
    assert raw.request("DELETE", "/", host=host).status == 204


def test_error_names_its_resource(raw, server):
    answer = raw.request("GET", "/no-such-bucket-here/some/key")
    text = answer.body.decode()
    for part in ("<Code>NoSuchBucket</Code>", "<BucketName>no-such-bucket-here</BucketName>", "<Key>some/key</Key>",
                 "<Resource>/no-such-bucket-here/some/key</Resource>", "<RequestId>", "<HostId>"):
        assert part in text, part
    assert answer.headers["content-type"] == "application/xml" and answer.headers["x-amz-request-id"]


def test_health_needs_no_signature(server, raw):
    for what in ("live", "ready", "cluster", "cluster/read"):
        assert raw.send("GET", f"/minio/health/{what}").status == 200, what
