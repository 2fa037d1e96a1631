"""Faults of the sandboxes of `production`."""

from __future__ import annotations

import contextlib
import json
from collections.abc import Callable, Iterator
from typing import Any

import world
from faults import fault, opened, task
from faults_production import granted
from world import EVERYONE, FOUNDATION, PRODUCTION, api, resource, resources

from checks_sandboxes import ENDPOINT, MACHINE, firewall_rules, pool_endpoints, role_of, told


@contextlib.contextmanager
def _told(**changed: str) -> Iterator[None]:
    """Another word to the server of its sandboxes."""

    def tell(definition: dict[str, Any]) -> None:
        (main,) = [it for it in definition["containerDefinitions"] if it["name"] == "Main"]
        main["environment"] = [{**it, "value": changed.get(it["name"], it["value"])} for it in main["environment"]]

    with task(tell, PRODUCTION):
        yield


@contextlib.contextmanager
def _sandbox(change: Callable[[dict[str, Any]], None]) -> Iterator[None]:
    """Another task for each session."""
    known = world.task_definition(told()["SANDBOX_TASK_DEFINITION"])
    taken = api("ecs").meta.service_model.operation_model("RegisterTaskDefinition").input_shape.members
    definition = {name: value for name, value in known.items() if name in taken}
    change(definition)
    made = api("ecs").register_task_definition(**definition)["taskDefinition"]["taskDefinitionArn"]
    with _told(SANDBOX_TASK_DEFINITION=made):
        yield
    api("ecs").deregister_task_definition(taskDefinition=made)


@contextlib.contextmanager
def _policy(endpoint: str, policy: dict[str, Any]) -> Iterator[None]:
    ec2 = api("ec2")
    before = ec2.describe_vpc_endpoints(VpcEndpointIds=[endpoint])["VpcEndpoints"][0]["PolicyDocument"]
    ec2.modify_vpc_endpoint(VpcEndpointId=endpoint, PolicyDocument=json.dumps(policy))
    yield
    ec2.modify_vpc_endpoint(VpcEndpointId=endpoint, PolicyDocument=before)


EVERYTHING = {"Version": "2012-10-17", "Statement": [{"Effect": "Allow", "Principal": {"AWS": "*"}, "Action": "*", "Resource": "*"}]}


@fault("a sandbox with the role of its server", "sandboxes: the task")
def _() -> Iterator[None]:
    role = world.task_definition(world.service(PRODUCTION)["taskDefinition"])["taskRoleArn"]
    with _sandbox(lambda definition: definition.update(taskRoleArn=role)):
        yield


@fault("a sandbox that runs as root", "sandboxes: the task")
def _() -> Iterator[None]:
    with _sandbox(lambda definition: definition["containerDefinitions"][0].update(user="0")):
        yield


@fault("a sandbox with the key of the provider", "sandboxes: the task")
def _() -> Iterator[None]:
    key = [it for it in world.container(PRODUCTION)["secrets"] if it["name"] == "ANTHROPIC_API_KEY"]
    with _sandbox(lambda definition: definition["containerDefinitions"][0].update(secrets=key)):
        yield


@fault("sandboxes where a NAT gateway leads out", "sandboxes: their subnets", "sandboxes: their endpoints")
def _() -> Iterator[None]:
    with _told(SANDBOX_SUBNETS=",".join(resources(FOUNDATION, "AWS::EC2::Subnet", "NetworkVpcPrivate"))):
        yield


@fault("sandboxes that everyone reaches", "sandboxes: only the server")
def _() -> Iterator[None]:
    with opened(told()["SANDBOX_SECURITY_GROUPS"], 8080):
        yield


@fault("sandboxes that reach everyone", "sandboxes: only the server")
def _() -> Iterator[None]:
    rule = {"IpProtocol": "tcp", "FromPort": 443, "ToPort": 443, "IpRanges": [{"CidrIp": EVERYONE}]}
    group = told()["SANDBOX_SECURITY_GROUPS"]
    api("ec2").authorize_security_group_egress(GroupId=group, IpPermissions=[rule])
    yield
    api("ec2").revoke_security_group_egress(GroupId=group, IpPermissions=[rule])


@fault("an endpoint that admits credentials of every account", "sandboxes: their endpoints")
def _() -> Iterator[None]:
    with _policy(pool_endpoints()[0], EVERYTHING):
        yield


@fault("a gateway that leads to every bucket", "sandboxes: their endpoints")
def _() -> Iterator[None]:
    with _policy(resource(FOUNDATION, ENDPOINT, "NetworkVpcS3"), EVERYTHING):
        yield


@fault("a name whose owner hears what is looked up", "sandboxes: the network answers")
def _() -> Iterator[None]:
    where = {"FirewallDomainListId": firewall_rules()[0]["FirewallDomainListId"], "Domains": ["*.example.org"]}
    api("route53resolver").update_firewall_domains(**where, Operation="ADD")
    yield
    api("route53resolver").update_firewall_domains(**where, Operation="REMOVE")


@fault("a firewall that blocks nothing", "sandboxes: the network answers")
def _() -> Iterator[None]:
    (_allows, blocks), resolver = firewall_rules(), api("route53resolver")
    resolver.delete_firewall_rule(FirewallRuleGroupId=blocks["FirewallRuleGroupId"], FirewallDomainListId=blocks["FirewallDomainListId"])
    yield
    resolver.create_firewall_rule(**blocks)


@fault("a server that may start any task", "sandboxes: the server may")
def _() -> Iterator[None]:
    role = world.task_definition(world.service(PRODUCTION)["taskDefinition"])["taskRoleArn"].rsplit("/", 1)[1]
    with granted(role, "ecs:RunTask", "*"):
        yield


@fault("a reaper that may stop any task", "sandboxes: every five minutes")
def _() -> Iterator[None]:
    with granted(role_of(resource(PRODUCTION, MACHINE, "SandboxesReaper")), "ecs:StopTask", "*"):
        yield


@fault("an alarm that tells no one", "sandboxes: the operators")
def _() -> Iterator[None]:
    (alarm,) = api("cloudwatch").describe_alarms(AlarmNames=resources(PRODUCTION, "AWS::CloudWatch::Alarm", "SandboxesRunning"))["MetricAlarms"]
    taken = api("cloudwatch").meta.service_model.operation_model("PutMetricAlarm").input_shape.members
    known = {name: value for name, value in alarm.items() if name in taken}
    for actions in ([], alarm["AlarmActions"]):
        api("cloudwatch").put_metric_alarm(**{**known, "AlarmActions": actions})
        if not actions:
            yield
