"""The deployed state, as the APIs answer: those of the emulator, or with `DEPLOYED_TO=aws` those of AWS."""

from __future__ import annotations

import base64
import contextlib
import functools
import inspect
import json
import os
from collections.abc import Callable, Iterator
from typing import Any

import boto3
from botocore.client import BaseClient

ACCOUNT = "111122223333"
REGION = os.environ.get("AWS_REGION", "us-east-1")
ON_AWS = os.environ.get("DEPLOYED_TO") == "aws"
#: Stands before the name of every stack of a run of `verify:live`.
PREFIX = os.environ.get("STACK_PREFIX", "")
#: The stacks of the first example, and those of everything else.
STACKS = ["FlueDataStack", "FlueFargateStack", "FlueExpressStack", "FlueEc2Stack"]
FOUNDATION, PRODUCTION, LOW_COST, BRING_YOUR_OWN, BLUE_GREEN, EDGES, SHARDS, EVENTS, STATE = OTHERS = [
    "FlueFoundation", "FlueAgents", "FlueLowCost", "FlueBringYourOwn", "FlueBlueGreen", "FlueEdges", "FlueShards", "FlueEvents", "FlueState",
]  # fmt: skip
EVERYONE = "0.0.0.0/0"
#: The stacks of a run that deploys some of them; empty where all are deployed.
DEPLOYED: list[str] = []


#: By the service and what it was asked: what it said, and how to ask it again.
Answers = dict[str, dict[str, tuple[Any, Callable[[], Any]]]]
#: What moto makes anew for each answer.
ANEW = {"AWSAccountId", "LatestRestorableTime", "ResponseMetadata"}
#: One of so many is asked again after each fault.
PARTS = 20


class NotDeployed(Exception):
    """A check asks for a stack that this run did not deploy."""


#: What was asked, by the service, where a round of checks is going on.
_answers: Answers | None = None
#: What is kept from one round to the next, where nothing but these clients changes anything.
_kept: Answers | None = None
#: What a change of a service may change in the answers of another.
ALSO = {"autoscaling": ("ec2", "elbv2"), "ecs": ("elbv2", "application-autoscaling"), "elbv2": ("acm",)}


@functools.lru_cache
def api(service: str) -> Any:
    # Named, so that nothing here asks another cloud than the one that is meant.
    return Asked(boto3.client(service, region_name=REGION, endpoint_url=None if ON_AWS else os.environ["AWS_ENDPOINT_URL"]))


class Asked:
    """A client that asks the same only once in a round of checks: nothing changes meanwhile."""

    def __init__(self, client: BaseClient) -> None:
        self._client = client
        self._service = client.meta.service_model.service_name

    def __getattr__(self, name: str) -> Any:
        call = getattr(self._client, name)
        if not inspect.ismethod(call) or name in ("get_paginator", "get_waiter"):
            return call
        if not name.startswith(("describe_", "get_", "list_")):
            return functools.partial(self._change, call)
        return functools.partial(self._once, call, name)

    def pages(self, name: str, key: str) -> list[dict[str, Any]]:
        """What an operation lists under a key, on all its pages."""
        pages = self._client.get_paginator(name).paginate
        return list(self._once(lambda: [it for page in pages() for it in page[key]], f"{name} {key}"))

    def _once(self, call: Callable[..., Any], name: str, /, **parameters: Any) -> Any:
        if _answers is None:
            return call(**parameters)
        known = _answers.setdefault(self._service, {})
        key = f"{name} {json.dumps(parameters, sort_keys=True)}"
        if key not in known:
            known[key] = (call(**parameters), functools.partial(call, **parameters))
        return known[key][0]

    def _change(self, call: Callable[..., Any], /, **parameters: Any) -> Any:
        for service in (self._service, *ALSO.get(self._service, ())):
            if _kept is not None:
                _kept.pop(service, None)
        return call(**parameters)


@contextlib.contextmanager
def one_round() -> Iterator[None]:
    """What is asked twice in it is answered once."""
    global _answers
    _answers = {} if _kept is None else _kept
    try:
        yield
    finally:
        _answers = None


@contextlib.contextmanager
def rounds_on_end() -> Iterator[None]:
    """What no change of these clients can have changed is not asked again in the next round."""
    global _kept
    _kept = {}
    try:
        yield
    finally:
        _kept = None


def stale(number: int) -> list[str]:
    """What is kept and would be answered otherwise now, of the part that the number chooses."""
    asked = [(f"{service} {name}", *it) for service, known in (_kept or {}).items() for name, it in known.items()]
    return [name for name, before, ask in asked[number % PARTS :: PARTS] if _steady(ask()) != _steady(before)]


def _steady(answer: Any) -> Any:
    if isinstance(answer, dict):
        return {key: _steady(value) for key, value in answer.items() if key not in ANEW}
    return [_steady(it) for it in answer] if isinstance(answer, list) else answer


def require_deployed(stack: str) -> None:
    if DEPLOYED and stack not in DEPLOYED:
        raise NotDeployed(stack)


@functools.lru_cache
def stack_resources(stack: str) -> list[dict[str, str]]:
    """What a stack holds; to be forgotten (`cache_clear`) after a deployment."""
    require_deployed(stack)
    return list(api("cloudformation").describe_stack_resources(StackName=PREFIX + stack)["StackResources"])


def resources(stack: str, kind: str, key: str = "") -> list[str]:
    """Physical ids of the resources of a type whose logical id begins so."""
    answer = stack_resources(stack)
    return [r["PhysicalResourceId"] for r in answer if r["ResourceType"] == kind and r["LogicalResourceId"].startswith(key)]


def resource(stack: str, kind: str, key: str = "") -> str:
    (found,) = resources(stack, kind, key)
    return found


def service(stack: str = "FlueFargateStack", key: str = "") -> dict[str, Any]:
    arn = resource(stack, "AWS::ECS::Service", key)
    return dict(api("ecs").describe_services(cluster=arn.split("/")[1], services=[arn])["services"][0])


def container(stack: str, key: str = "") -> dict[str, Any]:
    """The server's own container, whatever stands beside it."""
    containers = task_definition(service(stack, key)["taskDefinition"])["containerDefinitions"]
    return next(dict(known) for known in containers if known["name"] == "Main")


def environment(known: dict[str, Any]) -> dict[str, str]:
    return {entry["name"]: entry["value"] for entry in known["environment"]}


def express() -> dict[str, Any]:
    arn = resource("FlueExpressStack", "AWS::ECS::ExpressGatewayService")
    return dict(api("ecs").describe_express_gateway_service(serviceArn=arn)["service"])


def express_load_balancer() -> str:
    """ECS names it nowhere in its answer; CloudFormation knows the rule of its listener, and the stack tells it."""
    return listener_rule().replace(":listener-rule/", ":loadbalancer/").rsplit("/", 2)[0]


def listener_rule() -> str:
    require_deployed("FlueExpressStack")
    (stack,) = api("cloudformation").describe_stacks(StackName=PREFIX + "FlueExpressStack")["Stacks"]
    return next(str(output["OutputValue"]) for output in stack["Outputs"] if output["OutputKey"] == "ListenerRule")


def task_definition(arn: str) -> dict[str, Any]:
    return dict(api("ecs").describe_task_definition(taskDefinition=arn)["taskDefinition"])


def target_group(arn: str) -> dict[str, Any]:
    return dict(api("elbv2").describe_target_groups(TargetGroupArns=[arn])["TargetGroups"][0])


def load_balancer_attributes(arn: str) -> dict[str, str]:
    answer = api("elbv2").describe_load_balancer_attributes(LoadBalancerArn=arn)["Attributes"]
    return {attribute["Key"]: attribute["Value"] for attribute in answer}


def target_group_attributes(arn: str) -> dict[str, str]:
    answer = api("elbv2").describe_target_group_attributes(TargetGroupArn=arn)["Attributes"]
    return {attribute["Key"]: attribute["Value"] for attribute in answer}


def database() -> dict[str, Any]:
    name = resource("FlueDataStack", "AWS::RDS::DBInstance")
    return dict(api("rds").describe_db_instances(DBInstanceIdentifier=name)["DBInstances"][0])


def secret(key: str) -> str:
    arn = resource("FlueDataStack", "AWS::SecretsManager::Secret", key)
    return str(api("secretsmanager").get_secret_value(SecretId=arn)["SecretString"])


def credentials() -> dict[str, Any]:
    return dict(json.loads(secret("DatabaseCredentials")))


def group(stack: str = "FlueEc2Stack") -> dict[str, Any]:
    name = resource(stack, "AWS::AutoScaling::AutoScalingGroup")
    return dict(api("autoscaling").describe_auto_scaling_groups(AutoScalingGroupNames=[name])["AutoScalingGroups"][0])


def launch_template(stack: str = "FlueEc2Stack") -> dict[str, Any]:
    """The version that the group launches."""
    wanted = group(stack)["LaunchTemplate"]
    answer = api("ec2").describe_launch_template_versions(LaunchTemplateId=wanted["LaunchTemplateId"], Versions=[wanted["Version"]])
    return dict(answer["LaunchTemplateVersions"][0]["LaunchTemplateData"])


def user_data(stack: str = "FlueEc2Stack") -> str:
    return base64.b64decode(launch_template(stack)["UserData"]).decode()


def statements(role: str) -> Iterator[dict[str, Any]]:
    """What the policies of a role allow, whether its own or of AWS."""
    iam = api("iam")
    for name in iam.list_role_policies(RoleName=role)["PolicyNames"]:
        yield from iam.get_role_policy(RoleName=role, PolicyName=name)["PolicyDocument"]["Statement"]


def secrets_of(known: dict[str, Any]) -> dict[str, str]:
    """The secrets that the containers of a task get, by their variables; a field of one is cut off."""
    found = {secret["name"]: secret["valueFrom"] for one in known["containerDefinitions"] for secret in one.get("secrets", [])}
    return {name: ":".join(secret.split(":")[:7]) for name, secret in found.items()}


def readable_secrets(role: str) -> set[str]:
    found: set[str] = set()
    for statement in statements(role):
        actions = statement["Action"] if isinstance(statement["Action"], list) else [statement["Action"]]
        if any(action == "*" or action.startswith("secretsmanager:") for action in actions):
            allowed = statement["Resource"]
            found |= set(allowed if isinstance(allowed, list) else [allowed])
    return found


def edges(direction: str, vpc: str = "") -> set[tuple[str, str, str]]:
    """Who reaches whom at which port, for every group of the VPC: (peer, group, protocol and port)."""
    vpc = vpc or resource("FlueDataStack", "AWS::EC2::VPC")
    groups = api("ec2").describe_security_groups(Filters=[{"Name": "vpc-id", "Values": [vpc]}])["SecurityGroups"]
    # ECS adds a group of its own to an Express Mode service, which the emulator has none of.
    own = {it["PhysicalResourceId"] for stack in [*STACKS, *OTHERS] if not DEPLOYED or stack in DEPLOYED for it in stack_resources(stack)} if ON_AWS else None
    found = set()
    for group_ in groups:
        if own is not None and group_["GroupId"] not in own:
            continue
        for rule in group_["IpPermissions" if direction == "in" else "IpPermissionsEgress"]:
            peers = [r["CidrIp"] for r in rule["IpRanges"]] + [r["CidrIpv6"] for r in rule["Ipv6Ranges"]]
            peers += [r["GroupId"] for r in rule["UserIdGroupPairs"]] + [r["PrefixListId"] for r in rule["PrefixListIds"]]
            port = rule["IpProtocol"] if "FromPort" not in rule else f"{rule['IpProtocol']} {rule['FromPort']}-{rule['ToPort']}"
            found |= {(peer, group_["GroupId"], port) for peer in peers}
    return found


def routes(subnets: list[str]) -> list[dict[str, Any]]:
    """The ways out of subnets, that into the network itself left out."""
    tables = api("ec2").describe_route_tables(Filters=[{"Name": "association.subnet-id", "Values": subnets}])["RouteTables"]
    return [dict(route) for table in tables for route in table["Routes"] if route.get("GatewayId") != "local"]


def subnets_of(known: dict[str, Any]) -> list[str]:
    return list(known["networkConfiguration"]["awsvpcConfiguration"]["subnets"])


def load_balancer(arn: str) -> dict[str, Any]:
    return dict(api("elbv2").describe_load_balancers(LoadBalancerArns=[arn])["LoadBalancers"][0])


def listeners(balancer: str) -> dict[int, dict[str, Any]]:
    return {known["Port"]: dict(known) for known in api("elbv2").describe_listeners(LoadBalancerArn=balancer)["Listeners"]}


def rules(listener: str) -> dict[str, dict[str, Any]]:
    return {rule["Priority"]: dict(rule) for rule in api("elbv2").describe_rules(ListenerArn=listener)["Rules"]}


def all_records() -> list[dict[str, Any]]:
    zones = [zone["Id"] for zone in api("route53").list_hosted_zones()["HostedZones"]]
    answers = [api("route53").list_resource_record_sets(HostedZoneId=zone)["ResourceRecordSets"] for zone in zones]
    return [dict(record) for answer in answers for record in answer]


def alias(stack: str, key: str = "") -> list[str]:
    """Where the name of a stack leads to, in whatever zone."""
    name = resource(stack, "AWS::Route53::RecordSet", key)
    return [record["AliasTarget"]["DNSName"] for record in all_records() if record["Name"] == name and "AliasTarget" in record]


def proven(certificate: str) -> bool:
    """Whether a certificate is issued, and the record that proves its domain is there."""
    known = api("acm").describe_certificate(CertificateArn=certificate)["Certificate"]
    wanted = [(option["ResourceRecord"]["Name"], option["ResourceRecord"]["Value"]) for option in known["DomainValidationOptions"]]
    there = [(record["Name"], value["Value"]) for record in all_records() for value in record.get("ResourceRecords", [])]
    return known["Status"] == "ISSUED" and all(record in there for record in wanted)


def log_groups() -> dict[str, dict[str, Any]]:
    return {group["logGroupName"]: dict(group) for group in api("logs").pages("describe_log_groups", "logGroups")}


def policy_of_key(arn: str) -> list[dict[str, Any]]:
    return list(json.loads(api("kms").get_key_policy(KeyId=arn, PolicyName="default")["Policy"])["Statement"])


def templates(*stacks: str) -> dict[str, str]:
    found = {}
    for stack in stacks or STACKS:
        require_deployed(stack)
        body = api("cloudformation").get_template(StackName=PREFIX + stack)["TemplateBody"]
        found[stack] = body if isinstance(body, str) else json.dumps(body)
    return found


def stateful() -> dict[str, Any]:
    """What a deployment of a change must leave as it is."""
    kinds = {
        "AWS::RDS::DBInstance", "AWS::SecretsManager::Secret", "AWS::Logs::LogGroup", "AWS::EC2::Volume", "AWS::EC2::EIP", "AWS::EC2::VPC",
        "AWS::EC2::Subnet", "AWS::ElasticLoadBalancingV2::LoadBalancer", "AWS::ElasticLoadBalancingV2::TargetGroup", "AWS::ECS::Cluster",
        "AWS::ECS::Service", "AWS::ECS::ExpressGatewayService", "AWS::AutoScaling::AutoScalingGroup", "AWS::RDS::DBCluster", "AWS::Cognito::UserPool",
        "AWS::CloudFront::Distribution", "AWS::CloudFront::VpcOrigin", "AWS::ElasticLoadBalancingV2::ListenerRule", "AWS::EC2::Instance",
        "AWS::EC2::NatGateway", "AWS::EC2::VPCEndpoint", "AWS::KMS::Key", "AWS::CertificateManager::Certificate", "AWS::S3::Bucket",
        "AWS::SQS::Queue", "AWS::Scheduler::Schedule", "AWS::Events::Rule", "AWS::ApiGatewayV2::Api", "AWS::Backup::BackupVault", "AWS::Backup::BackupPlan",
        "AWS::StepFunctions::StateMachine",
    }  # fmt: skip
    found: dict[str, Any] = {}
    for stack in [*STACKS, *OTHERS]:
        for entry in stack_resources(stack):
            if entry["ResourceType"] in kinds:
                name = f"{stack}/{entry['LogicalResourceId']}"
                found[name] = entry["PhysicalResourceId"]
                if entry["ResourceType"] == "AWS::SecretsManager::Secret":
                    value = api("secretsmanager").get_secret_value(SecretId=entry["PhysicalResourceId"])
                    found[f"{name} version"] = (value["VersionId"], value["SecretString"])
    found["database"] = database()["DbiResourceId"]
    return found
