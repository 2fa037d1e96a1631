import { RemovalPolicy, Resource, Stack } from 'aws-cdk-lib';
import { EbsDeviceVolumeType, Volume, type CfnVolume, type ISubnet, type IVolume } from 'aws-cdk-lib/aws-ec2';
import { PolicyStatement, type IRole } from 'aws-cdk-lib/aws-iam';
import type { IKey } from 'aws-cdk-lib/aws-kms';
import type { Construct } from 'constructs';
import { ofServer } from './box-role';
import type { FlueEc2ServiceProps } from './flue-ec2-service-props';
import { FlueBackups } from '../../backups/flue-backups';

/** The data volume of a box, in the zone of its subnet; undefined where none is asked for. */
export function dataVolumeOf(scope: Construct, role: IRole, subnet: ISubnet, props: FlueEc2ServiceProps): IVolume | undefined {
  const volume = props.dataVolume ?? buildDataVolume(scope, role, subnet, props);
  if (volume && props.dataVolumeBackups) {
    new FlueBackups(scope, 'Backups', { volumes: [volume], retention: props.dataVolumeBackups });
  }
  return volume;
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
    snapshotId: props.dataVolumeSnapshot,
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
