"""Types of Amazon EC2 that make a network."""

from __future__ import annotations

import json
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
        block = p["CidrBlock"]
        name = self.ec2("create_vpc", p)["Vpc"]["VpcId"]
        for switch, value in switches.items():
            self.ec2("modify_vpc_attribute", VpcId=name, **{switch: {"Value": value}})
        groups = self.ec2("describe_security_groups", Filters=[{"Name": "vpc-id", "Values": [name]}, {"Name": "group-name", "Values": ["default"]}])
        return self.made(name, VpcId=name, CidrBlock=block, DefaultSecurityGroup=groups["SecurityGroups"][0]["GroupId"])

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


@resource("AWS::EC2::NatGateway")
class NatGateway(Ec2):
    tagged = "natgateway"

    def create(self, p: dict[str, Any]) -> Resource:
        name = self.ec2("create_nat_gateway", p)["NatGateway"]["NatGatewayId"]
        return self.made(name, NatGatewayId=name)

    def delete(self, it: Resource, snapshot: bool) -> None:
        self.ec2("delete_nat_gateway", NatGatewayId=it.physical_resource_id)


@resource("AWS::EC2::VPCEndpoint")
class Endpoint(Ec2):
    tagged = "vpc-endpoint"

    def create(self, p: dict[str, Any]) -> Resource:
        policy = {"PolicyDocument": json.dumps(p.pop("PolicyDocument"))} if "PolicyDocument" in p else {}
        name = self.ec2("create_vpc_endpoint", p, **policy)["VpcEndpoint"]["VpcEndpointId"]
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
    if "CidrIpv6" in rule:
        permission["Ipv6Ranges"] = [{"CidrIpv6": rule.pop("CidrIpv6"), **described}]
    if f"{direction}PrefixListId" in rule:
        permission["PrefixListIds"] = [{"PrefixListId": rule.pop(f"{direction}PrefixListId"), **described}]
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
        (group,) = self.ec2("describe_security_groups", GroupIds=[p["GroupId"]])["SecurityGroups"]
        if any(rule["IpProtocol"] == "-1" for rule in group["IpPermissionsEgress"]):
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


@resource("AWS::EC2::PrefixList")
class PrefixList(Ec2):
    tagged = "prefix-list"

    def create(self, p: dict[str, Any]) -> Resource:
        known = self.ec2("create_managed_prefix_list", p)["PrefixList"]
        return self.made(known["PrefixListId"], PrefixListId=known["PrefixListId"], Arn=known["PrefixListArn"], OwnerId=known["OwnerId"], Version=known["Version"])

    def delete(self, it: Resource, snapshot: bool) -> None:
        self.ec2("delete_managed_prefix_list", PrefixListId=it.physical_resource_id)
