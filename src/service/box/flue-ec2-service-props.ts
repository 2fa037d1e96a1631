import type { Size } from 'aws-cdk-lib';
import type { IMachineImage, InstanceType } from 'aws-cdk-lib/aws-ec2';
import type { IRole } from 'aws-cdk-lib/aws-iam';
import type { IKey } from 'aws-cdk-lib/aws-kms';
import type { IHostedZone } from 'aws-cdk-lib/aws-route53';
import type { FlueExposure } from '../../edge/flue-exposure';
import type { IFlueApp } from '../../image/image';
import type { FlueServiceProps } from '../flue-service-props';

/**
 * Properties of a Flue server on an EC2 instance of its own.
 */
export interface FlueEc2ServiceProps extends FlueServiceProps {
  /**
   * The app to run: an image, built from an app directory or one that exists, or a FlueBuild.
   *
   * Throws for any other IFlueApp.
   */
  readonly image: IFlueApp;

  /**
   * Role of the instance; the server has it too.
   *
   * It gets what a new role would get: the app, its secrets, the logs and metrics, Session Manager, the address, the data volume and the
   * group. A role imported as immutable gets nothing. It must trust `ec2.amazonaws.com` and allow all of that already, or the box never
   * signals that it is up.
   *
   * @default - a new one that only EC2 can assume
   */
  readonly role?: IRole;

  /**
   * Type of the instance.
   *
   * Throws for a type of another CPU architecture than the image.
   *
   * @default - t4g.small for an image of ARM64, t3.small for one of X86_64
   */
  readonly instanceType?: InstanceType;

  /**
   * Image that an instance starts from; the boot is written for Amazon Linux 2023.
   *
   * Throws for Windows.
   *
   * @default - the Amazon Linux 2023 that is newest when an instance is launched: a deployment that changes nothing else replaces none
   */
  readonly machineImage?: IMachineImage;

  /**
   * Domain name that clients use; with one, Caddy on the box obtains a certificate and ends TLS.
   *
   * It has to resolve to the address of the box, by a record in `hostedZone` or one of your own.
   *
   * Throws for a wildcard or anything else that is no host name, and when it is not in `hostedZone`.
   *
   * @default - none: plain HTTP, only to the peers of `exposure`, and a warning says so
   */
  readonly domainName?: string;

  /**
   * Hosted zone in which the record of `domainName` is made.
   *
   * Throws without `domainName`.
   *
   * @default - no record is made
   */
  readonly hostedZone?: IHostedZone;

  /**
   * Who may reach the server.
   *
   * With `domainName` port 80 is open to everyone besides, for certificates and redirects only.
   *
   * Throws for an internal exposure, which a box with a public address has not, for a listener or CloudFront, which take
   * a load balancer, and, without `domainName`, for one that is open to everyone.
   *
   * @default - everyone with `domainName`, nobody without
   */
  readonly exposure?: FlueExposure;

  /**
   * Size of a data volume that outlives the instance and the stack, 1–16384 GiB.
   *
   * Without `database` the server finds the path for Flue's `sqlite()` on it in `SQLITE_PATH`. The volume binds the
   * box to its availability zone. It is never formatted once it holds anything. A larger size is taken up by the next
   * box; EBS cannot shrink a volume.
   *
   * Orphaned volumes are not reattached: once the stack, the construct or this prop is gone, the next deployment makes an empty one. To
   * restore one, make a snapshot of it, and give `snapshotId` to the `CfnVolume` beneath `dataVolume` before the first deployment. Keep
   * it there: CloudFormation refuses every update of it.
   *
   * Throws outside the range, for a part of a GiB and for a size known only at deployment.
   *
   * @default - no data volume
   */
  readonly dataVolumeSize?: Size;

  /**
   * Key that the data volume is encrypted with.
   *
   * Throws without `dataVolumeSize`.
   *
   * @default - the key of Amazon EBS in the account
   */
  readonly dataVolumeEncryptionKey?: IKey;

  /**
   * Size of the root volume, 8–16384 GiB; it is encrypted and ends with the instance.
   *
   * Throws outside the range and for a part of a GiB.
   *
   * @default Size.gibibytes(16)
   */
  readonly rootVolumeSize?: Size;

  /**
   * Whether the root file system of the server's container is read-only; `/tmp` is in memory then, and the data volume stays writable.
   *
   * A FlueBuild sees a read-only system in any case.
   *
   * @default false
   */
  readonly readonlyRootFilesystem?: boolean;

  /**
   * Whether the instance refuses to be terminated by hand; a deployment and the replacement of a broken one still do.
   *
   * @default false
   */
  readonly terminationProtection?: boolean;

  /**
   * Whether EC2 reports its metrics every minute, at a price, rather than every five.
   *
   * @default false
   */
  readonly detailedMonitoring?: boolean;
}
