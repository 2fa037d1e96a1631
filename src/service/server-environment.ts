import type { Secret } from 'aws-cdk-lib/aws-ecs';
import type { Construct, IConstruct } from 'constructs';
import type { FlueModel } from './flue-model';
import type { ModelBinding } from './model';
import { rotatedUrlPreload } from './rotated-url';
import type { IFlueDatabase } from '../database/database';
import { isSchemaUrl } from '../database/flue-schema';
import { rotatedSecret } from '../database/rotation';
import type { IFlueApp } from '../image/image';
import { refuse } from '../invariants/invariant';
import { keepAlivePreload } from '../invariants/keep-alive-above-idle-timeout';
import { requireWritten } from '../invariants/limits/guard';
import type { TextLimit } from '../invariants/limits/limit';
import { MAX_ENVIRONMENT_BYTES, SERVER_LIMITS } from '../invariants/limits/server';
import { PRIVATE_DATABASE, TLS_SWITCH, turnsTlsOff } from '../invariants/private-database';
import { requireFreeNames, type OwnedVariable } from '../invariants/reserved-environment';
import { requireSecretReferences } from '../invariants/secret-reference';
import { SECRETS_ONLY, requireNoPlainSecrets } from '../invariants/secrets-only';
import { shardGuardPreload, type ShardOfFleet } from '../invariants/shards/shard-guard';
import { DATABASE_URL, namesStore } from '../invariants/shared-state';
import { isUnknown, textOf } from '../invariants/unknown';
import type { FlueTelemetry, TelemetryBinding } from '../operations/flue-telemetry';
import type { TimerChain } from '../timers/timer-chain';

/** The last major in which a prompt during a Postgres outage ends the process by an unhandled rejection. */
const LAST_MAJOR_WITH_FATAL_REJECTIONS = 1;
const KEEP_REJECTIONS_ALIVE = '--unhandled-rejections=warn';

/** Where Node.js finds further certificate authorities. */
export const CA_CERTIFICATES = 'NODE_EXTRA_CA_CERTS';

/** What the construct sets in plain text; ECS refuses a container that has the name a second time, as a secret. */
const PLAIN_VARIABLES: readonly OwnedVariable[] = ['NODE_OPTIONS', CA_CERTIFICATES].map(name => ({ name, instead: 'Pass it in `environment`' }));

/** What holds something other than the key of a model provider. */
const NO_KEYS: readonly OwnedVariable[] = ['PORT', DATABASE_URL, 'MODEL_SPECIFIER', 'AWS_REGION'].map(name => ({
  name, instead: 'Name the variable from which the client of the provider reads its key',
}));

export interface ServerEnvironmentProps {
  readonly image: IFlueApp;
  readonly timers: TimerChain;
  readonly database?: IFlueDatabase;
  readonly model?: FlueModel;
  readonly telemetry?: FlueTelemetry;
  /** The part of the ids that the server answers for; all of them otherwise. */
  readonly shard?: ShardOfFleet;
  readonly environment?: { readonly [name: string]: string };
  readonly secrets?: { readonly [name: string]: Secret };
}

/** Everything a server reads from its environment, whichever platform starts it. */
export interface ServerEnvironment {
  readonly environment: { [name: string]: string };
  readonly secrets: { [name: string]: Secret };
  /** Whether the server keeps its state in a Postgres. */
  readonly hasDatabase: boolean;
  /** What the model asks of the role, beside the variables that are in here already. */
  readonly model?: ModelBinding;
  /** What telemetry asks of the task, beside the variables that are in here already. */
  readonly telemetry?: TelemetryBinding;
}

/** The names of all variables of a server. */
export function namesIn({ environment, secrets }: Pick<ServerEnvironment, 'environment' | 'secrets'>): string[] {
  return Object.keys({ ...environment, ...secrets });
}

/** Renders the environment of a server, refusing names and values that break it. */
export function renderServerEnvironment(scope: Construct, props: ServerEnvironmentProps): ServerEnvironment {
  const environment = props.environment ?? {};
  const secrets = props.secrets ?? {};
  const model = props.model?._bind(scope);
  const telemetry = props.telemetry?._bind(scope);
  const hasDatabase = props.database !== undefined || Object.keys({ ...environment, ...secrets }).some(namesStore);

  const owned = [
    ...ownedVariables(props),
    ...ownedBy('model', { ...model?.environment, ...model?.secrets }),
    ...ownedBy('telemetry', { ...telemetry?.environment, ...telemetry?.secrets }),
  ];
  requireVariableNames(scope, SERVER_LIMITS.environment, Object.keys(environment));
  requireVariableNames(scope, SERVER_LIMITS.secrets, Object.keys(secrets));
  requireVariableValues(scope, environment);
  requireFreeNames(scope, 'envName', Object.keys(model?.secrets ?? {}), [...NO_KEYS, ...PLAIN_VARIABLES, ...ownedBy('telemetry', { ...telemetry?.environment, ...telemetry?.secrets })]);
  requireFreeNames(scope, 'environment', Object.keys(environment), owned);
  requireFreeNames(scope, 'secrets', Object.keys(secrets), [...owned, ...PLAIN_VARIABLES]);
  for (const name of Object.keys(environment).filter(key => Object.hasOwn(secrets, key))) {
    refuse(scope, `\`environment\` and \`secrets\` must not hold the same name, got: ${name}`, 'Remove it from `environment`', SECRETS_ONLY);
  }
  if (isSchemaUrl(secrets[DATABASE_URL])) {
    refuse(scope, `\`secrets\` must not hold the connection string of a schema, got: ${DATABASE_URL}`,
      'Pass the schema itself as `database`: something has to make it before the server starts');
  }
  if (rotatedSecret(secrets[DATABASE_URL])) {
    refuse(scope, `\`secrets\` must not hold the login of a database that rotates its passwords, got: ${DATABASE_URL}`,
      'Pass the database itself as `database`: something has to make the login before the server starts');
  }
  requireVerifiedTls(scope, environment);
  requireCertificatesOfDatabase(scope, props);
  requireNoPlainSecrets(scope, 'environment', environment);
  requireNoPlainSecrets(scope, 'model', model?.environment ?? {});
  requireNoPlainSecrets(scope, 'telemetry', telemetry?.environment ?? {});

  requireSecretReferences(scope, 'secrets', secrets);
  requireSecretReferences(scope, 'model', model?.secrets ?? {});
  requireSecretReferences(scope, 'telemetry', telemetry?.secrets ?? {});
  requireSecretReferences(scope, 'database', props.database ? { [DATABASE_URL]: props.database.url } : {});

  const { NODE_OPTIONS: userOptions, ...userEnvironment } = environment;
  return {
    environment: {
      PORT: textOf(props.image.port),
      ...hasDatabase && props.image.caBundlePath ? { [CA_CERTIFICATES]: props.image.caBundlePath } : {},
      NODE_OPTIONS: nodeOptions(props, userOptions),
      ...model?.environment,
      ...telemetry?.environment,
      ...userEnvironment,
    },
    secrets: {
      ...props.database ? { [DATABASE_URL]: props.database.url } : {},
      ...model?.secrets,
      ...telemetry?.secrets,
      ...secrets,
    },
    hasDatabase,
    model,
    telemetry,
  };
}

/** Refuses a file of authorities in the place of the one with which the server verifies its database: Node.js reads one. */
function requireCertificatesOfDatabase(scope: IConstruct, { database, image, environment }: ServerEnvironmentProps): void {
  const given = environment?.[CA_CERTIFICATES];
  const bundle = image.caBundlePath;
  if (!database?.usesRdsCertificates || given === undefined || bundle === undefined || given === bundle || isUnknown(given) || isUnknown(bundle)) {
    return;
  }
  refuse(scope, `\`environment\` must not take the certificates of the database from the server, got: ${CA_CERTIFICATES} ${given} in the place of ${bundle}`,
    'Node.js reads one file. Pass yours as `caBundleFile` of FlueImage, which writes both into one, or name a file with both in `caBundlePath` of your own image');
}

/** What the image sets would be replaced by the task's variable; the user's own options come last, so that they win. */
function nodeOptions(props: ServerEnvironmentProps, userOptions?: string): string {
  const major = props.image.flueMajor;
  return [
    keepAlivePreload(props.timers.keepAlive),
    ...rotatedSecret(props.database?.url) ? [rotatedUrlPreload()] : [],
    ...props.shard ? [shardGuardPreload(props.shard)] : [],
    ...major === undefined || major <= LAST_MAJOR_WITH_FATAL_REJECTIONS ? [KEEP_REJECTIONS_ALIVE] : [],
    ...props.image.nodeOptions ? [props.image.nodeOptions] : [],
    ...userOptions ? [userOptions] : [],
  ].join(' ');
}

function ownedVariables(props: ServerEnvironmentProps): OwnedVariable[] {
  return [
    { name: 'PORT', instead: 'Pass the port once, as `port` of the image' },
    ...props.database ? [{ name: DATABASE_URL, instead: '`database` sets it from its `url`. Leave one of the two out' }] : [],
  ];
}

function ownedBy(prop: string, variables: { readonly [name: string]: unknown }): OwnedVariable[] {
  return Object.keys(variables).map(name => ({ name, instead: `\`${prop}\` sets it. Leave one of the two out` }));
}

/** Refuses what makes Node.js take any certificate, whatever `sslmode` says: that of the database, and that of the model's API. */
function requireVerifiedTls(scope: IConstruct, environment: { readonly [name: string]: string }): void {
  if (turnsTlsOff(environment[TLS_SWITCH])) {
    refuse(scope, `\`environment\` must not turn the verification of certificates off, got: ${TLS_SWITCH}=${environment[TLS_SWITCH]}`,
      `Whoever stands in between would read keys, prompts and the database. Name the authority that you trust in \`${CA_CERTIFICATES}\``, PRIVATE_DATABASE);
  }
}

function requireVariableNames(scope: IConstruct, limit: TextLimit, names: string[]): void {
  names.forEach(name => requireWritten(scope, name, limit));
}

function requireVariableValues(scope: IConstruct, environment: { readonly [name: string]: string }): void {
  const known = Object.entries(environment).filter(([, value]) => !isUnknown(value));
  for (const [name, value] of known) {
    if (value.includes('\0')) {
      refuse(scope, `\`environment\` must hold no NUL character, got: one in ${name}`, 'No process can be given one. Encode the value, such as in base64');
    }
  }
  const bytes = known.reduce((sum, entry) => sum + Buffer.byteLength(entry.join('')), 0);
  if (bytes > MAX_ENVIRONMENT_BYTES) {
    refuse(scope, `\`environment\` must be at most ${MAX_ENVIRONMENT_BYTES} bytes, got: ${bytes}`,
      'A task definition has room for no more. Put large values into a file of the image, or into a bucket');
  }
}
