import { changed, PARAMETERS, type Template } from './judge';

const KEEP_ALIVE = '--import=data:text/javascript,import%20dc%20from%20%22node:diagnostics_channel%22;'
  + 'dc.subscribe(%22http.server.request.start%22,({server})=>{if(server.keepAliveTimeout<670000)server.keepAliveTimeout=670000})';

/** A server on Fargate behind a load balancer, written by hand and without a fault. */
export function fargate(): Template {
  return {
    Parameters: PARAMETERS,
    Resources: {
      Logs: { Type: 'AWS::Logs::LogGroup', Properties: { RetentionInDays: 30 } },
      DatabaseUrl: { Type: 'AWS::SecretsManager::Secret', Properties: { GenerateSecretString: {} } },
      TaskDefinition: {
        Type: 'AWS::ECS::TaskDefinition',
        Properties: {
          Cpu: '256',
          Memory: '512',
          NetworkMode: 'awsvpc',
          RequiresCompatibilities: ['FARGATE'],
          RuntimePlatform: { CpuArchitecture: 'ARM64', OperatingSystemFamily: 'LINUX' },
          ContainerDefinitions: [{
            Name: 'server',
            Image: { 'Fn::Sub': '${AWS::AccountId}.dkr.ecr.${AWS::Region}.amazonaws.com/flue-agents:1.4.2' },
            Essential: true,
            PortMappings: [{ ContainerPort: 8080 }],
            Environment: [
              { Name: 'PORT', Value: '8080' },
              { Name: 'MODEL_SPECIFIER', Value: 'anthropic/claude-sonnet-4-6' },
              { Name: 'NODE_OPTIONS', Value: KEEP_ALIVE },
            ],
            Secrets: [
              { Name: 'ANTHROPIC_API_KEY', ValueFrom: 'arn:aws:secretsmanager:eu-west-1:111111111111:secret:anthropic-AbCdEf' },
              { Name: 'DATABASE_URL', ValueFrom: { Ref: 'DatabaseUrl' } },
            ],
            LinuxParameters: { InitProcessEnabled: true },
            StopTimeout: 90,
            LogConfiguration: {
              LogDriver: 'awslogs',
              Options: { 'awslogs-group': { Ref: 'Logs' }, 'awslogs-region': { Ref: 'AWS::Region' }, 'awslogs-stream-prefix': 'flue' },
            },
          }],
        },
      },
      LoadBalancer: {
        Type: 'AWS::ElasticLoadBalancingV2::LoadBalancer',
        Properties: { Subnets: ['subnet-1', 'subnet-2'], LoadBalancerAttributes: [{ Key: 'idle_timeout.timeout_seconds', Value: '660' }] },
      },
      TargetGroup: {
        Type: 'AWS::ElasticLoadBalancingV2::TargetGroup',
        Properties: {
          Port: 8080,
          Protocol: 'HTTP',
          TargetType: 'ip',
          VpcId: 'vpc-1',
          HealthCheckPath: '/health',
          HealthCheckIntervalSeconds: 15,
          HealthyThresholdCount: 2,
          TargetGroupAttributes: [{ Key: 'deregistration_delay.timeout_seconds', Value: '15' }],
        },
      },
      Listener: {
        Type: 'AWS::ElasticLoadBalancingV2::Listener',
        Properties: {
          LoadBalancerArn: { Ref: 'LoadBalancer' },
          Port: 443,
          Protocol: 'HTTPS',
          Certificates: [{ CertificateArn: 'arn:aws:acm:eu-west-1:111111111111:certificate/1' }],
          DefaultActions: [{ Type: 'forward', TargetGroupArn: { Ref: 'TargetGroup' } }],
        },
      },
      Service: {
        Type: 'AWS::ECS::Service',
        DependsOn: 'Listener',
        Properties: {
          Cluster: 'agents',
          ServiceName: 'flue-agents',
          LaunchType: 'FARGATE',
          TaskDefinition: { Ref: 'TaskDefinition' },
          DesiredCount: 1,
          DeploymentConfiguration: { MinimumHealthyPercent: 0, MaximumPercent: 100 },
          HealthCheckGracePeriodSeconds: 120,
          LoadBalancers: [{ ContainerName: 'server', ContainerPort: 8080, TargetGroupArn: { Ref: 'TargetGroup' } }],
          NetworkConfiguration: { AwsvpcConfiguration: { Subnets: ['subnet-1', 'subnet-2'] } },
        },
      },
      ScalableTarget: {
        Type: 'AWS::ApplicationAutoScaling::ScalableTarget',
        Properties: {
          MinCapacity: 1,
          MaxCapacity: 1,
          ResourceId: { 'Fn::Sub': 'service/agents/${Service.Name}' },
          ScalableDimension: 'ecs:service:DesiredCount',
          ServiceNamespace: 'ecs',
        },
      },
    },
  };
}

/** A server on ECS Express Mode, with a primary container. */
export function express(): Template {
  return {
    Parameters: PARAMETERS,
    Resources: {
      Logs: { Type: 'AWS::Logs::LogGroup', Properties: { RetentionInDays: 30 } },
      Express: {
        Type: 'AWS::ECS::ExpressGatewayService',
        Properties: {
          InfrastructureRoleArn: 'arn:aws:iam::111111111111:role/infrastructure',
          ExecutionRoleArn: 'arn:aws:iam::111111111111:role/execution',
          HealthCheckPath: '/health',
          ScalingTarget: { MinTaskCount: 1, MaxTaskCount: 1 },
          PrimaryContainer: {
            Image: '111111111111.dkr.ecr.eu-west-1.amazonaws.com/flue-agents:1.4.2',
            ContainerPort: 8080,
            Environment: [{ Name: 'PORT', Value: '8080' }, { Name: 'NODE_OPTIONS', Value: KEEP_ALIVE }],
            Secrets: [{ Name: 'DATABASE_URL', ValueFrom: 'arn:aws:secretsmanager:eu-west-1:111111111111:secret:url-AbCdEf' }],
            AwsLogsConfiguration: { LogGroup: { Ref: 'Logs' }, LogStreamPrefix: 'flue' },
          },
        },
      },
    },
  };
}

/** A server on one instance, started by Docker. */
export function box(): Template {
  return {
    Parameters: PARAMETERS,
    Resources: {
      SecurityGroup: {
        Type: 'AWS::EC2::SecurityGroup',
        Properties: {
          GroupDescription: 'The box',
          SecurityGroupIngress: [{ IpProtocol: 'tcp', FromPort: 443, ToPort: 443, CidrIp: '0.0.0.0/0' }],
        },
      },
      Data: { Type: 'AWS::EC2::Volume', Properties: { AvailabilityZone: 'eu-west-1a', Size: 10, Encrypted: true } },
      Attachment: {
        Type: 'AWS::EC2::VolumeAttachment',
        Properties: { Device: '/dev/sdf', InstanceId: { Ref: 'Instance' }, VolumeId: { Ref: 'Data' } },
      },
      Instance: {
        Type: 'AWS::EC2::Instance',
        Properties: {
          ImageId: 'ami-1',
          InstanceType: 't4g.small',
          SecurityGroupIds: [{ 'Fn::GetAtt': ['SecurityGroup', 'GroupId'] }],
          MetadataOptions: { HttpTokens: 'required' },
          BlockDeviceMappings: [{ DeviceName: '/dev/xvda', Ebs: { VolumeSize: 20, Encrypted: true } }],
          UserData: {
            'Fn::Base64': {
              'Fn::Sub': [
                '#!/bin/bash',
                'export DATABASE_URL=$(aws ssm get-parameter --name /flue/url --with-decryption --query Parameter.Value --output text)',
                'caddy start',
                'docker run -d --init --restart unless-stopped -p 127.0.0.1:8080:8080 \\',
                '  -e PORT=8080 -e DATABASE_URL -e MODEL_SPECIFIER=anthropic/claude-sonnet-4-6 \\',
                '  ${AWS::AccountId}.dkr.ecr.${AWS::Region}.amazonaws.com/flue-agents:1.4.2',
              ].join('\n'),
            },
          },
        },
      },
    },
  };
}

/** The boxes of an auto scaling group, started by the same script as the box. */
export function group(): Template {
  const { Instance, SecurityGroup } = box().Resources;
  const { ImageId, InstanceType, SecurityGroupIds, MetadataOptions, BlockDeviceMappings, UserData } = Instance.Properties;
  return {
    Parameters: PARAMETERS,
    Resources: {
      SecurityGroup,
      LaunchTemplate: {
        Type: 'AWS::EC2::LaunchTemplate',
        Properties: { LaunchTemplateData: { ImageId, InstanceType, SecurityGroupIds, MetadataOptions, BlockDeviceMappings, UserData } },
      },
      Group: {
        Type: 'AWS::AutoScaling::AutoScalingGroup',
        Properties: {
          MinSize: '1',
          MaxSize: '1',
          AvailabilityZones: ['eu-west-1a'],
          LaunchTemplate: {
            LaunchTemplateId: { Ref: 'LaunchTemplate' },
            Version: { 'Fn::GetAtt': ['LaunchTemplate', 'LatestVersionNumber'] },
          },
        },
      },
    },
  };
}

/** The server on Fargate with its database, whose connection string is composed of dynamic references. */
export function withDatabase(): Template {
  const template = fargate();
  Object.assign(template.Resources, {
    DatabaseGroup: {
      Type: 'AWS::EC2::SecurityGroup',
      Properties: {
        GroupDescription: 'The database',
        SecurityGroupIngress: [{ IpProtocol: 'tcp', FromPort: 5432, ToPort: 5432, SourceSecurityGroupId: 'sg-1' }],
      },
    },
    Password: {
      Type: 'AWS::SecretsManager::Secret',
      Properties: { GenerateSecretString: { SecretStringTemplate: '{"username":"flue"}', GenerateStringKey: 'password' } },
    },
    Database: {
      Type: 'AWS::RDS::DBInstance',
      DeletionPolicy: 'Snapshot',
      Properties: {
        Engine: 'postgres',
        DBInstanceClass: 'db.t4g.micro',
        AllocatedStorage: '20',
        StorageEncrypted: true,
        PubliclyAccessible: false,
        BackupRetentionPeriod: 7,
        VPCSecurityGroups: [{ 'Fn::GetAtt': ['DatabaseGroup', 'GroupId'] }],
        MasterUsername: 'flue',
        MasterUserPassword: { 'Fn::Sub': '{{resolve:secretsmanager:${Password}:SecretString:password}}' },
      },
    },
  });
  template.Resources.DatabaseUrl.Properties = {
    SecretString: {
      'Fn::Sub': 'postgres://flue:{{resolve:secretsmanager:${Password}:SecretString:password}}@${Database.Endpoint.Address}:5432/flue?sslmode=verify-full',
    },
  };
  return template;
}

/** The server on Fargate with another container. */
export function container(change: (container: any) => void): Template {
  return changed(fargate(), ({ TaskDefinition }) => change(TaskDefinition.Properties.ContainerDefinitions[0]));
}

/** The server on Express Mode, with a call that sets attributes of what Express Mode manages. */
export function customized(attributes: Record<string, string>): Template {
  return changed(express(), resources => {
    const call = (name: string, parameter: string, arn: string) => ({
      'Fn::Join': ['', [
        `{"service":"elbv2","action":"${name}","parameters":{"${parameter}":"`,
        { 'Fn::GetAtt': ['Express', arn] },
        `","Attributes":${JSON.stringify(Object.entries(attributes).map(([Key, Value]) => ({ Key, Value })))}}}`,
      ]],
    });
    resources.Call = {
      Type: 'Custom::AWS',
      Properties: {
        ServiceToken: 'arn:aws:lambda:eu-west-1:111111111111:function:calls',
        Create: call('modifyLoadBalancerAttributes', 'LoadBalancerArn', 'ECSManagedResourceArns.IngressPath.LoadBalancerArn'),
      },
    };
  });
}
