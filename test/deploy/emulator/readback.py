"""Whether the emulator keeps what it is told: each property is looked for in what its API shows afterwards."""

from __future__ import annotations

import os
from collections.abc import Callable
from typing import Any

from .api import call

Show = Callable[[str, str, dict[str, Any]], dict[str, Any]]
SHOWN: dict[str, Show] = {}


def _shows(kind: str) -> Callable[[Show], Show]:
    def register(show: Show) -> Show:
        SHOWN[kind] = show
        return show

    return register


def note_lost(kind: str, region: str, name: str, wanted: dict[str, Any]) -> None:
    """Adds to a file each property that the API took and does not show."""
    show = SHOWN.get(kind)
    if show is None:
        return
    lost = _lost(wanted, show(region, name, wanted), kind)
    with open(os.environ["EMULATOR_LOST"], "a", encoding="utf-8") as file:
        file.writelines(f"{path}\n" for path in lost)


def _lost(wanted: Any, shown: Any, path: str) -> list[str]:
    if isinstance(wanted, dict):
        if not isinstance(shown, dict):
            return [path]
        known = {key.casefold(): value for key, value in shown.items()}
        return [
            part
            for key, value in wanted.items()
            for part in (_lost(value, known[key.casefold()], f"{path}.{key}") if key.casefold() in known else [f"{path}.{key}"])
        ]
    if isinstance(wanted, list):
        if not isinstance(shown, list) or not shown:
            return [path] if wanted else []
        # The order is not kept everywhere; the entry that shows most is the one that was meant.
        return [part for value in wanted for part in min((_lost(value, item, path) for item in shown), key=len)]
    if isinstance(wanted, (int, float)) and isinstance(shown, (int, float)):
        return [] if wanted == shown else [path]
    return [] if str(wanted).casefold() == str(shown).casefold() else [path]


@_shows("AWS::EC2::Subnet")
def _subnet(region: str, name: str, _: dict[str, Any]) -> dict[str, Any]:
    return call("ec2", region, "describe_subnets", {}, SubnetIds=[name])["Subnets"][0]


@_shows("AWS::EC2::Volume")
def _volume(region: str, name: str, _: dict[str, Any]) -> dict[str, Any]:
    return call("ec2", region, "describe_volumes", {}, VolumeIds=[name])["Volumes"][0]


@_shows("AWS::EC2::LaunchTemplate")
def _launch_template(region: str, name: str, _: dict[str, Any]) -> dict[str, Any]:
    return call("ec2", region, "describe_launch_template_versions", {}, LaunchTemplateId=name, Versions=["$Latest"])["LaunchTemplateVersions"][0]


@_shows("AWS::AutoScaling::AutoScalingGroup")
def _group(region: str, name: str, _: dict[str, Any]) -> dict[str, Any]:
    group = call("autoscaling", region, "describe_auto_scaling_groups", {}, AutoScalingGroupNames=[name])["AutoScalingGroups"][0]
    return {**group, "VPCZoneIdentifier": group["VPCZoneIdentifier"].split(",")}


@_shows("AWS::AutoScaling::LifecycleHook")
def _hook(region: str, name: str, wanted: dict[str, Any]) -> dict[str, Any]:
    where = {"AutoScalingGroupName": wanted["AutoScalingGroupName"], "LifecycleHookNames": [name]}
    return call("autoscaling", region, "describe_lifecycle_hooks", {}, **where)["LifecycleHooks"][0]


@_shows("AWS::ECS::Cluster")
def _cluster(region: str, name: str, _: dict[str, Any]) -> dict[str, Any]:
    cluster = call("ecs", region, "describe_clusters", {}, clusters=[name], include=["SETTINGS"])["clusters"][0]
    return {**cluster, "ClusterSettings": cluster["settings"]}


@_shows("AWS::ECS::TaskDefinition")
def _task_definition(region: str, name: str, _: dict[str, Any]) -> dict[str, Any]:
    return call("ecs", region, "describe_task_definition", {}, taskDefinition=name)["taskDefinition"]


@_shows("AWS::ECS::Service")
def _service(region: str, name: str, wanted: dict[str, Any]) -> dict[str, Any]:
    service = call("ecs", region, "describe_services", {}, cluster=wanted["Cluster"], services=[name])["services"][0]
    return {**service, "Cluster": service["clusterArn"].rsplit("/", 1)[1]}


@_shows("AWS::ElasticLoadBalancingV2::LoadBalancer")
def _load_balancer(region: str, name: str, _: dict[str, Any]) -> dict[str, Any]:
    balancer = call("elbv2", region, "describe_load_balancers", {}, LoadBalancerArns=[name])["LoadBalancers"][0]
    attributes = call("elbv2", region, "describe_load_balancer_attributes", {}, LoadBalancerArn=name)["Attributes"]
    return {**balancer, "LoadBalancerAttributes": attributes, "Subnets": [zone["SubnetId"] for zone in balancer["AvailabilityZones"]]}


@_shows("AWS::ElasticLoadBalancingV2::TargetGroup")
def _target_group(region: str, name: str, _: dict[str, Any]) -> dict[str, Any]:
    group = call("elbv2", region, "describe_target_groups", {}, TargetGroupArns=[name])["TargetGroups"][0]
    return {**group, "TargetGroupAttributes": call("elbv2", region, "describe_target_group_attributes", {}, TargetGroupArn=name)["Attributes"]}


@_shows("AWS::ElasticLoadBalancingV2::Listener")
def _listener(region: str, name: str, _: dict[str, Any]) -> dict[str, Any]:
    return call("elbv2", region, "describe_listeners", {}, ListenerArns=[name])["Listeners"][0]


@_shows("AWS::CloudWatch::Alarm")
def _alarm(region: str, name: str, _: dict[str, Any]) -> dict[str, Any]:
    return call("cloudwatch", region, "describe_alarms", {}, AlarmNames=[name])["MetricAlarms"][0]


@_shows("AWS::Lambda::Function")
def _function(region: str, name: str, wanted: dict[str, Any]) -> dict[str, Any]:
    return {**call("lambda", region, "get_function_configuration", {}, FunctionName=name), "Code": wanted["Code"]}


@_shows("AWS::RDS::DBInstance")
def _database(region: str, name: str, wanted: dict[str, Any]) -> dict[str, Any]:
    it = call("rds", region, "describe_db_instances", {}, DBInstanceIdentifier=name)["DBInstances"][0]
    renamed = {
        "DBSubnetGroupName": it["DBSubnetGroup"]["DBSubnetGroupName"],
        "EnableCloudwatchLogsExports": it.get("EnabledCloudwatchLogsExports"),
        "EnableIAMDatabaseAuthentication": it.get("IAMDatabaseAuthenticationEnabled"),
        "EnablePerformanceInsights": it.get("PerformanceInsightsEnabled"),
        "Port": it["Endpoint"]["Port"],
        "VPCSecurityGroups": [group["VpcSecurityGroupId"] for group in it["VpcSecurityGroups"]],
    }
    # No API shows a password.
    return {**it, **renamed, "MasterUserPassword": wanted["MasterUserPassword"]}
