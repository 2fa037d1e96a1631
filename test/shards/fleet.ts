import { App, Stack } from 'aws-cdk-lib';
import { Template } from 'aws-cdk-lib/assertions';
import { InstanceType } from 'aws-cdk-lib/aws-ec2';
import { FlueDatabase, FlueDatabaseEngine, FlueExposure, FlueImage, FlueNetwork, FlueShardedService, FlueShardKey } from '../../src';
import type { ShardKeyName } from '../../src/invariants/shards/partition';

type TemplateJson = { readonly Resources: { readonly [logicalId: string]: any } };

/** A container as a task definition has it. */
export interface Container {
  readonly Name: string;
  readonly EntryPoint: string[];
  readonly Command: string[];
  readonly Environment?: { readonly Name: string; readonly Value: string }[];
  readonly Secrets?: { readonly Name: string }[];
}

/** A rule of the load balancer, with what it forwards to or answers by itself. */
export interface Rule {
  readonly paths: string[];
  readonly regexes: string[];
  /** The shard, or a status. */
  readonly shard?: number;
  readonly status?: number;
}

/** What the task of a shard runs, and how long it is drained. */
export interface ShardTask {
  /** None where the shard has no database. */
  readonly schema?: Container;
  readonly server: Container;
  readonly drainSeconds: number;
}

/** What a synthesized template says of a fleet. */
export interface Fleet {
  readonly shards: readonly ShardTask[];
}

/** A fleet whose rules a router can follow. */
export interface RoutedFleet extends Fleet {
  /** By priority. */
  readonly rules: Rule[];
  readonly home: number;
}

interface FleetOptions {
  readonly shards: number;
  /** What its servers have. */
  readonly environment: { readonly [name: string]: string };
  readonly key?: ShardKeyName;
  /** Whether it keeps its state in a database; true unless it is said. */
  readonly database?: boolean;
  readonly flueMajor?: number;
}

/** Synthesizes a fleet, and reads its containers. */
export function synthesizeFleet(options: FleetOptions): Fleet {
  return { shards: servicesOf(synthesize(options)) };
}

/** Synthesizes a fleet, and reads its containers and the rules of its load balancer. */
export function synthesizeRoutedFleet(options: FleetOptions): RoutedFleet {
  return readFleet(synthesize(options));
}

function synthesize({ shards, environment, key, database = true, flueMajor }: FleetOptions): TemplateJson {
  const stack = new Stack(new App({ analyticsReporting: false }), 'Stack');
  const vpc = new FlueNetwork(stack, 'Network').vpc;
  new FlueShardedService(stack, key === 'sha256' ? 'Hashed' : 'Agents', {
    vpc,
    shards,
    image: FlueImage.fromRegistry(stack, 'Image', 'ghcr.io/acme/agents:1', { caBundlePath: '/ca.pem', flueMajor }),
    // with connections enough for eight
    ...database ? { database: new FlueDatabase(stack, 'Database', { vpc, engine: FlueDatabaseEngine.postgres({ instanceType: new InstanceType('t4g.medium') }) }) } : {},
    ...key === 'sha256' ? { shardKey: FlueShardKey.sha256(), exposure: FlueExposure.cloudFront() } : {},
    environment,
  });
  return Template.fromStack(stack).toJSON() as TemplateJson;
}

function ofType(template: TemplateJson, type: string): any[] {
  return Object.values(template.Resources).filter(({ Type }) => Type === type).map(({ Properties }) => Properties);
}

interface Service extends ShardTask {
  readonly group: string;
}

/** By shard. */
function servicesOf(template: TemplateJson): Service[] {
  const services = ofType(template, 'AWS::ECS::Service').map(service => {
    const definition = template.Resources[service.TaskDefinition.Ref].Properties;
    const group = service.LoadBalancers[0].TargetGroupArn.Ref as string;
    const containers = definition.ContainerDefinitions as Container[];
    const attributes = template.Resources[group].Properties.TargetGroupAttributes as { Key: string; Value: string }[];
    const server = containers.find(({ Name }) => Name === service.LoadBalancers[0].ContainerName)!;
    const options = server.Environment!.find(({ Name }) => Name === 'NODE_OPTIONS')!.Value;
    return {
      group,
      // as its own guard says
      shard: Number(/own=(\d+)/.exec(options)![1]),
      schema: containers.find(({ Name }) => Name === 'Schema'),
      server,
      drainSeconds: Number(attributes.find(({ Key }) => Key === 'deregistration_delay.timeout_seconds')!.Value),
    };
  });
  return services.sort((a, b) => a.shard - b.shard);
}

function readFleet(template: TemplateJson): RoutedFleet {
  const services = servicesOf(template);
  const actionOf = (actions: any[]): { shard?: number; status?: number } => {
    const [action, ...more] = actions;
    if (more.length > 0 || !['forward', 'fixed-response'].includes(action.Type)) {
      throw new Error(`an action that this proof does not know: ${JSON.stringify(actions)}`);
    }
    const group = action.TargetGroupArn ?? action.ForwardConfig?.TargetGroups?.[0].TargetGroupArn;
    const shard = services.findIndex(service => service.group === group?.Ref);
    return group ? { shard } : { status: Number(action.FixedResponseConfig.StatusCode) };
  };
  const listeners = ofType(template, 'AWS::ElasticLoadBalancingV2::Listener').filter(({ DefaultActions }) => DefaultActions[0].Type === 'forward');
  const byPriority = ofType(template, 'AWS::ElasticLoadBalancingV2::ListenerRule').sort((a, b) => a.Priority - b.Priority);
  const rules = byPriority.map(({ Conditions, Actions }): Rule => {
    const paths = Conditions.flatMap(({ Field, PathPatternConfig }: any) => {
      if (Field !== 'path-pattern') {
        throw new Error(`a condition that this proof does not know: ${Field}`);
      }
      return PathPatternConfig;
    });
    const listed = (key: string): string[] => paths.flatMap((path: any) => path[key] ?? []);
    return { ...actionOf(Actions), paths: listed('Values'), regexes: listed('RegexValues') };
  });
  return { rules, home: actionOf(listeners[0].DefaultActions).shard!, shards: services };
}
