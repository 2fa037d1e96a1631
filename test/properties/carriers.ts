import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { Duration, Size, type Stack } from 'aws-cdk-lib';
import * as ec2 from 'aws-cdk-lib/aws-ec2';
import * as ecs from 'aws-cdk-lib/aws-ecs';
import { ListenerCondition } from 'aws-cdk-lib/aws-elasticloadbalancingv2';
import { ScheduleExpression } from 'aws-cdk-lib/aws-scheduler';
import { FOLDER } from './folder';
import {
  FlueAuth, FlueBackups, FlueBudget, FlueBuild, FlueChecks, FlueDashboard, FlueDatabase, FlueDatabaseEngine, FlueDeployment, FlueDeployRole,
  FlueDockerfile, FlueEc2Service, FlueEgress,
  FlueEventTarget, FlueExpiry, FlueExposure, FlueExpressService, FlueFargateService, FlueImage, FlueJwtClaim, FlueModel, FlueNetwork,
  FlueSandbox, FlueSandboxEgress, FlueSandboxes,
  FlueSchemaCleanup,
  FlueShardedService,
  FlueTelemetry,
  FlueWebhookVerifier, type FlueFargateServiceProps, type IFlueDatabase, type FlueSandboxesProps,
} from '../../src';
import { BUILT_0, FLUE_2, write } from '../image/fixtures';
import { certificateIn, fargateSandbox, imageIn, listenerIn, sandboxesIn, secretIn, THINGS, vpcIn } from '../support/things';

type Props = { readonly [name: string]: unknown };

/** How a struct, or the arguments of a call, come to a template. */
export interface Carrier {
  /** What has to stand beside an input, so that a good value of it makes a template. */
  readonly beside?: { readonly [input: string]: (stack: Stack) => Props };
  /** The prop of a service that the input is part of, which a refusal of a secret in it names. */
  readonly partOf?: string;
  /** Props that a refusal of an input may name in its place: the option that it is part of, or its pair. */
  readonly alsoNamed?: { readonly [input: string]: readonly string[] };
  readonly carry: (stack: Stack, props: Props, input: string) => void;
}

/** An app as its directory, written once. */
function appIn(name: string, files: Readonly<Record<string, string>>): string {
  const directory = join(FOLDER, name);
  return existsSync(directory) ? directory : write(directory, files);
}

const secretOf = (stack: Stack): ecs.Secret => ecs.Secret.fromSecretsManager(secretIn(stack));
const zoneIn = (stack: Stack): unknown => THINGS.IHostedZone(stack)[0];

/** A service on Fargate with what an option makes of itself. */
const fargate = (props: (given: never, stack: Stack, input: string) => object, more: Omit<Carrier, 'carry'> = {}): Carrier => ({
  ...more,
  carry: (stack, given, input) => {
    const made = props(given as never, stack, input);
    new FlueFargateService(stack, 'Agents', { image: imageIn(stack), vpc: vpcIn(stack), ...made } as FlueFargateServiceProps);
  },
});
const edge = (auth: (given: never) => FlueAuth, needed: (stack: Stack) => Props): Carrier => fargate(
  (given: Props, stack) => ({ certificate: certificateIn(stack), auth: auth({ ...needed(stack), ...given } as never) }), { partOf: 'auth' });
const database = (props: (given: never) => object): Carrier => ({
  carry: (stack, given) => { new FlueDatabase(stack, 'Database', { vpc: vpcIn(stack), ...props(given as never) }); },
});
const network = (egress: (given: never) => FlueEgress): Carrier => ({
  carry: (stack, given) => { new FlueNetwork(stack, 'Network', { egress: egress(given as never) }); },
});

const sandboxes = (props: (given: never) => Partial<FlueSandboxesProps>): Carrier => ({
  carry: (stack, given) => { new FlueSandboxes(stack, 'Sandboxes', { vpc: vpcIn(stack), sandbox: fargateSandbox(), ...props(given as never) }); },
});

/** A schema is made by the service that has it. */
const schema = (make: (given: never, stack: Stack) => IFlueDatabase): Carrier => ({
  carry: (stack, given) => { new FlueFargateService(stack, 'Agents', { image: imageIn(stack), database: make(given as never, stack) }); },
});

const OF_TASKS: NonNullable<Carrier['beside']> = {
  maxTasks: stack => ({ database: THINGS.IFlueDatabase(stack)[1] }),
  minTasks: stack => ({ database: THINGS.IFlueDatabase(stack)[1], maxTasks: 3 }),
  memoryLimitMiB: () => ({ cpu: 1024 }),
  cpu: () => ({ memoryLimitMiB: 2048 }),
  idleTimeout: () => ({ longestRun: Duration.seconds(10) }),
  healthCheckGracePeriod: () => ({ startupBudget: Duration.seconds(30) }),
};
const PAIRS = { cpu: ['memoryLimitMiB'] };
const SIGN_IN = {
  issuer: 'https://id.example.com',
  clientId: 'agents',
  authorizationEndpoint: 'https://id.example.com/authorize',
  tokenEndpoint: 'https://id.example.com/token',
  userInfoEndpoint: 'https://id.example.com/userinfo',
};

const hasOwn = (props: Props, ...names: string[]) => names.some(name => Object.hasOwn(props, name));
/** A VPC beside props that do not name one, or something in one. */
const networked = (stack: Stack, props: Props): Props => hasOwn(props, 'vpc', 'cluster', 'database', 'securityGroups') ? props : { vpc: vpcIn(stack), ...props };

const inbox = (stack: Stack, options: Props = {}) => new FlueFargateService(stack, 'Agents', { image: imageIn(stack), vpc: vpcIn(stack) }).addInbox(options);
const scheduled = (options: (given: never) => object, partOf?: string): Carrier => ({
  partOf,
  carry: (stack, given) => {
    inbox(stack).addSchedule('Nightly', {
      schedule: ScheduleExpression.rate(Duration.hours(1)), target: FlueEventTarget.agent('assistant', { message: 'Go.' }), ...options(given as never),
    });
  },
});
const webhook = (options: (given: never, stack: Stack) => object): Carrier => ({
  alsoNamed: { conversationField: ['conversationId'] },
  carry: (stack, given) => { inbox(stack).addWebhook('/hooks', { agentName: 'triage', ...options(given as never, stack) }); },
});
const pattern = (stack: Stack, id: string, given: Props = {}) => inbox(stack).addEventPattern(id, { eventPattern: { source: ['acme.orders'] }, agentName: 'clerk', ...given });

export const CARRIERS: { readonly [of: string]: Carrier } = {
  'FlueFargateServiceProps': {
    alsoNamed: PAIRS,
    beside: {
      ...OF_TASKS,
      auth: stack => ({ certificate: certificateIn(stack) }),
      sslPolicy: stack => ({ certificate: certificateIn(stack) }),
      domainName: stack => ({ hostedZone: zoneIn(stack) }),
      hostedZone: () => ({ domainName: 'agents.example.com' }),
    },
    carry: (stack, props) => { new FlueFargateService(stack, 'Agents', { image: imageIn(stack), ...networked(stack, props) }); },
  },
  'FlueShardedServiceProps': {
    // a key asks for its exposure
    alsoNamed: { ...PAIRS, agentPaths: ['healthCheckPath'], shardKey: ['exposure'] },
    beside: {
      ...OF_TASKS,
      auth: stack => ({ certificate: certificateIn(stack) }),
      sslPolicy: stack => ({ certificate: certificateIn(stack) }),
      domainName: stack => ({ hostedZone: zoneIn(stack) }),
      hostedZone: () => ({ domainName: 'agents.example.com' }),
    },
    carry: (stack, props) => { new FlueShardedService(stack, 'Agents', { image: imageIn(stack), shards: 2, ...networked(stack, props) }); },
  },
  'FlueExpressServiceProps': {
    alsoNamed: PAIRS,
    beside: OF_TASKS,
    carry: (stack, props) => { new FlueExpressService(stack, 'Agents', { image: imageIn(stack), ...networked(stack, props) }); },
  },
  'FlueEc2ServiceProps': {
    beside: {
      hostedZone: () => ({ domainName: 'agents.example.com' }),
      vpcSubnets: () => ({ dataVolumeSize: Size.gibibytes(8) }),
      exposure: () => ({ domainName: 'agents.example.com' }),
      dataVolumeBackups: () => ({ dataVolumeSize: Size.gibibytes(8) }),
      dataVolumeSnapshot: () => ({ dataVolumeSize: Size.gibibytes(8) }),
      dataVolumeEncryptionKey: () => ({ dataVolumeSize: Size.gibibytes(8) }),
      idleTimeout: () => ({ longestRun: Duration.seconds(10) }),
    },
    carry: (stack, props) => { new FlueEc2Service(stack, 'Agents', { image: imageIn(stack), ...networked(stack, props) }); },
  },
  'FlueImageProps': {
    carry: (stack, props) => { new FlueImage(stack, 'Image', { directory: appIn('source', FLUE_2), ...props }); },
  },
  'FlueBuildProps': {
    carry: (stack, props) => { new FlueBuild(stack, 'Build', { directory: appIn('built', BUILT_0), ...props }); },
  },
  'FlueDockerfile.own': {
    alsoNamed: { file: ['dockerfile'] },
    carry: (stack, { file }) => {
      new FlueImage(stack, 'Image', { directory: appIn('own', { ...FLUE_2, 'Dockerfile': 'FROM node:22\nCMD ["node", "dist/server.mjs"]\n', 'docker/Dockerfile': 'FROM node:22\nCMD ["node", "dist/server.mjs"]\n' }), dockerfile: FlueDockerfile.own(file as string) });
    },
  },
  'FlueEcrImageOptions': fargate((given, stack) => ({ image: FlueImage.fromEcrRepository(stack, 'Image', THINGS.IRepository(stack)[1] as never, given) })),
  'FlueRegistryImageOptions': fargate((given, stack) => ({ image: FlueImage.fromRegistry(stack, 'Image', 'ghcr.io/acme/agents:2', given) })),
  'FlueImage.fromEcrRepository': fargate(({ repository }: Props, stack) => ({ image: FlueImage.fromEcrRepository(stack, 'Image', repository as never) })),
  'FlueImage.fromRegistry': fargate(({ uri }: Props, stack) => ({ image: FlueImage.fromRegistry(stack, 'Image', uri as never) })),
  'FlueImage.grantPull': { carry: (stack, { grantee }) => { new FlueImage(stack, 'Image', { directory: appIn('source', FLUE_2) }).grantPull(grantee as never); } },
  'FlueBuild.grantPull': { carry: (stack, { grantee }) => { new FlueBuild(stack, 'Build', { directory: appIn('built', BUILT_0) }).grantPull(grantee as never); } },

  'FlueDatabaseProps': {
    carry: (stack, props) => { new FlueDatabase(stack, 'Database', { vpc: vpcIn(stack), ...props }); },
  },
  'FluePostgresOptions': database(given => ({ engine: FlueDatabaseEngine.postgres(given) })),
  'FlueAuroraServerlessOptions': database(given => ({ engine: FlueDatabaseEngine.auroraServerless(given) })),
  'FlueDatabaseFromUrlSecretOptions': fargate((given: Props, stack) => ({
    ...hasOwn(given, 'vpc') ? { vpc: undefined } : {}, database: FlueDatabase.fromUrlSecret(stack, 'Database', { url: secretOf(stack), ...given }),
  })),

  'FlueDatabaseFromAdministratorSecretOptions': schema((given: Props, stack) => FlueDatabase.fromAdministratorSecret(stack, 'Database', {
    administrator: secretIn(stack), host: 'db.example.com', databaseName: 'flue', ...given,
  }).addSchema('Support')),
  'FlueRotationOptions': database(given => ({ rotation: given })),
  'FlueRedeployOptions': fargate((given, stack) => ({ redeployOnSecretChange: given, secrets: { API_TOKEN: secretOf(stack) } })),
  'FlueSchemaOptions': schema((given, stack) => FlueDatabase.fromAdministratorSecret(stack, 'Database', {
    administrator: secretIn(stack), host: 'db.example.com', databaseName: 'flue',
  }).addSchema('Support', given)),
  'FlueDatabase.addSchema': schema(({ id }: Props, stack) => new FlueDatabase(stack, 'Database', { vpc: vpcIn(stack) }).addSchema(id as string)),

  'FlueBackupsProps': {
    carry: (stack, props) => { new FlueBackups(stack, 'Backups', props).addVolume(THINGS.IVolume(stack)[1] as never); },
  },
  'FlueBackups.addDatabase': { carry: (stack, { database: given }) => { new FlueBackups(stack, 'Backups').addDatabase(given as never); } },
  'FlueBackups.addVolume': { carry: (stack, { volume }) => { new FlueBackups(stack, 'Backups').addVolume(volume as never); } },
  'FlueSandboxesProps': { ...sandboxes(given => given), beside: { idleTimeout: () => ({ maxLifetime: Duration.days(1) }) }, alsoNamed: { maxLifetime: ['idleTimeout'] } },
  'FlueFargateSandboxOptions': {
    ...sandboxes(given => ({ sandbox: fargateSandbox(given) })),
    beside: { memoryLimitMiB: () => ({ cpu: 1024 }), cpu: () => ({ memoryLimitMiB: 2048 }) },
    alsoNamed: { cpu: ['memoryLimitMiB'] },
  },
  'FlueCodeInterpreterSandboxOptions': sandboxes(given => ({ sandbox: FlueSandbox.codeInterpreter(given) })),
  'FlueSandboxEndpointOptions': sandboxes(given => ({ sandbox: fargateSandbox({ endpoints: given }) })),
  'FlueSandboxProxyOptions': sandboxes(given => ({ sandbox: fargateSandbox({ egress: FlueSandboxEgress.proxy(Object.assign({ proxy: ec2.Peer.ipv4('10.0.7.9/32'), host: 'proxy.internal' }, given)) }) })),
  'FlueSandboxVpcEndpointOptions': sandboxes(given => ({ sandbox: fargateSandbox({ egress: FlueSandboxEgress.vpcEndpoints(given) }) })),
  'FlueSandboxes.grantRun': { carry: (stack, { grantee }) => { sandboxesIn(stack).grantRun(grantee as never); } },
  'FlueService.addSandboxes': { carry: (stack, { pool }) => { new FlueFargateService(stack, 'Agents', { image: imageIn(stack), vpc: vpcIn(stack) }).addSandboxes(pool as never); } },
  'FlueShardedService.addSandboxes': {
    carry: (stack, { pool }) => { new FlueShardedService(stack, 'Agents', { image: imageIn(stack), vpc: vpcIn(stack), shards: 2 }).addSandboxes(pool as never); },
  },
  'FlueNetworkProps': { carry: (stack, props) => { new FlueNetwork(stack, 'Network', props); } },
  'FlueNatEgressOptions': network(given => FlueEgress.natGateways(given)),
  'FlueEndpointEgressOptions': network(given => FlueEgress.vpcEndpoints(given)),

  'FlueModelProviderOptions': fargate((given: Props, stack) => ({ model: FlueModel.provider('groq', { secret: secretOf(stack), ...given }) }), { partOf: 'model' }),
  'FlueModel.provider': fargate(({ name }: Props, stack) => ({ model: FlueModel.provider(name as never, { secret: secretOf(stack) }) }), { partOf: 'model', alsoNamed: { name: ['envName'] } }),
  'FlueModel.anthropic': fargate(({ secret, model }: Props, stack, input) => ({ model: FlueModel.anthropic(input === 'secret' ? secret as never : secretOf(stack), model as never) }), { partOf: 'model' }),
  'FlueModel.openai': fargate(({ secret, model }: Props, stack, input) => ({ model: FlueModel.openai(input === 'secret' ? secret as never : secretOf(stack), model as never) }), { partOf: 'model' }),
  'FlueModel.bedrock': fargate(({ modelId }: Props) => ({ model: FlueModel.bedrock(modelId as never) }), { partOf: 'model' }),
  'FlueBedrockModelOptions': fargate(given => ({ model: FlueModel.bedrock('amazon.nova-pro-v1:0', given) }), { partOf: 'model' }),

  'FlueAdotOptions': fargate(given => ({ telemetry: FlueTelemetry.adot(given) }), { partOf: 'telemetry' }),
  'FlueOtlpOptions': fargate((given: Props) => ({ telemetry: FlueTelemetry.otlp({ endpoint: 'https://collector.example.com', ...given }) }), { partOf: 'telemetry' }),

  'FlueDeploymentOptions': fargate(given => ({ deployment: FlueDeployment.recreate(given) })),
  'FlueRollingDeploymentOptions': fargate(given => ({ deployment: FlueDeployment.rolling(given) })),
  'FlueBlueGreenDeploymentOptions': fargate((given: Props) => ({ deployment: FlueDeployment.blueGreen(given) }), { beside: { testPeers: () => ({ testPort: 8443 }) } }),

  'FlueCloudFrontOptions': fargate(
    (given: Props, stack, input) => ({ exposure: FlueExposure.cloudFront(given), ...input === 'certificate' ? { domainName: 'agents.example.com', hostedZone: zoneIn(stack) } : {} }),
  ),
  'FlueListenerOptions': fargate((given: Props, stack) => ({
    exposure: FlueExposure.throughListener(listenerIn(stack), {
      conditions: [ListenerCondition.pathPatterns(['/agents/*'])], priority: 5, idleTimeout: Duration.seconds(700), url: 'https://agents.example.com', ...given,
    } as never),
  }), { partOf: 'exposure' }),
  'FlueExposure.throughListener': fargate(({ listener }: Props) => ({
    exposure: FlueExposure.throughListener(listener as never, {
      conditions: [ListenerCondition.pathPatterns(['/agents/*'])], priority: 5, idleTimeout: Duration.seconds(700), url: 'https://agents.example.com',
    }),
  })),
  'FlueExposure.internal': fargate(({ peers }: Props) => ({ exposure: FlueExposure.internal(...spread(peers)) })),
  'FlueExposure.toPeers': fargate(({ peers }: Props) => ({ exposure: FlueExposure.toPeers(...spread(peers)) })),

  'FlueOidcAuthOptions': edge(given => FlueAuth.oidc(given), stack => ({ ...SIGN_IN, clientSecret: secretIn(stack) })),
  'FlueCognitoAuthOptions': edge(given => FlueAuth.cognito(given), stack => ({
    userPool: THINGS.IUserPool(stack)[1], userPoolClient: THINGS.IUserPoolClient(stack)[0], userPoolDomain: THINGS.IUserPoolDomain(stack)[0],
  })),
  'FlueJwtAuthOptions': edge(given => FlueAuth.jwt(given), () => ({ issuer: 'https://id.example.com', jwksEndpoint: 'https://id.example.com/keys' })),
  'FlueJwtClaim.singleString': claim(({ name, value }) => FlueJwtClaim.singleString(name, value)),
  'FlueJwtClaim.stringArray': claim(({ name, values }) => FlueJwtClaim.stringArray(name, ...spread<string>(values))),
  'FlueJwtClaim.spaceSeparatedValues': claim(({ name, values }) => FlueJwtClaim.spaceSeparatedValues(name, ...spread<string>(values))),

  'FlueInboxOptions': {
    beside: {
      tokenField: stack => ({ token: secretIn(stack) }),
      vpcSubnets: stack => ({ vpc: vpcIn(stack) }),
      securityGroups: stack => ({ vpc: vpcIn(stack) }),
    },
    carry: (stack, props) => { inbox(stack, props); },
  },
  'FlueScheduleOptions': scheduled(given => given),
  'FlueAgentEventOptions': scheduled((given: Props) => ({ target: FlueEventTarget.agent('assistant', { message: 'Go.', ...given }) }), 'target'),
  'FlueWorkflowEventOptions': scheduled(given => ({ target: FlueEventTarget.workflow('report', given) }), 'target'),
  'FlueEventTarget.agent': scheduled(({ agentName }: Props) => ({ target: FlueEventTarget.agent(agentName as string, { message: 'Go.' }) })),
  'FlueEventTarget.workflow': scheduled(({ workflowName }: Props) => ({ target: FlueEventTarget.workflow(workflowName as string) })),
  'FlueWebhookOptions': webhook(given => given),
  'FlueHmacOptions': webhook((given: Props, stack) => ({ verify: FlueWebhookVerifier.hmac({ secret: secretIn(stack), header: 'X-Signature', ...given }) })),
  'FlueWebhookVerifier.github': webhook(({ secret }: Props) => ({ verify: FlueWebhookVerifier.github(secret as never) })),
  'FlueWebhookVerifier.slack': webhook(({ secret }: Props) => ({ verify: FlueWebhookVerifier.slack(secret as never) })),
  'FlueWebhookVerifier.stripe': webhook(({ secret }: Props) => ({ verify: FlueWebhookVerifier.stripe(secret as never) })),
  'FlueInbox.addWebhook': { carry: (stack, { path }) => { inbox(stack).addWebhook(path as string, { agentName: 'triage' }); } },
  'FlueEventPatternOptions': { alsoNamed: { conversationField: ['conversationId'] }, carry: (stack, given) => { pattern(stack, 'Orders', given); } },
  'FlueInbox.addEventPattern': { carry: (stack, { id }) => { pattern(stack, id as string); } },
  'FlueInbox.grantSend': { carry: (stack, { grantee }) => { inbox(stack).grantSend(grantee as never); } },
  'FlueAlarmsOptions': { carry: (stack, props) => { new FlueFargateService(stack, 'Agents', { image: imageIn(stack), vpc: vpcIn(stack) }).addAlarms(props); } },
  'FlueLogQueriesOptions': { carry: (stack, props) => { new FlueFargateService(stack, 'Agents', { image: imageIn(stack), vpc: vpcIn(stack) }).addLogQueries(props); } },
  'FlueBudgetProps': { carry: (stack, props) => { new FlueBudget(stack, 'Budget', { monthlyLimit: 100, emails: ['team@example.com'], ...props }); } },
  'FlueDashboardProps': { carry: (stack, props) => { new FlueDashboard(stack, 'Dashboard', props); } },
  'FlueDashboard.addService': { carry: (stack, { service }) => { new FlueDashboard(stack, 'Dashboard').addService(service as never); } },
  'FlueDeployRoleProps': { carry: (stack, props) => { new FlueDeployRole(stack, 'Deploy', { repository: 'acme/agents', ...props }); } },
  'FlueExpiryProps': { carry: (stack, props) => { new FlueExpiry(stack, 'Expiry', props as never); } },
  'FlueSchemaCleanupProps': {
    carry: (stack, props) => { new FlueSchemaCleanup(stack, 'Cleanup', { database: new FlueDatabase(stack, 'Database', { vpc: vpcIn(stack) }), ...props }); },
  },
  'FlueChecksProps': { carry: (stack, props) => { new FlueChecks(stack.node.root, props).validateScope(stack.node.root); } },
};

/** What a caller of JavaScript writes in the place of a list of arguments. */
function spread<Entry = ec2.IPeer>(given: unknown): Entry[] {
  return Array.isArray(given) ? given as Entry[] : [given as Entry];
}

function claim(make: (given: { readonly name: string; readonly value: string; readonly values: unknown }) => FlueJwtClaim): Carrier {
  return {
    ...edge((given: { readonly name: string; readonly value: string; readonly values: unknown }) => FlueAuth.jwt({
      issuer: 'https://id.example.com', jwksEndpoint: 'https://id.example.com/keys', claims: [make({ ...{ name: 'aud', value: 'agents', values: ['agents'] }, ...given })],
    }), () => ({})),
    alsoNamed: { name: ['claims'], value: ['claims'], values: ['claims'] },
  };
}

