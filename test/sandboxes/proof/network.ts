import { execFileSync } from 'node:child_process';
import type { Deployed, GroupRule } from './template';

/** Where every host sends what is not its own, and where the metadata of a task answer. */
const GATEWAY = '169.254.1.1';
const METADATA = '169.254.170.2';

interface Host {
  readonly address: string;
  readonly groups: readonly string[];
  readonly link: string;
}

/** Where a host is, and which security groups it has. One without a group lets everything in and out. */
export interface Place {
  readonly address?: string;
  readonly subnet?: string;
  readonly groups?: readonly string[];
}

export const run = (command: string, args: readonly string[], input?: string) =>
  execFileSync(command, args, { input, encoding: 'utf8', stdio: [input === undefined ? 'ignore' : 'pipe', 'pipe', 'pipe'] });

/**
 * A VPC: each host has a network of its own, and a router between them lets through what the security groups and the route tables of a template do.
 */
export class Network {
  private readonly hosts = new Map<string, Host>();
  private readonly used = new Set<string>();
  private readonly router: string;
  private links = 0;

  public constructor(private readonly prefix: string, private deployed: Deployed) {
    this.router = `${prefix}-router`;
    run('ip', ['netns', 'add', this.router]);
    run('ip', ['-n', this.router, '-batch', '-'], [
      'link set lo up', `addr add ${GATEWAY}/32 dev lo`, `addr add ${METADATA}/32 dev lo`,
    ].join('\n'));
    run('nsenter', [`--net=${this.pathOf('router')}`, 'sysctl', '-q', '-w', 'net.ipv4.ip_forward=1']);
    this.fence(deployed);
  }

  /** The file of the network of a host, for a program that is to run there. */
  public pathOf(name: string): string {
    return `/run/netns/${this.prefix}-${name}`;
  }

  public addressOf(name: string): string {
    return this.hosts.get(name)!.address;
  }

  /** The names of all hosts. */
  public get names(): string[] {
    return [...this.hosts.keys()];
  }

  /** What the machine has of this network, for a look at what was left. */
  public left(): string[] {
    const spaces = run('ip', ['netns', 'list']).split('\n').filter(line => line.startsWith(`${this.prefix}-`));
    return [...spaces, ...run('ip', ['-n', this.router, '-o', 'link']).split('\n').flatMap(line => /h\d+/.exec(line) ?? [])].sort();
  }

  /** Adds a host at an address, or at the next one of a subnet. */
  public add(name: string, { address, subnet, groups = [] }: Place): string {
    const at = address ?? this.next(subnet!);
    const link = `h${this.links++}`;
    const space = `${this.prefix}-${name}`;
    this.used.add(at);
    this.hosts.set(name, { address: at, groups, link });
    if (!run('ip', ['netns', 'list']).split('\n').some(line => line.split(' ')[0] === space)) {
      run('ip', ['netns', 'add', space]);
    }
    run('ip', ['-n', this.router, '-batch', '-'], [
      `link add ${link} type veth peer name eth0 netns ${space}`, `link set ${link} up`, `route add ${at}/32 dev ${link}`,
    ].join('\n'));
    run('ip', ['-n', space, '-batch', '-'], [
      'link set lo up', `addr add ${at}/32 dev eth0`, 'link set eth0 up', `route add ${GATEWAY} dev eth0 scope link`, `route add default via ${GATEWAY} src ${at}`,
    ].join('\n'));
    this.fence(this.deployed);
    return at;
  }

  public remove(name: string): void {
    const host = this.hosts.get(name)!;
    this.hosts.delete(name);
    run('ip', ['-n', this.router, 'link', 'del', host.link]);
    run('ip', ['netns', 'del', `${this.prefix}-${name}`]);
    this.used.delete(host.address);
    this.fence(this.deployed);
  }

  /** Puts up the fence that a template describes. */
  public fence(deployed: Deployed): void {
    this.deployed = deployed;
    run('nsenter', [`--net=${this.pathOf('router')}`, 'nft', '-f', '-'], this.rules());
  }

  private next(subnet: string): string {
    const cidr = this.cidrOf(subnet);
    const [a, b, c] = cidr.split('.').map(Number);
    // AWS keeps the first four of a subnet
    for (let last = 4; last < 255; last++) {
      const address = `${a}.${b}.${c}.${last}`;
      if (!this.used.has(address)) {
        return address;
      }
    }
    throw new Error(`${subnet} is full`);
  }

  private cidrOf(subnet: string): string {
    return (this.deployed.resources[subnet]!.Properties as { CidrBlock: string }).CidrBlock;
  }

  private rules(): string {
    const [[, { CidrBlock: vpc }]] = this.deployed.of('AWS::EC2::VPC') as [[string, { CidrBlock: string }]];
    const groups = this.deployed.of('AWS::EC2::SecurityGroup').map(([id]) => id);
    const sets = groups.map(id => {
      const members = [...this.hosts.values()].filter(host => host.groups.includes(id)).map(({ address }) => address);
      return `set ${id} { type ipv4_addr; ${members.length > 0 ? `elements = { ${members.join(', ')} };` : ''} }`;
    });
    // a planted host of the VPC that has no group lets everything in and out
    const free = [...this.hosts.values()].filter(host => host.groups.length === 0).map(({ address }) => address);
    const egress = groups.flatMap(id => this.rulesOf(id, 'Egress').map(rule => `ip saddr @${id} ${match(rule, 'daddr')} goto ingress`));
    const ingress = groups.flatMap(id => this.rulesOf(id, 'Ingress').map(rule => `ip daddr @${id} ${match(rule, 'saddr')} accept`));
    return `
table inet vpc
delete table inet vpc
table inet vpc {
  ${[...sets, `set free { type ipv4_addr; ${free.length > 0 ? `elements = { ${free.join(', ')} };` : ''} }`].join('\n  ')}
  chain input { type filter hook input priority 0; policy drop; ct state established accept; ip daddr ${METADATA} tcp dport 80 accept; }
  chain forward {
    type filter hook forward priority 0; policy drop;
    ct state established,related accept
    ${this.withoutRoute().map(cidr => `ip saddr ${cidr} ip daddr != ${vpc} drop`).join('\n    ')}
    ip saddr @free goto ingress
    ${egress.join('\n    ')}
  }
  chain ingress {
    ip daddr @free accept
    ${ingress.join('\n    ')}
    drop
  }
}
`;
  }

  /** The rules in a group and beside it. */
  private rulesOf(group: string, kind: 'Ingress' | 'Egress'): GroupRule[] {
    const inside = (this.deployed.resources[group]!.Properties as { [name: string]: GroupRule[] | undefined })[`SecurityGroup${kind}`] ?? [];
    const beside = this.deployed.of(`AWS::EC2::SecurityGroup${kind}`).filter(([, { GroupId }]) => GroupId === group).map(([, rule]) => rule as GroupRule);
    // EC2 lets everything out of a group without a rule
    return kind === 'Egress' && inside.length + beside.length === 0 ? [{ IpProtocol: '-1', CidrIp: '0.0.0.0/0' }] : [...inside, ...beside];
  }

  /** The ranges of the subnets from which no route leads out of the VPC. */
  private withoutRoute(): string[] {
    const tables = this.deployed.of('AWS::EC2::SubnetRouteTableAssociation');
    const routes = this.deployed.of('AWS::EC2::Route');
    return this.deployed.of('AWS::EC2::Subnet').map(([id]) => id).filter(id => {
      const [, table] = tables.find(([, { SubnetId }]) => SubnetId === id)!;
      return !routes.some(([, { RouteTableId, DestinationCidrBlock }]) => RouteTableId === table.RouteTableId && DestinationCidrBlock === '0.0.0.0/0');
    }).map(id => this.cidrOf(id));
  }
}

/** What a rule lets through, as nftables says it; `peer` is the end that the rule names. */
function match(rule: GroupRule, peer: 'saddr' | 'daddr'): string {
  const group = rule.SourceSecurityGroupId ?? rule.DestinationSecurityGroupId;
  const list = rule.SourcePrefixListId ?? rule.DestinationPrefixListId;
  // no host of the test stands in a list of AWS, so such a rule lets nothing through here
  const where = group !== undefined ? `ip ${peer} @${group}` : list !== undefined ? `ip ${peer} 255.255.255.255` : `ip ${peer} ${needed(rule.CidrIp)}`;
  switch (rule.IpProtocol) {
    case '-1':
      return where;
    case 'icmp':
      return `${where} icmp type ${rule.FromPort} icmp code ${rule.ToPort}`;
    case 'tcp':
    case 'udp':
      return `${where} ${rule.IpProtocol} dport ${rule.FromPort}-${rule.ToPort}`;
    default:
      throw new Error(`the fence knows no protocol ${rule.IpProtocol}`);
  }
}

function needed(cidr: string | undefined): string {
  if (cidr === undefined) {
    throw new Error('the fence knows no rule for anything but a group, a list or a range of IPv4');
  }
  return cidr;
}
