import { CfnOutput, Stack } from 'aws-cdk-lib';
import { Construct } from 'constructs';
import type { IFlueDatabase } from '../database/database';
import { FlueDatabase } from '../database/flue-database';
import { FlueSchema } from '../database/flue-schema';

/** Id of the construct with the outputs; a contract, like every construct id. */
export const OPERATOR_COMMANDS = 'OperatorCommands';
const DESCRIPTIONS: { readonly [command in keyof FlueOperatorCommands]-?: string } = {
  tailLogs: 'Follow the logs of the Flue server',
  redeploy: 'Replace the Flue server by a new one of the same definition, which reads its secrets again',
  openShell: 'Open a shell beside the Flue server',
  forwardDatabase: 'Reach the database of the Flue server on a port of this machine',
  redriveEvents: 'Put the dead letters of the inbox back into its queue',
};

/**
 * Commands with which an operator reaches a running server, for a POSIX shell with version 2 of the AWS CLI.
 */
export interface FlueOperatorCommands {
  /** Follows the logs of the server, the last ten minutes first. */
  readonly tailLogs: string;

  /**
   * Replaces the server by a new one of the same definition, as every deployment does.
   *
   * @default - the platform has no command for it
   */
  readonly redeploy?: string;

  /**
   * Opens a shell beside the server. It needs the Session Manager plugin of the AWS CLI.
   *
   * @default - none on Fargate without `enableExecuteCommand`, and none on ECS Express Mode
   */
  readonly openShell?: string;

  /**
   * Makes the database answer on this machine, at its own port, for as long as the command runs.
   *
   * It needs the Session Manager plugin of the AWS CLI.
   *
   * @default - none without a shell, and none for a database known only by its connection string
   */
  readonly forwardDatabase?: string;

  /**
   * Puts the dead letters of the inbox back into its queue, from which the server gets them again.
   *
   * @default - the service has no inbox
   */
  readonly redriveEvents?: string;
}

/** Adds an output for each command. */
export function outputCommands(scope: Construct, commands: FlueOperatorCommands): FlueOperatorCommands {
  const outputs = new Construct(scope, OPERATOR_COMMANDS);
  for (const name of Object.keys(DESCRIPTIONS) as Array<keyof FlueOperatorCommands>) {
    const value = commands[name];
    if (value !== undefined) {
      new CfnOutput(outputs, `${name[0]!.toUpperCase()}${name.slice(1)}`, { value, description: DESCRIPTIONS[name] });
    }
  }
  return commands;
}

export function tailLogsCommand(scope: Construct, logGroupName: string): string {
  return `${aws(scope, 'logs tail')} ${logGroupName} --follow`;
}

export function redriveCommand(scope: Construct, deadLetterQueueArn: string): string {
  return `${aws(scope, 'sqs start-message-move-task')} --source-arn ${deadLetterQueueArn}`;
}

export interface EcsCommandsProps {
  readonly clusterName: string;
  readonly serviceName: string;
  /** The container to open a shell in, where ECS Exec is on. */
  readonly shellIn?: string;
  readonly database?: IFlueDatabase;
}

/** Commands on a service of ECS tasks. */
export function ecsCommands(scope: Construct, props: EcsCommandsProps): Omit<FlueOperatorCommands, 'tailLogs'> {
  const { clusterName, serviceName, shellIn, database } = props;
  const redeploy = `${aws(scope, 'ecs update-service')} --cluster ${clusterName} --service ${serviceName} --force-new-deployment`;
  if (shellIn === undefined) {
    return { redeploy };
  }
  const task = `$(${aws(scope, 'ecs list-tasks')} --cluster ${clusterName} --service-name ${serviceName} --desired-status RUNNING`
    + ' --query \'taskArns[0]\' --output text)';
  const runtimeId = `$(${aws(scope, 'ecs describe-tasks')} --cluster ${clusterName} --tasks "$TASK"`
    + ` --query "tasks[0].containers[?name=='${shellIn}'].runtimeId | [0]" --output text)`;
  const forward = forwardCommand(scope, `"ecs:${clusterName}_\${TASK##*/}_${runtimeId}"`, database);
  return {
    redeploy,
    openShell: `${aws(scope, 'ecs execute-command')} --cluster ${clusterName} --task "${task}" --container ${shellIn} --interactive --command /bin/sh`,
    forwardDatabase: forward && `TASK=${task} && ${forward}`,
  };
}

/** Commands on the one instance of a group. */
export function boxCommands(scope: Construct, groupName: string, database?: IFlueDatabase): Omit<FlueOperatorCommands, 'tailLogs'> {
  const instance = `"$(${aws(scope, 'autoscaling describe-auto-scaling-groups')} --auto-scaling-group-names ${groupName}`
    + ' --query "AutoScalingGroups[0].Instances[?LifecycleState==\'InService\'].InstanceId | [0]" --output text)"';
  return {
    // the default keeps nine tenths of a group in service: a group of one would get a second box first
    redeploy: `${aws(scope, 'autoscaling start-instance-refresh')} --auto-scaling-group-name ${groupName} --preferences MinHealthyPercentage=0`,
    openShell: `${aws(scope, 'ssm start-session')} --target ${instance}`,
    forwardDatabase: forwardCommand(scope, instance, database),
  };
}

/** A tunnel to the database through a target of Session Manager; undefined where its address is not known. */
function forwardCommand(scope: Construct, target: string, database?: IFlueDatabase): string | undefined {
  const endpoint = database instanceof FlueDatabase || database instanceof FlueSchema ? database.endpoint : undefined;
  if (!database || !endpoint) {
    return undefined;
  }
  // the literal port, so that a database in another stack needs no export of it
  const port = `${database.connections.defaultPort!.toRuleJson().fromPort}`;
  const parameters = { host: [endpoint.hostname], portNumber: [port], localPortNumber: [port] };
  return `${aws(scope, 'ssm start-session')} --target ${target} --document-name AWS-StartPortForwardingSessionToRemoteHost`
    + ` --parameters '${JSON.stringify(parameters)}'`;
}

function aws(scope: Construct, command: string): string {
  return `aws ${command} --region ${Stack.of(scope).region}`;
}
