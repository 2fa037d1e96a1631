import { isIPv4 } from 'node:net';
import { Duration } from 'aws-cdk-lib';
import { MAX_PORT, MIN_PORT } from './image';
import { SECONDS, listOf, within, written } from './limit';

export const DEFAULT_MAX_LIFETIME = Duration.hours(1);
export const DEFAULT_IDLE_TIMEOUT = Duration.minutes(15);
export const DEFAULT_MAX_CONCURRENT = 10;
/** The port of Squid, which other proxies share. */
export const DEFAULT_PROXY_PORT = 3128;
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
  proxyHost: written({
    prop: 'host',
    of: ['FlueSandboxProxyOptions'],
    pattern: /^(?:[A-Za-z0-9_](?:[A-Za-z0-9_-]{0,61}[A-Za-z0-9_])?\.)*[A-Za-z0-9_](?:[A-Za-z0-9_-]{0,61}[A-Za-z0-9_])?\.?$/,
    length: 253,
    // digits alone are an address, and one of these is the sandbox itself
    accepts: text => (/^[\d.]+$/.test(text) ? isIPv4(text) && !/^(?:127|0)\./.test(text) : !/^localhost\.?$/i.test(text)),
    source: 'RFC 1123, host names and numbers',
    fix: 'Write it without a scheme and a port, as in `proxy.internal` or `10.0.7.9`',
  }, 'the name or the IPv4 address of another host'),
  proxyPort: within({
    prop: 'port',
    of: ['FlueSandboxProxyOptions'],
    minimum: MIN_PORT,
    maximum: MAX_PORT,
    step: 1,
    source: 'TCP',
    fix: `Leave it out for ${DEFAULT_PROXY_PORT}`,
  }),
  egressService: written({
    prop: 'services',
    of: ['FlueSandboxVpcEndpointOptions'],
    pattern: /^[A-Za-z][A-Za-z0-9]*$/,
    length: 64,
    source: 'our own: the id of a construct is made of it, and stays',
    fix: 'Write it as in `mirror`',
  }, 'a map by names of 1–64 letters and digits, with a letter first'),
  egressEndpoints: listOf({
    prop: 'endpoints',
    of: ['FlueSandboxVpcEndpointOptions'],
    least: 0,
    source: 'our own: a rule that is there twice says nothing',
    fix: 'Leave the second one out',
  }, 'endpoints'),
};
