import { UNKNOWN, type TemplateResource, type TemplateValue } from './value';
import { isWorldRange } from '../world-range';

export const SECURITY_GROUP = 'AWS::EC2::SecurityGroup';
export const SECURITY_GROUP_INGRESS = 'AWS::EC2::SecurityGroupIngress';
export const SECURITY_GROUP_EGRESS = 'AWS::EC2::SecurityGroupEgress';

/** What EC2 lets a group without a rule reach. */
const WORLD = '0.0.0.0/0';

/** A rule that lets the whole internet in. */
export interface WorldIngress {
  readonly cidr: string;
  readonly from: number;
  readonly to: number;
}

/** The rules of a security group, or of a separate ingress resource, that let the world in to TCP ports. */
export function worldIngress(resource: TemplateResource): WorldIngress[] {
  if (resource.type === SECURITY_GROUP_INGRESS) {
    return toWorldIngress(resource.at());
  }
  const rules = resource.at('SecurityGroupIngress').list();
  return rules === UNKNOWN ? [] : rules.flatMap(toWorldIngress);
}

/** The range by which a security group, or a separate egress resource, lets out to the whole internet; undefined where none does, or only the deployment knows. */
export function worldEgress(resource: TemplateResource, hasRulesBeside = false): string | undefined {
  if (resource.type === SECURITY_GROUP_EGRESS) {
    return worldRange(resource.at());
  }
  const rules = resource.at('SecurityGroupEgress').list();
  // EC2 gives a group without a rule one to everywhere, and takes it away with the first that stands beside it
  return rules === UNKNOWN ? undefined : rules.length === 0 && !hasRulesBeside ? WORLD : rules.map(worldRange).find(range => range !== undefined);
}

function worldRange(rule: TemplateValue): string | undefined {
  return [rule.at('CidrIp').string(), rule.at('CidrIpv6').string()].filter(range => typeof range === 'string').find(isWorldRange);
}

function toWorldIngress(rule: TemplateValue): WorldIngress[] {
  const cidr = worldRange(rule);
  const protocol = rule.at('IpProtocol').string();
  if (cidr === undefined || typeof protocol !== 'string') {
    return [];
  }
  if (protocol === '-1') {
    return [{ cidr, from: 0, to: 65535 }];
  }
  const [from, to] = [rule.at('FromPort').number(), rule.at('ToPort').number()];
  const tcp = protocol.toLowerCase() === 'tcp' || protocol === '6';
  if (!tcp || typeof from !== 'number' || typeof to !== 'number') {
    return [];
  }
  return from === -1 ? [{ cidr, from: 0, to: 65535 }] : [{ cidr, from, to }];
}
