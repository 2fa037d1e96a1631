import type { Duration, Size } from 'aws-cdk-lib';
import type { IMachineImage, InstanceType, IVolume } from 'aws-cdk-lib/aws-ec2';
import type { IRole } from 'aws-cdk-lib/aws-iam';
import type { IKey } from 'aws-cdk-lib/aws-kms';
import type { IHostedZone } from 'aws-cdk-lib/aws-route53';
import type { FlueExposure } from '../../edge/flue-exposure';
import type { IFlueApp } from '../../image/image';
import type { FlueSingleServiceProps } from '../flue-service-props';

/**
 * Properties of a Flue server on one EC2 instance.
 */
export interface FlueEc2ServiceProps extends FlueSingleServiceProps {
  /**
   * The app to run: an image, built from its directory or already in a registry, or a FlueBuild.
   *
   * Throws for any other IFlueApp.
   */
  readonly image: IFlueApp;

  /**
   * The role of the instance and of the server.
   *
   * The construct grants it what a new role would get: the app, its secrets, the logs and metrics, Session Manager, the address, the
   * data volume and the group. It grants nothing to a role imported as immutable. Such a role must trust `ec2.amazonaws.com` and allow
   * all of that already. Otherwise the box never signals that it is up.
   *
   * @default - a new one that only EC2 can assume
   */
  readonly role?: IRole;

  /**
   * Whether a server in a container can use the role of the instance.
   *
   * With it, an agent that runs commands can do what the box can, such as end the box. Pass `false` if the app calls no API of AWS:
   * the metadata service then answers the box alone. The box still pulls the image and reads the secrets.
   *
   * Throws when false with FlueBuild, which runs without a container, and with a model on Amazon Bedrock, which needs the role.
   *
   * @default true
   */
  readonly instanceRoleAccess?: boolean;

  /**
   * The instance type, with at least 1 GiB of memory.
   *
   * A quarter of the memory, and at least 400 MiB, stays with the system; the server has the rest.
   *
   * Throws for a malformed name, a type with another CPU architecture than the image, and for a nano, which has half a GiB.
   *
   * @default - t4g.small for an ARM64 image, t3.small for an X86_64 image
   */
  readonly instanceType?: InstanceType;

  /**
   * The machine image, which must be an Amazon Linux 2023.
   *
   * Throws for Windows.
   *
   * @default - the newest Amazon Linux 2023 when EC2 launches an instance; a newer one alone does not replace a running instance
   */
  readonly machineImage?: IMachineImage;

  /**
   * The domain name that clients use. With it, Caddy on the box obtains a certificate and terminates TLS.
   *
   * Create a DNS record for `elasticIp`, or pass `hostedZone`.
   *
   * Throws for a wildcard, for anything else that is no host name, and for a name outside `hostedZone`.
   *
   * @default - none: plain HTTP to the peers of `exposure` only, and the construct warns you of it
   */
  readonly domainName?: string;

  /**
   * The hosted zone in which the construct creates the record of `domainName`.
   *
   * Throws without `domainName`.
   *
   * @default - none: you create the record
   */
  readonly hostedZone?: IHostedZone;

  /**
   * The peers that can reach the server.
   *
   * With `domainName`, port 80 is also open to everyone, for certificates and redirects only.
   *
   * Throws for `internal()`, because the box has a public address; for `throughListener()` and `cloudFront()`, which need a
   * load balancer; and for `open()` without `domainName`.
   *
   * @default - everyone with `domainName`, no one without it
   */
  readonly exposure?: FlueExposure;

  /**
   * Size of a data volume, 1–16384 GiB. The volume stays when the instance or the stack is deleted.
   *
   * Without `database`, `SQLITE_PATH` names a file on it for Flue's `sqlite()`. The box must run in the availability zone of
   * the volume. The box formats the volume only if it is empty. If you pass a larger size, the next box uses it; EBS cannot
   * shrink a volume.
   *
   * If you remove the stack, the construct or this prop, the volume stays, and the next deployment creates an empty one. Take
   * the first one back with `dataVolume`.
   *
   * Throws outside the range, for a part of a GiB, for a size known only at deployment and beside `dataVolume`.
   *
   * @default - no data volume
   */
  readonly dataVolumeSize?: Size;

  /**
   * The KMS key that encrypts the data volume.
   *
   * The role gets permission to use it. The construct cannot change the policy of an imported key, which must allow the account of
   * the box to create grants for EC2. The key can be that of another account, in the same region.
   *
   * Throws without `dataVolumeSize`.
   *
   * @default - the AWS managed key for Amazon EBS
   */
  readonly dataVolumeEncryptionKey?: IKey;

  /**
   * The id of the snapshot that the data volume begins with.
   *
   * Pass it in the first deployment of the volume, and keep it for the life of the volume, because CloudFormation cannot update
   * it. `dataVolumeSize` must be at least the size of the snapshot. The box never formats a volume that holds anything.
   *
   * Throws for anything else, and without `dataVolumeSize`.
   *
   * @default - none: the volume begins empty
   */
  readonly dataVolumeSnapshot?: string;

  /**
   * A volume that exists, such as one that a destroyed stack left, as the data volume.
   *
   * The box runs in the zone of the volume. It never formats a volume that holds anything. Nothing else may have the volume
   * attached. When you take it out of the app, the volume stays as it is.
   *
   * Throws beside `dataVolumeSize`, for the volume of another box, for one of another account or region, and where no public subnet is known
   * to be in the zone of the volume.
   *
   * @default - a new one if you pass `dataVolumeSize`
   */
  readonly dataVolume?: IVolume;

  /**
   * How long AWS Backup keeps a daily snapshot of the data volume, 1–36500 days.
   *
   * The snapshots are in a vault that stays when the stack is deleted. Restore one with `dataVolumeSnapshot`. For a schedule or
   * a vault of your own, use FlueBackups.
   *
   * Throws outside the range, for a part of a day and without a data volume.
   *
   * @default - no backups
   */
  readonly dataVolumeBackups?: Duration;

  /**
   * Size of the root volume, 8–16384 GiB. It is encrypted, and deleted with the instance.
   *
   * Throws outside the range and for a part of a GiB.
   *
   * @default Size.gibibytes(16)
   */
  readonly rootVolumeSize?: Size;

  /**
   * Whether the root file system of the server's container is read-only. `/tmp` is then in memory, and the data volume stays
   * writable.
   *
   * A FlueBuild always runs on a read-only file system.
   *
   * @default false
   */
  readonly readonlyRootFilesystem?: boolean;

  /**
   * Whether EC2 refuses to terminate the instance by hand. A deployment and the replacement of a broken instance still
   * terminate it.
   *
   * @default false
   */
  readonly terminationProtection?: boolean;

  /**
   * Whether EC2 reports its metrics every minute, at a price, instead of every five minutes.
   *
   * @default false
   */
  readonly detailedMonitoring?: boolean;
}
