import type { CpuArchitecture, ContainerImage } from 'aws-cdk-lib/aws-ecs';
import type { Grant, IGrantable } from 'aws-cdk-lib/aws-iam';
import type { ISecret } from 'aws-cdk-lib/aws-secretsmanager';
import type { IConstruct } from 'constructs';

/**
 * A Flue app that is ready to run: a container image, or a build for the Node.js of a box.
 */
export interface IFlueApp extends IConstruct {
  /** CPU architecture that the app is built for; the server runs on the same. */
  readonly cpuArchitecture: CpuArchitecture;

  /** The TCP port of the server: the `PORT` variable, the container port and the health-check port. */
  readonly port: number;

  /**
   * Path of a PEM file with the certificate authorities of Amazon RDS, in the image or on the box.
   *
   * @default - none that we know of
   */
  readonly caBundlePath?: string;

  /**
   * Options that the app itself sets in NODE_OPTIONS.
   *
   * The variable of a task replaces that of its image, so the task repeats these.
   *
   * @default - none that we know of
   */
  readonly nodeOptions?: string;

  /**
   * Major version of Flue: 0 and 1 need a guard against unhandled rejections and a longer `deregistrationDelay` that 2 does not.
   *
   * @default - not known; the guard is set, and the delay is short
   */
  readonly flueMajor?: number;

  /**
   * Grants permission to fetch the app.
   *
   * @param grantee the role that fetches it
   */
  grantPull(grantee: IGrantable): Grant;
}

/**
 * A container image that runs a Flue server.
 */
export interface IFlueImage extends IFlueApp {
  /** The image, for an ECS container definition. */
  readonly containerImage: ContainerImage;

  /** URI of the image, with its tag or digest, as `docker pull` takes it. */
  readonly imageUri: string;

  /**
   * User name and password of a private registry, under the keys `username` and `password`.
   *
   * @default - the registry is public, or Amazon ECR, which takes the role that pulls
   */
  readonly registryCredentials?: ISecret;
}

/**
 * Options of an existing image.
 */
export interface FlueExistingImageOptions {
  /**
   * TCP port that the server in the image binds.
   *
   * Throws when it is not a whole number from 1 to 65535.
   *
   * @default 8080
   */
  readonly port?: number;

  /**
   * CPU architecture that the image was built for.
   *
   * Throws for any other than X86_64 and ARM64.
   *
   * @default CpuArchitecture.X86_64
   */
  readonly cpuArchitecture?: CpuArchitecture;

  /**
   * Path, inside the image, of a PEM file with the certificate authorities of Amazon RDS.
   *
   * Throws when it is not absolute.
   *
   * @default - none; a warning says what a database connection will need
   */
  readonly caBundlePath?: string;

  /**
   * Options that the image itself gives Node.js in NODE_OPTIONS, as in `--max-old-space-size=1024`.
   *
   * The variable of a task replaces that of its image, so say here what `docker inspect` shows: the server gets both.
   *
   * Throws for a line break.
   *
   * @default - the image sets none
   */
  readonly nodeOptions?: string;

  /**
   * Major version of Flue in the image.
   *
   * Throws when it is not a whole number from 0.
   *
   * @default - not known; the server gets the guard that 0 and 1 need, and not their longer `deregistrationDelay`
   */
  readonly flueMajor?: number;
}

/**
 * Options of an image in an ECR repository.
 */
export interface FlueEcrImageOptions extends FlueExistingImageOptions {
  /**
   * Tag, or digest that begins with `sha256:`.
   *
   * A digest or a tag that is never moved makes a deployment repeatable.
   *
   * Throws when it is neither.
   *
   * @default 'latest'
   */
  readonly tagOrDigest?: string;
}

/**
 * Options of an image in any registry.
 */
export interface FlueRegistryImageOptions extends FlueExistingImageOptions {
  /**
   * User name and password of a private registry, as a Secrets Manager secret.
   *
   * @default - the registry is public
   */
  readonly credentials?: ISecret;
}

/** Whether an app is a container image. */
export function isContainerImage(app: IFlueApp): app is IFlueImage {
  return 'containerImage' in app && 'imageUri' in app;
}
