"""Types that hold secrets, data and permissions."""

from __future__ import annotations

import json
from typing import Any

from .api import client
from .errors import DeploymentError
from .handler import Handler, Resource, resource


@resource("AWS::SecretsManager::Secret")
class Secret(Handler):
    def create(self, p: dict[str, Any]) -> Resource:
        if "GenerateSecretString" in p:
            p["SecretString"] = self._generated(p.pop("GenerateSecretString"))
        arn = self.call("secretsmanager", "create_secret", p, Name=p.pop("Name", self.name(64)))["ARN"]
        return self.made(arn, Id=arn)

    def update(self, it: Resource, p: dict[str, Any], changed: set[str]) -> None:
        self.only(changed, "SecretString", "Description")
        self.call("secretsmanager", "update_secret", {name: p[name] for name in changed}, SecretId=it.physical_resource_id)

    def delete(self, it: Resource, snapshot: bool) -> None:
        self.call("secretsmanager", "delete_secret", SecretId=it.physical_resource_id, ForceDeleteWithoutRecovery=True)

    def _generated(self, how: dict[str, Any]) -> str:
        frame, key = how.pop("SecretStringTemplate", None), how.pop("GenerateStringKey", None)
        password: str = self.call("secretsmanager", "get_random_password", how)["RandomPassword"]
        return json.dumps({**json.loads(frame), key: password}) if frame and key else password


@resource("AWS::SecretsManager::SecretTargetAttachment")
class Attachment(Handler):
    """Writes into the secret where the database is, as CloudFormation does."""

    def create(self, p: dict[str, Any]) -> Resource:
        secret = json.loads(self.call("secretsmanager", "get_secret_value", SecretId=p["SecretId"])["SecretString"])
        secret |= self._where(p["TargetType"], p["TargetId"])
        self.call("secretsmanager", "put_secret_value", SecretId=p["SecretId"], SecretString=json.dumps(secret))
        return self.made(p["SecretId"], Id=p["SecretId"])

    def _where(self, kind: str, name: str) -> dict[str, Any]:
        if kind == "AWS::RDS::DBInstance":
            (it,) = self.call("rds", "describe_db_instances", DBInstanceIdentifier=name)["DBInstances"]
            host, port, database = it["Endpoint"]["Address"], it["Endpoint"]["Port"], it["DBName"]
            return {"engine": it["Engine"], "host": host, "port": port, "dbname": database, "dbInstanceIdentifier": name}
        if kind == "AWS::RDS::DBCluster":
            (it,) = self.call("rds", "describe_db_clusters", DBClusterIdentifier=name)["DBClusters"]
            # the attachment of a cluster calls Aurora what RDS calls so
            return {"engine": "postgres", "host": it["Endpoint"], "port": it["Port"], "dbname": it["DatabaseName"], "dbClusterIdentifier": name}
        raise DeploymentError(f"The emulator attaches no secret to {kind}")

    def delete(self, it: Resource, snapshot: bool) -> None:
        """CloudFormation takes what it wrote away again; the secret goes in the same deletion."""


@resource("AWS::RDS::DBSubnetGroup")
class SubnetGroup(Handler):
    def create(self, p: dict[str, Any]) -> Resource:
        name = p.pop("DBSubnetGroupName", self.name(255)).lower()
        self.call("rds", "create_db_subnet_group", p, DBSubnetGroupName=name)
        return self.made(name)

    def delete(self, it: Resource, snapshot: bool) -> None:
        self.call("rds", "delete_db_subnet_group", DBSubnetGroupName=it.physical_resource_id)


@resource("AWS::RDS::DBInstance")
class Database(Handler):
    def create(self, p: dict[str, Any]) -> Resource:
        name = p.pop("DBInstanceIdentifier", self.name(63)).lower()
        groups = {"VpcSecurityGroupIds": p.pop("VPCSecurityGroups")} if "VPCSecurityGroups" in p else {}
        if "DBSnapshotIdentifier" in p:
            self._restore(p, DBInstanceIdentifier=name, **groups)
        else:
            self.call("rds", "create_db_instance", p, DBInstanceIdentifier=name, **groups)
        (database,) = self.call("rds", "describe_db_instances", DBInstanceIdentifier=name)["DBInstances"]
        endpoint = {f"Endpoint.{field}": str(database["Endpoint"][field]) for field in ("Address", "Port")}
        return self.made(name, **endpoint, DBInstanceArn=database["DBInstanceArn"], DbiResourceId=database["DbiResourceId"])

    def _restore(self, p: dict[str, Any], **named: Any) -> None:
        """CloudFormation restores with what that call takes, and changes the rest afterwards, the password among it."""
        model = client("rds", self.region).meta.service_model
        taken = {name.casefold() for name in model.operation_model("RestoreDBInstanceFromDBSnapshot").input_shape.members}
        self.call("rds", "restore_db_instance_from_db_snapshot", {name: value for name, value in p.items() if name.casefold() in taken}, **named)
        later = {name: value for name, value in p.items() if name.casefold() not in taken}
        self.call("rds", "modify_db_instance", later, DBInstanceIdentifier=named["DBInstanceIdentifier"], ApplyImmediately=True)

    def update(self, it: Resource, p: dict[str, Any], changed: set[str]) -> None:
        changes = {name: p[name] for name in changed}
        self.call("rds", "modify_db_instance", changes, DBInstanceIdentifier=it.physical_resource_id, ApplyImmediately=True)

    def delete(self, it: Resource, snapshot: bool) -> None:
        last = {"FinalDBSnapshotIdentifier": f"{self.stack}-snapshot-{self.key}".lower()} if snapshot else {"SkipFinalSnapshot": True}
        self.call("rds", "delete_db_instance", DBInstanceIdentifier=it.physical_resource_id, **last)


@resource("AWS::RDS::DBCluster")
class Cluster(Handler):
    def create(self, p: dict[str, Any]) -> Resource:
        name = p.pop("DBClusterIdentifier", self.name(63)).lower()
        insights = {"EnablePerformanceInsights": p.pop("PerformanceInsightsEnabled")} if "PerformanceInsightsEnabled" in p else {}
        it = self.call("rds", "create_db_cluster", p, DBClusterIdentifier=name, **insights)["DBCluster"]
        attributes = {"Endpoint.Address": it["Endpoint"], "Endpoint.Port": str(it["Port"]), "ReadEndpoint.Address": it["ReaderEndpoint"]}
        return self.made(name, **attributes, DBClusterArn=it["DBClusterArn"], DBClusterResourceId=it["DbClusterResourceId"])

    def delete(self, it: Resource, snapshot: bool) -> None:
        last = {"FinalDBSnapshotIdentifier": f"{self.stack}-snapshot-{self.key}".lower()} if snapshot else {"SkipFinalSnapshot": True}
        self.call("rds", "delete_db_cluster", DBClusterIdentifier=it.physical_resource_id, **last)


@resource("AWS::KMS::Key")
class Key(Handler):
    def create(self, p: dict[str, Any]) -> Resource:
        rotates, policy = p.pop("EnableKeyRotation", False), p.pop("KeyPolicy")
        self._require_principals(policy)
        key = self.call("kms", "create_key", p, Policy=_document(policy))["KeyMetadata"]
        if rotates:
            self.call("kms", "enable_key_rotation", KeyId=key["KeyId"])
        return self.made(key["KeyId"], KeyId=key["KeyId"], Arn=key["Arn"])

    def delete(self, it: Resource, snapshot: bool) -> None:
        self.call("kms", "schedule_key_deletion", KeyId=it.physical_resource_id)

    def _require_principals(self, policy: dict[str, Any]) -> None:
        """KMS refuses a policy that names who is not there; moto does not look."""
        for statement in policy["Statement"]:
            principals = statement["Principal"].get("AWS", [])
            for principal in [principals] if isinstance(principals, str) else principals:
                if ":role/" in principal:
                    self.call("iam", "get_role", RoleName=principal.rsplit("/", 1)[1])


def _document(policy: Any) -> str:
    return policy if isinstance(policy, str) else json.dumps(policy)


@resource("AWS::IAM::Role")
class Role(Handler):
    def create(self, p: dict[str, Any]) -> Resource:
        name = p.pop("RoleName", self.name(64))
        managed, inline = p.pop("ManagedPolicyArns", []), p.pop("Policies", [])
        trust = _document(p.pop("AssumeRolePolicyDocument"))
        role = self.call("iam", "create_role", p, RoleName=name, AssumeRolePolicyDocument=trust)["Role"]
        for arn in managed:
            self.call("iam", "attach_role_policy", RoleName=name, PolicyArn=arn)
        for policy in inline:
            self.call("iam", "put_role_policy", RoleName=name, PolicyName=policy["PolicyName"], PolicyDocument=_document(policy["PolicyDocument"]))
        return self.made(name, Arn=role["Arn"], RoleId=role["RoleId"])

    def delete(self, it: Resource, snapshot: bool) -> None:
        name = it.physical_resource_id
        for policy in self.call("iam", "list_attached_role_policies", RoleName=name)["AttachedPolicies"]:
            self.call("iam", "detach_role_policy", RoleName=name, PolicyArn=policy["PolicyArn"])
        for policy_name in self.call("iam", "list_role_policies", RoleName=name)["PolicyNames"]:
            self.call("iam", "delete_role_policy", RoleName=name, PolicyName=policy_name)
        self.call("iam", "delete_role", RoleName=name)


@resource("AWS::IAM::Policy")
class Policy(Handler):
    def create(self, p: dict[str, Any]) -> Resource:
        name, roles = p["PolicyName"], p["Roles"]
        for role in roles:
            self.call("iam", "put_role_policy", RoleName=role, PolicyName=name, PolicyDocument=_document(p["PolicyDocument"]))
        return self.made(name, Id=name, roles=roles)

    def update(self, it: Resource, p: dict[str, Any], changed: set[str]) -> None:
        self.only(changed, "PolicyDocument")
        self.create(p)

    def delete(self, it: Resource, snapshot: bool) -> None:
        for role in it.attributes["roles"]:
            self.call("iam", "delete_role_policy", RoleName=role, PolicyName=it.physical_resource_id)


@resource("AWS::IAM::ManagedPolicy")
class ManagedPolicy(Handler):
    def create(self, p: dict[str, Any]) -> Resource:
        document = _document(p.pop("PolicyDocument"))
        name = p.pop("ManagedPolicyName", self.name(128))
        arn = self.call("iam", "create_policy", p, PolicyName=name, PolicyDocument=document)["Policy"]["Arn"]
        return self.made(arn, PolicyArn=arn)

    def delete(self, it: Resource, snapshot: bool) -> None:
        self.call("iam", "delete_policy", PolicyArn=it.physical_resource_id)


@resource("AWS::IAM::InstanceProfile")
class InstanceProfile(Handler):
    def create(self, p: dict[str, Any]) -> Resource:
        roles, name = p.pop("Roles"), p.pop("InstanceProfileName", self.name(128))
        arn = self.call("iam", "create_instance_profile", p, InstanceProfileName=name)["InstanceProfile"]["Arn"]
        for role in roles:
            self.call("iam", "add_role_to_instance_profile", InstanceProfileName=name, RoleName=role)
        return self.made(name, Arn=arn, roles=roles)

    def delete(self, it: Resource, snapshot: bool) -> None:
        for role in it.attributes["roles"]:
            self.call("iam", "remove_role_from_instance_profile", InstanceProfileName=it.physical_resource_id, RoleName=role)
        self.call("iam", "delete_instance_profile", InstanceProfileName=it.physical_resource_id)
