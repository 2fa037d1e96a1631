import { Stack } from 'aws-cdk-lib';
import { Connections, Port, type ISecurityGroup, type IVpc, type SelectedSubnets } from 'aws-cdk-lib/aws-ec2';
import { Grant, type IGrantable } from 'aws-cdk-lib/aws-iam';
import type { Construct } from 'constructs';
import { SANDBOX_PORT } from '../invariants/template/sandboxes';

/** The tags of a sandbox. The first lets a server reach its own sandboxes, the second tells the reaper who started one. */
export const POOL_TAG = 'cdk-flue:sandbox';
export const OWNER_TAG = 'cdk-flue:owner';
const RULE = 'Flue server to its sandboxes';

/** A server that starts sandboxes, as its host knows it. */
export interface SandboxHost {
  readonly vpc: IVpc;
  readonly grantee: IGrantable;
  readonly securityGroups: ISecurityGroup[];
  /** Where it stands; not there for one that has a public address. */
  readonly subnets?: SelectedSubnets;
  /** Gives the server further variables. */
  addEnvironment(variables: { readonly [name: string]: string }): void;
}

export interface SandboxAccessProps {
  readonly pool: string;
  readonly clusterArn: string;
  readonly clusterName: string;
  readonly family: string;
  readonly executionRoleArn: string;
}

/** What a server may do: run, describe and stop sandboxes of one pool, and pass no role but the one that pulls the image. */
export function grantSandboxes(scope: Construct, grantee: IGrantable, props: SandboxAccessProps): Grant {
  const { pool, clusterArn, clusterName, family, executionRoleArn } = props;
  const { partition, region, account } = Stack.of(scope);
  const ecs = (resource: string) => `arn:${partition}:ecs:${region}:${account}:${resource}`;
  const inCluster = { 'ecs:cluster': clusterArn };
  const tasks = [ecs(`task/${clusterName}/*`)];
  return [
    Grant.addToPrincipal({
      grantee,
      actions: ['ecs:RunTask'],
      resourceArns: [ecs(`task-definition/${family}:*`)],
      conditions: { ArnEquals: inCluster, StringEquals: { [`aws:RequestTag/${POOL_TAG}`]: pool } },
    }),
    Grant.addToPrincipal({
      grantee,
      actions: ['ecs:DescribeTasks', 'ecs:StopTask'],
      resourceArns: tasks,
      conditions: { ArnEquals: inCluster, StringEquals: { [`aws:ResourceTag/${POOL_TAG}`]: pool } },
    }),
    // a task gets its tags when it is made, and never other ones
    Grant.addToPrincipal({ grantee, actions: ['ecs:TagResource'], resourceArns: tasks, conditions: { StringEquals: { 'ecs:CreateAction': 'RunTask' } } }),
    Grant.addToPrincipal({
      grantee,
      actions: ['iam:PassRole'],
      resourceArns: [executionRoleArn],
      conditions: { StringEquals: { 'iam:PassedToService': 'ecs-tasks.amazonaws.com' } },
    }),
  ].reduce((all, grant) => all.combine(grant));
}

/** Opens the port of the daemon to a server, by rules that stand in the stack of the server. */
export function connectToSandboxes(servers: ISecurityGroup[], sandboxes: ISecurityGroup): void {
  const port = Port.tcp(SANDBOX_PORT);
  for (const server of servers) {
    sandboxes.addIngressRule(server, port, RULE, true);
    if (!server.allowAllOutbound) {
      new Connections({ securityGroups: [server] }).securityGroups.forEach(group => group.addEgressRule(sandboxes, port, RULE));
    }
  }
}
