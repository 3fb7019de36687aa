"""Every configuration of buckets that the other server knows. It writes; both must answer the same, and keep it."""

import json

from scenarios.base import Scenario, context, make_client, see

SUBRESOURCES = ("policy", "versioning", "encryption", "tagging", "lifecycle", "object-lock", "notification", "replication", "cors", "acl", "location")
BUCKETS = ("configured", "locked", "bare")


class Buckets(Scenario):
    name = "buckets"
    writers = ("minio",)
    env = {"MINIO_KMS_SECRET_KEY": "way-back-key:" + "QUJDREVGR0hJSktMTU5PUFFSU1RVVldYWVoxMjM0NTY="}

    def begin(self, server):
        s3 = make_client(server.endpoint)
        s3.create_bucket(Bucket="configured")
        s3.create_bucket(Bucket="locked", ObjectLockEnabledForBucket=True)
        s3.create_bucket(Bucket="bare")
        statement = {"Effect": "Allow", "Principal": {"AWS": ["*"]}, "Action": ["s3:GetObject"], "Resource": ["arn:aws:s3:::configured/public/*"]}
        s3.put_bucket_policy(Bucket="configured", Policy=json.dumps({"Version": "2012-10-17", "Statement": [statement]}))
        s3.put_bucket_versioning(Bucket="configured", VersioningConfiguration={"Status": "Enabled"})
        s3.put_bucket_tagging(Bucket="configured", Tagging={"TagSet": [{"Key": "team", "Value": "a b"}]})
        rule = {"ApplyServerSideEncryptionByDefault": {"SSEAlgorithm": "AES256"}}
        s3.put_bucket_encryption(Bucket="configured", ServerSideEncryptionConfiguration={"Rules": [rule]})
        rule = {"ID": "old", "Status": "Enabled", "Filter": {"Prefix": "old/"}, "Expiration": {"Days": 3650}}
        s3.put_bucket_lifecycle_configuration(Bucket="configured", LifecycleConfiguration={"Rules": [rule]})
        s3.put_object_lock_configuration(Bucket="locked", ObjectLockConfiguration={
            "ObjectLockEnabled": "Enabled", "Rule": {"DefaultRetention": {"Mode": "GOVERNANCE", "Days": 1}}})

    def answers(self, server):
        ctx = context(server.endpoint)
        return {f"{bucket}?{sub}": see.see_config(ctx, bucket, sub) for bucket in BUCKETS for sub in SUBRESOURCES}
