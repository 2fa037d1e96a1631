"""Machines: instances, their launch templates and groups, their volumes."""

from __future__ import annotations

import base64
from typing import Any

from .handler import Handler, Resource, resource
from .network import Ec2


@resource("AWS::EC2::Instance")
class Instance(Ec2):
    tagged = "instance"

    def create(self, p: dict[str, Any]) -> Resource:
        where = {"Placement": {"AvailabilityZone": p.pop("AvailabilityZone")}} if "AvailabilityZone" in p else {}
        profile = {"IamInstanceProfile": {"Name": p.pop("IamInstanceProfile")}} if "IamInstanceProfile" in p else {}
        # botocore encodes what the template has encoded already
        script = {"UserData": base64.b64decode(p.pop("UserData")).decode()} if "UserData" in p else {}
        forwards = not p.pop("SourceDestCheck", True)
        (it,) = self.ec2("run_instances", p, MinCount=1, MaxCount=1, **where, **profile, **script)["Instances"]
        name = it["InstanceId"]
        if forwards:
            self.ec2("modify_instance_attribute", InstanceId=name, SourceDestCheck={"Value": False})
        return self.made(name, InstanceId=name, PrivateIp=it["PrivateIpAddress"])

    def delete(self, it: Resource, snapshot: bool) -> None:
        self.ec2("terminate_instances", InstanceIds=[it.physical_resource_id])


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
