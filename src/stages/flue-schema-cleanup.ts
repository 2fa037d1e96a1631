import * as path from 'node:path';
import { IgnoreMode } from 'aws-cdk-lib';
import { Connections, SecurityGroup, type IConnectable } from 'aws-cdk-lib/aws-ec2';
import { Platform } from 'aws-cdk-lib/aws-ecr-assets';
import {
  Capability, Cluster, ContainerImage, ContainerInsights, FargateTaskDefinition, LinuxParameters, LogDrivers, type ContainerDefinition, type ICluster,
} from 'aws-cdk-lib/aws-ecs';
import { EventField, Rule } from 'aws-cdk-lib/aws-events';
import { EcsTask } from 'aws-cdk-lib/aws-events-targets';
import type { ILogGroup } from 'aws-cdk-lib/aws-logs';
import { Construct } from 'constructs';
import type { FlueSchemaCleanupProps } from './flue-schema-cleanup-props';
import { requireSchemaServer } from '../database/flue-schema';
import { dropScript } from '../database/schema-script';
import { administratorSecrets, type SchemaServer } from '../database/schema-server';
import { CA_BUNDLE_PATH } from '../image/ca-bundle';
import { requireUsableKeys } from '../invariants/encryption-keys';
import { refuse } from '../invariants/invariant';
import { requireSubnetsOf, selectedIn } from '../invariants/subnets';
import { placed } from '../invariants/types/placed';
import { requireTypes } from '../invariants/types/require-types';
import { settled } from '../invariants/unknown';
import { requireOneLogGroup, serverLogGroup } from '../logs/server-logs';
import { clusterIn, connectToDatabase, needsPublicIp, taskSubnets } from '../network/network';

const ASSETS = path.join(__dirname, '..', '..', 'assets');
const CONTAINER = 'Drop';

/**
 * What drops the schemas of previews that are gone: when CloudFormation has deleted a stack, Amazon EventBridge starts a task on AWS Fargate
 * that drops the schemas and roles of that stack.
 *
 * Put it beside the database that previews share. It drops what was added with `removalPolicy: RemovalPolicy.DESTROY`, and nothing else: the
 * role of such a schema names the id of its stack, which no later stack has again. It drops after the stack is gone, whoever deleted it.
 *
 * Keep it away from the database of production: it reads the password of the administrator.
 *
 * EventBridge tries for a day to start the task. The task waits a minute for a database that does not answer. If it fails then, the schema stays; its
 * log says why.
 *
 * **Cost.** None while it waits. Each deletion of a stack in the account and region starts the task, for less than 0.001 USD: Fargate bills a minute at least
 * (us-east-1, 2026-09-26).
 *
 * @example
 * const state = new FlueDatabase(this, 'State', { vpc, deletionProtection: false, removalPolicy: RemovalPolicy.DESTROY });
 *
 * new FlueSchemaCleanup(this, 'SchemaCleanup', { database: state });
 */
export class FlueSchemaCleanup extends Construct implements IConnectable {
  /** The rule that starts the task. */
  public readonly rule: Rule;

  /** The task definition that drops schemas. */
  public readonly taskDefinition: FargateTaskDefinition;

  /** The container of the task. It gets the id of the deleted stack in `STACK`. */
  public readonly container: ContainerDefinition;

  /** The cluster that the task runs in. */
  public readonly cluster: ICluster;

  /** The log group of the task. */
  public readonly logGroup: ILogGroup;

  /** Network rules of the task. */
  public readonly connections: Connections;

  public constructor(scope: Construct, id: string, props: FlueSchemaCleanupProps) {
    super(placed('FlueSchemaCleanup', scope, id), id);
    requireTypes(this, 'FlueSchemaCleanupProps', props);
    props = settled(this, props);
    const { database } = props;
    requireUsableKeys(this, props);
    requireOneLogGroup(this, props);
    const server = requireSchemaServer(this, database);
    const vpc = server.vpc ?? refuse(this, '`database` must be one whose VPC is known, got: one without `vpc`', 'Pass `vpc` to `FlueDatabase.fromAdministratorSecret(…)`');
    const subnetSelection = taskSubnets(this, vpc, props.vpcSubnets);
    const selected = selectedIn(this, vpc, subnetSelection);
    requireSubnetsOf(this, vpc, selected);

    this.logGroup = serverLogGroup(this, props);
    this.cluster = props.cluster ? clusterIn(this, props.cluster, vpc)
      : new Cluster(this, 'Cluster', { vpc, containerInsightsV2: ContainerInsights.DISABLED });
    this.taskDefinition = new FargateTaskDefinition(this, 'TaskDefinition', { cpu: 256, memoryLimitMiB: 512 });
    this.container = this.addContainer(server);
    const securityGroups = [new SecurityGroup(this, 'SecurityGroup', { vpc, description: 'Drops the schemas of deleted stacks' })];
    this.connections = new Connections({ securityGroups });
    connectToDatabase(securityGroups, database);

    this.rule = new Rule(this, 'Rule', {
      description: 'Drops the schemas of a stack that CloudFormation has deleted',
      eventPattern: {
        source: ['aws.cloudformation'],
        detailType: ['CloudFormation Stack Status Change'],
        detail: { 'status-details': { status: ['DELETE_COMPLETE'] } },
      },
      targets: [new EcsTask({
        cluster: this.cluster,
        taskDefinition: this.taskDefinition,
        subnetSelection,
        securityGroups,
        assignPublicIp: needsPublicIp(vpc, selected),
        containerOverrides: [{ containerName: CONTAINER, environment: [{ name: 'STACK', value: EventField.fromPath('$.detail.stack-id') }] }],
      })],
    });
    this.node.defaultChild = this.rule;
  }

  private addContainer(server: SchemaServer): ContainerDefinition {
    const linuxParameters = new LinuxParameters(this, 'LinuxParameters', { initProcessEnabled: true });
    linuxParameters.dropCapabilities(Capability.ALL);
    return this.taskDefinition.addContainer(CONTAINER, {
      image: ContainerImage.fromAsset(ASSETS, {
        file: path.join('cleanup', 'Dockerfile'),
        exclude: ['*', '!cleanup/Dockerfile', '!image/rds-ca-bundle.pem'],
        ignoreMode: IgnoreMode.DOCKER,
        platform: Platform.LINUX_AMD64,
      }),
      entryPoint: ['node', '--input-type=module', '-e'],
      command: [dropScript()],
      environment: {
        DATABASE_HOST: server.hostname,
        DATABASE_PORT: `${server.port}`,
        DATABASE_NAME: server.databaseName,
        ...server.usesRdsCertificates ? { NODE_EXTRA_CA_CERTS: CA_BUNDLE_PATH } : {},
      },
      secrets: administratorSecrets(server),
      readonlyRootFilesystem: true,
      linuxParameters,
      logging: LogDrivers.awsLogs({ logGroup: this.logGroup, streamPrefix: 'cleanup' }),
    });
  }
}
