"""Templates that an emulator must not let pass, or its word is worth nothing: each with the reason that it must give."""

from __future__ import annotations

from typing import Any

import world

Refused = dict[str, tuple[dict[str, Any], str]]

#: Stands in each of them, and must be gone when it is rolled back.
TOPIC = {"Type": "AWS::SNS::Topic", "Properties": {}}


def refused() -> Refused:
    return {
        "a type that it does not know": ({"It": {"Type": "AWS::Kinesis::Stream", "DependsOn": "Topic"}}, "knows no type AWS::Kinesis::Stream"),
        "a property that CloudFormation does not know": (
            {"It": {"Type": "AWS::Logs::LogGroup", "DependsOn": "Topic", "Properties": {"RetentionInDay": 1}}},
            "additionalProperties",
        ),
        "a value that CloudFormation does not take": (
            {"It": {"Type": "AWS::Logs::LogGroup", "DependsOn": "Topic", "Properties": {"RetentionInDays": 31}}},
            "RetentionInDays breaks `enum`",
        ),
        "a property that the API has no parameter for": (
            {"It": {"Type": "AWS::SNS::Topic", "DependsOn": "Topic", "Properties": {"ArchivePolicy": {}, "DataProtectionPolicy": {}, "FifoTopic": True}}},
            "create_topic has no parameter",
        ),
        "an attribute that the type does not have": (
            {"It": {"Type": "AWS::SNS::Topic", "Properties": {"DisplayName": {"Fn::GetAtt": ["Topic", "Arn"]}}}},
            "has no attribute Arn",
        ),
        "a dynamic reference to a secret that is not there": (
            {"It": {"Type": "AWS::SNS::Topic", "DependsOn": "Topic", "Properties": {"DisplayName": "{{resolve:secretsmanager:nowhere:SecretString:::}}"}}},
            "ResourceNotFoundException",
        ),
        **_out_of_order(),
    }


def _out_of_order() -> Refused:
    """What AWS itself looks for before it makes something."""
    subnets = {
        key: {"Type": "AWS::EC2::Subnet", "Properties": {"VpcId": {"Ref": "Vpc"}, "CidrBlock": f"10.9.{index}.0/24", "AvailabilityZone": f"us-east-1{zone}"}}
        for index, (key, zone) in enumerate((("One", "a"), ("Other", "b")))
    }
    network = {"Vpc": {"Type": "AWS::EC2::VPC", "Properties": {"CidrBlock": "10.9.0.0/16"}}, **subnets}
    balancer = {"Subnets": [{"Ref": "One"}, {"Ref": "Other"}]}
    trust = {"Statement": [{"Effect": "Allow", "Principal": {"Service": "ec2.amazonaws.com"}, "Action": "sts:AssumeRole"}]}
    owner = {"Statement": [{"Effect": "Allow", "Principal": {"AWS": f"arn:aws:iam::{world.ACCOUNT}:root"}, "Action": "kms:*", "Resource": "*"}]}
    reads = {"Statement": [{"Effect": "Allow", "Action": "s3:GetObject", "Resource": "*"}]}
    to_bucket = [{"Key": "access_logs.s3.enabled", "Value": "true"}, {"Key": "access_logs.s3.bucket", "Value": {"Ref": "Bucket"}}]
    origin = {"Name": "origin", "Arn": {"Ref": "Balancer"}, "HTTPPort": 80, "OriginProtocolPolicy": "http-only"}
    container = {"Name": "Main", "Image": "registry.example.com/agents:1", "Memory": 512, "PortMappings": [{"ContainerPort": 8080}]}
    target = {"ContainerName": "Main", "ContainerPort": 8080, "TargetGroupArn": {"Ref": "Group"}}
    nothing = {"Type": "fixed-response", "FixedResponseConfig": {"StatusCode": "404"}}
    of_balancer = "AWS::ElasticLoadBalancingV2::LoadBalancer"
    return {
        "a load balancer on the internet, in a VPC without a gateway": (
            {**network, "It": {"Type": of_balancer, "Properties": balancer}},
            "has no internet gateway",
        ),
        "access logs to a bucket that lets nobody write": (
            {
                **network,
                "Bucket": {"Type": "AWS::S3::Bucket"},
                "It": {"Type": of_balancer, "Properties": {**balancer, "Scheme": "internal", "LoadBalancerAttributes": to_bucket}},
            },
            "Please check S3bucket permission",
        ),
        "a rule whose regular expression is longer than a load balancer takes": (
            {
                **network,
                "Balancer": {"Type": of_balancer, "Properties": {**balancer, "Scheme": "internal"}},
                "Listener": {
                    "Type": "AWS::ElasticLoadBalancingV2::Listener",
                    "Properties": {"LoadBalancerArn": {"Ref": "Balancer"}, "Port": 80, "Protocol": "HTTP", "DefaultActions": [nothing]},
                },
                "It": {
                    "Type": "AWS::ElasticLoadBalancingV2::ListenerRule",
                    "Properties": {
                        "ListenerArn": {"Ref": "Listener"},
                        "Priority": 1,
                        "Actions": [nothing],
                        "Conditions": [{"Field": "path-pattern", "PathPatternConfig": {"RegexValues": ["a" * 129]}}],
                    },
                },
            },
            "is too long; the limit is '128'",
        ),
        "a VPC origin in a VPC without a gateway": (
            {
                **network,
                "Balancer": {"Type": of_balancer, "Properties": {**balancer, "Scheme": "internal"}},
                "It": {"Type": "AWS::CloudFront::VpcOrigin", "Properties": {"VpcOriginEndpointConfig": origin}},
            },
            "has no internet gateway",
        ),
        "a log group under a key that does not admit logs": (
            {
                "Key": {"Type": "AWS::KMS::Key", "Properties": {"KeyPolicy": owner}},
                "It": {"Type": "AWS::Logs::LogGroup", "Properties": {"KmsKeyId": {"Fn::GetAtt": ["Key", "Arn"]}}},
            },
            "not allowed to be used",
        ),
        "a service whose target group no listener uses": (
            {
                **network,
                "Group": {"Type": "AWS::ElasticLoadBalancingV2::TargetGroup", "Properties": {"VpcId": {"Ref": "Vpc"}, "Port": 80, "Protocol": "HTTP"}},
                "Cluster": {"Type": "AWS::ECS::Cluster"},
                "Task": {"Type": "AWS::ECS::TaskDefinition", "Properties": {"Family": "refused", "ContainerDefinitions": [container]}},
                "It": {
                    "Type": "AWS::ECS::Service",
                    "Properties": {"Cluster": {"Ref": "Cluster"}, "TaskDefinition": {"Ref": "Task"}, "LoadBalancers": [target]},
                },
            },
            "does not have an associated load balancer",
        ),
        "an instance that does not wait for the policy of its role": (
            {
                "Role": {"Type": "AWS::IAM::Role", "Properties": {"AssumeRolePolicyDocument": trust}},
                "Policy": {"Type": "AWS::IAM::Policy", "Properties": {"PolicyName": "late", "PolicyDocument": reads, "Roles": [{"Ref": "Role"}]}},
                "Profile": {"Type": "AWS::IAM::InstanceProfile", "Properties": {"Roles": [{"Ref": "Role"}]}},
                "It": {"Type": "AWS::EC2::Instance", "Properties": {"IamInstanceProfile": {"Ref": "Profile"}}},
            },
            "does not wait for Policy",
        ),
        **_of_state(trust),
        "a firewall of DNS in the place of those of AWS Firewall Manager": (
            {
                "Vpc": network["Vpc"],
                "Rules": {"Type": "AWS::Route53Resolver::FirewallRuleGroup"},
                "It": {
                    "Type": "AWS::Route53Resolver::FirewallRuleGroupAssociation",
                    "Properties": {"FirewallRuleGroupId": {"Ref": "Rules"}, "VpcId": {"Ref": "Vpc"}, "Priority": 100},
                },
            },
            "is kept for AWS Firewall Manager",
        ),
    }


def _of_state(trust: dict[str, Any]) -> Refused:
    """What Secrets Manager and AWS Backup look for."""
    here = f"{world.REGION}:{world.ACCOUNT}"
    rules = [{"RuleName": "Daily", "TargetBackupVault": {"Ref": "Vault"}, "ScheduleExpression": "cron(0 5 * * ? *)"}]
    selection = {"IamRoleArn": {"Fn::GetAtt": ["Role", "Arn"]}, "SelectionName": "It", "Resources": [f"arn:aws:ec2:{here}:volume/vol-1"]}
    application = "arn:aws:serverlessrepo:us-east-1:297356227824:applications/SecretsManagerRDSPostgreSQLRotationMultiUser"
    told = {"endpoint": "https://secretsmanager.us-east-1.amazonaws.com", "functionName": "refused"}
    return {
        "a rotation by a function that is not there": (
            {
                "Secret": {"Type": "AWS::SecretsManager::Secret", "Properties": {"SecretString": "{}"}},
                "It": {
                    "Type": "AWS::SecretsManager::RotationSchedule",
                    "Properties": {
                        "SecretId": {"Ref": "Secret"},
                        "RotationLambdaARN": f"arn:aws:lambda:{here}:function:nowhere",
                        "RotationRules": {"ScheduleExpression": "rate(7 days)"},
                        "RotateImmediatelyOnUpdate": False,
                    },
                },
            },
            "cannot invoke the specified Lambda function",
        ),
        "an application that rotates two logins without the secret of who may set them": (
            {
                "It": {
                    "Type": "AWS::Serverless::Application",
                    "DependsOn": "Topic",
                    "Properties": {"Location": {"ApplicationId": application, "SemanticVersion": "1.1.60"}, "Parameters": told},
                }
            },
            "[masterSecretArn]",
        ),
        "backups by a role that AWS Backup cannot assume": (
            {
                "Vault": {"Type": "AWS::Backup::BackupVault", "Properties": {"BackupVaultName": "refused"}},
                "Plan": {"Type": "AWS::Backup::BackupPlan", "Properties": {"BackupPlan": {"BackupPlanName": "refused", "BackupPlanRule": rules}}},
                "Role": {"Type": "AWS::IAM::Role", "Properties": {"AssumeRolePolicyDocument": trust}},
                "It": {"Type": "AWS::Backup::BackupSelection", "Properties": {"BackupPlanId": {"Ref": "Plan"}, "BackupSelection": selection}},
            },
            "cannot be assumed by AWS Backup",
        ),
    }
