import type { Finding, Invariant } from './invariant';
import { boxLocation, boxProperty, BOX_TYPES, INSTANCE, LAUNCH_TEMPLATE } from './template/boxes';
import { allOf } from './template/findings';
import { VOLUME } from './template/flue-servers';
import { SECURITY_GROUP, SECURITY_GROUP_INGRESS, worldIngress } from './template/security-groups';
import { UNKNOWN, type TemplateResource, type TemplateValue } from './template/value';

const SSH_PORT = 22;

export const BOX_HARDENING: Invariant = {
  id: 'BoxHardening',
  level: 'error',
  statement: 'The box, an EC2 instance that runs the server, requires IMDSv2, encrypts its disks and accepts no SSH from the internet.',
  why: 'Attackers probe a public address within minutes, and the metadata service gives the credentials of the role that reads every secret.',
  limit: '`HttpTokens: required`; every volume encrypted; no ingress to port 22 from 0.0.0.0/0, ::/0 or a range wider than /8 (IPv6: /16)',
  source: 'Amazon EC2 user guide, instance metadata and EBS encryption',
  fix: 'Require IMDSv2, encrypt the volumes, and use Session Manager in place of SSH.',
  rule: {
    resourceTypes: [...BOX_TYPES, VOLUME, SECURITY_GROUP, SECURITY_GROUP_INGRESS],
    check: (resource, servers) => {
      switch (resource.type) {
        case VOLUME:
          return judgeVolume(resource.at(), 'Properties');
        case SECURITY_GROUP:
        case SECURITY_GROUP_INGRESS:
          return servers.protectedBy(resource, ...BOX_TYPES).length === 0 ? undefined : judgeSsh(resource);
        case LAUNCH_TEMPLATE:
          // an instance answers for what it takes from its template
          return servers.usersOf(resource).some(({ type }) => type === INSTANCE) ? undefined : judgeBox(resource, [resource]);
        default:
          return judgeBox(resource, [resource, ...servers.launchedBy(resource)], !resource.at('LaunchTemplate').absent);
      }
    },
  },
};

/** Judges a box by its own properties and, where it has none, by those of its launch template. */
function judgeBox(box: TemplateResource, layers: TemplateResource[], templated = false): Finding[] | undefined {
  const hidden = templated && layers.length === 1;
  const setting = (...keys: string[]) => layers.map(layer => boxProperty(layer, ...keys)).find(value => !value.absent);
  return allOf(
    judgeMetadataService(setting('MetadataOptions'), hidden, boxLocation(box)),
    judgeDisks(setting('BlockDeviceMappings'), hidden, boxLocation(box)),
  );
}

function judgeMetadataService(options: TemplateValue | undefined, hidden: boolean, location: string): Finding[] | undefined {
  const tokens = options?.at('HttpTokens').string();
  const disabled = options?.at('HttpEndpoint').string() === 'disabled';
  if (tokens === UNKNOWN || options?.unknown || (tokens === undefined && hidden)) {
    return undefined;
  }
  return tokens === 'required' || disabled ? [] : [{
    detail: 'HttpTokens',
    found: `the instance metadata service answers without a session token (HttpTokens is ${tokens ?? 'left out'})`,
    location: `${location}/MetadataOptions`,
    fix: 'Set HttpTokens to required.',
  }];
}

function judgeDisks(mappings: TemplateValue | undefined, hidden: boolean, location: string): Finding[] | undefined {
  if (!mappings) {
    return hidden ? undefined : [unencrypted('the root volume', `${location}/BlockDeviceMappings`)];
  }
  const disks = mappings.list();
  if (disks === UNKNOWN) {
    return undefined;
  }
  return allOf(...disks.map((disk, index) => {
    const ebs = disk.at('Ebs');
    return ebs.absent ? [] : judgeVolume(ebs, `${location}/BlockDeviceMappings/${index}/Ebs`);
  }))?.slice(0, 1);
}

function judgeVolume(volume: TemplateValue, location: string): Finding[] | undefined {
  const encrypted = volume.at('Encrypted').boolean();
  const inherited = encrypted === undefined && !volume.at('SnapshotId').absent;
  if (encrypted === UNKNOWN || volume.unknown || inherited) {
    return undefined;
  }
  return encrypted ? [] : [unencrypted('a volume', location)];
}

function unencrypted(what: string, location: string): Finding {
  return { detail: 'Encrypted', found: `${what} of the box is not encrypted`, location, fix: 'Set Encrypted to true on every volume, the root volume included.' };
}

function judgeSsh(group: TemplateResource): Finding[] {
  const open = worldIngress(group).find(({ from, to }) => from <= SSH_PORT && SSH_PORT <= to);
  return open ? [{
    detail: 'Ssh',
    found: `${open.cidr} may reach port ${SSH_PORT} of the box`,
    location: group.type === SECURITY_GROUP ? 'Properties/SecurityGroupIngress' : 'Properties',
    fix: 'Remove the rule and use Session Manager in place of SSH.',
  }] : [];
}
