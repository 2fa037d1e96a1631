import { isIPv4 } from 'node:net';
import { Connections, Port, type IConnectable, type IPeer, type IVpc } from 'aws-cdk-lib/aws-ec2';
import { Construct } from 'constructs';
import { warnElsewhere } from './elsewhere';
import type { FlueSandboxProxyOptions } from './flue-sandbox-egress-options';
import type { SandboxEgressWay, SandboxPlace } from './sandbox-egress-way';
import type { MadeEndpoints } from './sandbox-endpoints';
import { refuse } from '../invariants/invariant';
import { requireWithin, requireWritten } from '../invariants/limits/guard';
import { DEFAULT_PROXY_PORT, SANDBOX_LIMITS } from '../invariants/limits/sandboxes';
import { requireNoSecretValues } from '../invariants/secrets-only';
import { requireNoCircle } from '../invariants/stack-circle';
import { PROXY_VARIABLES } from '../invariants/template/sandboxes';
import { isUnknown, knownText, numberInText, settled, textOf } from '../invariants/unknown';
import { isWorldRange } from '../invariants/world-range';

/** What no proxy answers for: the sandbox itself, and the metadata of its task. */
const AROUND = 'localhost,127.0.0.1,::1,169.254.170.2';

/** A proxy that the user runs. */
export class ProxyEgress implements SandboxEgressWay {
  public constructor(private readonly options: FlueSandboxProxyOptions) {}

  public require(scope: Construct): void {
    const { proxy, host, port } = settled(scope, this.options);
    if (knownText(host).includes('@')) {
      refuse(scope, '`host` must be a host alone, got: one with credentials before `@`',
        'Every command of an agent would read them. Write the host without them, and let the proxy admit the security group of the sandboxes');
    }
    requireNoSecretValues(scope, { host });
    requireWritten(scope, host, SANDBOX_LIMITS.proxyHost);
    requireWithin(scope, port, SANDBOX_LIMITS.proxyPort);
    requireReachable(scope, proxy);
    requireNoCircle(scope, 'proxy', proxy.connections.securityGroups);
  }

  public variables(scope: Construct): { readonly [name: string]: string } {
    const { host, port = DEFAULT_PROXY_PORT } = settled(scope, this.options);
    const url = `http://${host}:${textOf(numberInText(port))}`;
    return Object.fromEntries(PROXY_VARIABLES.map(name => [name, /^no_/i.test(name) ? AROUND : url]));
  }

  public domains(): string[] {
    const { host } = this.options;
    return isIPv4(host) ? [] : [host];
  }

  public open(scope: Construct, { vpc, securityGroup }: SandboxPlace): MadeEndpoints {
    const { proxy, port = DEFAULT_PROXY_PORT } = settled(scope, this.options);
    warnProxyElsewhere(scope, vpc, proxy);
    new Connections({ securityGroups: [securityGroup] }).allowTo(proxy, Port.tcp(port), 'Flue sandboxes to their proxy');
    return {};
  }
}

function warnProxyElsewhere(scope: Construct, vpc: IVpc, proxy: IConnectable): void {
  warnElsewhere(scope, vpc, proxy.connections.securityGroups, Construct.isConstruct(proxy) ? proxy.node.path : 'the proxy');
}

/** Refuses what no rule can name, and what is no fence. */
function requireReachable(scope: Construct, proxy: IConnectable): void {
  if (isPeer(proxy)) {
    const { cidrIp, cidrIpv6 } = proxy.toEgressRuleConfig() as { readonly cidrIp?: string; readonly cidrIpv6?: string };
    const range = cidrIp ?? cidrIpv6;
    if (range !== undefined && !isUnknown(range) && isWorldRange(range)) {
      refuse(scope, `\`proxy\` must be a proxy in your network, got: the internet (${range})`, 'Pass its security group, or its address as in `ec2.Peer.ipv4(\'10.0.7.9/32\')`');
    }
    return;
  }
  if (proxy.connections.securityGroups.length === 0) {
    refuse(scope, `\`proxy\` must have a security group, got: ${Construct.isConstruct(proxy) ? proxy.node.path : 'connections'} without one`,
      'Give it one, or pass its range as in `ec2.Peer.ipv4(\'10.0.7.0/28\')`');
  }
}

function isPeer(proxy: IConnectable): proxy is IPeer {
  return 'toEgressRuleConfig' in proxy;
}
