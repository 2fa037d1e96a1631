import type { Drawing, Group } from './drawing';
import { egressOf, found, guarded, ingressOf, keepAliveSeconds, only, subnetGroup, subnetsIn, textAt, vpcGroup } from './facts';
import { CLIENT, inSeconds, LEGEND, modelCard, stop } from './parts';
import type { Synthesized } from './stacks';
import { AUTO_SCALING_GROUP, LAUNCH_TEMPLATE, userDataOf } from '../../src/invariants/template/boxes';
import { VOLUME } from '../../src/invariants/template/flue-servers';

/** The port that an address without one means. */
const WELL_KNOWN: Readonly<Record<string, string>> = { http: '80', https: '443' };

export function box({ servers, scheme }: Synthesized): Drawing {
  const group = only(servers.app.ofType(AUTO_SCALING_GROUP), 'auto scaling group');
  const template = only([...new Set(servers.launchedBy(group))].filter(({ type }) => type === LAUNCH_TEMPLATE), 'launch template');
  const volume = only(servers.app.ofType(VOLUME), 'data volume');
  const script = userDataOf(template);
  const setting = (name: string): string => found(script, new RegExp(`^${name}='?"?([^'"\\n]*)`, 'm'));
  const [address, port] = found(script, /reverse_proxy (\S+) \{/).split(':') as [string, string];
  const securityGroup = only(servers.securityGroupsOf(template), 'security group of the box');
  const file = setting('SQLITE_PATH');
  only(servers.app.ofType('AWS::EC2::EIP'), 'address of the box');

  const machine: Group = {
    id: 'machine',
    kind: 'machine',
    title: [`EC2 instance ${textAt(template, 'LaunchTemplateData', 'InstanceType')} with an Elastic IP address`],
    children: [
      { id: 'edge', kind: 'edge', title: 'Caddy', lines: ['certificate for', setting('DOMAIN')] },
      {
        id: 'server',
        kind: 'server',
        title: 'Flue server',
        lines: [
          `on ${address}`,
          `GET ${setting('HEALTH_PATH')}`,
          `every ${inSeconds(Number(found(script, /^OnUnitInactiveSec=(\d+)/m)))}`,
        ],
      },
    ],
  };
  const ingress = ingressOf(securityGroup, servers);
  const open = ingress.flatMap(({ ports }) => ports);
  return {
    title: 'FlueEc2Service',
    subtitle: 'One EC2 instance that keeps its state on a volume; no load balancer, no database to pay for',
    parts: [
      CLIENT,
      modelCard(setting('MODEL_SPECIFIER')),
      vpcGroup(servers, [
        subnetGroup(subnetsIn(group.at('VPCZoneIdentifier')), servers, [
          guarded('boxGroup', ingress, machine),
        ]),
      ]),
      {
        id: 'database',
        kind: 'data',
        title: 'Data volume',
        lines: [
          `${textAt(volume, 'Size')} GiB ${textAt(volume, 'VolumeType')}`,
          volume.at('Encrypted').boolean() === true ? 'encrypted' : 'not encrypted',
        ],
      },
    ],
    flows: [
      { from: 'client', to: 'edge', step: 1, label: [scheme.toUpperCase(), only(open.filter(candidate => candidate === WELL_KNOWN[scheme]), `port for ${scheme}`)] },
      { from: 'edge', to: 'server', step: 2, label: ['HTTP', port] },
      { from: 'server', to: 'database', step: 3, label: ['SQLite', file.split('/').pop()!] },
      { from: 'server', to: 'model', step: 4, label: [egressOf(securityGroup)], back: true },
    ],
    lanes: [
      {
        title: 'While a connection is idle',
        order: 'together',
        bars: [
          { label: 'kept by Caddy for its next request', seconds: Number(found(script, /^\s*keepalive (\d+)s/m)), kind: 'edge' },
          { label: 'keep-alive, server', seconds: keepAliveSeconds(script), kind: 'server' },
        ],
      },
      {
        title: 'While the box is replaced, boot of the machine aside',
        order: 'in turn',
        bars: [
          stop(Number(found(script, /^ExecStop=\/usr\/bin\/docker stop -t (\d+) flue$/m))),
          { label: 'startup budget of the new server', seconds: Number(setting('STARTUP_SECONDS')), kind: 'outside' },
        ],
      },
    ],
    legend: LEGEND,
  };
}
