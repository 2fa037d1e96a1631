import { Stack, type CfnElement } from 'aws-cdk-lib';
import type { FlueSandboxes } from 'cdk-flue';
import type { Construct } from 'constructs';
import { acknowledgeFindings, acknowledgeWarnings } from '../acknowledge.ts';
import { acknowledgeInbox } from '../acknowledgements.ts';

const PACKS = ['HIPAA.Security', 'NIST.800.53.R5'];
const inPacks = (rule: string): string[] => PACKS.map(pack => `${pack}-${rule}`);
const everyPack = (rule: string): string[] => [...inPacks(rule), `PCI.DSS.321-${rule}`];

const ISSUED = 'The provider issues its key, and somebody copies the secret of the webhook to GitHub: a function could change neither alone. '
  + 'The runbook changes them, and the token of the inbox; the agents start anew by themselves.';
const INLINE_POLICY = 'CDK writes a policy for each role and attaches it to that one alone; nobody edits it by hand.';

export function acknowledgeFoundation(stack: Construct): void {
  acknowledgeFindings(stack, INLINE_POLICY, ...everyPack('IAMNoInlinePolicy'));
  acknowledgeFindings(stack, 'RDS keeps backups of thirty days by itself and refuses to delete the database; a vault for the whole organization includes it by its tag.',
    ...inPacks('RDSInBackupPlan'));
  acknowledgeFindings(stack, 'The public subnets hold the load balancer and the NAT gateways, and nothing else; no subnet gives out public addresses by itself.',
    ...everyPack('VPCNoUnrestrictedRouteToIGW'));
  const logGroups = 'arn:aws:logs:us-east-1:111122223333:log-group:RDS*';
  acknowledgeFindings(stack, 'RDS names the log groups of its metrics by itself; the statement is confined to them, in this account and region.',
    `AwsSolutions-IAM5[Resource::${logGroups}]`, `AwsSolutions-IAM5[Resource::${logGroups}:log-stream:*]`);
}

export function acknowledgeSandboxes(pool: FlueSandboxes): void {
  const stack = Stack.of(pool);
  const ofEcs = (resource: string): string => `AwsSolutions-IAM5[Resource::arn:aws:ecs:${stack.region}:${stack.account}:${resource}]`;
  const cluster = stack.getLogicalId(pool.cluster!.node.defaultChild as CfnElement);
  acknowledgeFindings(stack, 'A task has its id, and a definition its revision, only when it is there: conditions on the cluster and on the tag of the pool confine both.',
    ofEcs(`task/<${cluster}>/*`), ofEcs(`task-definition/${pool.taskDefinition!.family}:*`));
  acknowledgeFindings(pool, 'The reaper describes the servers that started sandboxes, whatever clusters they are in. It changes nothing of them.', ofEcs('task/*'));
  acknowledgeFindings(pool, 'The log of the reaper holds what failed. Its runs change nothing but sandboxes, and ECS keeps why a task stopped.', 'AwsSolutions-SF1');
  acknowledgeFindings(pool, 'The reaper counts the sandboxes. Container Insights would be paid for each of them.', 'AwsSolutions-ECS4');
  // The rules read no address that only the deployment knows.
  acknowledgeFindings(pool, 'The endpoints admit port 443 from the addresses of the VPC, and nothing else.', 'AwsSolutions-EC23',
    ...everyPack('EC2RestrictedCommonPorts'), ...everyPack('EC2RestrictedSSH'));
}

export function acknowledgeAgents(stack: Construct, loadBalancer: Construct): void {
  acknowledgeFindings(stack, ISSUED, 'AwsSolutions-SMG4', ...inPacks('SecretsManagerRotationEnabled'));
  acknowledgeFindings(stack, INLINE_POLICY, ...everyPack('IAMNoInlinePolicy'));
  acknowledgeFindings(stack, 'The variables are settings (port, model, paths). Every secret is a reference to Secrets Manager.', 'AwsSolutions-ECS2');
  acknowledgeFindings(stack, 'ecr:GetAuthorizationToken takes no resource.', 'AwsSolutions-IAM5[Resource::*]');
  acknowledgeWarnings(stack, 'The team that owns the archive lets Elastic Load Balancing write to it.', 'cdk-flue:FlueFargateService.accessLogsBucketPolicy');
  acknowledgeFindings(stack, 'What deploys the agents after a secret has changed logs each run; it reads dates and calls nothing that traces.', 'AwsSolutions-SF2');
  acknowledgeInbox(stack);
  acknowledgeFindings(stack, 'A reserve for the functions of the inbox would be taken from the others of the account; the source of the queue calls ten at a time at most.',
    ...inPacks('LambdaConcurrency'));
  acknowledgeFindings(stack, 'SQS and API Gateway wait for the answer of a function, so nothing would ever come to its dead letters. The inbox has its own, with an alarm.',
    ...inPacks('LambdaDLQ'));
  acknowledgeFindings(stack, 'The function that verifies a webhook calls only Amazon SQS and AWS Secrets Manager. The one that calls the server is in the VPC.',
    ...everyPack('LambdaInsideVPC'));
  acknowledgeFindings(loadBalancer, 'This listener answers nothing but a redirect to HTTPS.', ...everyPack('ELBv2ACMCertificateRequired'));
}
