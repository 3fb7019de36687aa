"""Configurations of buckets that MinIO doesn't know, as boto3 sends and reads them, and what they do."""

import json
import shlex
import urllib.error
import urllib.request

import pytest

from conftest import make_client
from harness.expect import refused
from harness.server import Server, is_minio

pytestmark = pytest.mark.skipif(is_minio(), reason="MinIO has none of these")

OWNER = "02d6176db174dc93cb1b899f7c6078f08654445fe8cf1b6ce98d8855f66bdbf4"


@pytest.fixture(scope="module")
def server():
    # Logs come at the stop alone.
    served = Server(drives=4, env={"RUSTFS_WEBSITE_DOMAIN": "pages.test", "RUSTFS_ACCESS_LOG_INTERVAL": "1h"})
    served.start()
    yield served
    served.clean()


@pytest.fixture
def s3(server):
    return make_client(server.endpoint)


def test_a_website_is_kept_and_shows_its_pages(server, s3):
    s3.create_bucket(Bucket="site")
    with refused("NoSuchWebsiteConfiguration", 404):
        s3.get_bucket_website(Bucket="site")
    rule = {"Condition": {"KeyPrefixEquals": "old/"}, "Redirect": {"ReplaceKeyPrefixWith": "new/"}}
    website = {
        "IndexDocument": {"Suffix": "index.html"},
        "ErrorDocument": {"Key": "error.html"},
        "RoutingRules": [rule],
    }
    s3.put_bucket_website(Bucket="site", WebsiteConfiguration=website)
    shown = s3.get_bucket_website(Bucket="site")
    assert {name: shown[name] for name in website} == website
    statement = {"Effect": "Allow", "Principal": "*", "Action": "s3:GetObject", "Resource": "arn:aws:s3:::site/*"}
    s3.put_bucket_policy(Bucket="site", Policy=json.dumps({"Version": "2012-10-17", "Statement": [statement]}))
    for key, text in [("index.html", "welcome"), ("new/index.html", "new"), ("error.html", "sorry")]:
        s3.put_object(Bucket="site", Key=key, Body=text, ContentType="text/html")

    def visit(path):
        request = urllib.request.Request(server.endpoint + path, headers={"Host": "site.pages.test"})
        opener = urllib.request.build_opener(Stay)
        try:
            with opener.open(request) as answer:
                return answer.status, answer.read().decode(), answer.headers.get("Location")
        except urllib.error.HTTPError as error:
            return error.code, error.read().decode(), error.headers.get("Location")

    assert visit("/") == (200, "welcome", None)
    assert visit("/new") == (302, "", "/new/")
    assert visit("/old/a") == (301, "", "/new/a")
    assert visit("/none") == (404, "sorry", None)
    s3.delete_bucket_website(Bucket="site")
    assert visit("/")[0] == 404


class Stay(urllib.request.HTTPRedirectHandler):
    """Redirections are looked at and not followed."""

    def redirect_request(self, *_):
        return None


def test_requests_are_recorded_and_delivered_at_the_latest_at_a_stop(server, s3):
    for bucket in ["photos", "records"]:
        s3.create_bucket(Bucket=bucket)
    enabled = {"TargetBucket": "records", "TargetPrefix": "logs/"}
    with refused("AccessDenied", 403):
        s3.put_bucket_logging(Bucket="photos", BucketLoggingStatus={"LoggingEnabled": enabled})
    statement = {
        "Effect": "Allow",
        "Principal": {"Service": "logging.s3.amazonaws.com"},
        "Action": "s3:PutObject",
        "Resource": "arn:aws:s3:::records/logs/*",
        "Condition": {"ArnLike": {"aws:SourceArn": "arn:aws:s3:::photos"}},
    }
    s3.put_bucket_policy(Bucket="records", Policy=json.dumps({"Version": "2012-10-17", "Statement": [statement]}))
    s3.put_bucket_logging(Bucket="photos", BucketLoggingStatus={"LoggingEnabled": enabled})
    shown = s3.get_bucket_logging(Bucket="photos")["LoggingEnabled"]
    assert shown == enabled | {"TargetObjectKeyFormat": {"SimplePrefix": {}}}
    s3.put_object(Bucket="photos", Key="a b", Body=b"12345")
    s3.get_object(Bucket="photos", Key="a b", Range="bytes=0-1")
    with refused("NoSuchKey", 404):
        s3.get_object(Bucket="photos", Key="none")
    assert s3.list_objects_v2(Bucket="records")["KeyCount"] == 0
    server.stop()
    server.start()

    (log,) = s3.list_objects_v2(Bucket="records")["Contents"]
    assert log["Key"].startswith("logs/20")
    text = s3.get_object(Bucket="records", Key=log["Key"])["Body"].read().decode()
    records = [shlex.split(line.replace("[", '"').replace("]", '"')) for line in text.splitlines()]
    assert {len(record) for record in records} == {26}
    assert {(record[0], record[1]) for record in records} == {(OWNER, "photos")}
    told = [(record[6], record[7], record[9], record[10], record[11], record[12]) for record in records]
    assert ("REST.PUT.OBJECT", "a%20b", "200", "-", "-", "5") in told
    assert ("REST.GET.OBJECT", "a%20b", "206", "-", "2", "5") in told
    assert any(entry[:4] == ("REST.GET.OBJECT", "none", "404", "NoSuchKey") for entry in told)
    s3.put_bucket_logging(Bucket="photos", BucketLoggingStatus={})
    assert "LoggingEnabled" not in s3.get_bucket_logging(Bucket="photos")


def test_who_pays_and_acceleration_are_kept(s3):
    s3.create_bucket(Bucket="paid")
    assert s3.get_bucket_request_payment(Bucket="paid")["Payer"] == "BucketOwner"
    s3.put_bucket_request_payment(Bucket="paid", RequestPaymentConfiguration={"Payer": "Requester"})
    assert s3.get_bucket_request_payment(Bucket="paid")["Payer"] == "Requester"
    # The owner goes on as before.
    s3.put_object(Bucket="paid", Key="k", Body=b"x")
    assert "Status" not in s3.get_bucket_accelerate_configuration(Bucket="paid")
    s3.put_bucket_accelerate_configuration(Bucket="paid", AccelerateConfiguration={"Status": "Suspended"})
    assert s3.get_bucket_accelerate_configuration(Bucket="paid")["Status"] == "Suspended"


INVENTORY = {
    "Id": "all",
    "IsEnabled": True,
    "Destination": {"S3BucketDestination": {"Bucket": "arn:aws:s3:::lists", "Format": "Parquet", "Prefix": "p"}},
    "IncludedObjectVersions": "Current",
    "OptionalFields": ["Size", "ETag"],
    "Schedule": {"Frequency": "Weekly"},
}
METRICS = {"Id": "all", "Filter": {"And": {"Prefix": "a/", "Tags": [{"Key": "k", "Value": "v"}]}}}
ANALYTICS = {"Id": "all", "Filter": {"Prefix": "a/"}, "StorageClassAnalysis": {}}
TIERING = {"Id": "all", "Status": "Enabled", "Tierings": [{"Days": 90, "AccessTier": "ARCHIVE_ACCESS"}]}


@pytest.mark.parametrize(
    ("name", "member", "configuration"),
    [
        ("inventory", "InventoryConfiguration", INVENTORY),
        ("metrics", "MetricsConfiguration", METRICS),
        ("analytics", "AnalyticsConfiguration", ANALYTICS),
        ("intelligent_tiering", "IntelligentTieringConfiguration", TIERING),
    ],
)
def test_configurations_with_ids_are_kept(s3, name, member, configuration):
    bucket = name.replace("_", "-")
    s3.create_bucket(Bucket=bucket)

    def call(verb, **more):
        return getattr(s3, f"{verb}_bucket_{name}_configuration")(Bucket=bucket, Id="all", **more)

    with refused("NoSuchConfiguration", 404):
        call("get")
    call("put", **{member: configuration})
    assert call("get")[member] == configuration
    listed = getattr(s3, f"list_bucket_{name}_configurations")(Bucket=bucket)
    assert listed[f"{member}List"] == [configuration] and not listed["IsTruncated"]
    call("delete")
    with refused("NoSuchConfiguration", 404):
        call("delete")
