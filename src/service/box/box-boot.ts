import * as fs from 'node:fs';
import * as path from 'node:path';
import type { Duration } from 'aws-cdk-lib';
import type { IConstruct } from 'constructs';
import type { SchemaBootstrap } from '../../database/schema-server';
import { refuse } from '../../invariants/invariant';
import { MAX_USER_DATA_BYTES } from '../../invariants/limits/box';
import type { TimerChain } from '../../timers/timer-chain';
import { CA_CERTIFICATES } from '../server-environment';

const TEMPLATES = path.join(__dirname, '..', '..', '..', 'assets', 'box');
/** The scripts that are the same on every box; it fetches them from the assets of the CDK. */
export const SCRIPTS = path.join(TEMPLATES, 'scripts');

/** Caddy, the reverse proxy that obtains certificates by itself. */
const PROXY_IMAGE = 'public.ecr.aws/docker/library/caddy:2.11.2-alpine';
/** Where the data volume is mounted, and where a container sees the server's part of it. */
const DATA_DIRECTORY = '/var/lib/flue/data';
const SERVER_DATA_DIRECTORY = `${DATA_DIRECTORY}/server`;
const CONTAINER_DATA_DIRECTORY = '/data';
/** The variable in which the server finds the path for Flue's `sqlite()`. */
const SQLITE_PATH = 'SQLITE_PATH';
/** What a value known only at deployment is reckoned to become: the ARN of a secret has about this length. */
const TOKEN_BYTES = 110;
/** Beside its stop timeout, what a former box may take to end. */
const FORMER_BOX_SECONDS = 300;
/** Beside its stop timeout, what docker may take to end a container. */
const DOCKER_SECONDS = 30;
const COMMANDS = 'PATH=/usr/local/bin:/usr/bin:/usr/sbin:/bin:/sbin HOME=/root';

export interface BoxBootProps {
  /** Logical id of the group that waits for the signal. */
  readonly groupId: string;
  readonly stackName: string;
  readonly region: string;
  /** What the boxes of this server are tagged with, and its metrics are found by. */
  readonly serverName: string;
  readonly lifecycleHookName: string;
  readonly allocationId: string;
  readonly logGroupName: string;
  readonly scriptsUrl: string;
  readonly port: number;
  readonly healthCheckPath: string;
  readonly timers: TimerChain;
  readonly environment: { readonly [name: string]: string };
  /** The secrets, as ECS refers to them. */
  readonly secrets: { readonly [name: string]: string };
  /** How the server is run: as a container, or as a build on the Node.js of the system. */
  readonly run: { readonly imageUri: string; readonly registryLogin?: string } | { readonly buildUrl: string; readonly server: string };
  readonly hasDatabase: boolean;
  readonly domainName?: string;
  readonly dataVolumeId?: string;
  readonly readonlyRootFilesystem?: boolean;
  /** What makes the schema of the server, and where the box fetches it. */
  readonly schema?: SchemaBootstrap & { readonly scriptsUrl: string };
}

/** The script that a box runs once, when it boots for the first time. */
export function renderUserData(scope: IConstruct, props: BoxBootProps): string {
  const files = Object.entries(filesOf(props)).map(([file, content]) => heredoc(file, content)).join('\n');
  const userData = fill('user-data.sh', { settings: settingsOf(props), files, fetchSchema: props.schema ? fetchSchema(props.schema.scriptsUrl) : '' });
  const bytes = Buffer.byteLength(userData.replace(/\$\{Token\[[^\]]*\]\}/g, 'x'.repeat(TOKEN_BYTES)));
  if (bytes > MAX_USER_DATA_BYTES) {
    refuse(scope, `\`environment\` and \`secrets\` must leave the user data within ${MAX_USER_DATA_BYTES} bytes, got: about ${bytes}`,
      'Move long values into a secret, a parameter or the image');
  }
  return userData;
}

/** What the scripts read, as shell variables. */
function settingsOf(props: BoxBootProps): string {
  const isContainer = 'imageUri' in props.run;
  const { timers } = props;
  const settings: { [name: string]: string | number } = {
    STACK: props.stackName,
    RESOURCE: props.groupId,
    REGION: props.region,
    SERVER: props.serverName,
    HOOK: props.lifecycleHookName,
    ALLOCATION: props.allocationId,
    VOLUME: props.dataVolumeId ?? '',
    DOMAIN: props.domainName ?? '',
    PROXY_IMAGE: props.domainName === undefined ? '' : PROXY_IMAGE,
    SCRIPTS: props.scriptsUrl,
    MODE: isContainer ? 'container' : 'node',
    PACKAGES: ['logrotate', 'amazon-cloudwatch-agent',
      ...isContainer || props.domainName !== undefined ? ['docker'] : [], ...isContainer ? [] : ['nodejs22', 'nodejs22-npm']].join(' '),
    ...'imageUri' in props.run
      ? { IMAGE: props.run.imageUri, REGISTRY_LOGIN: props.run.registryLogin ?? '' }
      : { BUILD: props.run.buildUrl },
    PORT: props.port,
    HEALTH_PATH: props.healthCheckPath,
    HEALTH_TIMEOUT: timers.healthCheck.timeout.toSeconds(),
    UNHEALTHY_COUNT: timers.healthCheck.unhealthyThresholdCount,
    STARTUP_SECONDS: wholeSeconds(timers.startupBudget),
    GRACE_SECONDS: wholeSeconds(timers.gracePeriod),
    FORMER_SECONDS: wholeSeconds(timers.stopTimeout, FORMER_BOX_SECONDS),
  };
  return Object.entries(settings).map(assignment).join('\n');
}

function fetchSchema(url: string): string {
  return [
    `retry 5 aws s3 cp --no-progress --region "$REGION" '${url}' /opt/flue/schema.zip`,
    'python3 -m zipfile -e /opt/flue/schema.zip /opt/flue',
    'chmod 0755 /opt/flue/schema.sh',
  ].join('\n');
}

/** What makes the schema, as shell variables; the secrets by their references. */
function schemaSettings({ environment, secrets }: SchemaBootstrap, authorities = ''): string {
  const settings = {
    SCHEMA_FLEET: '',
    SCHEMA_PARTITION: '',
    ...environment,
    ...Object.fromEntries(Object.entries(secrets).map(([name, secret]) => [name, secret.arn])),
    [CA_CERTIFICATES]: authorities,
  };
  return Object.entries(settings).map(assignment).join('\n');
}

function assignment([name, value]: [string, string | number]): string {
  return `${name}='${String(value).replace(/'/g, '\'\\\'\'')}'`;
}

/** The files that differ from box to box, by their path. */
function filesOf(props: BoxBootProps): { [path: string]: string } {
  const { timers, domainName } = props;
  const hasVolume = props.dataVolumeId !== undefined;
  const isContainer = 'imageUri' in props.run;
  const environment: { [name: string]: string } = {
    // ECS tells a task its region; the SDK in the server expects the same here
    AWS_REGION: props.region,
    ...hasVolume && !props.hasDatabase ? { [SQLITE_PATH]: `${isContainer ? CONTAINER_DATA_DIRECTORY : SERVER_DATA_DIRECTORY}/flue.sqlite` } : {},
    ...props.environment,
  };
  const clean = `${COMMANDS} AWS_REGION=${props.region}`;
  const values = {
    mount: hasVolume ? `RequiresMountsFor=${DATA_DIRECTORY}` : '',
    clean,
    stopSeconds: `${wholeSeconds(timers.stopTimeout)}`,
    killSeconds: `${wholeSeconds(timers.stopTimeout, DOCKER_SECONDS)}`,
    endSeconds: `${wholeSeconds(timers.stopTimeout, 2 * DOCKER_SECONDS)}`,
    interval: `${timers.healthCheck.interval.toSeconds()}`,
    makeSchema: props.schema ? `ExecStartPre=${isContainer ? '' : '+'}/usr/bin/env -i ${clean} /opt/flue/schema.sh` : '',
  };
  const unit = (name: string, more: { readonly [name: string]: string } = {}, file = name) => ({
    [`/etc/systemd/system/${name}`]: fill(file, { ...values, ...more }),
  });
  const certificates = `${hasVolume ? DATA_DIRECTORY : '/var/lib/flue'}/caddy`;
  return {
    '/etc/flue/server.env': Object.entries(environment).map(([name, value]) => `${name}=${quoteForSystemd(value)}`).join('\n'),
    '/etc/flue/secrets.json': JSON.stringify(props.secrets, undefined, 1),
    ...props.schema ? { '/etc/flue/schema.env': schemaSettings(props.schema, environment[CA_CERTIFICATES]) } : {},
    '/etc/flue/logs.json': JSON.stringify(agentConfiguration(props.logGroupName, domainName !== undefined)),
    ...'imageUri' in props.run
      ? unit('flue.service', {
        publish: `${domainName === undefined ? '' : '127.0.0.1:'}${props.port}:${props.port}`,
        options: [
          ...props.readonlyRootFilesystem ? ['--read-only', '--tmpfs /tmp'] : [],
          ...hasVolume ? [`--volume ${SERVER_DATA_DIRECTORY}:${CONTAINER_DATA_DIRECTORY}`] : [],
          ...[...Object.keys(environment), ...Object.keys(props.secrets)].map(name => `--env ${name}`),
        ].join(' '),
        image: props.run.imageUri,
      }, 'flue.container.service')
      : unit('flue.service', { server: props.run.server, writable: hasVolume ? `ReadWritePaths=${SERVER_DATA_DIRECTORY}` : '' }, 'flue.node.service'),
    ...unit('flue-health.service'),
    ...unit('flue-health.timer'),
    ...domainName === undefined ? {} : {
      ...unit('flue-proxy.service', { certificates, proxyImage: PROXY_IMAGE }),
      '/etc/flue/Caddyfile': fill('Caddyfile', { domain: domainName, port: `${props.port}` }),
    },
  };
}

/** Which files the CloudWatch agent ships, the boot's own log among them: a box that failed is gone soon. */
function agentConfiguration(logGroupName: string, hasProxy: boolean): unknown {
  const files = { '/var/log/flue/server.log': '', '/var/log/cloud-init-output.log': '/boot', ...hasProxy ? { '/var/log/flue/proxy.log': '/proxy' } : {} };
  return {
    agent: { run_as_user: 'root' },
    logs: {
      logs_collected: {
        files: {
          collect_list: Object.entries(files).map(([file, suffix]) => ({
            file_path: file, log_group_name: logGroupName, log_stream_name: `{instance_id}${suffix}`,
          })),
        },
      },
    },
  };
}

/** A value as systemd reads it from an `EnvironmentFile`. */
export function quoteForSystemd(value: string): string {
  // the text of a token is no value yet: its `$` stays
  return `"${value.replace(/\$\{Token\[[^\]]*\]\}|[\\"`$]/g, match => (match.length > 1 ? match : `\\${match}`))}"`;
}

/** Whole seconds, with a margin; the plan of a box has none that is known only at deployment. */
function wholeSeconds(duration: Duration, margin = 0): number {
  return Math.ceil(duration.toSeconds({ integral: false })) + margin;
}

/** A template with its values, without comments and without lines that are only an empty value. */
function fill(file: string, values: { readonly [name: string]: string }): string {
  return fs.readFileSync(path.join(TEMPLATES, file), 'utf8').trimEnd()
    .split('\n')
    .map(line => line.replace(/^# (?=\{\{\w+\}\}$)/, ''))
    .filter(line => !/^\s*#(?!!)/.test(line) && (!/^\{\{(\w+)\}\}$/.test(line) || values[line.slice(2, -2)] !== ''))
    .join('\n')
    .replace(/\{\{(\w+)\}\}/g, (whole, name: string) => values[name] ?? whole);
}

/** Writes a file, by a word that does not stand in it. */
function heredoc(file: string, content: string): string {
  let end = 'END_OF_FILE';
  while (content.includes(end)) {
    end += '_';
  }
  return `cat >${file} <<'${end}'\n${content}\n${end}`;
}
