"""Buckets of Amazon S3, and what of them is a call of its own."""

from __future__ import annotations

import json
import re
from typing import Any

from .handler import Handler, Resource, resource

#: Its bucket denies what comes without TLS, and nothing on the loopback comes with it; moto reads no conditions.
BOOTSTRAP = "CDKToolkit"


@resource("AWS::S3::Bucket")
class Bucket(Handler):
    def create(self, p: dict[str, Any]) -> Resource:
        name = p.pop("BucketName", self.name(63).lower())
        encryption, lifecycle = p.pop("BucketEncryption", None), p.pop("LifecycleConfiguration", None)
        versioning, public = p.pop("VersioningConfiguration", None), p.pop("PublicAccessBlockConfiguration", None)
        tags = p.pop("Tags", None)
        # LogDeliveryWrite is log-delivery-write there
        acl = {"ACL": re.sub(r"(?<!^)([A-Z])", r"-\1", p.pop("AccessControl")).lower()} if "AccessControl" in p else {}
        # S3 takes us-east-1 for said where nothing is, and refuses it where it is said
        where = {} if self.region == "us-east-1" else {"CreateBucketConfiguration": {"LocationConstraint": self.region}}
        self.call("s3", "create_bucket", p, Bucket=name, **acl, **where)
        if encryption:
            rules = [_encryption(rule) for rule in encryption["ServerSideEncryptionConfiguration"]]
            self.call("s3", "put_bucket_encryption", Bucket=name, ServerSideEncryptionConfiguration={"Rules": rules})
        if lifecycle:
            rules = [_expiry(rule) for rule in lifecycle["Rules"]]
            self.call("s3", "put_bucket_lifecycle_configuration", Bucket=name, LifecycleConfiguration={"Rules": rules})
        if versioning:
            self.call("s3", "put_bucket_versioning", Bucket=name, VersioningConfiguration=versioning)
        if public:
            self.call("s3", "put_public_access_block", Bucket=name, PublicAccessBlockConfiguration=public)
        if tags:
            self.call("s3", "put_bucket_tagging", Bucket=name, Tagging={"TagSet": tags})
        address = f"{name}.s3.{self.region}.amazonaws.com"
        return self.made(name, Arn=f"arn:aws:s3:::{name}", DomainName=f"{name}.s3.amazonaws.com", RegionalDomainName=address)

    def delete(self, it: Resource, snapshot: bool) -> None:
        self.call("s3", "delete_bucket", Bucket=it.physical_resource_id)


def _encryption(rule: dict[str, Any]) -> dict[str, Any]:
    """The template has another name for the default; the rest of the rule has none."""
    return {"ApplyServerSideEncryptionByDefault": rule.pop("ServerSideEncryptionByDefault"), **rule}


def _expiry(rule: dict[str, Any]) -> dict[str, Any]:
    """A rule as the API takes it; what is left of it is a property that has no place."""
    name = rule.pop("Id", None)
    found: dict[str, Any] = {"Filter": {"Prefix": rule.pop("Prefix", "")}, **({"ID": name} if name else {})}
    if "ExpirationInDays" in rule:
        found["Expiration"] = {"Days": rule.pop("ExpirationInDays")}
    if "NoncurrentVersionExpiration" in rule:
        found["NoncurrentVersionExpiration"] = rule.pop("NoncurrentVersionExpiration")
    return {**found, **rule}


@resource("AWS::S3::BucketPolicy")
class BucketPolicy(Handler):
    def create(self, p: dict[str, Any]) -> Resource:
        if self.stack != BOOTSTRAP:
            self.call("s3", "put_bucket_policy", Bucket=p["Bucket"], Policy=json.dumps(p["PolicyDocument"]))
        return self.made(p["Bucket"])

    def delete(self, it: Resource, snapshot: bool) -> None:
        if self.stack != BOOTSTRAP:
            self.call("s3", "delete_bucket_policy", Bucket=it.physical_resource_id)
