import { App, Duration, Size, Stack, Tags, type Environment } from 'aws-cdk-lib';
import { Template } from 'aws-cdk-lib/assertions';
import { Certificate } from 'aws-cdk-lib/aws-certificatemanager';
import { InstanceClass, InstanceSize, InstanceType, Vpc } from 'aws-cdk-lib/aws-ec2';
import { Secret } from 'aws-cdk-lib/aws-ecs';
import { SslPolicy } from 'aws-cdk-lib/aws-elasticloadbalancingv2';
import { Key } from 'aws-cdk-lib/aws-kms';
import { RetentionDays } from 'aws-cdk-lib/aws-logs';
import { HostedZone } from 'aws-cdk-lib/aws-route53';
import * as secretsmanager from 'aws-cdk-lib/aws-secretsmanager';
import {
  FlueAuth, FlueBackups, FlueDatabase, FlueDatabaseEngine, FlueDeployment, FlueEc2Service, FlueExpressService, FlueFargateService, FlueImage,
  FlueModel, FlueShardedService, FlueTelemetry,
  type FlueDatabaseProps, type FlueEc2ServiceProps, type FlueFargateServiceProps, type FlueServiceProps, type FlueTaskProps,
} from '../../src';

/** Two versions of one stack: the second is what a team deploys a week later. */
export interface Change {
  readonly name: string;
  readonly service?: Partial<Omit<FlueTaskProps, 'image'>>;
  /** What only FlueFargateService has a property for. */
  readonly fargate?: (stack: Stack) => Partial<FlueFargateServiceProps>;
  readonly secrets?: string[];
  readonly image?: string;
  readonly domain?: string;
  readonly tags?: Record<string, string>;
  readonly database?: Partial<FlueDatabaseProps>;
  /** What only FlueEc2Service has a property for. */
  readonly box?: Partial<FlueEc2ServiceProps>;
  /** Whether FlueBackups keeps snapshots of the database. */
  readonly vault?: boolean;
  /** Secrets that it removes: each holds a password that nothing reads any more, and that is made anew. */
  readonly passwords?: RegExp;
  /** The stacks that have it; all of them otherwise. */
  readonly stacks?: string[];
  /** What only FlueShardedService has a property for. */
  readonly homePaths?: string[];
  readonly alarms?: boolean;
  /** Id of the construct, `Agents` otherwise; another one is what a rename would be. */
  readonly id?: string;
}

const ENV: Environment = { account: '111111111111', region: 'eu-central-1' };

/** Changes that no stateful resource may be replaced by. */
export const CHANGES: Change[] = [
  { name: 'tags', tags: { team: 'agents', stage: 'production' } },
  { name: 'cpu and memory', service: { cpu: 1024, memoryLimitMiB: 4096, ephemeralStorage: Size.gibibytes(60) } },
  { name: 'image', image: 'public.ecr.aws/example/agents:2.0.0' },
  { name: 'environment', service: { environment: { LOG_LEVEL: 'debug', REGION_NAME: 'somewhere' } } },
  { name: 'secrets', secrets: ['Token', 'Other'] },
  { name: 'model', service: { model: FlueModel.bedrock('eu.anthropic.claude-sonnet-4-6') } },
  { name: 'scaling', service: { minTasks: 2, maxTasks: 4, targetCpuUtilizationPercent: 40 } },
  { name: 'health check', service: { healthCheckPath: '/health/live', startupBudget: Duration.seconds(90) } },
  { name: 'timers', service: { longestRun: Duration.minutes(20), idleTimeout: Duration.minutes(30), deregistrationDelay: Duration.seconds(60) } },
  { name: 'stop timeout', service: { stopTimeout: Duration.seconds(120) } },
  { name: 'log retention', service: { logRetention: RetentionDays.ONE_YEAR } },
  { name: 'hardening', service: { readonlyRootFilesystem: true, dropAllCapabilities: true, containerHealthCheck: true } },
  { name: 'telemetry', service: { telemetry: FlueTelemetry.adot() } },
  { name: 'key of the logs', fargate: stack => ({ logEncryptionKey: new Key(stack, 'Key') }) },
  { name: 'deployment', fargate: () => ({ deployment: FlueDeployment.blueGreen({ testPort: 8443 }) }) },
  { name: 'access logs and policy of TLS', fargate: () => ({ accessLogs: true, sslPolicy: SslPolicy.TLS13_13, loadBalancerDeletionProtection: true }) },
  {
    name: 'sign-in',
    fargate: stack => ({
      auth: FlueAuth.oidc({
        issuer: 'https://id.example.com',
        authorizationEndpoint: 'https://id.example.com/authorize',
        tokenEndpoint: 'https://id.example.com/token',
        userInfoEndpoint: 'https://id.example.com/userinfo',
        clientId: 'agents',
        clientSecret: secretsmanager.Secret.fromSecretNameV2(stack, 'Client', 'client'),
      }),
    }),
  },
  { name: 'home paths', homePaths: ['/agents/support/webhook'] },
  { name: 'alarms', alarms: true },
  { name: 'domain', domain: 'agents.example.org' },
  { name: 'backups', database: { backupRetention: Duration.days(30), deletionProtection: false, preferredBackupWindow: '03:00-03:30' } },
  { name: 'FlueBackups', vault: true },
  { name: 'backups of the data volume', box: { dataVolumeBackups: Duration.days(35) }, stacks: ['FlueEc2Service'] },
  { name: 'monitoring', database: { monitoringInterval: Duration.seconds(60), enablePerformanceInsights: true } },
  { name: 'parameters', database: { parameters: { log_min_duration_statement: '500' } } },
  { name: 'maintenance', database: { preferredMaintenanceWindow: 'sun:04:00-sun:04:30', autoMinorVersionUpgrade: false } },
  {
    name: 'rotation',
    database: { rotation: {} },
    stacks: ['FlueFargateService', 'FlueFargateService on Aurora', 'FlueExpressService', 'FlueShardedService'],
    // the container that comes before a server sets another one, when rotation is switched off again
    passwords: /^Database(SchemasAgentsShard\dCredentials|Url)[0-9A-F]{8}$/,
  },
  { name: 'deployments after a secret has changed', service: { redeployOnSecretChange: {} }, stacks: ['FlueFargateService', 'FlueExpressService', 'FlueShardedService'] },
];

/** Changes that make another database, from a snapshot or empty, in either direction. */
export const REPLACEMENTS: Change[] = [
  { name: 'a snapshot', database: { snapshot: 'before-upgrade' } },
];

type Given = FlueTaskProps & { readonly database?: FlueDatabase };
type Build = (stack: Stack, props: Given, change: Change) => void;

function propsOf(stack: Stack, change: Change, engine?: FlueDatabaseEngine): Given {
  const vpc = new Vpc(stack, 'Vpc', { maxAzs: 2, natGateways: 1 });
  return {
    vpc,
    database: new FlueDatabase(stack, 'Database', { vpc, engine, ...change.database }),
    image: FlueImage.fromRegistry(stack, 'Image', change.image ?? 'public.ecr.aws/example/agents:1.0.0', { caBundlePath: '/ca.pem' }),
    secrets: Object.fromEntries((change.secrets ?? ['Token']).map(id => [`${id.toUpperCase()}_OF_API`, Secret.fromSecretsManager(new secretsmanager.Secret(stack, id))])),
  };
}

const certificateIn = (stack: Stack) => Certificate.fromCertificateArn(
  stack, 'Certificate', 'arn:aws:acm:eu-central-1:111111111111:certificate/11111111-2222-3333-4444-555555555555',
);

const fargate: Build = (stack, props, change) => {
  new FlueFargateService(stack, change.id ?? 'Agents', {
    ...props,
    deployment: FlueDeployment.recreate(),
    certificate: certificateIn(stack),
    domainName: change.domain ?? 'agents.example.com',
    hostedZone: HostedZone.fromHostedZoneAttributes(stack, 'Zone', { hostedZoneId: 'Z1', zoneName: change.domain ? 'example.org' : 'example.com' }),
    ...change.service,
    ...change.fargate?.(stack),
  });
};
const sharded: Build = (stack, props, change) => {
  const { deployment: _, database: __, ...ofEdge } = change.fargate?.(stack) ?? {};
  const { database: ___, ...ofTask } = change.service ?? {};
  const agents = new FlueShardedService(stack, change.id ?? 'Agents', {
    ...withoutCounts(props),
    shards: 4,
    certificate: certificateIn(stack),
    domainName: change.domain ?? 'agents.example.com',
    hostedZone: HostedZone.fromHostedZoneAttributes(stack, 'Zone', { hostedZoneId: 'Z1', zoneName: change.domain ? 'example.org' : 'example.com' }),
    ...withoutCounts(ofTask),
    ...withoutCounts(ofEdge),
    homePaths: change.homePaths,
  });
  if (change.alarms) {
    agents.addAlarms();
  }
};

/** What of a change every service on Fargate has a property for. */
function withoutCounts<Props extends Partial<FlueTaskProps>>(props: Props) {
  const { minTasks: _min, maxTasks: _max, targetCpuUtilizationPercent: _target, ...others } = props;
  return others;
}

const express: Build = (stack, props, change) => {
  new FlueExpressService(stack, change.id ?? 'Agents', { ...props, ...change.service });
};

const box: Build = (stack, { database, ...props }, change) => {
  new FlueEc2Service(stack, change.id ?? 'Agents', {
    ...props,
    dataVolumeSize: Size.gibibytes(8),
    instanceType: change.service?.cpu ? InstanceType.of(InstanceClass.T3, InstanceSize.LARGE) : undefined,
    domainName: change.domain ?? 'agents.example.com',
    hostedZone: HostedZone.fromHostedZoneAttributes(stack, 'Zone', { hostedZoneId: 'Z1', zoneName: change.domain ? 'example.org' : 'example.com' }),
    ...forBox(change.service),
    ...change.box,
  });
};

/** What of a change a box has a property for. */
function forBox(service: Partial<FlueTaskProps> = {}): Partial<FlueServiceProps> {
  const ofTasks = [
    'cpu', 'memoryLimitMiB', 'ephemeralStorage', 'minTasks', 'maxTasks', 'targetCpuUtilizationPercent', 'deregistrationDelay',
    'readonlyRootFilesystem', 'dropAllCapabilities', 'containerHealthCheck', 'telemetry',
  ];
  return Object.fromEntries(Object.entries(service).filter(([name]) => !ofTasks.includes(name)));
}

/** The stacks whose versions are compared, by the name of what they are about. */
export const STACKS: Record<string, { readonly build: Build; readonly engine?: () => FlueDatabaseEngine }> = {
  'FlueFargateService': { build: fargate },
  'FlueShardedService': { build: sharded },
  'FlueExpressService': { build: express },
  'FlueEc2Service': { build: box },
  'FlueFargateService on Aurora': { build: fargate, engine: () => FlueDatabaseEngine.auroraServerless() },
};

/** The template of one of the stacks, as it is after a change. */
export function versionOf(name: string, change: Change = { name: 'none' }): { readonly Resources: Record<string, { readonly Type: string }> } {
  const { build, engine } = STACKS[name]!;
  const app = new App({ analyticsReporting: false });
  const stack = new Stack(app, 'Version', { env: ENV });
  const props = propsOf(stack, change, engine?.());
  build(stack, props, change);
  if (change.vault) {
    new FlueBackups(stack, 'Backups', { databases: [props.database!] });
  }
  Object.entries(change.tags ?? {}).forEach(([key, value]) => Tags.of(app).add(key, value));
  return Template.fromStack(stack).toJSON() as ReturnType<typeof versionOf>;
}
