import { Validations } from 'aws-cdk-lib';
import type { Construct } from 'constructs';
import { acknowledgeFindings, acknowledgeWarnings } from './acknowledge.ts';
import { isBase, isPreview } from './stage.ts';

/** The findings that we accept in the example, with the reason for each. */
export const REASONS = {
  'RDS3': 'One zone at half the price: an outage of the zone stops the agents, and backups of seven days restore them. Production sets `multiAz: true`.',
  'RDS10': 'The database of the previews holds nothing that must stay. Production keeps the protection.',
  'SMG4': 'The provider key changes where it was issued, and the connection string holds the password: rotating either alone would cut the agents off.',
  'EC23': 'Clients are on the internet. The application asks each of them for API_TOKEN, and the tasks admit only the load balancer.',
  'ECS2': 'The variables are settings (port, model, paths). Every secret is a reference to Secrets Manager.',
  'ELB2': 'A demonstration without traffic to audit. Production sets `accessLogs: true` in a stack that names its region.',
  'IAM5[Resource::*]': 'ecr:GetAuthorizationToken and the Describe actions of EC2 and Elastic Load Balancing take no resource, nor do those of Session Manager, and cloudwatch:PutMetricData only a namespace: AWS defines them for all.',
  'IAM5[Resource::arn:<AWS::Partition>:ec2:<AWS::Region>:<AWS::AccountId>:instance/*]': 'The id of the instance is not known before the group launches it: a condition on its tag confines the statement to the boxes of this server.',
  'IAM5[Resource::arn:<AWS::Partition>:ec2:<AWS::Region>:<AWS::AccountId>:network-interface/*]': 'As the instance that it comes with: a condition confines the statement to the VPC.',
  'IAM5[Resource::arn:<AWS::Partition>:autoscaling:<AWS::Region>:<AWS::AccountId>:autoScalingGroup:*:autoScalingGroupName/*]': 'The group waits for the role, so the role cannot name it: a condition on its tag confines the statement to the group of this server.',
  'IAM5[Resource::arn:<AWS::Partition>:elasticloadbalancing:<AWS::Region>:<AWS::AccountId>:targetgroup/*]': 'ECS makes the target groups, and others with later images: a condition on the tag of ECS confines the statement to what it manages.',
  'IAM4[Policy::arn:<AWS::Partition>:iam::aws:policy/service-role/AmazonECSInfrastructureRoleforExpressGatewayServices]': 'The policy is the one AWS requires of, and maintains for, the infrastructure role of ECS Express Mode.',
  'ECS4': 'A task of half a minute, which says in its log what schemas it dropped.',
  'IAM5[Resource::arn:<AWS::Partition>:ecs:<AWS::Region>:*:task/<SchemaCleanupCluster9AC18850>/*]': 'A task has no id before it runs: the statement is confined to the cluster of the tasks that drop schemas.',
  'AS3': 'The group replaces its only box by itself. Put an alarm on the metric Healthy, which says whether the server answers.',
} as const;

/** The reason to leave a service without a sign-in open to everyone. */
const PUBLIC = 'Clients are on the internet, and the application asks each of them for API_TOKEN before an agent hears of it.';

function acknowledge(scope: Construct, ...rules: (keyof typeof REASONS)[]): void {
  rules.forEach(rule => acknowledgeFindings(scope, REASONS[rule], `AwsSolutions-${rule}`));
}

export function acknowledgeData(stack: Construct): void {
  acknowledge(stack, 'RDS3', 'SMG4');
  if (isBase(stack)) {
    acknowledge(
      stack, 'RDS10', 'ELB2', 'ECS2', 'ECS4', 'IAM5[Resource::*]',
      'IAM5[Resource::arn:<AWS::Partition>:ecs:<AWS::Region>:*:task/<SchemaCleanupCluster9AC18850>/*]',
    );
  }
}

/** The secrets of a schema stand in the stack of its database, and in a preview in that of the server. */
function acknowledgeSchema(stack: Construct): void {
  if (isPreview(stack)) acknowledge(stack, 'SMG4');
}

export function acknowledgeFargate(stack: Construct, agents: Construct): void {
  acknowledge(stack, 'EC23', 'ECS2', 'ELB2', 'IAM5[Resource::*]');
  acknowledgeSchema(stack);
  const reason = 'There is no domain name to hold a certificate for. Pass `domainName` and `hostedZone` before a token crosses a network you do not trust.';
  acknowledgeWarnings(agents, reason, 'cdk-flue:FlueFargateService.plainHttp');
  acknowledgeWarnings(agents, PUBLIC, 'cdk-flue:FlueService.publicWithoutAuthentication');
  // The validator misreads the exported subnets of another stack as one value.
  Validations.of(agents).acknowledge({ id: 'CloudFormation-Validate::W9007', reason: 'The subnets are two different exports of FlueDataStack.' });
}

export function acknowledgeExpress(stack: Construct, agents: Construct): void {
  acknowledgeSchema(stack);
  acknowledge(
    stack, 'ECS2', 'IAM5[Resource::*]',
    'IAM5[Resource::arn:<AWS::Partition>:elasticloadbalancing:<AWS::Region>:<AWS::AccountId>:targetgroup/*]',
    'IAM4[Policy::arn:<AWS::Partition>:iam::aws:policy/service-role/AmazonECSInfrastructureRoleforExpressGatewayServices]',
  );
  const reason = 'Express Mode always shifts traffic between two revisions; prompts in flight while the example is deployed may be lost.';
  acknowledgeWarnings(agents, reason, 'cdk-flue:OneLiveOwner.overlap');
  acknowledgeWarnings(agents, PUBLIC, 'cdk-flue:FlueService.publicWithoutAuthentication');
}

/** Accepts the findings that every box has, with or without a domain. */
export function acknowledgeBox(stack: Construct, agents: Construct): void {
  const ofAccount = '<AWS::Region>:<AWS::AccountId>';
  acknowledge(
    stack, 'AS3', 'IAM5[Resource::*]',
    `IAM5[Resource::arn:<AWS::Partition>:ec2:${ofAccount}:instance/*]`,
    `IAM5[Resource::arn:<AWS::Partition>:ec2:${ofAccount}:network-interface/*]`,
    `IAM5[Resource::arn:<AWS::Partition>:autoscaling:${ofAccount}:autoScalingGroup:*:autoScalingGroupName/*]`,
  );
  Validations.of(agents).acknowledge({
    id: 'CloudFormation-Validate::E1152', reason: 'EC2 resolves the parameter of the machine image at every launch; the validator knows only the ids of images.',
  });
}

export function acknowledgeEc2(stack: Construct, agents: Construct): void {
  acknowledgeBox(stack, agents);
  const reason = 'There is no domain name to hold a certificate for, and one address alone may connect. Pass `domainName` before a token crosses '
    + 'a network you do not trust.';
  acknowledgeWarnings(agents, reason, 'cdk-flue:FlueEc2Service.plainHttp');
}

const LAMBDA_POLICIES = ['AWSLambdaBasicExecutionRole', 'AWSLambdaVPCAccessExecutionRole'].map(
  name => `AwsSolutions-IAM4[Policy::arn:<AWS::Partition>:iam::aws:policy/service-role/${name}]`,
);

/** Accepts the findings that every inbox with a webhook has. */
export function acknowledgeInbox(stack: Construct): void {
  acknowledgeFindings(stack, 'AWS maintains both: a function writes its log, and the one in the VPC makes its network interfaces.', ...LAMBDA_POLICIES);
  acknowledgeFindings(stack, 'The functions run on the version of Node.js on which the library tests them, and AWS still patches it.', 'AwsSolutions-L1');
  acknowledgeFindings(stack, 'The queue of the undelivered is where events end that came into no other queue, as dead letters do; an alarm watches it.', 'AwsSolutions-SQS3');
  acknowledgeFindings(stack, 'GitHub signs each request, and the function checks the signature of the body, which no authorizer sees.', 'AwsSolutions-APIG4');
  acknowledgeFindings(stack, 'Its one route is a function, which logs what it accepts, and what it refuses for its signature.', 'AwsSolutions-APIG1');
}

export function acknowledgePreviews(role: Construct): void {
  acknowledgeWarnings(role, 'Previews have a bootstrap of their own, whose policy knows nothing of production.', 'cdk-flue:FlueDeployRole.pullRequests');
}
