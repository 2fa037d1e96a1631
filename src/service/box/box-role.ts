import { Stack } from 'aws-cdk-lib';
import { Effect, PolicyStatement, Role, ServicePrincipal, type IRole } from 'aws-cdk-lib/aws-iam';
import type { ILogGroup } from 'aws-cdk-lib/aws-logs';
import type { Asset } from 'aws-cdk-lib/aws-s3-assets';
import type { Construct } from 'constructs';

/** Namespace of the metrics that a box reports. */
export const METRIC_NAMESPACE = 'Flue';
/** Tag that tells the boxes of one server from all others. */
export const SERVER_TAG = 'cdk-flue';

const SESSION_MANAGER = [
  'ssm:UpdateInstanceInformation',
  'ssmmessages:CreateControlChannel', 'ssmmessages:CreateDataChannel', 'ssmmessages:OpenControlChannel', 'ssmmessages:OpenDataChannel',
];

export interface BoxRoleProps {
  readonly serverName: string;
  readonly allocationId: string;
  readonly vpcArn: string;
  readonly logGroup: ILogGroup;
  /** What the box fetches when it boots. */
  readonly assets: Asset[];
  /** A role that is given. */
  readonly role?: IRole;
}

/** The condition that holds for the boxes of one server. */
export function ofServer(serverName: string): { [operator: string]: { [key: string]: string } } {
  return { StringEquals: { [`aws:ResourceTag/${SERVER_TAG}`]: serverName } };
}

/** The role of a box: what its boot and its watcher need, on what belongs to its server where IAM can tell. */
export function boxRole(scope: Construct, props: BoxRoleProps): IRole {
  const role = props.role ?? new Role(scope, 'Role', {
    description: 'Box of a Flue server',
    assumedBy: new ServicePrincipal('ec2.amazonaws.com'),
  });
  const stack = Stack.of(scope);
  const arn = (service: string, resource: string, resourceName: string) => stack.formatArn({ service, resource, resourceName });
  const allow = (actions: string[], resources: string[], conditions?: { [operator: string]: unknown }) =>
    role.addToPrincipalPolicy(new PolicyStatement({ effect: Effect.ALLOW, actions, resources, conditions }));
  const onServer = ofServer(props.serverName);

  allow(['s3:GetObject'], props.assets.map(asset => asset.bucket.arnForObjects(asset.s3ObjectKey)));
  allow(['logs:CreateLogStream', 'logs:PutLogEvents', 'logs:DescribeLogStreams'], [props.logGroup.logGroupArn]);
  allow(['cloudwatch:PutMetricData'], ['*'], { StringEquals: { 'cloudwatch:namespace': METRIC_NAMESPACE } });
  // Session Manager, and no more: the managed policy for it reads every parameter of the account, secret ones included
  allow(SESSION_MANAGER, ['*']);
  // AWS defines these for every resource only
  allow(['ec2:DescribeInstances', 'ec2:DescribeVolumes'], ['*']);
  allow(['ec2:AssociateAddress'], [arn('ec2', 'elastic-ip', props.allocationId)]);
  allow(['ec2:AssociateAddress'], [arn('ec2', 'instance', '*')], onServer);
  allow(['ec2:AssociateAddress'], [arn('ec2', 'network-interface', '*')], { ArnEquals: { 'ec2:Vpc': props.vpcArn } });
  allow(['autoscaling:CompleteLifecycleAction', 'autoscaling:SetInstanceHealth'],
    [stack.formatArn({ service: 'autoscaling', resource: 'autoScalingGroup:*:autoScalingGroupName', resourceName: '*' })], onServer);
  return role;
}
