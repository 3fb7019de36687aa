"""Users, groups, policies and service accounts that the other server made: what each may do, on both."""

import json
import tempfile

from botocore.exceptions import ClientError
from conftest import Tool
from harness.server import ACCESS_KEY, SECRET_KEY
from scenarios.base import Scenario, make_client

READ = {"Version": "2012-10-17", "Statement": [
    {"Effect": "Allow", "Action": ["s3:GetObject", "s3:ListBucket"], "Resource": ["arn:aws:s3:::shared", "arn:aws:s3:::shared/*"]},
    {"Effect": "Deny", "Action": ["s3:GetObject"], "Resource": ["arn:aws:s3:::shared/secret/*"]},
]}
USERS = {"reader": "reader-secret-key", "writer": "writer-secret-key", "member": "member-secret-key", "nobody": "nobody-secret-key", "off": "off-secret-key-1"}
WRONG = "not the secret key"
ACCOUNT = ("service-account-1", "service-account-secret")


class Identities(Scenario):
    name = "identities"
    writers = ("minio",)

    def begin(self, server):
        s3 = make_client(server.endpoint)
        s3.create_bucket(Bucket="shared")
        for key in ("open", "secret/hidden"):
            s3.put_object(Bucket="shared", Key=key, Body=b"content")
        with tempfile.TemporaryDirectory() as home:
            mc = Tool("mc", home, {"MC_HOST_s": f"http://{ACCESS_KEY}:{SECRET_KEY}@{server.address}"})
            with open(f"{home}/read.json", "w") as file:
                json.dump(READ, file)
            mc.run("admin", "policy", "create", "s", "read", f"{home}/read.json")
            for name, secret in USERS.items():
                mc.run("admin", "user", "add", "s", name, secret)
            mc.run("admin", "policy", "attach", "s", "read", "--user", "reader")
            mc.run("admin", "policy", "attach", "s", "readwrite", "--user", "writer")
            mc.run("admin", "group", "add", "s", "readers", "member")
            mc.run("admin", "policy", "attach", "s", "read", "--group", "readers")
            mc.run("admin", "policy", "attach", "s", "readwrite", "--user", "off")
            mc.run("admin", "user", "disable", "s", "off")
            mc.run("admin", "user", "svcacct", "add", "s", "reader", "--access-key", ACCOUNT[0], "--secret-key", ACCOUNT[1])

    def answers(self, server):
        out = {}
        for name, secret in [*USERS.items(), ACCOUNT, ("reader", WRONG), ("unknown", "unknown-secret")]:
            client = make_client(server.endpoint, aws_access_key_id=name, aws_secret_access_key=secret)
            for title, ask in {
                "list": lambda: client.list_objects_v2(Bucket="shared"),
                "get": lambda: client.get_object(Bucket="shared", Key="open"),
                "get denied": lambda: client.get_object(Bucket="shared", Key="secret/hidden"),
                "put": lambda: client.put_object(Bucket="shared", Key=f"by/{name}", Body=b"x"),
                "delete bucket": lambda: client.delete_bucket(Bucket="shared"),
            }.items():
                # MinIO asks what the key may write before it looks at the signature, and so tells whoever knows a key's name.
                if (title, name, secret) == ("put", "reader", WRONG):
                    continue
                out[f"{name} with '{secret}' {title}"] = outcome(ask)
        return out


def outcome(ask):
    try:
        return {"status": ask()["ResponseMetadata"]["HTTPStatusCode"]}
    except ClientError as error:
        return {"status": error.response["ResponseMetadata"]["HTTPStatusCode"], "code": error.response["Error"]["Code"]}


class SealedIdentities(Identities):
    """The same where a key service is configured, which seals every document of theirs."""

    name = "sealed-identities"
    env = {"MINIO_KMS_SECRET_KEY": "way-back-key:QUJDREVGR0hJSktMTU5PUFFSU1RVVldYWVoxMjM0NTY="}
