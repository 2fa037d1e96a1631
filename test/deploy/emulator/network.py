"""Types of Amazon EC2 and of its Auto Scaling."""

from __future__ import annotations

from typing import Any

from .handler import Handler, Resource, resource


class Ec2(Handler):
    """A type of the EC2 API, which takes the tags of what it makes beside its type."""

    tagged: str = ""

    def ec2(self, operation: str, properties: dict[str, Any] | None = None, /, **parameters: Any) -> dict[str, Any]:
        tags = (properties or {}).pop("Tags", [])
        if tags:
            parameters["TagSpecifications"] = [{"ResourceType": self.tagged, "Tags": tags}]
        return self.call("ec2", operation, properties, **parameters)


@resource("AWS::EC2::VPC")
class Vpc(Ec2):
    tagged = "vpc"

    def create(self, p: dict[str, Any]) -> Resource:
        switches = {name: p.pop(name) for name in ("EnableDnsHostnames", "EnableDnsSupport") if name in p}
        name = self.ec2("create_vpc", p)["Vpc"]["VpcId"]
        for switch, value in switches.items():
            self.ec2("modify_vpc_attribute", VpcId=name, **{switch: {"Value": value}})
        groups = self.ec2("describe_security_groups", Filters=[{"Name": "vpc-id", "Values": [name]}, {"Name": "group-name", "Values": ["default"]}])
        return self.made(name, VpcId=name, DefaultSecurityGroup=groups["SecurityGroups"][0]["GroupId"])

    def delete(self, it: Resource, snapshot: bool) -> None:
        self.ec2("delete_vpc", VpcId=it.physical_resource_id)


@resource("AWS::EC2::Subnet")
class Subnet(Ec2):
    tagged = "subnet"

    def create(self, p: dict[str, Any]) -> Resource:
        public = p.pop("MapPublicIpOnLaunch", None)
        name = self.ec2("create_subnet", p)["Subnet"]["SubnetId"]
        if public is not None:
            self.ec2("modify_subnet_attribute", SubnetId=name, MapPublicIpOnLaunch={"Value": public})
        return self.made(name, SubnetId=name)

    def delete(self, it: Resource, snapshot: bool) -> None:
        self.ec2("delete_subnet", SubnetId=it.physical_resource_id)


@resource("AWS::EC2::RouteTable")
class RouteTable(Ec2):
    tagged = "route-table"

    def create(self, p: dict[str, Any]) -> Resource:
        name = self.ec2("create_route_table", p)["RouteTable"]["RouteTableId"]
        return self.made(name, RouteTableId=name)

    def delete(self, it: Resource, snapshot: bool) -> None:
        self.ec2("delete_route_table", RouteTableId=it.physical_resource_id)


@resource("AWS::EC2::SubnetRouteTableAssociation")
class RouteTableAssociation(Ec2):
    def create(self, p: dict[str, Any]) -> Resource:
        return self.made(self.ec2("associate_route_table", p)["AssociationId"])

    def delete(self, it: Resource, snapshot: bool) -> None:
        self.ec2("disassociate_route_table", AssociationId=it.physical_resource_id)


@resource("AWS::EC2::Route")
class Route(Ec2):
    def create(self, p: dict[str, Any]) -> Resource:
        self.ec2("create_route", p)
        return self.made(f"{p['RouteTableId']}|{p['DestinationCidrBlock']}")

    def delete(self, it: Resource, snapshot: bool) -> None:
        table, block = it.physical_resource_id.split("|")
        self.ec2("delete_route", RouteTableId=table, DestinationCidrBlock=block)


@resource("AWS::EC2::InternetGateway")
class InternetGateway(Ec2):
    tagged = "internet-gateway"

    def create(self, p: dict[str, Any]) -> Resource:
        name = self.ec2("create_internet_gateway", p)["InternetGateway"]["InternetGatewayId"]
        return self.made(name, InternetGatewayId=name)

    def delete(self, it: Resource, snapshot: bool) -> None:
        self.ec2("delete_internet_gateway", InternetGatewayId=it.physical_resource_id)


@resource("AWS::EC2::VPCGatewayAttachment")
class GatewayAttachment(Ec2):
    def create(self, p: dict[str, Any]) -> Resource:
        self.ec2("attach_internet_gateway", p)
        return self.made(f"{p['InternetGatewayId']}|{p['VpcId']}")

    def delete(self, it: Resource, snapshot: bool) -> None:
        gateway, vpc = it.physical_resource_id.split("|")
        self.ec2("detach_internet_gateway", InternetGatewayId=gateway, VpcId=vpc)


@resource("AWS::EC2::VPCEndpoint")
class Endpoint(Ec2):
    tagged = "vpc-endpoint"

    def create(self, p: dict[str, Any]) -> Resource:
        name = self.ec2("create_vpc_endpoint", p)["VpcEndpoint"]["VpcEndpointId"]
        return self.made(name, Id=name)

    def delete(self, it: Resource, snapshot: bool) -> None:
        self.ec2("delete_vpc_endpoints", VpcEndpointIds=[it.physical_resource_id])


@resource("AWS::EC2::FlowLog")
class FlowLog(Ec2):
    tagged = "vpc-flow-log"

    def create(self, p: dict[str, Any]) -> Resource:
        name = self.ec2("create_flow_logs", p, ResourceIds=[p.pop("ResourceId")])["FlowLogIds"][0]
        return self.made(name, Id=name)

    def delete(self, it: Resource, snapshot: bool) -> None:
        self.ec2("delete_flow_logs", FlowLogIds=[it.physical_resource_id])


def _permission(rule: dict[str, Any], direction: str) -> dict[str, Any]:
    """A rule as the API takes it; what is left of it is a property that has no place."""
    permission: dict[str, Any] = {name: rule.pop(name) for name in ("IpProtocol", "FromPort", "ToPort") if name in rule}
    described = {"Description": rule.pop("Description")} if "Description" in rule else {}
    if "CidrIp" in rule:
        permission["IpRanges"] = [{"CidrIp": rule.pop("CidrIp"), **described}]
    if f"{direction}SecurityGroupId" in rule:
        permission["UserIdGroupPairs"] = [{"GroupId": rule.pop(f"{direction}SecurityGroupId"), **described}]
    return {**permission, **rule}


@resource("AWS::EC2::SecurityGroup")
class SecurityGroup(Ec2):
    tagged = "security-group"

    def create(self, p: dict[str, Any]) -> Resource:
        ingress, egress = p.pop("SecurityGroupIngress", []), p.pop("SecurityGroupEgress", [])
        name = self.ec2("create_security_group", p, Description=p.pop("GroupDescription"), GroupName=p.pop("GroupName", self.name(255)))["GroupId"]
        for rule in ingress:
            self.ec2("authorize_security_group_ingress", GroupId=name, IpPermissions=[_permission(rule, "Source")])
        if egress:
            everywhere = {"IpProtocol": "-1", "IpRanges": [{"CidrIp": "0.0.0.0/0"}]}
            self.ec2("revoke_security_group_egress", GroupId=name, IpPermissions=[everywhere])
        for rule in egress:
            self.ec2("authorize_security_group_egress", GroupId=name, IpPermissions=[_permission(rule, "Destination")])
        return self.made(name, GroupId=name, Id=name)

    def delete(self, it: Resource, snapshot: bool) -> None:
        self.ec2("delete_security_group", GroupId=it.physical_resource_id)


class Rule(Ec2):
    """One rule of a group, as a resource of its own."""

    direction: str
    side: str

    def create(self, p: dict[str, Any]) -> Resource:
        group = p.pop("GroupId")
        answer = self.ec2(f"authorize_security_group_{self.direction}", GroupId=group, IpPermissions=[_permission(p, self.side)])
        name = answer["SecurityGroupRules"][0]["SecurityGroupRuleId"]
        return self.made(name, Id=name, GroupId=group)

    def delete(self, it: Resource, snapshot: bool) -> None:
        self.ec2(f"revoke_security_group_{self.direction}", GroupId=it.attributes["GroupId"], SecurityGroupRuleIds=[it.physical_resource_id])


@resource("AWS::EC2::SecurityGroupIngress")
class Ingress(Rule):
    direction, side = "ingress", "Source"


@resource("AWS::EC2::SecurityGroupEgress")
class Egress(Rule):
    direction, side = "egress", "Destination"

    def create(self, p: dict[str, Any]) -> Resource:
        # CloudFormation takes the rule that allows everything away from a group that has others.
        everywhere = {"IpProtocol": "-1", "IpRanges": [{"CidrIp": "0.0.0.0/0"}]}
        self.ec2("revoke_security_group_egress", GroupId=p["GroupId"], IpPermissions=[everywhere])
        return super().create(p)


@resource("AWS::EC2::EIP")
class Address(Ec2):
    tagged = "elastic-ip"

    def create(self, p: dict[str, Any]) -> Resource:
        address = self.ec2("allocate_address", p)
        return self.made(address["PublicIp"], PublicIp=address["PublicIp"], AllocationId=address["AllocationId"])

    def delete(self, it: Resource, snapshot: bool) -> None:
        self.ec2("release_address", AllocationId=it.attributes["AllocationId"])


@resource("AWS::EC2::Volume")
class Volume(Ec2):
    tagged = "volume"

    def create(self, p: dict[str, Any]) -> Resource:
        name = self.ec2("create_volume", p)["VolumeId"]
        return self.made(name, VolumeId=name)

    def delete(self, it: Resource, snapshot: bool) -> None:
        self.ec2("delete_volume", VolumeId=it.physical_resource_id)


@resource("AWS::EC2::LaunchTemplate")
class LaunchTemplate(Ec2):
    tagged = "launch-template"

    def create(self, p: dict[str, Any]) -> Resource:
        name = self.ec2("create_launch_template", p, LaunchTemplateName=p.pop("LaunchTemplateName", self.name(128)))["LaunchTemplate"]["LaunchTemplateId"]
        return self.made(name, LaunchTemplateId=name, LatestVersionNumber="1", DefaultVersionNumber="1")

    def update(self, it: Resource, p: dict[str, Any], changed: set[str]) -> None:
        self.only(changed, "LaunchTemplateData")
        data = {"LaunchTemplateData": p["LaunchTemplateData"]}
        version = self.ec2("create_launch_template_version", data, LaunchTemplateId=it.physical_resource_id)["LaunchTemplateVersion"]
        it.attributes["LatestVersionNumber"] = str(version["VersionNumber"])

    def delete(self, it: Resource, snapshot: bool) -> None:
        self.ec2("delete_launch_template", LaunchTemplateId=it.physical_resource_id)


@resource("AWS::AutoScaling::AutoScalingGroup")
class Group(Handler):
    def create(self, p: dict[str, Any]) -> Resource:
        name = p.pop("AutoScalingGroupName", self.name(255))
        tags = [{**tag, "ResourceId": name, "ResourceType": "auto-scaling-group"} for tag in p.pop("Tags", [])]
        zones = {"VPCZoneIdentifier": ",".join(p.pop("VPCZoneIdentifier"))}
        self.call("autoscaling", "create_auto_scaling_group", p, AutoScalingGroupName=name, Tags=tags, **zones)
        return self.made(name)

    def update(self, it: Resource, p: dict[str, Any], changed: set[str]) -> None:
        self.only(changed, "LaunchTemplate")
        self.call("autoscaling", "update_auto_scaling_group", {"LaunchTemplate": p["LaunchTemplate"]}, AutoScalingGroupName=it.physical_resource_id)

    def delete(self, it: Resource, snapshot: bool) -> None:
        self.call("autoscaling", "delete_auto_scaling_group", AutoScalingGroupName=it.physical_resource_id, ForceDelete=True)


@resource("AWS::AutoScaling::LifecycleHook")
class LifecycleHook(Handler):
    def create(self, p: dict[str, Any]) -> Resource:
        name = p.pop("LifecycleHookName", self.name(255))
        self.call("autoscaling", "put_lifecycle_hook", p, LifecycleHookName=name)
        return self.made(name, group=p["AutoScalingGroupName"])

    def update(self, it: Resource, p: dict[str, Any], changed: set[str]) -> None:
        self.call("autoscaling", "put_lifecycle_hook", p)

    def delete(self, it: Resource, snapshot: bool) -> None:
        self.call("autoscaling", "delete_lifecycle_hook", LifecycleHookName=it.physical_resource_id, AutoScalingGroupName=it.attributes["group"])
