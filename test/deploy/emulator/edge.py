"""Types between clients and a load balancer: names, certificates, filters, sign-in, CloudFront."""

from __future__ import annotations

import uuid
from typing import Any

from botocore.model import ListShape, Shape, StructureShape

from .api import client
from .errors import DeploymentError
from .handler import Handler, Resource, resource


@resource("AWS::Route53::RecordSet")
class Record(Handler):
    def create(self, p: dict[str, Any]) -> Resource:
        zone, record = self._record(p)
        same = self.call("route53", "list_resource_record_sets", HostedZoneId=zone, StartRecordName=record["Name"], StartRecordType=record["Type"])
        taken = [it.get("SetIdentifier") for it in same["ResourceRecordSets"] if (it["Name"], it["Type"]) == (record["Name"], record["Type"])]
        own = record.get("SetIdentifier")
        # several have one name where each says which it is
        if taken and (own is None or {None, own} & set(taken)):
            raise DeploymentError(f"Tried to create resource record set [name='{record['Name']}', type='{record['Type']}'] but it already exists")
        # not CREATE: moto refuses that for a record that was there before
        self._change("UPSERT", zone, record)
        return self.made(record["Name"], zone=zone, record=record)

    def update(self, it: Resource, p: dict[str, Any], changed: set[str]) -> None:
        self.only(changed, "ResourceRecords")
        zone, record = self._record(p)
        self._change("UPSERT", zone, record)
        it.attributes["record"] = record

    def delete(self, it: Resource, snapshot: bool) -> None:
        self._change("DELETE", it.attributes["zone"], it.attributes["record"])

    def _change(self, action: str, zone: str, record: dict[str, Any]) -> None:
        batch = {"ChangeBatch": {"Changes": [{"Action": action, "ResourceRecordSet": record}]}}
        self.call("route53", "change_resource_record_sets", batch, HostedZoneId=zone)

    def _record(self, p: dict[str, Any]) -> tuple[str, dict[str, Any]]:
        zone = p.pop("HostedZoneId")
        if "ResourceRecords" in p:
            p["ResourceRecords"] = [{"Value": value} for value in p["ResourceRecords"]]
        if "AliasTarget" in p:
            # CloudFormation has a default for it, the API has none
            p["AliasTarget"].setdefault("EvaluateTargetHealth", False)
        return zone, p


@resource("AWS::Route53::HealthCheck")
class HealthCheck(Handler):
    def create(self, p: dict[str, Any]) -> Resource:
        made = self.call("route53", "create_health_check", {"HealthCheckConfig": p["HealthCheckConfig"]}, CallerReference=str(uuid.uuid4()))["HealthCheck"]["Id"]
        return self.made(made, HealthCheckId=made)

    def delete(self, it: Resource, snapshot: bool) -> None:
        self.call("route53", "delete_health_check", HealthCheckId=it.physical_resource_id)


@resource("AWS::CertificateManager::Certificate")
class Certificate(Handler):
    def create(self, p: dict[str, Any]) -> Resource:
        zones = {option["DomainName"]: option["HostedZoneId"] for option in p.pop("DomainValidationOptions", []) if "HostedZoneId" in option}
        arn = self.call("acm", "request_certificate", p)["CertificateArn"]
        # CloudFormation proves the domain where it is told the zone, and leaves the record there
        for option in self.call("acm", "describe_certificate", CertificateArn=arn)["Certificate"]["DomainValidationOptions"]:
            record = option["ResourceRecord"]
            proof = {"Name": record["Name"], "Type": record["Type"], "TTL": 300, "ResourceRecords": [{"Value": record["Value"]}]}
            batch = {"Changes": [{"Action": "UPSERT", "ResourceRecordSet": proof}]}
            self.call("route53", "change_resource_record_sets", HostedZoneId=zones[option["DomainName"]], ChangeBatch=batch)
        return self.made(arn, Id=arn)

    def delete(self, it: Resource, snapshot: bool) -> None:
        self.call("acm", "delete_certificate", CertificateArn=it.physical_resource_id)


@resource("AWS::WAFv2::WebACL")
class WebAcl(Handler):
    def create(self, p: dict[str, Any]) -> Resource:
        it = self.call("wafv2", "create_web_acl", p, Name=p.pop("Name", self.name(128)))["Summary"]
        return self.made(f"{it['Name']}|{it['Id']}|{p['Scope']}", Id=it["Id"], Arn=it["ARN"])

    def delete(self, it: Resource, snapshot: bool) -> None:
        name, key, scope = it.physical_resource_id.split("|")
        lock = self.call("wafv2", "get_web_acl", Name=name, Id=key, Scope=scope)["LockToken"]
        self.call("wafv2", "delete_web_acl", Name=name, Id=key, Scope=scope, LockToken=lock)


@resource("AWS::WAFv2::LoggingConfiguration")
class WebAclLogs(Handler):
    def create(self, p: dict[str, Any]) -> Resource:
        self.call("wafv2", "put_logging_configuration", {"LoggingConfiguration": p})
        return self.made(p["ResourceArn"])

    def delete(self, it: Resource, snapshot: bool) -> None:
        self.call("wafv2", "delete_logging_configuration", ResourceArn=it.physical_resource_id)


@resource("AWS::WAFv2::WebACLAssociation")
class WebAclAssociation(Handler):
    def create(self, p: dict[str, Any]) -> Resource:
        self.call("wafv2", "associate_web_acl", p)
        return self.made(f"{p['ResourceArn']}|{p['WebACLArn']}", resource=p["ResourceArn"])

    def delete(self, it: Resource, snapshot: bool) -> None:
        self.call("wafv2", "disassociate_web_acl", ResourceArn=it.attributes["resource"])


@resource("AWS::Cognito::UserPool")
class UserPool(Handler):
    def create(self, p: dict[str, Any]) -> Resource:
        factors = p.pop("EnabledMfas", [])
        mode = p.pop("MfaConfiguration", "OFF")
        it = self.call("cognito-idp", "create_user_pool", p, PoolName=p.pop("UserPoolName", self.name(128)))["UserPool"]
        named = {"SOFTWARE_TOKEN_MFA": "SoftwareTokenMfaConfiguration"}
        if factors:
            enabled = {named[factor]: {"Enabled": True} for factor in factors}
            self.call("cognito-idp", "set_user_pool_mfa_config", UserPoolId=it["Id"], MfaConfiguration=mode, **enabled)
        provider = f"cognito-idp.{self.region}.amazonaws.com/{it['Id']}"
        return self.made(it["Id"], UserPoolId=it["Id"], Arn=it["Arn"], ProviderName=provider, ProviderURL=f"https://{provider}")

    def delete(self, it: Resource, snapshot: bool) -> None:
        self.call("cognito-idp", "delete_user_pool", UserPoolId=it.physical_resource_id)


@resource("AWS::Cognito::UserPoolClient")
class UserPoolClient(Handler):
    def create(self, p: dict[str, Any]) -> Resource:
        pool = p["UserPoolId"]
        it = self.call("cognito-idp", "create_user_pool_client", p, ClientName=p.pop("ClientName", self.name(128)))["UserPoolClient"]
        return self.made(it["ClientId"], ClientId=it["ClientId"], pool=pool)

    def delete(self, it: Resource, snapshot: bool) -> None:
        self.call("cognito-idp", "delete_user_pool_client", UserPoolId=it.attributes["pool"], ClientId=it.physical_resource_id)


@resource("AWS::Cognito::UserPoolDomain")
class UserPoolDomain(Handler):
    def create(self, p: dict[str, Any]) -> Resource:
        self.call("cognito-idp", "create_user_pool_domain", p)
        return self.made(p["Domain"], pool=p["UserPoolId"])

    def delete(self, it: Resource, snapshot: bool) -> None:
        self.call("cognito-idp", "delete_user_pool_domain", UserPoolId=it.attributes["pool"], Domain=it.physical_resource_id)


class CloudFront(Handler):
    """A type of CloudFront, whose API counts every list and changes nothing without the tag of the last version."""

    def cloudfront(self, operation: str, properties: dict[str, Any] | None = None, /, **parameters: Any) -> dict[str, Any]:
        api = client("cloudfront", self.region)
        shape = api.meta.service_model.operation_model(api.meta.method_to_api_mapping[operation]).input_shape
        return self.call("cloudfront", operation, _counted(shape, properties or {}), **parameters)


def _counted(shape: Shape, value: Any) -> Any:
    """Lists as the API of CloudFront takes them: with their length beside them."""
    if isinstance(shape, StructureShape) and isinstance(value, list):
        item = shape.members["Items"].member
        return {"Quantity": len(value), "Items": [_counted(item, entry) for entry in value]}
    if isinstance(shape, StructureShape) and isinstance(value, dict):
        known = {name.casefold(): member for name, member in shape.members.items()}
        return {key: _counted(known[key.casefold()], item) if key.casefold() in known else item for key, item in value.items()}
    if isinstance(shape, ListShape) and isinstance(value, list):
        return [_counted(shape.member, item) for item in value]
    return value


@resource("AWS::CloudFront::VpcOrigin")
class VpcOrigin(CloudFront):
    def create(self, p: dict[str, Any]) -> Resource:
        # CloudFormation has a default for it, the API has none
        p["VpcOriginEndpointConfig"].setdefault("HTTPSPort", 443)
        it = self.cloudfront("create_vpc_origin", p)["VpcOrigin"]
        return self.made(it["Id"], Id=it["Id"], Arn=it["Arn"])

    def delete(self, it: Resource, snapshot: bool) -> None:
        tag = self.cloudfront("get_vpc_origin", Id=it.physical_resource_id)["ETag"]
        self.cloudfront("delete_vpc_origin", Id=it.physical_resource_id, IfMatch=tag)


@resource("AWS::CloudFront::Distribution")
class Distribution(CloudFront):
    def create(self, p: dict[str, Any]) -> Resource:
        it = self.cloudfront("create_distribution", {"DistributionConfig": self._config(p, str(uuid.uuid4()))})["Distribution"]
        return self.made(it["Id"], Id=it["Id"], DomainName=it["DomainName"], reference=it["DistributionConfig"]["CallerReference"])

    def update(self, it: Resource, p: dict[str, Any], changed: set[str]) -> None:
        self.only(changed, "DistributionConfig")
        self._put(it.physical_resource_id, self._config(p, it.attributes["reference"]))

    def delete(self, it: Resource, snapshot: bool) -> None:
        config = self.cloudfront("get_distribution_config", Id=it.physical_resource_id)["DistributionConfig"]
        self._put(it.physical_resource_id, {**config, "Enabled": False})
        self.cloudfront("delete_distribution", Id=it.physical_resource_id, IfMatch=self._tag(it.physical_resource_id))

    def _config(self, p: dict[str, Any], reference: str) -> dict[str, Any]:
        config = p["DistributionConfig"]
        enabled = {"IsIPV6Enabled": config.pop("IPV6Enabled")} if "IPV6Enabled" in config else {}
        return {"Comment": "", "CallerReference": reference, **config, **enabled}

    def _put(self, name: str, config: dict[str, Any]) -> None:
        self.cloudfront("update_distribution", {"DistributionConfig": config}, Id=name, IfMatch=self._tag(name))

    def _tag(self, name: str) -> str:
        return str(self.cloudfront("get_distribution", Id=name)["ETag"])
