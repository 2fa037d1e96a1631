import { CfnOutput, Stack } from 'aws-cdk-lib';
import { Construct } from 'constructs';
import type { IFlueDatabase } from '../database/database';
import { FlueDatabase } from '../database/flue-database';
import { FlueSchema } from '../database/flue-schema';

/** Id of the construct with the outputs; a contract, like every construct id. */
export const OPERATOR_COMMANDS = 'OperatorCommands';
const DESCRIPTIONS: { readonly [command in keyof FlueOperatorCommands]-?: string } = {
  tailLogs: 'Follow the logs of the Flue server',
  status: 'Say what runs of the Flue server, whether it is healthy, what is being deployed, and why the last one stopped',
  releases: 'List the releases of the Flue server with their time and image',
  rollBack: 'Run the release of the Flue server whose revision is in REVISION',
  redeploy: 'Replace the Flue server by a new one of the same definition, which reads its secrets again',
  openShell: 'Open a shell beside the Flue server',
  forwardDatabase: 'Reach the database of the Flue server on a port of this machine',
  redriveEvents: 'Put the dead letters of the inbox back into its queue',
  listSandboxes: 'List the sandboxes of the Flue server, each with its session and the server that started it',
  endSandboxes: 'End all sandboxes of the Flue server',
};

/**
 * Commands with which an operator reaches a running server, for a POSIX shell with version 2 of the AWS CLI.
 */
export interface FlueOperatorCommands {
  /** Follows the logs of the server, the last ten minutes first. */
  readonly tailLogs: string;

  /**
   * Says what runs, whether it is healthy, what is being deployed, and why the last server stopped.
   *
   * ECS knows a task that stopped for an hour at least.
   */
  readonly status: string;

  /** Lists the releases, the newest first: revision, time and image. */
  readonly releases: string;

  /**
   * Runs an earlier release again. Set the shell variable `REVISION` to a number that `releases` prints first.
   *
   * The state in the database stays as it is: a Flue that is older than its schema does not start. The stack does not know of it, so its next
   * deployment of a change brings the release of the stack back.
   */
  readonly rollBack: string;

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

  /**
   * Lists the sandboxes of the pool: task, session, the server that started it, state and time.
   *
   * @default - `addSandboxes()` was not called before
   */
  readonly listSandboxes?: string;

  /**
   * Ends all sandboxes of the pool, those of other servers too. Their sessions lose their files, and the next command gets a new sandbox.
   *
   * @default - `addSandboxes()` was not called before
   */
  readonly endSandboxes?: string;
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

/** What an operator can do with sandboxes. */
export type SandboxCommands = Pick<FlueOperatorCommands, 'listSandboxes' | 'endSandboxes'>;

/** What an operator can do on one platform. */
export type PlatformCommands = Omit<FlueOperatorCommands, 'tailLogs' | 'redriveEvents' | keyof SandboxCommands>;

/** A command in a shell of its own, which says what to do where `REVISION` is not set. */
export function withRevision(command: string): string {
  return `( : "\${REVISION:?Set it to a revision that the command in the output Releases prints}" && ${command} )`;
}

/** A tunnel to the database through a target of Session Manager; undefined where its address is not known. */
export function forwardCommand(scope: Construct, target: string, database?: IFlueDatabase): string | undefined {
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

/** A call of the AWS CLI in the region of the stack. */
export function aws(scope: Construct, command: string): string {
  return `aws ${command} --region ${Stack.of(scope).region}`;
}
