"""Types of Amazon ECS, Elastic Load Balancing and CloudWatch."""

from __future__ import annotations

import json
from typing import Any

from .handler import Handler, Resource, resource


@resource("AWS::ECS::Cluster")
class Cluster(Handler):
    def create(self, p: dict[str, Any]) -> Resource:
        settings = p.pop("ClusterSettings", [])
        cluster = self.call("ecs", "create_cluster", {"settings": settings, **p}, clusterName=p.pop("ClusterName", self.name(255)))["cluster"]
        return self.made(cluster["clusterName"], Arn=cluster["clusterArn"])

    def delete(self, it: Resource, snapshot: bool) -> None:
        self.call("ecs", "delete_cluster", cluster=it.physical_resource_id)


@resource("AWS::ECS::TaskDefinition")
class TaskDefinition(Handler):
    def create(self, p: dict[str, Any]) -> Resource:
        name = self.call("ecs", "register_task_definition", p)["taskDefinition"]["taskDefinitionArn"]
        return self.made(name, TaskDefinitionArn=name)

    def delete(self, it: Resource, snapshot: bool) -> None:
        self.call("ecs", "deregister_task_definition", taskDefinition=it.physical_resource_id)


@resource("AWS::ECS::Service")
class Service(Handler):
    def create(self, p: dict[str, Any]) -> Resource:
        p.setdefault("DesiredCount", 1)
        service = self.call("ecs", "create_service", p, serviceName=p.pop("ServiceName", self.name(255)))["service"]
        return self.made(service["serviceArn"], ServiceArn=service["serviceArn"], Name=service["serviceName"], cluster=service["clusterArn"])

    def update(self, it: Resource, p: dict[str, Any], changed: set[str]) -> None:
        self.call("ecs", "update_service", {name: p[name] for name in changed}, cluster=p["Cluster"], service=it.physical_resource_id)

    def delete(self, it: Resource, snapshot: bool) -> None:
        self.call("ecs", "delete_service", cluster=it.attributes["cluster"], service=it.physical_resource_id, force=True)


@resource("AWS::ECS::ExpressGatewayService")
class ExpressService(Handler):
    """As the API of ECS answers in express.py: ECS's part, what it makes around the service, is of the documentation."""

    def create(self, p: dict[str, Any]) -> Resource:
        made = self.call("ecs", "create_express_gateway_service", p)["service"]
        path = made["activeConfigurations"][0]["ingressPaths"][0]
        (balancer,) = self.call("elbv2", "describe_load_balancers", Names=[f"ecs-express-{made['serviceName']}"[:32]])["LoadBalancers"]
        (listener,) = self.call("elbv2", "describe_listeners", LoadBalancerArn=balancer["LoadBalancerArn"])["Listeners"]
        rules = self.call("elbv2", "describe_rules", ListenerArn=listener["ListenerArn"])["Rules"]
        return self.made(
            made["serviceArn"],
            **{
                "ServiceArn": made["serviceArn"],
                "Endpoint": path["endpoint"],
                "ECSManagedResourceArns.IngressPath.LoadBalancerArn": balancer["LoadBalancerArn"],
                "ECSManagedResourceArns.IngressPath.ListenerRuleArn": rules[0]["RuleArn"],
            },
        )

    def update(self, it: Resource, p: dict[str, Any], changed: set[str]) -> None:
        self.call("ecs", "update_express_gateway_service", {name: p[name] for name in changed}, serviceArn=it.physical_resource_id)

    def delete(self, it: Resource, snapshot: bool) -> None:
        self.call("ecs", "delete_express_gateway_service", serviceArn=it.physical_resource_id)


@resource("AWS::ElasticLoadBalancingV2::LoadBalancer")
class LoadBalancer(Handler):
    def create(self, p: dict[str, Any]) -> Resource:
        attributes = p.pop("LoadBalancerAttributes", [])
        balancer = self.call("elbv2", "create_load_balancer", p, Name=p.pop("Name", self.name(32)))["LoadBalancers"][0]
        arn = balancer["LoadBalancerArn"]
        if attributes:
            self.call("elbv2", "modify_load_balancer_attributes", LoadBalancerArn=arn, Attributes=attributes)
        return self.made(
            arn,
            LoadBalancerArn=arn,
            LoadBalancerName=balancer["LoadBalancerName"],
            LoadBalancerFullName=arn.split(":loadbalancer/")[1],
            DNSName=balancer["DNSName"],
            CanonicalHostedZoneID=balancer["CanonicalHostedZoneId"],
        )

    def update(self, it: Resource, p: dict[str, Any], changed: set[str]) -> None:
        self.only(changed, "LoadBalancerAttributes")
        self.call("elbv2", "modify_load_balancer_attributes", LoadBalancerArn=it.physical_resource_id, Attributes=p["LoadBalancerAttributes"])

    def delete(self, it: Resource, snapshot: bool) -> None:
        self.call("elbv2", "delete_load_balancer", LoadBalancerArn=it.physical_resource_id)


@resource("AWS::ElasticLoadBalancingV2::TargetGroup")
class TargetGroup(Handler):
    def create(self, p: dict[str, Any]) -> Resource:
        attributes = p.pop("TargetGroupAttributes", [])
        group = self.call("elbv2", "create_target_group", p, Name=p.pop("Name", self.name(32)))["TargetGroups"][0]
        arn = group["TargetGroupArn"]
        if attributes:
            self.call("elbv2", "modify_target_group_attributes", TargetGroupArn=arn, Attributes=attributes)
        return self.made(arn, TargetGroupArn=arn, TargetGroupName=group["TargetGroupName"], TargetGroupFullName=arn.rsplit(":", 1)[1])

    def update(self, it: Resource, p: dict[str, Any], changed: set[str]) -> None:
        self.only(changed, "TargetGroupAttributes")
        self.call("elbv2", "modify_target_group_attributes", TargetGroupArn=it.physical_resource_id, Attributes=p["TargetGroupAttributes"])

    def delete(self, it: Resource, snapshot: bool) -> None:
        self.call("elbv2", "delete_target_group", TargetGroupArn=it.physical_resource_id)


@resource("AWS::ElasticLoadBalancingV2::Listener")
class Listener(Handler):
    def create(self, p: dict[str, Any]) -> Resource:
        arn = self.call("elbv2", "create_listener", p)["Listeners"][0]["ListenerArn"]
        return self.made(arn, ListenerArn=arn)

    def delete(self, it: Resource, snapshot: bool) -> None:
        self.call("elbv2", "delete_listener", ListenerArn=it.physical_resource_id)


@resource("AWS::ElasticLoadBalancingV2::ListenerRule")
class ListenerRule(Handler):
    def create(self, p: dict[str, Any]) -> Resource:
        arn = self.call("elbv2", "create_rule", p)["Rules"][0]["RuleArn"]
        return self.made(arn, RuleArn=arn)

    def delete(self, it: Resource, snapshot: bool) -> None:
        self.call("elbv2", "delete_rule", RuleArn=it.physical_resource_id)


@resource("AWS::ApplicationAutoScaling::ScalableTarget")
class ScalableTarget(Handler):
    def create(self, p: dict[str, Any]) -> Resource:
        self.call("application-autoscaling", "register_scalable_target", p)
        name = f"{p['ResourceId']}|{p['ScalableDimension']}|{p['ServiceNamespace']}"
        return self.made(name, Id=name)

    def delete(self, it: Resource, snapshot: bool) -> None:
        self.call("application-autoscaling", "deregister_scalable_target", **_scaled(it.physical_resource_id))


@resource("AWS::ApplicationAutoScaling::ScalingPolicy")
class ScalingPolicy(Handler):
    def create(self, p: dict[str, Any]) -> Resource:
        scaled = _scaled(p.pop("ScalingTargetId"))
        arn = self.call("application-autoscaling", "put_scaling_policy", p, **scaled)["PolicyARN"]
        return self.made(arn, Arn=arn, policy=p["PolicyName"], scaled=scaled)

    def delete(self, it: Resource, snapshot: bool) -> None:
        self.call("application-autoscaling", "delete_scaling_policy", PolicyName=it.attributes["policy"], **it.attributes["scaled"])


def _scaled(target: str) -> dict[str, Any]:
    return dict(zip(("ResourceId", "ScalableDimension", "ServiceNamespace"), target.split("|"), strict=True))


@resource("AWS::CloudWatch::Dashboard")
class Dashboard(Handler):
    def create(self, p: dict[str, Any]) -> Resource:
        # what is no JSON is no dashboard; moto takes anything
        json.loads(p["DashboardBody"])
        name = p.pop("DashboardName", self.name(255))
        self.call("cloudwatch", "put_dashboard", p, DashboardName=name)
        return self.made(name)

    def delete(self, it: Resource, snapshot: bool) -> None:
        self.call("cloudwatch", "delete_dashboards", DashboardNames=[it.physical_resource_id])


@resource("AWS::CloudWatch::Alarm")
class Alarm(Handler):
    def create(self, p: dict[str, Any]) -> Resource:
        name = p.pop("AlarmName", self.name(255))
        self.call("cloudwatch", "put_metric_alarm", p, AlarmName=name)
        return self.made(name, Arn=f"arn:aws:cloudwatch:{self.region}:{self.account}:alarm:{name}")

    def update(self, it: Resource, p: dict[str, Any], changed: set[str]) -> None:
        self.call("cloudwatch", "put_metric_alarm", p, AlarmName=it.physical_resource_id)

    def delete(self, it: Resource, snapshot: bool) -> None:
        self.call("cloudwatch", "delete_alarms", AlarmNames=[it.physical_resource_id])


@resource("AWS::SNS::Topic")
class Topic(Handler):
    def create(self, p: dict[str, Any]) -> Resource:
        key = {"Attributes": {"KmsMasterKeyId": p.pop("KmsMasterKeyId")}} if "KmsMasterKeyId" in p else {}
        arn = self.call("sns", "create_topic", p, Name=p.pop("TopicName", self.name(256)), **key)["TopicArn"]
        return self.made(arn, TopicArn=arn, TopicName=arn.rsplit(":", 1)[1])

    def delete(self, it: Resource, snapshot: bool) -> None:
        self.call("sns", "delete_topic", TopicArn=it.physical_resource_id)


@resource("AWS::Logs::LogGroup")
class LogGroup(Handler):
    def create(self, p: dict[str, Any]) -> Resource:
        name, days = p.pop("LogGroupName", self.name(512)), p.pop("RetentionInDays", None)
        tags = {tag["Key"]: tag["Value"] for tag in p.pop("Tags", [])}
        self.call("logs", "create_log_group", p, logGroupName=name, **({"tags": tags} if tags else {}))
        if days:
            self.call("logs", "put_retention_policy", logGroupName=name, retentionInDays=days)
        return self.made(name, Arn=f"arn:aws:logs:{self.region}:{self.account}:log-group:{name}:*")

    def update(self, it: Resource, p: dict[str, Any], changed: set[str]) -> None:
        self.only(changed, "RetentionInDays")
        self.call("logs", "put_retention_policy", logGroupName=it.physical_resource_id, retentionInDays=p["RetentionInDays"])

    def delete(self, it: Resource, snapshot: bool) -> None:
        self.call("logs", "delete_log_group", logGroupName=it.physical_resource_id)


@resource("AWS::Logs::QueryDefinition")
class QueryDefinition(Handler):
    def create(self, p: dict[str, Any]) -> Resource:
        name = self.call("logs", "put_query_definition", p)["queryDefinitionId"]
        return self.made(name, QueryDefinitionId=name)

    def delete(self, it: Resource, snapshot: bool) -> None:
        self.call("logs", "delete_query_definition", queryDefinitionId=it.physical_resource_id)


@resource("AWS::Scheduler::Schedule")
class Schedule(Handler):
    def create(self, p: dict[str, Any]) -> Resource:
        name = p.pop("Name", self.name(64))
        return self.made(name, Arn=self.call("scheduler", "create_schedule", p, Name=name)["ScheduleArn"])

    def delete(self, it: Resource, snapshot: bool) -> None:
        self.call("scheduler", "delete_schedule", Name=it.physical_resource_id)


@resource("AWS::SNS::TopicPolicy")
class TopicPolicy(Handler):
    def create(self, p: dict[str, Any]) -> Resource:
        for topic in p["Topics"]:
            self.call("sns", "set_topic_attributes", TopicArn=topic, AttributeName="Policy", AttributeValue=json.dumps(p["PolicyDocument"]))
        return self.made(self.name(64))

    def delete(self, it: Resource, snapshot: bool) -> None:
        """A topic always has a policy; this one goes with it."""
