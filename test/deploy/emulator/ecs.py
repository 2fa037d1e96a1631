"""What moto's Amazon ECS lacks: two parameters of a service, and the operations of Express Mode."""

from __future__ import annotations

from typing import Any

from moto.core.responses import ActionResult
from moto.core.utils import utcnow
from moto.ecs.exceptions import InvalidParameterException
from moto.ecs.responses import EC2ContainerServiceResponse

from .api import client

#: Parameters of CreateService that moto drops, by the attribute that its answers are made of.
DROPPED = {
    "availabilityZoneRebalancing": "availability_zone_rebalancing",
    "deploymentConfiguration": "deployment_configuration",
    "enableECSManagedTags": "enable_ecs_managed_tags",
    "enableExecuteCommand": "enable_execute_command",
    "healthCheckGracePeriodSeconds": "health_check_grace_period_seconds",
}

_create_service = EC2ContainerServiceResponse.create_service
_services: dict[str, dict[str, Any]] = {}


def _require_targets(self: EC2ContainerServiceResponse) -> None:
    """ECS takes no target group that no listener uses, and moves traffic only between those of a rule that has both."""
    api = client("elbv2", self.region)
    for entry in self._get_param("loadBalancers") or []:
        advanced = entry.get("advancedConfiguration", {})
        groups = [entry["targetGroupArn"], *([advanced["alternateTargetGroupArn"]] if advanced else [])]
        for group in api.describe_target_groups(TargetGroupArns=groups)["TargetGroups"]:
            if not group["LoadBalancerArns"]:
                raise InvalidParameterException(f"The target group {group['TargetGroupName']} does not have an associated load balancer.")
        for key in ("productionListenerRule", "testListenerRule"):
            if key in advanced:
                (rule,) = api.describe_rules(RuleArns=[advanced[key]])["Rules"]
                targets = [target["TargetGroupArn"] for target in rule["Actions"][-1].get("ForwardConfig", {}).get("TargetGroups", [])]
                if sorted(targets) != sorted(groups):
                    raise InvalidParameterException(f"The rule of {key} forwards to other target groups than the service names.")


def _with_all_parameters(self: EC2ContainerServiceResponse) -> ActionResult:
    _require_targets(self)
    answer = _create_service(self)
    service = self.ecs_backend._get_service(self._get_param("cluster", "default"), self._get_param("serviceName"))
    for parameter, attribute in DROPPED.items():
        value = self._get_param(parameter)
        if value is not None:
            setattr(service, attribute, value)
    return answer


def _create(self: EC2ContainerServiceResponse) -> ActionResult:
    name = self._get_param("serviceName") or f"express-{len(_services)}"
    cluster = self._get_param("cluster", "default").split("/")[-1]
    definition = self._get_param("taskDefinitionArn")
    if definition:
        if self._get_param("primaryContainer") or self._get_param("executionRoleArn"):
            raise InvalidParameterException("A task definition goes with neither a container nor an execution role.")
        self.ecs_backend.describe_task_definition(definition)
    network = self._get_param("networkConfiguration", {})
    _make_ingress(self.region, name, network)
    arn = f"arn:aws:ecs:{self.region}:{self.current_account}:service/{cluster}/{name}"
    configuration = {
        "networkConfiguration": network,
        "healthCheckPath": self._get_param("healthCheckPath", "/ping"),
        "scalingTarget": self._get_param("scalingTarget"),
        "taskDefinitionArn": definition,
        "ingressPaths": [{"accessType": "PUBLIC", "endpoint": f"{name}.ecs.{self.region}.on.aws"}],
    }
    _services[arn] = {
        "cluster": cluster,
        "serviceName": name,
        "serviceArn": arn,
        "infrastructureRoleArn": self._get_param("infrastructureRoleArn"),
        "status": {"statusCode": "ACTIVE"},
        "activeConfigurations": [configuration],
        "createdAt": utcnow(),
    }
    return ActionResult({"service": _services[arn]})


def _make_ingress(region: str, name: str, network: dict[str, Any]) -> None:
    """A load balancer and the two target groups of a canary, with the defaults that nobody has changed yet."""
    api = client("elbv2", region)
    vpc = client("ec2", region).describe_subnets(SubnetIds=network["subnets"])["Subnets"][0]["VpcId"]
    title = f"ecs-express-{name}"[:32]
    balancer = api.create_load_balancer(Name=title, Subnets=network["subnets"])["LoadBalancers"][0]["LoadBalancerArn"]
    groups = [
        api.create_target_group(Name=f"{title[:30]}-{index}", Protocol="HTTP", Port=80, VpcId=vpc, TargetType="ip")["TargetGroups"][0]["TargetGroupArn"]
        for index in range(2)
    ]
    nothing = [{"Type": "fixed-response", "FixedResponseConfig": {"StatusCode": "404"}}]
    listener = api.create_listener(LoadBalancerArn=balancer, Protocol="HTTP", Port=80, DefaultActions=nothing)["Listeners"][0]["ListenerArn"]
    weights = [{"TargetGroupArn": group, "Weight": weight} for group, weight in zip(groups, (100, 0), strict=True)]
    api.create_rule(
        ListenerArn=listener,
        Priority=1,
        Conditions=[{"Field": "host-header", "Values": [f"{name}.ecs.{region}.on.aws"]}],
        Actions=[{"Type": "forward", "ForwardConfig": {"TargetGroups": weights}}],
    )


def _find(self: EC2ContainerServiceResponse) -> dict[str, Any]:
    service = _services.get(self._get_param("serviceArn"))
    if service is None:
        raise InvalidParameterException("No such Express Mode service.")
    return service


def _describe(self: EC2ContainerServiceResponse) -> ActionResult:
    return ActionResult({"service": _find(self)})


def _update(self: EC2ContainerServiceResponse) -> ActionResult:
    service = _find(self)
    changes = {name: value for name, value in self._get_params().items() if name != "serviceArn"}
    service["activeConfigurations"][0].update(changes)
    service["updatedAt"] = utcnow()
    return ActionResult({"service": service})


def _delete(self: EC2ContainerServiceResponse) -> ActionResult:
    service = _services.pop(_find(self)["serviceArn"])
    api = client("elbv2", self.region)
    (balancer,) = api.describe_load_balancers(Names=[f"ecs-express-{service['serviceName']}"[:32]])["LoadBalancers"]
    groups = api.describe_target_groups(LoadBalancerArn=balancer["LoadBalancerArn"])["TargetGroups"]
    api.delete_load_balancer(LoadBalancerArn=balancer["LoadBalancerArn"])
    for group in groups:
        api.delete_target_group(TargetGroupArn=group["TargetGroupArn"])
    return ActionResult({"service": {**service, "status": {"statusCode": "INACTIVE"}}})


def install() -> None:
    EC2ContainerServiceResponse.create_service = _with_all_parameters
    EC2ContainerServiceResponse.create_express_gateway_service = _create
    EC2ContainerServiceResponse.describe_express_gateway_service = _describe
    EC2ContainerServiceResponse.update_express_gateway_service = _update
    EC2ContainerServiceResponse.delete_express_gateway_service = _delete
