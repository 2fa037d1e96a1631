"""Faults that are planted into the deployed state, each with the checks that must condemn it, and no other may."""

from __future__ import annotations

import contextlib
import json
from collections.abc import Callable, Iterator
from typing import Any

import world
from world import api, resource

Plant = Callable[[], "contextlib.AbstractContextManager[None]"]
#: What it is, how the checks begin that find it, the module of these checks, and how it is planted.
FAULTS: list[tuple[str, tuple[str, ...], str, Plant]] = []


def fault(says: str, *condemned_by: str) -> Callable[[Callable[[], Iterator[None]]], None]:
    """A fault, and how the checks begin that find it."""

    def register(function: Callable[[], Iterator[None]]) -> None:
        FAULTS.append((says, condemned_by, function.__module__.replace("faults", "checks"), contextlib.contextmanager(function)))

    return register


def security_group(stack: str, key: str) -> str:
    return resource(stack, "AWS::EC2::SecurityGroup", key)


@contextlib.contextmanager
def opened(group: str, port: int) -> Iterator[None]:
    rule = {"IpProtocol": "tcp", "FromPort": port, "ToPort": port, "IpRanges": [{"CidrIp": "0.0.0.0/0"}]}
    api("ec2").authorize_security_group_ingress(GroupId=group, IpPermissions=[rule])
    yield
    api("ec2").revoke_security_group_ingress(GroupId=group, IpPermissions=[rule])


@contextlib.contextmanager
def changed_service(stack: str = "FlueFargateStack", key: str = "", **changed: Any) -> Iterator[None]:
    service = world.service(stack, key)
    before = {name: service[name] for name in changed}
    where = {"cluster": service["clusterArn"], "service": service["serviceArn"]}
    api("ecs").update_service(**where, **changed)
    yield
    api("ecs").update_service(**where, **before)


@contextlib.contextmanager
def balancer(arn: str, key: str, value: str) -> Iterator[None]:
    before = world.load_balancer_attributes(arn)[key]
    api("elbv2").modify_load_balancer_attributes(LoadBalancerArn=arn, Attributes=[{"Key": key, "Value": value}])
    yield
    api("elbv2").modify_load_balancer_attributes(LoadBalancerArn=arn, Attributes=[{"Key": key, "Value": before}])


@contextlib.contextmanager
def _database(name: str, value: Any) -> Iterator[None]:
    it = world.database()
    api("rds").modify_db_instance(DBInstanceIdentifier=it["DBInstanceIdentifier"], ApplyImmediately=True, **{name: value})
    yield
    api("rds").modify_db_instance(DBInstanceIdentifier=it["DBInstanceIdentifier"], ApplyImmediately=True, **{name: it[name]})


@contextlib.contextmanager
def _secret(key: str, value: str) -> Iterator[None]:
    arn, before = resource("FlueDataStack", "AWS::SecretsManager::Secret", key), world.secret(key)
    api("secretsmanager").put_secret_value(SecretId=arn, SecretString=value)
    yield
    api("secretsmanager").put_secret_value(SecretId=arn, SecretString=before)


@contextlib.contextmanager
def task(change: Callable[[dict[str, Any]], None], stack: str = "FlueFargateStack", key: str = "") -> Iterator[None]:
    """Another revision of the service's task definition."""
    service = world.service(stack, key)
    known = world.task_definition(service["taskDefinition"])
    taken = api("ecs").meta.service_model.operation_model("RegisterTaskDefinition").input_shape.members
    definition = {name: value for name, value in known.items() if name in taken}
    change(definition)
    made = api("ecs").register_task_definition(**definition)["taskDefinition"]["taskDefinitionArn"]
    with changed_service(stack, key, taskDefinition=made):
        yield
    api("ecs").deregister_task_definition(taskDefinition=made)


@contextlib.contextmanager
def _launch_template(change: Callable[[dict[str, Any]], None]) -> Iterator[None]:
    group = world.group()
    data = world.launch_template()
    change(data)
    wanted = group["LaunchTemplate"]
    made = api("ec2").create_launch_template_version(LaunchTemplateId=wanted["LaunchTemplateId"], LaunchTemplateData=data)
    for version in (str(made["LaunchTemplateVersion"]["VersionNumber"]), wanted["Version"]):
        launch = {"LaunchTemplateId": wanted["LaunchTemplateId"], "Version": version}
        api("autoscaling").update_auto_scaling_group(AutoScalingGroupName=group["AutoScalingGroupName"], LaunchTemplate=launch)
        if version != wanted["Version"]:
            yield


@fault("a database that the internet may reach", "database: private")
def _() -> Iterator[None]:
    with _database("PubliclyAccessible", True):
        yield


@fault("a database that may be deleted", "database: private")
def _() -> Iterator[None]:
    with _database("DeletionProtection", False):
        yield


@fault("a database in a subnet with a route to the internet", "database: in subnets")
def _() -> Iterator[None]:
    table = resource("FlueDataStack", "AWS::EC2::RouteTable", "VpcisolatedSubnet1")
    gateway = resource("FlueDataStack", "AWS::EC2::InternetGateway")
    api("ec2").create_route(RouteTableId=table, DestinationCidrBlock="0.0.0.0/0", GatewayId=gateway)
    yield
    api("ec2").delete_route(RouteTableId=table, DestinationCidrBlock="0.0.0.0/0")


@fault("DATABASE_URL with the password of yesterday", "DATABASE_URL")
def _() -> Iterator[None]:
    with _secret("DatabaseUrl", world.secret("DatabaseUrl").replace(world.credentials()["password"], "yesterday")):
        yield


@fault("DATABASE_URL as the template states it, its reference unresolved", "DATABASE_URL")
def _() -> Iterator[None]:
    with _secret("DatabaseUrl", "postgres://flue:{{resolve:secretsmanager:x:SecretString:password::}}@host:6543/flue?sslmode=verify-full"):
        yield


@fault("a password with a slash", "password", "DATABASE_URL")
def _() -> Iterator[None]:
    with _secret("DatabaseCredentials", json.dumps({**world.credentials(), "password": "a/b" * 12})):
        yield


@fault("credentials that the attachment never completed", "credentials")
def _() -> Iterator[None]:
    with _secret("DatabaseCredentials", json.dumps({**world.credentials(), "host": "elsewhere"})):
        yield


@fault("an empty API_TOKEN", "API_TOKEN", "templates and user data", "tasks: each secret")
def _() -> Iterator[None]:
    with _secret("ApiToken", " "):
        yield


@fault("a secret whose value stands in a template", "templates and user data")
def _() -> Iterator[None]:
    with _secret("ProviderKey", "registry.example.com/agents"):
        yield


@fault("a database open to everyone", "network: nobody")
def _() -> Iterator[None]:
    with opened(security_group("FlueDataStack", "DatabaseSecurityGroup"), 6543):
        yield


@fault("tasks open to everyone", "network: nobody")
def _() -> Iterator[None]:
    with opened(security_group("FlueFargateStack", "AgentsSecurityGroup"), 8080):
        yield


@fault("SSH to the box", "network: nobody")
def _() -> Iterator[None]:
    with opened(security_group("FlueEc2Stack", "AgentsSecurityGroup"), 22):
        yield


@fault("a rule in the default group of the VPC", "network: nobody")
def _() -> Iterator[None]:
    vpc = resource("FlueDataStack", "AWS::EC2::VPC")
    named = [{"Name": "vpc-id", "Values": [vpc]}, {"Name": "group-name", "Values": ["default"]}]
    with opened(api("ec2").describe_security_groups(Filters=named)["SecurityGroups"][0]["GroupId"], 443):
        yield


@fault("no flow log", "network: its traffic")
def _() -> Iterator[None]:
    vpc = resource("FlueDataStack", "AWS::EC2::VPC")
    (log,) = api("ec2").describe_flow_logs(Filters=[{"Name": "resource-id", "Values": [vpc]}])["FlowLogs"]
    api("ec2").delete_flow_logs(FlowLogIds=[log["FlowLogId"]])
    yield
    named = ("DeliverLogsPermissionArn", "LogGroupName", "TrafficType", "LogDestinationType")
    api("ec2").create_flow_logs(ResourceIds=[log["ResourceId"]], ResourceType="VPC", **{name: log[name] for name in named})


@fault("logs that are kept for ever", "logs: ")
def _() -> Iterator[None]:
    name = resource("FlueExpressStack", "AWS::Logs::LogGroup", "AgentsLogGroup")
    api("logs").delete_retention_policy(logGroupName=name)
    yield
    api("logs").put_retention_policy(logGroupName=name, retentionInDays=30)


@fault("a target group of instances", "Fargate: the target group takes", "Fargate: the listener", "Fargate: the load balancer", "alarms: each")
def _() -> Iterator[None]:
    service = world.service()
    (entry,) = service["loadBalancers"]
    known = world.target_group(entry["targetGroupArn"])
    taken = ("Protocol", "Port", "VpcId", "HealthCheckPath", "HealthCheckPort", "HealthCheckIntervalSeconds", "HealthCheckTimeoutSeconds",
             "HealthyThresholdCount", "UnhealthyThresholdCount", "Matcher")  # fmt: skip
    made = api("elbv2").create_target_group(Name="planted", TargetType="instance", **{name: known[name] for name in taken})
    arn = made["TargetGroups"][0]["TargetGroupArn"]
    api("elbv2").modify_target_group_attributes(TargetGroupArn=arn, Attributes=[{"Key": "deregistration_delay.timeout_seconds", "Value": "15"}])
    with changed_service(loadBalancers=[{**entry, "targetGroupArn": arn}]):
        yield
    api("elbv2").delete_target_group(TargetGroupArn=arn)


@fault("another port of the container than the load balancer's", "Fargate: one port")
def _() -> Iterator[None]:
    (entry,) = world.service()["loadBalancers"]
    with changed_service(loadBalancers=[{**entry, "containerPort": 3000}]):
        yield


@fault("a health check of /", "Fargate: the health check")
def _() -> Iterator[None]:
    (entry,) = world.service()["loadBalancers"]
    api("elbv2").modify_target_group(TargetGroupArn=entry["targetGroupArn"], HealthCheckPath="/")
    yield
    api("elbv2").modify_target_group(TargetGroupArn=entry["targetGroupArn"], HealthCheckPath="/health")


@fault("a grace period of 30 s", "Fargate: the grace period")
def _() -> Iterator[None]:
    with changed_service(healthCheckGracePeriodSeconds=30):
        yield


@fault("a service scaled to zero", "Fargate: one task is wanted")
def _() -> Iterator[None]:
    with changed_service(desiredCount=0):
        yield


@fault("deployments of the new task beside the old one", "Fargate: one task is wanted")
def _() -> Iterator[None]:
    with changed_service(deploymentConfiguration={**world.service()["deploymentConfiguration"], "minimumHealthyPercent": 100, "maximumPercent": 200}):
        yield


@fault("the implicit idle timeout of 60 s", "Fargate: the load balancer")
def _() -> Iterator[None]:
    with balancer(resource("FlueFargateStack", "AWS::ElasticLoadBalancingV2::LoadBalancer"), "idle_timeout.timeout_seconds", "60"):
        yield


@fault("invalid headers that pass", "Fargate: the load balancer")
def _() -> Iterator[None]:
    with balancer(resource("FlueFargateStack", "AWS::ElasticLoadBalancingV2::LoadBalancer"), "routing.http.drop_invalid_header_fields.enabled", "false"):
        yield


@fault("a deregistration delay of 300 s", "Fargate: a target leaves")
def _() -> Iterator[None]:
    (entry,) = world.service()["loadBalancers"]
    for value in ("300", "15"):
        attributes = [{"Key": "deregistration_delay.timeout_seconds", "Value": value}]
        api("elbv2").modify_target_group_attributes(TargetGroupArn=entry["targetGroupArn"], Attributes=attributes)
        if value == "300":
            yield


@fault("a task of another size", "tasks: the version's")
def _() -> Iterator[None]:
    with task(lambda definition: definition.update(cpu="256", memory="512")):
        yield


@fault("a keep-alive below the idle timeout", "tasks: the version's")
def _() -> Iterator[None]:
    def shorten(definition: dict[str, Any]) -> None:
        for entry in definition["containerDefinitions"][0]["environment"]:
            entry["value"] = entry["value"].replace("70000", "5000")

    with task(shorten):
        yield


@fault("no init process", "tasks: an init")
def _() -> Iterator[None]:
    with task(lambda definition: definition["containerDefinitions"][0]["linuxParameters"].update(initProcessEnabled=False)):
        yield


@fault("a secret in the environment of a task", "tasks: each secret")
def _() -> Iterator[None]:
    with task(lambda definition: definition["containerDefinitions"][0]["environment"].append({"name": "KEY", "value": world.secret("ApiToken")})):
        yield


@fault("a secret that a task lacks", "tasks: each secret", "roles: ")
def _() -> Iterator[None]:
    with task(lambda definition: definition["containerDefinitions"][0]["secrets"].pop()):
        yield


@fault("a role that reads every secret", "roles: ")
def _() -> Iterator[None]:
    role = resource("FlueFargateStack", "AWS::IAM::Role", "AgentsTaskDefinitionExecutionRole")
    document = {"Version": "2012-10-17", "Statement": [{"Effect": "Allow", "Action": "secretsmanager:*", "Resource": "*"}]}
    api("iam").put_role_policy(RoleName=role, PolicyName="planted", PolicyDocument=json.dumps(document))
    yield
    api("iam").delete_role_policy(RoleName=role, PolicyName="planted")


@fault("an Express service that may scale to two", "Express: /health")
def _() -> Iterator[None]:
    it = world.express()
    scaling = it["activeConfigurations"][0]["scalingTarget"]
    for most in (2, 1):
        api("ecs").update_express_gateway_service(serviceArn=it["serviceArn"], scalingTarget={**scaling, "maxTaskCount": most})
        if most == 2:
            yield


@fault("an Express load balancer whose timers nobody set", "Express: its function")
def _() -> Iterator[None]:
    with balancer(world.express_load_balancer(), "idle_timeout.timeout_seconds", "60"):
        yield


@fault("an infrastructure role without its policy", "Express: the infrastructure")
def _() -> Iterator[None]:
    role = world.express()["infrastructureRoleArn"].rsplit("/", 1)[1]
    (policy,) = api("iam").list_attached_role_policies(RoleName=role)["AttachedPolicies"]
    api("iam").detach_role_policy(RoleName=role, PolicyArn=policy["PolicyArn"])
    yield
    api("iam").attach_role_policy(RoleName=role, PolicyArn=policy["PolicyArn"])


@fault("two boxes", "box: a group of one")
def _() -> Iterator[None]:
    name = world.group()["AutoScalingGroupName"]
    api("autoscaling").update_auto_scaling_group(AutoScalingGroupName=name, MaxSize=2)
    yield
    api("autoscaling").update_auto_scaling_group(AutoScalingGroupName=name, MaxSize=1)


@fault("a box in another zone than its data volume", "box: an encrypted data volume")
def _() -> Iterator[None]:
    group = world.group()
    (other,) = set(world.resources("FlueDataStack", "AWS::EC2::Subnet", "Vpcpublic")) - {group["VPCZoneIdentifier"]}
    for subnet in (other, group["VPCZoneIdentifier"]):
        api("autoscaling").update_auto_scaling_group(AutoScalingGroupName=group["AutoScalingGroupName"], VPCZoneIdentifier=subnet)
        if subnet == other:
            yield


@fault("a box that answers IMDSv1", "box: IMDSv2")
def _() -> Iterator[None]:
    with _launch_template(lambda data: data["MetadataOptions"].update(HttpTokens="optional")):
        yield


@fault("a box with another user data", "box: the group launches", "box: its scripts", "alarms: each")
def _() -> Iterator[None]:
    with _launch_template(lambda data: data.update(UserData="IyEvYmluL3NoCg==")):
        yield


@fault("alarms that tell nobody", "alarms: each")
def _() -> Iterator[None]:
    name = resource("FlueEc2Stack", "AWS::CloudWatch::Alarm", "AgentsAlarmsHealthy")
    (alarm,) = api("cloudwatch").describe_alarms(AlarmNames=[name])["MetricAlarms"]
    taken = api("cloudwatch").meta.service_model.operation_model("PutMetricAlarm").input_shape.members
    known = {key: value for key, value in alarm.items() if key in taken and value != []}
    api("cloudwatch").put_metric_alarm(**{**known, "AlarmActions": []})
    yield
    api("cloudwatch").put_metric_alarm(**known)


@fault("a topic that takes what comes without TLS", "alarms: the topics")
def _() -> Iterator[None]:
    topic = resource("FlueEc2Stack", "AWS::SNS::Topic")
    before = api("sns").get_topic_attributes(TopicArn=topic)["Attributes"]["Policy"]
    anything = json.dumps({"Version": "2012-10-17", "Statement": [{"Effect": "Allow", "Principal": "*", "Action": "sns:Publish", "Resource": topic}]})
    for policy in (anything, before):
        api("sns").set_topic_attributes(TopicArn=topic, AttributeName="Policy", AttributeValue=policy)
        if policy != before:
            yield
