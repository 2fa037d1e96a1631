import { RemovalPolicy, Resource, Stack } from 'aws-cdk-lib';
import { EbsDeviceVolumeType, Volume, type CfnVolume, type ISubnet, type IVolume } from 'aws-cdk-lib/aws-ec2';
import { PolicyStatement, type IRole } from 'aws-cdk-lib/aws-iam';
import type { IKey } from 'aws-cdk-lib/aws-kms';
import type { Construct, IConstruct } from 'constructs';
import { ofServer } from './box-role';
import type { FlueEc2ServiceProps } from './flue-ec2-service-props';
import { FlueBackups } from '../../backups/flue-backups';
import { isPending, isUnknown } from '../../invariants/unknown';
import { WARNINGS } from '../../invariants/warnings';

/** The paths of the boxes of an app, by their data volumes. */
const HOLDERS = new WeakMap<IConstruct, Map<IVolume | string, string>>();

function holdersIn(scope: Construct): Map<IVolume | string, string> {
  const { root } = scope.node;
  const holders = HOLDERS.get(root) ?? new Map<IVolume | string, string>();
  HOLDERS.set(root, holders);
  return holders;
}

/** Two imports of one volume have one id. */
const keyOf = (volume: IVolume): IVolume | string => isUnknown(volume.volumeId) ? volume : volume.volumeId;

/** The path of the box that has a volume already; undefined for none. */
export function holderOf(scope: Construct, volume: IVolume): string | undefined {
  return holdersIn(scope).get(keyOf(volume));
}

/** The data volume of a box, in the zone of its subnet; undefined where none is asked for. */
export function dataVolumeOf(scope: Construct, role: IRole, subnet: ISubnet, props: FlueEc2ServiceProps): IVolume | undefined {
  const volume = props.dataVolume ?? buildDataVolume(scope, role, subnet, props);
  if (volume) {
    holdersIn(scope).set(keyOf(volume), scope.node.path);
  }
  if (props.dataVolume && !isEncrypted(props.dataVolume)) {
    WARNINGS.dataVolumeEncryption.give(scope, { volume: props.dataVolume.node.path, isImported: !Resource.isOwnedResource(props.dataVolume) });
  }
  if (volume && props.dataVolumeBackups) {
    new FlueBackups(scope, 'Backups', { volumes: [volume], retention: props.dataVolumeBackups });
  }
  return volume;
}

/** Whether a volume is known to be encrypted: an import tells by its key alone. */
function isEncrypted(volume: IVolume): boolean {
  const encrypted: unknown = Stack.of(volume).resolve((volume.node.defaultChild as CfnVolume | undefined)?.encrypted);
  return volume.encryptionKey !== undefined || (encrypted !== undefined && encrypted !== false);
}

function buildDataVolume(scope: Construct, role: IRole, subnet: ISubnet, props: FlueEc2ServiceProps): Volume | undefined {
  const { dataVolumeSize: size, dataVolumeEncryptionKey: key } = props;
  if (!size) {
    return undefined;
  }
  // the L2 fails for a key whose policy it cannot change
  const isOurs = key !== undefined && Resource.isOwnedResource(key);
  const volume = new Volume(scope, 'DataVolume', {
    availabilityZone: subnet.availabilityZone,
    size,
    // aws-cdk-lib takes the id of a snapshot, not what stands for one until a lookup is made
    snapshotId: isPending(props.dataVolumeSnapshot) ? undefined : props.dataVolumeSnapshot,
    volumeType: EbsDeviceVolumeType.GP3,
    encrypted: true,
    encryptionKey: isOurs ? key : undefined,
    removalPolicy: RemovalPolicy.RETAIN,
  });
  if (key && !isOurs) {
    (volume.node.defaultChild as CfnVolume).kmsKeyId = key.keyArn;
    allowKeyOfVolume(scope, role, key);
  }
  return volume;
}

/** Lets the boxes of a server attach its volume. The L2 lets them by a tag, which a volume of elsewhere does not have. */
export function allowVolume(scope: Construct, role: IRole, volume: IVolume, serverName: string, group: Construct): void {
  if (volume instanceof Volume && volume.node.scope === scope) {
    volume.grantAttachVolumeByResourceTag(role, [group]);
    return;
  }
  const arn = (resource: string, resourceName: string) => Stack.of(scope).formatArn({ service: 'ec2', resource, resourceName });
  role.addToPrincipalPolicy(new PolicyStatement({ actions: ['ec2:AttachVolume'], resources: [arn('volume', volume.volumeId)] }));
  role.addToPrincipalPolicy(new PolicyStatement({ actions: ['ec2:AttachVolume'], resources: [arn('instance', '*')], conditions: ofServer(serverName) }));
  if (volume.encryptionKey) {
    allowKeyOfVolume(scope, role, volume.encryptionKey);
  }
}

/** Lets EC2 attach a volume under a key that the role's account need not own; its key policy must allow the same. */
function allowKeyOfVolume(scope: Construct, role: IRole, key: IKey): void {
  role.addToPrincipalPolicy(new PolicyStatement({
    actions: ['kms:CreateGrant'],
    resources: [key.keyArn],
    conditions: {
      Bool: { 'kms:GrantIsForAWSResource': true },
      StringEquals: { 'kms:ViaService': `ec2.${Stack.of(scope).region}.amazonaws.com`, 'kms:GrantConstraintType': 'EncryptionContextSubset' },
    },
  }));
}
