import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { App, Stack } from 'aws-cdk-lib';
import { FlueDatabase, FlueFargateService, FlueImage, FlueNetwork, FlueSandboxes } from '../../../src';
import type { Machine } from '../state-machine';
import '../../support/only-synthesize.cjs';

export const ACCOUNT = '111111111111';
export const REGION = 'eu-west-1';
export const DATABASE_PORT = 5432;

export interface Container {
  readonly Name: string;
  readonly Image: string;
  User?: string;
  ReadonlyRootFilesystem?: boolean;
  LinuxParameters?: { Capabilities?: { readonly Drop?: readonly string[] }; InitProcessEnabled?: boolean };
  Environment: Array<{ readonly Name: string; Value: string }>;
  Secrets?: Array<{ readonly Name: string; readonly ValueFrom: string }>;
  readonly MountPoints?: ReadonlyArray<{ readonly ContainerPath: string; readonly ReadOnly: boolean; readonly SourceVolume: string }>;
  readonly HealthCheck: { readonly Command: readonly string[] };
  readonly LogConfiguration: { readonly Options: { readonly [name: string]: string } };
  readonly StopTimeout?: number;
}

export interface TaskDefinition {
  readonly ContainerDefinitions: [Container];
  readonly Volumes?: ReadonlyArray<{ readonly Name: string }>;
  readonly Cpu: string;
  readonly Memory: string;
  readonly Family: string;
  TaskRoleArn?: string;
}

/** A rule of a security group, in a group or beside it. */
export interface GroupRule {
  readonly IpProtocol: string;
  readonly FromPort?: number;
  readonly ToPort?: number;
  readonly CidrIp?: string;
  readonly SourceSecurityGroupId?: string;
  readonly DestinationSecurityGroupId?: string;
  readonly SourcePrefixListId?: string;
  readonly DestinationPrefixListId?: string;
}

// eslint-disable-next-line @typescript-eslint/no-explicit-any
type Properties = any;
export interface Resource {
  readonly Type: string;
  readonly Properties: Properties;
}

/** A template without a function of CloudFormation left in it: the ids of resources are their logical ids. */
export class Deployed {
  public constructor(public readonly resources: { [id: string]: Resource }) {}

  /** The same template, changed. */
  public with(change: (deployed: Deployed) => void): Deployed {
    const copy = new Deployed(structuredClone(this.resources));
    change(copy);
    return copy;
  }

  public of(type: string): Array<readonly [string, Properties]> {
    return Object.entries(this.resources).filter(([, { Type }]) => Type === type)
      .map(([id, { Properties: properties }]) => [id, properties] as const);
  }

  public add(id: string, Type: string, properties: object): void {
    this.resources[id] = { Type, Properties: properties };
  }

  /** The definition with this Arn. */
  public taskDefinition(arn: string): TaskDefinition {
    const found = this.of('AWS::ECS::TaskDefinition').find(([id]) => arnOf('AWS::ECS::TaskDefinition', id) === arn);
    if (!found) {
      throw new Error(`there is no task definition ${arn}`);
    }
    return found[1] as TaskDefinition;
  }

  /** The variables of the server. */
  public get variables(): { readonly [name: string]: string } {
    const server = this.of('AWS::ECS::TaskDefinition').map(([, each]) => (each as TaskDefinition).ContainerDefinitions[0]).find(({ Name }) => Name === 'Main')!;
    return Object.fromEntries(server.Environment.map(({ Name, Value }) => [Name, Value]));
  }

  public get sandbox(): TaskDefinition {
    return this.taskDefinition(this.variables.SANDBOX_TASK_DEFINITION!);
  }

  /** The security groups and the subnets of the server. */
  public get server(): { readonly groups: string[]; readonly subnets: string[] } {
    const [[, { NetworkConfiguration: { AwsvpcConfiguration } }]] = this.of('AWS::ECS::Service') as [[string, Properties]];
    return { groups: AwsvpcConfiguration.SecurityGroups, subnets: AwsvpcConfiguration.Subnets };
  }

  public get reaper(): Machine {
    const [[, { DefinitionString }]] = this.of('AWS::StepFunctions::StateMachine') as [[string, Properties]];
    return JSON.parse(DefinitionString) as Machine;
  }
}

function arnOf(type: string, id: string): string | undefined {
  const resource = { 'AWS::ECS::TaskDefinition': `task-definition/${id}:1`, 'AWS::ECS::Cluster': `cluster/${id}` }[type];
  return resource && `arn:aws:ecs:${REGION}:${ACCOUNT}:${resource}`;
}

/** A server with a database and a pool of sandboxes, as a user writes them. */
export function synthesize(outdir: string): void {
  const app = new App({ outdir, analyticsReporting: false });
  const stack = new Stack(app, 'Sandboxes', { env: { account: ACCOUNT, region: REGION } });
  const { vpc } = new FlueNetwork(stack, 'Network');
  const agents = new FlueFargateService(stack, 'Agents', {
    vpc,
    image: FlueImage.fromRegistry(stack, 'Image', 'ghcr.io/acme/agents:1', { flueMajor: 0 }),
    database: new FlueDatabase(stack, 'Database', { vpc }),
  });
  agents.addSandboxes(new FlueSandboxes(stack, 'Pool', { vpc }));
  app.synth();
}

export function readDeployed(outdir: string): Deployed {
  const template = JSON.parse(readFileSync(join(outdir, 'Sandboxes.template.json'), 'utf8')) as { readonly Resources: { [id: string]: Resource } };
  return new Deployed(resolve(template.Resources, template.Resources) as { [id: string]: Resource });
}

const PSEUDO: { readonly [name: string]: string } = {
  'AWS::Partition': 'aws', 'AWS::URLSuffix': 'amazonaws.com', 'AWS::AccountId': ACCOUNT, 'AWS::Region': REGION, 'AWS::StackName': 'Sandboxes',
};

/** Replaces what CloudFormation would. */
function resolve(value: unknown, resources: { readonly [id: string]: Resource }): unknown {
  const within = (part: unknown) => resolve(part, resources);
  if (Array.isArray(value)) {
    return value.map(within);
  }
  if (value === null || typeof value !== 'object') {
    return value;
  }
  const [[name, given] = ['', undefined], ...more] = Object.entries(value) as Array<[string, Properties]>;
  if (more.length > 0 || !/^(Ref|Fn::.*)$/.test(name)) {
    return Object.fromEntries(Object.entries(value).map(([key, part]) => [key, within(part)]));
  }
  switch (name) {
    case 'Ref':
      return PSEUDO[given] ?? arnOfTaskDefinition(given, resources) ?? given;
    case 'Fn::GetAtt':
      return attribute(given[0], given[1], resources);
    case 'Fn::Join':
      return (within(given[1]) as string[]).join(given[0]);
    case 'Fn::Sub':
      return String(Array.isArray(given) ? given[0] : given).replace(/\$\{([^}]+)\}/g, (_, of: string) => PSEUDO[of] ?? of);
    default:
      return `${name} of ${JSON.stringify(given)}`;
  }
}

function arnOfTaskDefinition(id: string, resources: { readonly [id: string]: Resource }): string | undefined {
  return resources[id]?.Type === 'AWS::ECS::TaskDefinition' ? arnOf('AWS::ECS::TaskDefinition', id) : undefined;
}

function attribute(id: string, name: string, resources: { readonly [id: string]: Resource }): unknown {
  const { Type, Properties: properties } = resources[id]!;
  if (name === 'GroupId') {
    return id;
  }
  if (name === 'CidrBlock') {
    return properties.CidrBlock;
  }
  return name === 'Arn' ? arnOf(Type, id) ?? `arn of ${id}` : `${name} of ${id}`;
}
