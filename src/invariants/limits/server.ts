import { Duration } from 'aws-cdk-lib';
import { listOf, SECONDS, within, written, type TextLimit } from './limit';
import { ADDRESSES, ONE_LINE, VARIABLE_NAME, VISIBLE } from '../addresses';

/** Fewest processes that keep sessions and streams alive. */
export const MIN_TASKS = 1;
/** What a task definition has room for, in bytes (Amazon ECS service quotas, task definition size); variables take most of it. */
export const MAX_ENVIRONMENT_BYTES = 64 * 1024;
/** The server's own watchdog ends the process this long after SIGTERM. */
export const SHUTDOWN_BOUND = Duration.seconds(60);
/** The last major in which a prompt is answered on the connection that it came by; later clients read on from an offset. */
export const LAST_MAJOR_WITH_ATTACHED_PROMPTS = 1;
export const DEFAULT_STOP_TIMEOUT = Duration.seconds(90);
/** The first 200 takes under a second; a Postgres that accepts and stays silent fails the boot only after 30.6 s. */
export const DEFAULT_STARTUP_BUDGET = Duration.seconds(60);

const TASKS = {
  of: ['FlueTaskProps'],
  minimum: MIN_TASKS,
  step: 1,
  source: 'Flue deployment guide for AWS, scaling',
  fix: 'Keep one process running: it holds the sessions and the open streams',
  rule: 'MinTaskCount',
} as const;

const VARIABLE = { pattern: VARIABLE_NAME, length: 255, source: 'POSIX, names of environment variables' } as const;
const VARIABLES = { ...VARIABLE, of: ['FlueServiceProps'], fix: 'Rename the variable' } as const;

export const SERVER_LIMITS = {
  environment: written({ ...VARIABLES, prop: 'environment' }, 'keyed by variable names of letters, digits and underscores'),
  secrets: written({ ...VARIABLES, prop: 'secrets' }, 'keyed by variable names of letters, digits and underscores'),
  envName: written({
    ...VARIABLE,
    prop: 'envName',
    of: ['FlueModelProviderOptions'],
    fix: 'Name the variable from which the client of the provider reads its key',
  }, 'a variable name of letters, digits and underscores'),
  provider: written({
    prop: 'name',
    of: ['FlueModel'],
    pattern: /^[A-Za-z0-9][A-Za-z0-9_.-]*$/,
    length: 64,
    source: 'Flue documentation, model specifiers',
    fix: 'Write it as in `groq`: what stands before the slash of a model specifier',
  }, 'a provider of letters, digits, dots, dashes and underscores'),
  model: written({
    prop: 'model',
    of: ['FlueModel', 'FlueModelProviderOptions'],
    pattern: VISIBLE,
    length: 256,
    source: 'Flue documentation, model specifiers',
    fix: 'Write the id as the provider does, or leave it out',
  }, '1–256 visible characters without white space'),
  modelId: written({
    prop: 'modelId',
    of: ['FlueModel'],
    pattern: /^(?!arn:(?!aws[a-z-]*:bedrock:))[A-Za-z0-9](?:[A-Za-z0-9_.:/-]*[A-Za-z0-9])?$/,
    length: 2048,
    source: 'Amazon Bedrock API reference, InvokeModel (modelId)',
    fix: 'Name one, such as `eu.anthropic.claude-sonnet-4-6`',
  }, 'the id or ARN of a model on Amazon Bedrock'),
  routesTo: listOf({
    prop: 'routesTo',
    of: ['FlueBedrockModelOptions'],
    least: 1,
    mayRepeat: true,
    source: 'Amazon Bedrock user guide, prerequisites for inference profiles',
    fix: 'Leave it out for a model that names itself',
  }, 'ids or ARNs of models on Amazon Bedrock'),
  tags: written({
    prop: 'tags',
    of: ['FlueBedrockModelOptions'],
    pattern: /^(?!aws:)[a-z0-9 _.:/=+@-]+$/i,
    length: 128,
    source: 'Amazon Bedrock API reference, Tag',
    fix: 'Write keys and values as your other resources carry them',
  }, '1–128 letters, digits, spaces and _.:/=+@-, without `aws:` in front'),
  endpoint: written({
    prop: 'endpoint',
    of: ['FlueOtlpOptions'],
    pattern: ADDRESSES.base,
    length: 2048,
    source: 'OpenTelemetry protocol exporter, endpoint URLs for OTLP/HTTP',
    fix: 'Write it as in `https://collector.example.com`, and pass tokens in `headers`',
  }, 'an http or https URL without user and password'),
  serviceName: written({
    prop: 'serviceName',
    of: ['FlueAdotOptions', 'FlueOtlpOptions'],
    pattern: ONE_LINE,
    length: 255,
    source: 'Amazon CloudWatch API reference, Dimension (Value), less the name in CloudWatch',
    fix: 'Leave it out for the path of the service in the app',
  }, '1–255 characters in one line'),
  healthCheckPath: written({
    prop: 'healthCheckPath',
    of: ['FlueServiceProps'],
    pattern: /^[^\s#]*$/,
    length: 1024,
    source: 'Elastic Load Balancing API reference, CreateTargetGroup (HealthCheckPath)',
    fix: 'Name the route that your app.ts defines for it, such as `/health`',
    rule: 'HealthCheckPath',
  }, 'at most 1024 characters without white space or fragment'),
  minTasks: within({ ...TASKS, prop: 'minTasks' }),
  maxTasks: within({ ...TASKS, prop: 'maxTasks' }),
  startupBudget: within({
    prop: 'startupBudget',
    of: ['FlueServiceProps'],
    unit: SECONDS,
    above: 0,
    source: 'a start takes time',
    fix: `Leave it out for ${DEFAULT_STARTUP_BUDGET.toSeconds()} s`,
    rule: 'GracePeriodAboveStartup',
  }),
  healthCheckGracePeriod: within({
    prop: 'healthCheckGracePeriod',
    of: ['FlueServiceProps'],
    unit: SECONDS,
    minimum: 0,
    maximum: 2147483647,
    step: 1,
    source: 'Amazon ECS API reference, CreateService (healthCheckGracePeriodSeconds)',
    fix: 'Leave it out: the construct derives it from `startupBudget`',
    rule: 'GracePeriodAboveStartup',
  }),
  stopTimeout: within({
    prop: 'stopTimeout',
    of: ['FlueServiceProps'],
    unit: SECONDS,
    above: SHUTDOWN_BOUND.toSeconds(),
    step: 1,
    note: ', the server\'s own shutdown bound',
    source: 'Flue Node target documentation, shutdown',
    fix: `Leave it out for ${DEFAULT_STOP_TIMEOUT.toSeconds()} s`,
    rule: 'ShutdownTime',
  }),
};

/** The value of a tag of a model. A limit of a prop is that of its keys. */
export const MODEL_TAG_VALUE: TextLimit = {
  ...SERVER_LIMITS.tags,
  pattern: /^[a-z0-9 _.:/=+@-]*$/i,
  length: 256,
  allowed: 'at most 256 letters, digits, spaces and _.:/=+@- in a value',
};
