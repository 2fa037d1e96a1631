"""Whether the emulator keeps what it is told: each property is looked for in what its API shows afterwards."""

from __future__ import annotations

import json
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
        "DBSubnetGroupName": it.get("DBSubnetGroup", {}).get("DBSubnetGroupName"),
        "EnableCloudwatchLogsExports": it.get("EnabledCloudwatchLogsExports"),
        "EnableIAMDatabaseAuthentication": it.get("IAMDatabaseAuthenticationEnabled"),
        "EnablePerformanceInsights": it.get("PerformanceInsightsEnabled"),
        "Port": it["Endpoint"]["Port"],
        "VPCSecurityGroups": [group["VpcSecurityGroupId"] for group in it["VpcSecurityGroups"]],
    }
    # No API shows a password.
    # no API shows the password, or what a database began with
    return {**it, **renamed, **{name: wanted.get(name) for name in ("MasterUserPassword", "DBSnapshotIdentifier", "SnapshotIdentifier")}}


@_shows("AWS::RDS::DBCluster")
def _cluster_of_databases(region: str, name: str, wanted: dict[str, Any]) -> dict[str, Any]:
    it = call("rds", region, "describe_db_clusters", {}, DBClusterIdentifier=name)["DBClusters"][0]
    renamed = {
        "DBSubnetGroupName": it.get("DBSubnetGroup"),
        "DBClusterParameterGroupName": it.get("DBClusterParameterGroup"),
        "EnableCloudwatchLogsExports": it.get("EnabledCloudwatchLogsExports"),
        "EnableIAMDatabaseAuthentication": it.get("IAMDatabaseAuthenticationEnabled"),
        "ServerlessV2ScalingConfiguration": it.get("ServerlessV2ScalingConfiguration"),
        "VpcSecurityGroupIds": [group["VpcSecurityGroupId"] for group in it["VpcSecurityGroups"]],
    }
    # no API shows the password, or what a database began with
    return {**it, **renamed, **{name: wanted.get(name) for name in ("MasterUserPassword", "DBSnapshotIdentifier", "SnapshotIdentifier")}}


@_shows("AWS::ElasticLoadBalancingV2::ListenerRule")
def _rule(region: str, name: str, wanted: dict[str, Any]) -> dict[str, Any]:
    it = call("elbv2", region, "describe_rules", {}, RuleArns=[name])["Rules"][0]
    # no API shows whose rule it is, or the secret of a client
    return {**it, "ListenerArn": wanted["ListenerArn"]}


@_shows("AWS::CloudFront::Distribution")
def _distribution(region: str, name: str, _: dict[str, Any]) -> dict[str, Any]:
    config = _plain(call("cloudfront", region, "get_distribution_config", {}, Id=name)["DistributionConfig"])
    return {"DistributionConfig": {**config, "IPV6Enabled": config["IsIPV6Enabled"]}}


@_shows("AWS::CloudFront::VpcOrigin")
def _vpc_origin(region: str, name: str, _: dict[str, Any]) -> dict[str, Any]:
    return _plain(call("cloudfront", region, "get_vpc_origin", {}, Id=name)["VpcOrigin"])


def _plain(value: Any) -> Any:
    """Lists without the length that CloudFront has beside them; they may hold more beside their items."""
    if isinstance(value, dict):
        return [_plain(item) for item in value["Items"]] if "Quantity" in value and "Items" in value else {key: _plain(item) for key, item in value.items()}
    return [_plain(item) for item in value] if isinstance(value, list) else value


@_shows("AWS::Cognito::UserPool")
def _user_pool(region: str, name: str, _: dict[str, Any]) -> dict[str, Any]:
    it = call("cognito-idp", region, "describe_user_pool", {}, UserPoolId=name)["UserPool"]
    factors = call("cognito-idp", region, "get_user_pool_mfa_config", {}, UserPoolId=name)
    enabled = ["SOFTWARE_TOKEN_MFA"] if factors.get("SoftwareTokenMfaConfiguration", {}).get("Enabled") else []
    return {**it, "EnabledMfas": enabled, "MfaConfiguration": factors["MfaConfiguration"]}


@_shows("AWS::Cognito::UserPoolClient")
def _user_pool_client(region: str, name: str, wanted: dict[str, Any]) -> dict[str, Any]:
    it = call("cognito-idp", region, "describe_user_pool_client", {}, UserPoolId=wanted["UserPoolId"], ClientId=name)["UserPoolClient"]
    return {**it, "GenerateSecret": "ClientSecret" in it}


@_shows("AWS::WAFv2::WebACL")
def _web_acl(region: str, name: str, _: dict[str, Any]) -> dict[str, Any]:
    title, key, scope = name.split("|")
    return {**call("wafv2", region, "get_web_acl", {}, Name=title, Id=key, Scope=scope)["WebACL"], "Scope": scope}


@_shows("AWS::WAFv2::LoggingConfiguration")
def _web_acl_logs(region: str, name: str, _: dict[str, Any]) -> dict[str, Any]:
    return call("wafv2", region, "get_logging_configuration", {}, ResourceArn=name)["LoggingConfiguration"]


@_shows("AWS::Logs::QueryDefinition")
def _query(region: str, name: str, wanted: dict[str, Any]) -> dict[str, Any]:
    known = call("logs", region, "describe_query_definitions", {}, queryDefinitionNamePrefix=wanted["Name"])["queryDefinitions"]
    return next(query for query in known if query["queryDefinitionId"] == name)


@_shows("AWS::EC2::NatGateway")
def _nat_gateway(region: str, name: str, _: dict[str, Any]) -> dict[str, Any]:
    it = call("ec2", region, "describe_nat_gateways", {}, NatGatewayIds=[name])["NatGateways"][0]
    return {**it, "AllocationId": it["NatGatewayAddresses"][0]["AllocationId"]}


@_shows("AWS::KMS::Key")
def _key(region: str, name: str, wanted: dict[str, Any]) -> dict[str, Any]:
    it = call("kms", region, "describe_key", {}, KeyId=name)["KeyMetadata"]
    policy = json.loads(call("kms", region, "get_key_policy", {}, KeyId=name, PolicyName="default")["Policy"])
    rotates = call("kms", region, "get_key_rotation_status", {}, KeyId=name)["KeyRotationEnabled"]
    return {**it, "EnableKeyRotation": rotates, "KeyPolicy": policy}


@_shows("AWS::S3::Bucket")
def _bucket(region: str, name: str, wanted: dict[str, Any]) -> dict[str, Any]:
    # the owner's controls and the ACL of `cdk bootstrap` are not asked for
    shown = dict(wanted)
    if "BucketEncryption" in wanted:
        rules = call("s3", region, "get_bucket_encryption", {}, Bucket=name)["ServerSideEncryptionConfiguration"]["Rules"]
        sides = [{**rule, "ServerSideEncryptionByDefault": rule["ApplyServerSideEncryptionByDefault"]} for rule in rules]
        shown["BucketEncryption"] = {"ServerSideEncryptionConfiguration": sides}
    if "PublicAccessBlockConfiguration" in wanted:
        shown["PublicAccessBlockConfiguration"] = call("s3", region, "get_public_access_block", {}, Bucket=name)["PublicAccessBlockConfiguration"]
    if "LifecycleConfiguration" in wanted:
        rules = call("s3", region, "get_bucket_lifecycle_configuration", {}, Bucket=name)["Rules"]
        shown["LifecycleConfiguration"] = {"Rules": [{**rule, "ExpirationInDays": rule.get("Expiration", {}).get("Days")} for rule in rules]}
    return shown


@_shows("AWS::CertificateManager::Certificate")
def _certificate(region: str, name: str, wanted: dict[str, Any]) -> dict[str, Any]:
    it = call("acm", region, "describe_certificate", {}, CertificateArn=name)["Certificate"]
    tags = call("acm", region, "list_tags_for_certificate", {}, CertificateArn=name)["Tags"]
    return {
        **it,
        "Tags": tags,
        "ValidationMethod": it["DomainValidationOptions"][0]["ValidationMethod"],
        "DomainValidationOptions": wanted["DomainValidationOptions"],
    }


@_shows("AWS::ApplicationAutoScaling::ScalableTarget")
def _scalable_target(region: str, name: str, wanted: dict[str, Any]) -> dict[str, Any]:
    where = {"ServiceNamespace": wanted["ServiceNamespace"], "ResourceIds": [wanted["ResourceId"]]}
    return call("application-autoscaling", region, "describe_scalable_targets", {}, **where)["ScalableTargets"][0]


@_shows("AWS::EC2::VPCEndpoint")
def _endpoint(region: str, name: str, wanted: dict[str, Any]) -> dict[str, Any]:
    it = call("ec2", region, "describe_vpc_endpoints", {}, VpcEndpointIds=[name])["VpcEndpoints"][0]
    policy = json.loads(it["PolicyDocument"]) if it.get("PolicyDocument") else {}
    return {**it, "PolicyDocument": policy, "SecurityGroupIds": [group["GroupId"] for group in it.get("Groups", [])]}


@_shows("AWS::Route53Resolver::FirewallDomainList")
def _domains(region: str, name: str, _: dict[str, Any]) -> dict[str, Any]:
    (it,) = [it for it in call("route53resolver", region, "list_firewall_domain_lists", {})["FirewallDomainLists"] if it["Id"] == name]
    return {**it, "Domains": call("route53resolver", region, "list_firewall_domains", {}, FirewallDomainListId=name)["Domains"]}


@_shows("AWS::Route53Resolver::FirewallRuleGroup")
def _firewall_rules(region: str, name: str, _: dict[str, Any]) -> dict[str, Any]:
    (it,) = [it for it in call("route53resolver", region, "list_firewall_rule_groups", {})["FirewallRuleGroups"] if it["Id"] == name]
    return {**it, "FirewallRules": call("route53resolver", region, "list_firewall_rules", {}, FirewallRuleGroupId=name)["FirewallRules"]}


@_shows("AWS::SQS::Queue")
def _queue(region: str, name: str, _: dict[str, Any]) -> dict[str, Any]:
    attributes = call("sqs", region, "get_queue_attributes", {}, QueueUrl=name, AttributeNames=["All"])["Attributes"]
    return {**attributes, "RedrivePolicy": json.loads(attributes.get("RedrivePolicy", "{}"))}


@_shows("AWS::Lambda::EventSourceMapping")
def _mapping(region: str, name: str, wanted: dict[str, Any]) -> dict[str, Any]:
    it = call("lambda", region, "get_event_source_mapping", {}, UUID=name)
    return {**it, "FunctionName": wanted["FunctionName"]}


@_shows("AWS::Scheduler::Schedule")
def _schedule(region: str, name: str, _: dict[str, Any]) -> dict[str, Any]:
    return call("scheduler", region, "get_schedule", {}, Name=name)


@_shows("AWS::Events::Rule")
def _event_rule(region: str, name: str, _: dict[str, Any]) -> dict[str, Any]:
    it = call("events", region, "describe_rule", {}, Name=name)
    targets = call("events", region, "list_targets_by_rule", {}, Rule=name)["Targets"]
    return {**it, "EventPattern": json.loads(it["EventPattern"]), "Targets": targets}


@_shows("AWS::ApiGatewayV2::Route")
def _route(region: str, name: str, wanted: dict[str, Any]) -> dict[str, Any]:
    return {**call("apigatewayv2", region, "get_route", {}, ApiId=wanted["ApiId"], RouteId=name), "ApiId": wanted["ApiId"]}


@_shows("AWS::ApiGatewayV2::Integration")
def _integration(region: str, name: str, wanted: dict[str, Any]) -> dict[str, Any]:
    return {**call("apigatewayv2", region, "get_integration", {}, ApiId=wanted["ApiId"], IntegrationId=name), "ApiId": wanted["ApiId"]}


@_shows("AWS::SecretsManager::RotationSchedule")
def _rotation(region: str, name: str, wanted: dict[str, Any]) -> dict[str, Any]:
    # no API shows whether a rotation came at once
    return {**call("secretsmanager", region, "describe_secret", {}, SecretId=name), "SecretId": name, "RotateImmediatelyOnUpdate": False}


@_shows("AWS::StepFunctions::StateMachine")
def _state_machine(region: str, name: str, _: dict[str, Any]) -> dict[str, Any]:
    it = call("stepfunctions", region, "describe_state_machine", {}, stateMachineArn=name)
    return {**it, "StateMachineType": it["type"], "DefinitionString": it["definition"]}


@_shows("AWS::Backup::BackupPlan")
def _backup_plan(region: str, name: str, _: dict[str, Any]) -> dict[str, Any]:
    it = call("backup", region, "get_backup_plan", {}, BackupPlanId=name)["BackupPlan"]
    return {"BackupPlan": {**it, "BackupPlanRule": [{**rule, "TargetBackupVault": rule["TargetBackupVaultName"]} for rule in it["Rules"]]}}


@_shows("AWS::Route53::HealthCheck")
def _health_check(region: str, name: str, _: dict[str, Any]) -> dict[str, Any]:
    return call("route53", region, "get_health_check", {}, HealthCheckId=name)["HealthCheck"]
