import type { Finding, Invariant } from './invariant';
import { HTTPS_PORT } from './limits/load-balancer';
import { bootText, BOX_TYPES, dockerRuns } from './template/boxes';
import type { FlueServers } from './template/flue-servers';
import { DISTRIBUTION, LISTENER, LISTENER_RULE } from './template/routing';
import { SECURITY_GROUP, SECURITY_GROUP_INGRESS, worldIngress } from './template/security-groups';
import { isFlueBox } from './template/traits';
import type { TemplateResource } from './template/value';

export const ENCRYPTED_TRANSPORT: Invariant = {
  id: 'EncryptedTransport',
  level: 'warning',
  statement: 'Clients reach the server over TLS.',
  why: 'The server itself speaks only HTTP. Without TLS in front of it, prompts, replies and the caller\'s credentials cross the internet in plain text.',
  limit: 'no HTTP listener that forwards to the server, and no published HTTP port open to the world, unless CloudFront or API Gateway stands in front',
  source: 'Flue deployment guide for AWS, port and TLS',
  fix: 'Give the load balancer a `certificate` and redirect HTTP to HTTPS. On a box, terminate TLS in a reverse proxy, as FlueEc2Service does with `domainName`.',
  rule: {
    resourceTypes: [LISTENER, LISTENER_RULE, SECURITY_GROUP, SECURITY_GROUP_INGRESS],
    check: (resource, servers) => resource.type === LISTENER || resource.type === LISTENER_RULE
      ? judgeForwarder(resource, servers)
      : judgeBoxPort(resource, servers),
  },
};

function judgeForwarder(forwarder: TemplateResource, servers: FlueServers): Finding[] | undefined {
  const forwarded = servers.routing.forwardedBy(forwarder).filter(targetGroup => servers.contains(targetGroup));
  const listener = servers.routing.listenerOf(forwarder);
  const protocol = listener?.at('Protocol').string();
  if (forwarded.length === 0 || !listener || typeof protocol !== 'string') {
    return undefined;
  }
  return protocol !== 'HTTP' || isFronted(listener, servers) ? [] : [{
    found: `an HTTP listener${forwarder === listener ? '' : ` (${listener.path})`} forwards to the server without TLS`,
    location: forwarder === listener ? 'Properties/Protocol' : 'Properties/Actions',
  }];
}

/** Whether clients talk TLS to what stands before a load balancer. */
function isFronted(listener: TemplateResource, servers: FlueServers): boolean {
  const loadBalancer = servers.routing.loadBalancerOf(listener);
  return servers.app
    .ofType(DISTRIBUTION, 'AWS::CloudFront::VpcOrigin', 'AWS::ApiGatewayV2::Integration', 'AWS::ApiGateway::Method')
    .some(front => front.at().targets().some(({ resource }) => resource === listener || resource === loadBalancer));
}

/** What ends TLS on a box, or brings a tunnel that does. */
const TLS_PROXY = /\b(caddy|nginx|traefik|haproxy|envoy|certbot|cloudflared|tailscale|stunnel|httpd|apache2?)\b/i;

function judgeBoxPort(group: TemplateResource, servers: FlueServers): Finding[] | undefined {
  const ports = servers.protectedBy(group, ...BOX_TYPES).filter(isFlueBox).flatMap(publishedPorts);
  if (ports.length === 0) {
    return undefined;
  }
  const open = worldIngress(group).flatMap(({ cidr, from, to }) => ports.filter(port => from <= port && port <= to).map(port => ({ cidr, port })));
  return open.length === 0 ? [] : [{
    found: `${open[0].cidr} may reach port ${open[0].port} of the box, where the server speaks HTTP without TLS`,
    location: group.type === SECURITY_GROUP ? 'Properties/SecurityGroupIngress' : 'Properties',
  }];
}

/** The ports on which a box serves HTTP itself: none where something on it could end TLS. */
function publishedPorts(box: TemplateResource): number[] {
  const script = bootText(box);
  if (TLS_PROXY.test(script)) {
    return [];
  }
  return dockerRuns(script)
    .flatMap(command => [...command.matchAll(/\s(?:-p|--publish)[ =](?:(?:0\.0\.0\.0|\[::\]):)?(\d+):\d+/g)])
    .map(([, port]) => Number(port))
    .filter(port => port !== HTTPS_PORT);
}
