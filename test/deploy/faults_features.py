"""Faults of two of the stacks with what no deployed example has."""

from __future__ import annotations

import contextlib
import copy
import json
from collections.abc import Callable, Iterator
from typing import Any

import world
from faults import balancer, changed_service, fault, opened, security_group, task
from faults_production import changed_listener, changed_policy, changed_record
from world import BLUE_GREEN, EDGES, EVERYONE, api, resource

BALANCER = "AWS::ElasticLoadBalancingV2::LoadBalancer"


def _advanced() -> dict[str, Any]:
    (entry,) = world.service(BLUE_GREEN)["loadBalancers"]
    return dict(entry["advancedConfiguration"])


@contextlib.contextmanager
def _group(arn: str, **changed: Any) -> Iterator[None]:
    before = world.target_group(arn)
    api("elbv2").modify_target_group(TargetGroupArn=arn, **changed)
    yield
    api("elbv2").modify_target_group(TargetGroupArn=arn, **{name: before[name] for name in changed})


@contextlib.contextmanager
def _delay(arn: str, seconds: str) -> Iterator[None]:
    key = "deregistration_delay.timeout_seconds"
    before = world.target_group_attributes(arn)[key]
    for value in (seconds, before):
        api("elbv2").modify_target_group_attributes(TargetGroupArn=arn, Attributes=[{"Key": key, "Value": value}])
        if value != before:
            yield


@contextlib.contextmanager
def _actions(arn: str, change: Callable[[list[dict[str, Any]]], list[dict[str, Any]]]) -> Iterator[None]:
    before = api("elbv2").describe_rules(RuleArns=[arn])["Rules"][0]["Actions"]
    api("elbv2").modify_rule(RuleArn=arn, Actions=change(copy.deepcopy(before)))
    yield
    api("elbv2").modify_rule(RuleArn=arn, Actions=before)


@contextlib.contextmanager
def _distribution(change: Callable[[dict[str, Any]], None]) -> Iterator[None]:
    name = resource(EDGES, "AWS::CloudFront::Distribution")
    before = api("cloudfront").get_distribution_config(Id=name)["DistributionConfig"]
    changed = copy.deepcopy(before)
    change(changed)
    for config in (changed, before):
        tag = api("cloudfront").get_distribution_config(Id=name)["ETag"]
        api("cloudfront").update_distribution(Id=name, IfMatch=tag, DistributionConfig=config)
        if config is changed:
            yield


@contextlib.contextmanager
def _cluster(**changed: Any) -> Iterator[None]:
    name = resource(BLUE_GREEN, "AWS::RDS::DBCluster")
    (before,) = api("rds").describe_db_clusters(DBClusterIdentifier=name)["DBClusters"]
    api("rds").modify_db_cluster(DBClusterIdentifier=name, **changed)
    yield
    api("rds").modify_db_cluster(DBClusterIdentifier=name, **{key: before[key] for key in changed})


def _swapped(actions: list[dict[str, Any]]) -> list[dict[str, Any]]:
    for target in actions[0]["ForwardConfig"]["TargetGroups"]:
        target["Weight"] = 100 - target["Weight"]
    return actions


@fault("a next revision that is checked at /", "blue/green: both target groups")
def _() -> Iterator[None]:
    with _group(_advanced()["alternateTargetGroupArn"], HealthCheckPath="/"):
        yield


@fault("a next revision that drains for five minutes", "blue/green: both target groups")
def _() -> Iterator[None]:
    with _delay(_advanced()["alternateTargetGroupArn"], "300"):
        yield


@fault("traffic that goes to the next revision", "blue/green: all traffic")
def _() -> Iterator[None]:
    with _actions(_advanced()["productionListenerRule"], _swapped):
        yield


@fault("half of the test traffic at the old revision", "blue/green: the test listener")
def _() -> Iterator[None]:
    with _actions(_advanced()["testListenerRule"], _swapped):
        yield


@fault("a test listener with protocols of ten years ago", "blue/green: the test listener")
def _() -> Iterator[None]:
    with changed_listener(world.listeners(resource(BLUE_GREEN, BALANCER))[8443], SslPolicy="ELBSecurityPolicy-2016-08"):
        yield


@fault("no time to bake", "blue/green: the service bakes")
def _() -> Iterator[None]:
    with changed_service(BLUE_GREEN, deploymentConfiguration={**world.service(BLUE_GREEN)["deploymentConfiguration"], "bakeTimeInMinutes": 0}):
        yield


@fault("a rolling deployment", "blue/green: the service bakes")
def _() -> Iterator[None]:
    with changed_service(BLUE_GREEN, deploymentConfiguration={**world.service(BLUE_GREEN)["deploymentConfiguration"], "strategy": "ROLLING"}):
        yield


@fault("a role that may not move the traffic", "blue/green: the role")
def _() -> Iterator[None]:
    role = _advanced()["roleArn"].rsplit("/", 1)[1]
    (policy,) = api("iam").list_attached_role_policies(RoleName=role)["AttachedPolicies"]
    api("iam").detach_role_policy(RoleName=role, PolicyArn=policy["PolicyArn"])
    yield
    api("iam").attach_role_policy(RoleName=role, PolicyArn=policy["PolicyArn"])


@fault("ten tasks", "blue/green: one task")
def _() -> Iterator[None]:
    name = resource(BLUE_GREEN, "AWS::ECS::Service").split(":service/")[1]
    for most in (10, 3):
        api("application-autoscaling").register_scalable_target(
            ServiceNamespace="ecs", ResourceId=f"service/{name}", ScalableDimension="ecs:service:DesiredCount", MinCapacity=1, MaxCapacity=most
        )
        if most == 10:
            yield


@fault("an endpoint of CloudWatch Logs in one zone of two", "endpoints: ")
def _() -> Iterator[None]:
    ec2 = api("ec2")
    where = [{"Name": "vpc-id", "Values": [resource(BLUE_GREEN, "AWS::EC2::VPC")]}, {"Name": "service-name", "Values": ["com.amazonaws.us-east-1.logs"]}]
    (known,) = ec2.describe_vpc_endpoints(Filters=where)["VpcEndpoints"]
    ec2.modify_vpc_endpoint(VpcEndpointId=known["VpcEndpointId"], RemoveSubnetIds=known["SubnetIds"][:1])
    yield
    ec2.modify_vpc_endpoint(VpcEndpointId=known["VpcEndpointId"], AddSubnetIds=known["SubnetIds"][:1])


@fault("a way to the internet besides the endpoints", "endpoints: ", "Aurora: a writer")
def _() -> Iterator[None]:
    table = resource(BLUE_GREEN, "AWS::EC2::RouteTable", "NetworkVpcIsolatedSubnet1")
    gateway = resource(BLUE_GREEN, "AWS::EC2::InternetGateway")
    api("ec2").create_route(RouteTableId=table, DestinationCidrBlock=EVERYONE, GatewayId=gateway)
    yield
    api("ec2").delete_route(RouteTableId=table, DestinationCidrBlock=EVERYONE)


@fault("a test listener that is open to everyone", "blue/green: who reaches whom")
def _() -> Iterator[None]:
    with opened(security_group(BLUE_GREEN, "AgentsLoadBalancer"), 8443):
        yield


@fault("a cluster that may be deleted", "Aurora: a writer")
def _() -> Iterator[None]:
    with _cluster(DeletionProtection=False):
        yield


@fault("a cluster without a bound on its bill", "Aurora: a writer")
def _() -> Iterator[None]:
    with _cluster(ServerlessV2ScalingConfiguration={"MinCapacity": 1, "MaxCapacity": 256}):
        yield


@fault("DATABASE_URL of the reader", "Aurora: DATABASE_URL")
def _() -> Iterator[None]:
    arn = resource(BLUE_GREEN, "AWS::SecretsManager::Secret", "DatabaseUrl")
    before = api("secretsmanager").get_secret_value(SecretId=arn)["SecretString"]
    for value in (before.replace(".cluster-", ".cluster-ro-"), before):
        api("secretsmanager").put_secret_value(SecretId=arn, SecretString=value)
        if value != before:
            yield


@fault("access logs that everyone may read", "blue/green: the bucket")
def _() -> Iterator[None]:
    bucket = resource(BLUE_GREEN, "AWS::S3::Bucket")
    known = json.loads(api("s3").get_bucket_policy(Bucket=bucket)["Policy"])["Statement"]
    read = {"Effect": "Allow", "Principal": {"AWS": "*"}, "Action": "s3:GetObject", "Resource": f"arn:aws:s3:::{bucket}/*"}
    with changed_policy(bucket, [*known, read]):
        yield


@fault("a distribution that caches", "CloudFront: caches nothing")
def _() -> Iterator[None]:
    optimized = "658327ea-f89d-4fab-a63d-7e88639e58f6"
    with _distribution(lambda config: config["DefaultCacheBehavior"].update(CachePolicyId=optimized)):
        yield


@fault("a token that crosses the internet in plain text", "CloudFront: caches nothing")
def _() -> Iterator[None]:
    with _distribution(lambda config: config["DefaultCacheBehavior"].update(ViewerProtocolPolicy="redirect-to-https")):
        yield


@fault("a read timeout below the longest run", "CloudFront: waits")
def _() -> Iterator[None]:
    with _distribution(lambda config: config["Origins"]["Items"][0]["VpcOriginConfig"].update(OriginReadTimeout=30)):
        yield


@fault("a load balancer that hangs up before CloudFront does", "CloudFront: waits")
def _() -> Iterator[None]:
    with balancer(resource(EDGES, BALANCER, "World"), "idle_timeout.timeout_seconds", "60"):
        yield


@fault("an origin of another name", "CloudFront: its VPC origin")
def _() -> Iterator[None]:
    with _distribution(lambda config: config["Origins"]["Items"][0].update(DomainName="elsewhere.example.com")):
        yield


@fault("a load balancer behind CloudFront that is open to everyone", "CloudFront: its servers")
def _() -> Iterator[None]:
    with opened(security_group(EDGES, "WorldLoadBalancer"), 80):
        yield


@fault("a distribution without its web ACL", "CloudFront: the name")
def _() -> Iterator[None]:
    with _distribution(lambda config: config.update(WebACLId="")):
        yield


@fault("a name that leads past CloudFront", "CloudFront: the name")
def _() -> Iterator[None]:
    past = world.load_balancer(resource(EDGES, BALANCER, "World"))["DNSName"]
    with changed_record(EDGES, AliasTarget={"HostedZoneId": "Z2P70J7EXAMPLE", "DNSName": past, "EvaluateTargetHealth": False}):
        yield


@fault("a deployment that waits for the old streams", "deferred clean-up: ")
def _() -> Iterator[None]:
    how = world.service(EDGES, "World")["deploymentConfiguration"]
    with changed_service(EDGES, "World", deploymentConfiguration={**how, "earlySuccessCriteria": {**how["earlySuccessCriteria"], "enable": False}}):
        yield


@fault("streams that are cut after 15 s", "deferred clean-up: ")
def _() -> Iterator[None]:
    with _delay(world.service(EDGES, "World")["loadBalancers"][0]["targetGroupArn"], "15"):
        yield


@fault("an instance that forwards nothing", "NAT instance: ")
def _() -> Iterator[None]:
    name = resource(EDGES, "AWS::EC2::Instance")
    for checks in (True, False):
        api("ec2").modify_instance_attribute(InstanceId=name, SourceDestCheck={"Value": checks})
        if checks:
            yield


@fault("a host that needs no sign-in", "shared listener: who asks")
def _() -> Iterator[None]:
    with _actions(resource(EDGES, "AWS::ElasticLoadBalancingV2::ListenerRule"), lambda actions: [{**actions[1], "Order": 1}]):
        yield


@fault("a secret of the client of yesterday", "shared listener: who asks")
def _() -> Iterator[None]:
    arn = resource(EDGES, "AWS::SecretsManager::Secret", "ClientSecret")
    before = api("secretsmanager").get_secret_value(SecretId=arn)["SecretString"]
    for value in ("today", before):
        api("secretsmanager").put_secret_value(SecretId=arn, SecretString=value)
        if value != before:
            yield


@fault("a shared load balancer that waits longer than it said", "shared listener: the server keeps")
def _() -> Iterator[None]:
    with balancer(resource(EDGES, BALANCER, "Shared"), "idle_timeout.timeout_seconds", "1300"):
        yield


@fault("a collector that the network may reach", "telemetry: ")
def _() -> Iterator[None]:
    def widen(definition: dict[str, Any]) -> None:
        for container in definition["containerDefinitions"]:
            for entry in container["environment"]:
                if entry["name"] == "AOT_CONFIG_CONTENT":
                    entry["value"] = entry["value"].replace("127.0.0.1", "0.0.0.0")

    with task(widen, EDGES, "Team"):
        yield


@fault("a shell that nobody asked for", "ECS Exec: ")
def _() -> Iterator[None]:
    with changed_service(EDGES, "Team", enableExecuteCommand=True):
        yield
