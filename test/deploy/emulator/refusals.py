"""What AWS refuses and moto lets pass: each depends on the order of a deployment, or on a policy that must be there before."""

from __future__ import annotations

import json
from collections.abc import Callable
from typing import Any

from botocore.exceptions import ClientError
from moto.ec2.responses.nat_gateways import NatGateways
from moto.elbv2.responses import ELBV2Response
from moto.logs.responses import LogsResponse

from .api import client
from .errors import Refused

#: Who writes access logs in us-east-1, by the guide of Elastic Load Balancing.
LOG_WRITERS = {"arn:aws:iam::127311923021:root", "127311923021"}


def _before(kind: type, operation: str, look: Callable[[Any], None]) -> None:
    answer = getattr(kind, operation)

    def first_look(self: Any) -> Any:
        look(self)
        return answer(self)

    setattr(kind, operation, first_look)


def _require_gateway(region: str, subnet: str) -> None:
    api = client("ec2", region)
    vpc = api.describe_subnets(SubnetIds=[subnet])["Subnets"][0]["VpcId"]
    if not api.describe_internet_gateways(Filters=[{"Name": "attachment.vpc-id", "Values": [vpc]}])["InternetGateways"]:
        raise Refused("InvalidSubnet", f"VPC {vpc} has no internet gateway")


def _load_balancer(self: ELBV2Response) -> None:
    if self._get_param("Scheme", "internet-facing") == "internet-facing":
        _require_gateway(self.region, self._get_param("Subnets")[0])


def _deletion(self: ELBV2Response) -> None:
    arn = self._get_param("LoadBalancerArn")
    attributes = client("elbv2", self.region).describe_load_balancer_attributes(LoadBalancerArn=arn)["Attributes"]
    if {"Key": "deletion_protection.enabled", "Value": "true"} in attributes:
        raise Refused("OperationNotPermitted", f"Load balancer '{arn}' cannot be deleted because deletion protection is enabled")


def _attributes(self: ELBV2Response) -> None:
    wanted = {entry["Key"]: entry["Value"] for entry in self._get_param("Attributes")}
    if wanted.get("access_logs.s3.enabled") != "true":
        return
    bucket = wanted["access_logs.s3.bucket"]
    try:
        statements = json.loads(client("s3", self.region).get_bucket_policy(Bucket=bucket)["Policy"])["Statement"]
    except ClientError:
        statements = []
    if not any(_lets_write(statement) for statement in statements):
        raise Refused("InvalidConfigurationRequest", f"Access Denied for bucket: {bucket}. Please check S3bucket permission")


def _lets_write(statement: dict[str, Any]) -> bool:
    named = statement["Principal"].get("AWS", []) if isinstance(statement["Principal"], dict) else []
    writers = {named} if isinstance(named, str) else set(named)
    actions = statement["Action"] if isinstance(statement["Action"], list) else [statement["Action"]]
    return statement["Effect"] == "Allow" and bool(writers & LOG_WRITERS) and "s3:PutObject" in actions


def _listener(self: ELBV2Response) -> None:
    for certificate in self._get_param("Certificates") or []:
        try:
            client("acm", self.region).describe_certificate(CertificateArn=certificate["CertificateArn"])
        except ClientError as unknown:
            raise Refused("CertificateNotFound", "The certificate is not one of this account.") from unknown
    _actions(self, self._get_param("DefaultActions"))


def _rule(self: ELBV2Response) -> None:
    _actions(self, self._get_param("Actions"))


def _actions(self: ELBV2Response, actions: list[dict[str, Any]]) -> None:
    """The load balancer looks a user pool up before it sends anyone there."""
    for action in actions:
        if action["Type"] == "authenticate-cognito":
            config, api = action["AuthenticateCognitoConfig"], client("cognito-idp", self.region)
            pool = config["UserPoolArn"].rsplit("/", 1)[1]
            found = api.describe_user_pool_domain(Domain=config["UserPoolDomain"])["DomainDescription"]
            asks = api.describe_user_pool_client(UserPoolId=pool, ClientId=config["UserPoolClientId"])["UserPoolClient"]
            if found.get("UserPoolId") != pool or "ClientSecret" not in asks:
                raise Refused("InvalidLoadBalancerAction", "The user pool needs that domain, and the client a secret.")


def _nat(self: NatGateways) -> None:
    _require_gateway(self.region, self._get_param("SubnetId"))


def _log_group(self: LogsResponse) -> None:
    key = self._get_param("kmsKeyId")
    if key:
        policy = json.loads(client("kms", self.region).get_key_policy(KeyId=key, PolicyName="default")["Policy"])
        service = f"logs.{self.region}.amazonaws.com"
        if not any(statement["Principal"].get("Service") == service for statement in policy["Statement"]):
            raise Refused("InvalidParameterException", "The specified KMS Key Id does not exist or is not allowed to be used")


def install() -> None:
    _before(ELBV2Response, "create_load_balancer", _load_balancer)
    _before(ELBV2Response, "delete_load_balancer", _deletion)
    _before(ELBV2Response, "modify_load_balancer_attributes", _attributes)
    _before(ELBV2Response, "create_listener", _listener)
    _before(ELBV2Response, "create_rule", _rule)
    _before(NatGateways, "create_nat_gateway", _nat)
    _before(LogsResponse, "create_log_group", _log_group)
