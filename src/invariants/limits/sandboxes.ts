import { Duration } from 'aws-cdk-lib';
import { SECONDS, listOf, within, written } from './limit';

export const DEFAULT_MAX_LIFETIME = Duration.hours(1);
export const DEFAULT_IDLE_TIMEOUT = Duration.minutes(15);
export const DEFAULT_MAX_CONCURRENT = 10;
/** How often the reaper looks. */
export const REAPER_INTERVAL = Duration.minutes(5);

export const SANDBOX_LIMITS = {
  maxLifetime: within({
    prop: 'maxLifetime',
    of: ['FlueSandboxesProps'],
    unit: SECONDS,
    minimum: 60,
    maximum: 86400,
    step: 1,
    atSynthesis: true,
    source: 'our own: no session of an agent takes longer than a day, and each minute costs',
    fix: `Leave it out for ${DEFAULT_MAX_LIFETIME.toMinutes()} minutes`,
  }),
  codeInterpreterLifetime: within({
    prop: 'maxLifetime',
    of: [],
    unit: SECONDS,
    minimum: 60,
    maximum: 28800,
    step: 1,
    atSynthesis: true,
    note: ' for a code interpreter',
    source: 'Amazon Bedrock AgentCore API reference, StartCodeInterpreterSession',
    fix: `Leave it out for ${DEFAULT_MAX_LIFETIME.toMinutes()} minutes`,
  }),
  idleTimeout: within({
    prop: 'idleTimeout',
    of: ['FlueSandboxesProps'],
    unit: SECONDS,
    minimum: 60,
    maximum: 86400,
    step: 1,
    atSynthesis: true,
    source: 'our own: a sandbox takes about a minute to start, and no session takes longer than a day',
    fix: `Leave it out for ${DEFAULT_IDLE_TIMEOUT.toMinutes()} minutes`,
  }),
  maxConcurrent: within({
    prop: 'maxConcurrent',
    of: ['FlueSandboxesProps'],
    minimum: 1,
    maximum: 500,
    step: 1,
    source: 'AWS Step Functions developer guide, quotas: the reaper keeps all sandboxes in one payload of 256 KiB',
    fix: `Leave it out for ${DEFAULT_MAX_CONCURRENT}`,
  }),
  allowedDomains: listOf({
    prop: 'allowedDomains',
    of: ['FlueFargateSandboxOptions'],
    least: 0,
    most: 1000,
    source: 'Amazon Route 53 API reference, UpdateFirewallDomains',
    fix: 'Name what the servers of the VPC look up, such as `api.anthropic.com`',
  }, 'domains'),
  allowedDomain: written({
    prop: 'allowedDomains',
    of: [],
    pattern: /^(?:\*\.)?(?:[A-Za-z0-9_](?:[A-Za-z0-9_-]{0,61}[A-Za-z0-9_])?\.)+[A-Za-z][A-Za-z0-9-]*[A-Za-z0-9]\.?$/,
    length: 255,
    source: 'Amazon Route 53 developer guide, DNS Firewall domain lists',
    fix: 'Write it without a scheme and a path, as in `api.anthropic.com` or `*.example.com`',
  }, 'the names of domains, which may begin with `*.`'),
};
