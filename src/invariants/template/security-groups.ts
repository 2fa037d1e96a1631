import { UNKNOWN, type TemplateResource, type TemplateValue } from './value';

export const SECURITY_GROUP = 'AWS::EC2::SecurityGroup';
export const SECURITY_GROUP_INGRESS = 'AWS::EC2::SecurityGroupIngress';

const WORLD = ['0.0.0.0/0', '::/0'];

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

function toWorldIngress(rule: TemplateValue): WorldIngress[] {
  const cidr = [rule.at('CidrIp').string(), rule.at('CidrIpv6').string()].find(range => WORLD.includes(range as string));
  const protocol = rule.at('IpProtocol').string();
  if (typeof cidr !== 'string' || typeof protocol !== 'string') {
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
