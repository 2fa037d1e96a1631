import { CfnOutput, Duration, Stack, type StackProps } from 'aws-cdk-lib';
import { SecurityGroup, Vpc } from 'aws-cdk-lib/aws-ec2';
import { Repository } from 'aws-cdk-lib/aws-ecr';
import { Cluster, Secret } from 'aws-cdk-lib/aws-ecs';
import { ApplicationListener, ListenerCondition } from 'aws-cdk-lib/aws-elasticloadbalancingv2';
import * as sm from 'aws-cdk-lib/aws-secretsmanager';
import { FlueDatabase, FlueExposure, FlueFargateService, FlueImage, FlueModel } from 'cdk-flue';
import type { Construct } from 'constructs';
import { acknowledgeBringYourOwn } from './acknowledgements.ts';

/** The ids that the platform team gave you. Replace these with yours. */
const PLATFORM = {
  vpcId: 'vpc-0123456789abcdef0',
  availabilityZones: ['us-east-1a', 'us-east-1b'],
  privateSubnetIds: ['subnet-0123456789abcdef0', 'subnet-0123456789abcdef1'],
  privateSubnetRouteTableIds: ['rtb-0123456789abcdef0', 'rtb-0123456789abcdef1'],
  clusterName: 'platform',
  listenerArn: 'arn:aws:elasticloadbalancing:us-east-1:111122223333:listener/app/platform/0123456789abcdef/0123456789abcdef',
  loadBalancerSecurityGroupId: 'sg-0123456789abcdef0',
  loadBalancerIdleTimeout: Duration.minutes(15),
  databaseSecurityGroupId: 'sg-0123456789abcdef1',
  repositoryName: 'agents',
  host: 'agents.example.com',
};

/** A target group, a rule of the platform's listener and a service; VPC, cluster, load balancer, Postgres, image and secrets exist. */
export class BringYourOwnStack extends Stack {
  public constructor(scope: Construct, id: string, props: StackProps) {
    super(scope, id, props);
    const secretOf = (name: string): Secret => Secret.fromSecretsManager(sm.Secret.fromSecretNameV2(this, name, `agents/${name}`));

    const vpc = Vpc.fromVpcAttributes(this, 'Vpc', {
      vpcId: PLATFORM.vpcId,
      availabilityZones: PLATFORM.availabilityZones,
      privateSubnetIds: PLATFORM.privateSubnetIds,
      privateSubnetRouteTableIds: PLATFORM.privateSubnetRouteTableIds,
    });
    const listener = ApplicationListener.fromApplicationListenerAttributes(this, 'Listener', {
      listenerArn: PLATFORM.listenerArn,
      securityGroup: SecurityGroup.fromSecurityGroupId(this, 'LoadBalancerGroup', PLATFORM.loadBalancerSecurityGroupId),
    });

    const agents = new FlueFargateService(this, 'Agents', {
      vpc,
      cluster: Cluster.fromClusterAttributes(this, 'Cluster', { clusterName: PLATFORM.clusterName, vpc, hasEc2Capacity: false }),
      image: FlueImage.fromEcrRepository(this, 'Image', Repository.fromRepositoryName(this, 'Repository', PLATFORM.repositoryName), {
        tagOrDigest: '1.0.0', caBundlePath: '/etc/ssl/certs/rds-ca-bundle.pem',
      }),
      database: FlueDatabase.fromUrlSecret(this, 'Database', {
        url: secretOf('DATABASE_URL'),
        vpc,
        securityGroups: [SecurityGroup.fromSecurityGroupId(this, 'DatabaseGroup', PLATFORM.databaseSecurityGroupId)],
        usesRdsCertificates: true,
      }),
      model: FlueModel.anthropic(secretOf('ANTHROPIC_API_KEY'), 'claude-sonnet-4-6'),
      secrets: { API_TOKEN: secretOf('API_TOKEN') },
      exposure: FlueExposure.throughListener(listener, {
        conditions: [ListenerCondition.hostHeaders([PLATFORM.host])],
        priority: 120,
        idleTimeout: PLATFORM.loadBalancerIdleTimeout,
        url: `https://${PLATFORM.host}`,
      }),
    });

    new CfnOutput(this, 'Url', { value: agents.url, description: 'Where the agents answer' });
    acknowledgeBringYourOwn(this);
  }
}
