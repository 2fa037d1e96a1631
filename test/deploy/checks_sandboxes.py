"""What must hold of the sandboxes of `production`."""

from __future__ import annotations

import json
from typing import Any

import world
from world import FOUNDATION, PRODUCTION, api, resource, resources

from checks import PORT, check

GROUP = "AWS::EC2::SecurityGroup"
ENDPOINT = "AWS::EC2::VPCEndpoint"
MACHINE = "AWS::StepFunctions::StateMachine"
#: What a sandbox starts with, whatever is listed.
TO_START = (
    "api.ecr.us-east-1.amazonaws.com", "*.dkr.ecr.us-east-1.amazonaws.com", "prod-us-east-1-starport-layer-bucket.s3.us-east-1.amazonaws.com",
    "logs.us-east-1.amazonaws.com",
)  # fmt: skip
LAYERS = "arn:aws:s3:::prod-us-east-1-starport-layer-bucket/*"


def told() -> dict[str, str]:
    """What the server knows of its sandboxes."""
    return {name: value for name, value in world.environment(world.container(PRODUCTION)).items() if name.startswith("SANDBOX_")}


def vpc() -> str:
    return resource(FOUNDATION, "AWS::EC2::VPC")


def pool_endpoints() -> list[str]:
    return resources(PRODUCTION, ENDPOINT, "Sandboxes")


def role_of(machine: str) -> str:
    return str(api("stepfunctions").describe_state_machine(stateMachineArn=machine)["roleArn"].rsplit("/", 1)[1])


def _listed(value: Any) -> list[Any]:
    return value if isinstance(value, list) else [value]


def _allowed(role: str, action: str) -> list[dict[str, Any]]:
    return [it for it in world.statements(role) if {action, "*"} & set(_listed(it["Action"]))]


@check("sandboxes: the task that the server starts has no role, no secret, no capability, and no root that it may write to; it runs as user 1000")
def _task(_: dict[str, Any]) -> bool:
    known = world.task_definition(told()["SANDBOX_TASK_DEFINITION"])
    (sandbox,) = known["containerDefinitions"]
    mounts = {mount["containerPath"] for mount in sandbox["mountPoints"] if not mount["readOnly"]}
    return bool(
        "taskRoleArn" not in known
        and not sandbox.get("secrets")
        and sandbox["user"] == "1000:1000"
        and sandbox["readonlyRootFilesystem"]
        and mounts == {"/workspace", "/tmp"}
        and sandbox["linuxParameters"]["capabilities"]["drop"] == ["ALL"]
        and world.environment(sandbox).keys() == {"SANDBOX_PORT", "SANDBOX_IDLE_SECONDS", "SANDBOX_MAX_LIFETIME_SECONDS"}
        and sandbox["name"] == told()["SANDBOX_CONTAINER"]
    )


@check("sandboxes: their subnets are in two zones and have no route but to the gateway of Amazon S3")
def _subnets(_: dict[str, Any]) -> bool:
    subnets = told()["SANDBOX_SUBNETS"].split(",")
    zones = {subnet["AvailabilityZone"] for subnet in api("ec2").describe_subnets(SubnetIds=subnets)["Subnets"]}
    ways = {route.get("GatewayId") or route.get("NatGatewayId") or "elsewhere" for route in world.routes(subnets)}
    return len(zones) == 2 and ways <= {resource(FOUNDATION, ENDPOINT, "NetworkVpcS3")}


@check("sandboxes: only the server reaches them, and they reach their three endpoints and the addresses of Amazon S3 alone")
def _edges(_: dict[str, Any]) -> bool:
    sandbox, server = told()["SANDBOX_SECURITY_GROUPS"], resource(PRODUCTION, GROUP, "AgentsSecurityGroup")
    (layers,) = api("ec2").describe_managed_prefix_lists(Filters=[{"Name": "prefix-list-name", "Values": ["com.amazonaws.us-east-1.s3"]}])["PrefixLists"]
    endpoints = {group["GroupId"] for it in described_endpoints() for group in it["Groups"]}
    inward = {edge for edge in world.edges("in", vpc()) if edge[1] == sandbox}
    outward = {(peer, at) for peer, of, at in world.edges("out", vpc()) if of == sandbox}
    admitted = {group for peer, group, at in world.edges("in", vpc()) if (peer, at) == (sandbox, "tcp 443-443")}
    nothing = {(peer, at) for peer, at in outward if peer == "255.255.255.255/32" and at.startswith("icmp")}
    return (
        inward == {(server, sandbox, f"tcp {PORT}-{PORT}")}
        and len(endpoints) == 3
        and admitted == endpoints
        and outward - nothing == {(peer, "tcp 443-443") for peer in {*endpoints, layers["PrefixListId"]}}
    )


def described_endpoints() -> list[dict[str, Any]]:
    return list(api("ec2").describe_vpc_endpoints(VpcEndpointIds=pool_endpoints())["VpcEndpoints"])


def _denies(endpoint: dict[str, Any]) -> list[dict[str, Any]]:
    return [it for it in json.loads(endpoint["PolicyDocument"])["Statement"] if it["Effect"] == "Deny"]


@check("sandboxes: their endpoints are those of the registry and of the logs, and admit credentials of this account alone; Amazon S3 has the layers alone for them")
def _endpoints(_: dict[str, Any]) -> bool:
    known = described_endpoints()
    names = {it["ServiceName"].split("us-east-1.")[1] for it in known}
    (gateway,) = api("ec2").describe_vpc_endpoints(VpcEndpointIds=[resource(FOUNDATION, ENDPOINT, "NetworkVpcS3")])["VpcEndpoints"]
    subnets = api("ec2").describe_subnets(SubnetIds=told()["SANDBOX_SUBNETS"].split(","))["Subnets"]
    (held,) = _denies(gateway)
    return (
        names == {"ecr.api", "ecr.dkr", "logs"}
        and all(it["PrivateDnsEnabled"] for it in known)
        and all([deny["Condition"] for deny in _denies(it)] == [{"StringNotEquals": {"aws:PrincipalAccount": world.ACCOUNT}}] for it in known)
        and (held["Action"], held["NotResource"]) == ("s3:*", LAYERS)
        and set(held["Condition"]["IpAddress"]["aws:VpcSourceIp"]) == {subnet["CidrBlock"] for subnet in subnets}
    )


def firewall_rules() -> list[dict[str, Any]]:
    """What holds for the VPC of the sandboxes."""
    known = api("route53resolver").list_firewall_rule_group_associations()["FirewallRuleGroupAssociations"]
    (group,) = [it["FirewallRuleGroupId"] for it in known if it["VpcId"] == vpc()]
    return list(api("route53resolver").list_firewall_rules(FirewallRuleGroupId=group)["FirewallRules"])


@check("sandboxes: the network answers the names that it needs, that of its database among them, and no other")
def _names(_: dict[str, Any]) -> bool:
    domains = [api("route53resolver").list_firewall_domains(FirewallDomainListId=rule["FirewallDomainListId"])["Domains"] for rule in firewall_rules()]
    (database,) = api("rds").describe_db_instances(DBInstanceIdentifier=resource(FOUNDATION, "AWS::RDS::DBInstance"))["DBInstances"]
    used = (
        "api.anthropic.com", database["Endpoint"]["Address"], "agents.example.com", f"flue-agents-{world.ACCOUNT}.auth.us-east-1.amazoncognito.com",
        "ecs.us-east-1.amazonaws.com", "secretsmanager.us-east-1.amazonaws.com", "sqs.us-east-1.amazonaws.com",
    )  # fmt: skip
    actions = [(rule["Action"], rule.get("BlockResponse")) for rule in firewall_rules()]
    return actions == [("ALLOW", None), ("BLOCK", "NXDOMAIN")] and set(domains[0]) == {*TO_START, *used} and domains[1] == ["*"]


@check("sandboxes: the server may start, see and stop those of its pool, and pass the one role that pulls their image")
def _rights(_: dict[str, Any]) -> bool:
    role = world.task_definition(world.service(PRODUCTION)["taskDefinition"])["taskRoleArn"].rsplit("/", 1)[1]
    definition = world.task_definition(told()["SANDBOX_TASK_DEFINITION"])
    cluster, pool = told()["SANDBOX_CLUSTER"], told()["SANDBOX_POOL"]
    (runs,), (stops,), (passes,) = (_allowed(role, action) for action in ("ecs:RunTask", "ecs:StopTask", "iam:PassRole"))
    return bool(
        runs["Resource"] == f"{definition['taskDefinitionArn'].rsplit(':', 1)[0]}:*"
        and runs["Condition"] == {"ArnEquals": {"ecs:cluster": cluster}, "StringEquals": {"aws:RequestTag/cdk-flue:sandbox": pool}}
        and stops["Resource"] == f"{cluster.replace(':cluster/', ':task/')}/*"
        and stops["Condition"] == {"ArnEquals": {"ecs:cluster": cluster}, "StringEquals": {"aws:ResourceTag/cdk-flue:sandbox": pool}}
        and passes["Resource"] == definition["executionRoleArn"]
    )


@check("sandboxes: every five minutes a state machine looks for those that are left behind, and may stop no task but those of its pool")
def _reaper(_: dict[str, Any]) -> bool:
    machine = resource(PRODUCTION, MACHINE, "SandboxesReaper")
    known = api("stepfunctions").describe_state_machine(stateMachineArn=machine)
    schedules = [api("scheduler").get_schedule(Name=name) for name in resources(PRODUCTION, "AWS::Scheduler::Schedule", "SandboxesReaper")]
    (schedule,) = schedules
    cluster, pool = told()["SANDBOX_CLUSTER"], told()["SANDBOX_POOL"]
    stops = _allowed(role_of(machine), "ecs:StopTask")
    family = world.task_definition(told()["SANDBOX_TASK_DEFINITION"])["family"]
    return bool(
        (schedule["ScheduleExpression"], schedule["State"], schedule["Target"]["Arn"]) == ("rate(5 minutes)", "ENABLED", machine)
        and known["type"] == "EXPRESS"
        and all(part in known["definition"] for part in (cluster, family, pool))
        and [stop["Condition"].get("StringEquals") for stop in stops] == [{"aws:ResourceTag/cdk-flue:sandbox": pool}]
    )


@check("sandboxes: the operators hear of more than the server may have, and the dashboard shows how many run")
def _alarm(_: dict[str, Any]) -> bool:
    (alarm,) = api("cloudwatch").describe_alarms(AlarmNames=resources(PRODUCTION, "AWS::CloudWatch::Alarm", "SandboxesRunning"))["MetricAlarms"]
    operators, pool = resource(PRODUCTION, "AWS::SNS::Topic"), told()["SANDBOX_POOL"]
    body = api("cloudwatch").get_dashboard(DashboardName=resource(PRODUCTION, "AWS::CloudWatch::Dashboard"))["DashboardBody"]
    return bool(
        alarm["Threshold"] == int(told()["SANDBOX_MAX_CONCURRENT"])
        and alarm["Dimensions"] == [{"Name": "Pool", "Value": pool}]
        and alarm["TreatMissingData"] == "breaching"
        and (alarm["AlarmActions"], alarm["OKActions"]) == ([operators], [operators])
        and f'["CdkFlue/Sandboxes","RunningSandboxes","Pool","{pool}"' in body
    )
