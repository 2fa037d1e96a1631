import type { CpuArchitecture } from 'aws-cdk-lib/aws-ecs';

/**
 * Properties of an image that is built from the directory of a Flue app.
 */
export interface FlueImageProps {
  /**
   * Directory of the Flue app, with its package.json and lockfile.
   *
   * `node_modules`, `.git`, `dist` and `cdk.out` never enter the build, at any depth and whatever `.dockerignore` says,
   * and neither do files that people keep secrets in: `.env`, private keys, credentials of clouds, state of Terraform.
   *
   * Throws when it does not exist, has no package.json or no lockfile, links
   * to something outside, holds a token in `.npmrc` or what looks like a key in
   * another file, or is no Flue app and has no Dockerfile of its own.
   */
  readonly directory: string;

  /**
   * Path of the Dockerfile, relative to `directory`.
   *
   * Throws when it does not exist or lies outside, bakes a secret into the
   * image, declares another port, or copies what never enters the build.
   *
   * @default - `Dockerfile` in `directory`; without one, a Dockerfile that the
   * library provides: `npm ci`, the build command of the app's Flue version,
   * the `node` user, and an image of `dist`, production dependencies,
   * package.json and the certificate authorities of Amazon RDS; an app that
   * reads other files at run time needs a Dockerfile of its own
   */
  readonly file?: string;

  /**
   * Stage of the app's own Dockerfile to build.
   *
   * Throws when the Dockerfile has no such stage, or is the provided one.
   *
   * @default - the last stage
   */
  readonly target?: string;

  /**
   * TCP port that the server binds.
   *
   * Throws when it is not a whole number from 1 to 65535 or is known only at
   * deployment, and when the app's own Dockerfile declares another.
   *
   * @default - what the app's own Dockerfile declares in `ENV PORT` or `EXPOSE`; otherwise 8080
   */
  readonly port?: number;

  /**
   * CPU architecture that the image is built for and the tasks run on.
   *
   * ARM64 costs about 20 % less on Fargate (USD 0.03238 instead of 0.04048
   * per vCPU-hour in us-east-1, 2026); the default is the one that builds on
   * every CI machine without emulation.
   *
   * Throws for any other than X86_64 and ARM64.
   *
   * @default CpuArchitecture.X86_64
   */
  readonly cpuArchitecture?: CpuArchitecture;

  /**
   * Build arguments, which stay readable in the history of the image.
   *
   * With the provided Dockerfile, `NODE_IMAGE` replaces the base image (it
   * needs a `node` user), and every other is a variable of the build step.
   *
   * Throws when a name or a value looks like a secret.
   *
   * @default - none
   */
  readonly buildArgs?: { readonly [name: string]: string };

  /**
   * Secrets of the build, which no layer keeps: `env=NAME` or `src=/absolute/path` by id. They need BuildKit.
   *
   * With the provided Dockerfile, `npmrc` is npm's user configuration, and
   * every other is a variable of the install and build steps.
   *
   * Throws for a value of another form, which may be the secret itself.
   *
   * @default - none
   */
  readonly buildSecrets?: { readonly [id: string]: string };

  /**
   * What else stays out of the build, in the syntax of `.dockerignore`.
   *
   * @default - what `.dockerignore` says
   */
  readonly exclude?: string[];

  /**
   * PEM file on the machine that synthesizes, with certificate authorities in place of those of Amazon RDS that the library brings.
   *
   * Regions opened since 2023, GovCloud and China need it; AWS publishes a
   * bundle for each. The path is relative to where the app runs.
   *
   * Throws when it holds no certificate, or when the app has a Dockerfile of its own.
   *
   * @default - the authorities of Amazon RDS in the commercial regions opened until 2023
   */
  readonly caBundleFile?: string;

  /**
   * Path, inside the image of the app's own Dockerfile, of a PEM file with the certificate authorities of Amazon RDS.
   *
   * Throws when it is not absolute, or when the Dockerfile is the provided one.
   *
   * @default - the app's own Dockerfile brings none; a warning says what a database will need
   */
  readonly caBundlePath?: string;

  /**
   * Name of the asset, which a staging synthesizer such as AppStagingSynthesizer requires.
   *
   * @default - no name
   */
  readonly assetName?: string;
}
