import { Stack } from 'aws-cdk-lib';
import { InterfaceVpcEndpoint, VpcEndpoint, type IInterfaceVpcEndpoint, type IInterfaceVpcEndpointService, type IVpc } from 'aws-cdk-lib/aws-ec2';
import { Construct } from 'constructs';
import { warnElsewhere } from './elsewhere';
import type { FlueSandboxVpcEndpointOptions } from './flue-sandbox-egress-options';
import type { SandboxEgressWay, SandboxPlace } from './sandbox-egress-way';
import { admitThisAccount, findEndpoint, hasPolicy, isEndpointOf, reach, requireRangeFor, STARTING_ENDPOINTS, type MadeEndpoints } from './sandbox-endpoints';
import { refuse } from '../invariants/invariant';
import { requireListed, requireWritten } from '../invariants/limits/guard';
import { SANDBOX_LIMITS } from '../invariants/limits/sandboxes';
import { requireNoSecretTexts } from '../invariants/secrets-only';
import { requireNoCircle } from '../invariants/stack-circle';
import { isUnknown } from '../invariants/unknown';
import { WARNINGS } from '../invariants/warnings';

const RULE = 'Flue sandboxes to a service that they may use';

/** Single services, through an endpoint of each. */
export class EndpointEgress implements SandboxEgressWay {
  public constructor(private readonly options: FlueSandboxVpcEndpointOptions) {}

  public require(scope: Construct, vpc: IVpc): void {
    const { services = {}, endpoints = [] } = this.options;
    requireNoSecretTexts(scope, { services: Object.keys(services) });
    if (Object.keys(services).length + endpoints.length === 0) {
      refuse(scope, '`services` must name at least one service where there are no `endpoints`, got: none', 'Name one, or leave `egress` out');
    }
    requireNames(scope, services);
    requireListed(scope, endpoints, SANDBOX_LIMITS.egressEndpoints);
    const unreachable = endpoints.find(({ connections }) => connections.securityGroups.length === 0);
    if (unreachable) {
      refuse(scope, `\`endpoints\` must have security groups that are known, got: ${unreachable.node.path} without one`, 'Import it with `securityGroups`');
    }
    endpoints.forEach(({ connections }) => requireNoCircle(scope, 'endpoints', connections.securityGroups));
    requireRangeFor(scope, vpc, Object.values(services), 'pass endpoints that exist in `endpoints` of the egress');
  }

  public variables(): { readonly [name: string]: string } {
    return {};
  }

  public domains(): string[] {
    return [];
  }

  public open(scope: Construct, { vpc, subnets, securityGroup }: SandboxPlace): MadeEndpoints {
    const { services = {}, endpoints = [] } = this.options;
    const within = new Construct(scope, 'Egress');
    const made: MadeEndpoints = {};
    for (const [name, service] of Object.entries(services)) {
      const endpoint = findEndpoint(vpc, service, InterfaceVpcEndpoint)
        ?? (made[name] = new InterfaceVpcEndpoint(within, `Service-${name}`, { vpc, service, subnets: { subnets } }));
      if (isOfAws(service)) {
        admitThisAccount(scope, endpoint);
      }
      reach(securityGroup, endpoint, RULE);
    }
    for (const endpoint of endpoints) {
      warnElsewhere(scope, vpc, endpoint.connections.securityGroups, endpoint.node.path);
      warnOpenPolicy(scope, endpoint);
      reach(securityGroup, endpoint, RULE);
    }
    return made;
  }
}

function requireNames(scope: Construct, services: { readonly [name: string]: IInterfaceVpcEndpointService }): void {
  const entries = Object.entries(services);
  for (const [name] of entries) {
    requireWritten(scope, name, SANDBOX_LIMITS.egressService);
    if (STARTING_ENDPOINTS.includes(name)) {
      refuse(scope, `\`services\` must have names of yours, got: ${name}, which is an endpoint that every pool has`, 'Write another name');
    }
  }
  const namesOf = (service: IInterfaceVpcEndpointService) => JSON.stringify(Stack.of(scope).resolve(service.name));
  const twice = entries.find(([, service], index) => entries.slice(0, index).some(([, other]) => namesOf(other) === namesOf(service)));
  if (twice) {
    refuse(scope, `\`services\` must name each service once, got: that of ${twice[0]} twice`, 'Leave the second one out');
  }
}

/** Whether a service is known as one of AWS; those of anybody else take no policy of an endpoint (AWS PrivateLink guide, endpoint policies). */
function isOfAws(service: IInterfaceVpcEndpointService): boolean {
  return 'shortName' in service || (!isUnknown(service.name) && !/\.vpce\./.test(service.name));
}

/** The policy of an endpoint that the user passes is the user's. */
function warnOpenPolicy(scope: Construct, endpoint: IInterfaceVpcEndpoint): void {
  const isKnown = endpoint instanceof VpcEndpoint && (hasPolicy(endpoint) || isEndpointOf(endpoint, /\.vpce\./));
  if (!isKnown) {
    WARNINGS.sandboxEgressPolicy.give(scope, { endpoint: endpoint.node.path });
  }
}
