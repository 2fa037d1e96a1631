import type { CpuArchitecture } from 'aws-cdk-lib/aws-ecs';
import type { FlueDockerfile } from './flue-dockerfile';

/**
 * Properties of an image that is built from the directory of a Flue app.
 */
export interface FlueImageProps {
  /**
   * Directory of the Flue app, with its package.json. The lockfile is there or at the root of its workspace.
   *
   * Some files never enter the build, at any depth and whatever `.dockerignore` says: `node_modules`, `.git`, `cdk.out`, the
   * output of the app's own build, and files that usually hold secrets, such as `.env`, private keys, cloud credentials and
   * Terraform state. The lockfile can be npm's, pnpm's, Yarn's or bun's.
   *
   * Throws if it does not exist, has no package.json or no lockfile, holds a token in `.npmrc`, or what looks like a key in
   * another file. Without a Dockerfile of its own, it also throws if it is no Flue app, if the lockfile does not agree with
   * package.json, and if only running flue.config or vite.config could tell what the build makes.
   */
  readonly directory: string;

  /**
   * Root of the workspace to which the app belongs.
   *
   * The build context is that root, without packages that the app does not need. For an app with its own Dockerfile, the root
   * is the context only if you pass this.
   *
   * Throws if it has no package.json, or does not list the app among its packages.
   *
   * @default - found from `directory` upwards: the directory with pnpm-workspace.yaml, or `workspaces` in its package.json,
   * that lists the app; an app with a lockfile of its own stands alone
   */
  readonly workspace?: string;

  /**
   * The Dockerfile.
   *
   * @default - `Dockerfile` in `directory`; without one, `FlueDockerfile.provided()`
   */
  readonly dockerfile?: FlueDockerfile;

  /**
   * The command that builds the app in the provided Dockerfile, as one line of shell in the directory of the app.
   *
   * Throws when it is empty, or when the app has a Dockerfile of its own.
   *
   * @default - the app's own `build` script for Node.js; without one, that of its Flue version: `flue build --target node`
   * before 2.0, `vite build` since
   */
  readonly buildCommand?: string;

  /**
   * Folder with server.mjs after the build, relative to `directory`.
   *
   * Throws when it is not within `directory`, or when the app has a Dockerfile of its own.
   *
   * @default - `output` of flue.config before 2.0, `build.outDir` of vite.config since, else `dist`
   */
  readonly outputDirectory?: string;

  /**
   * The command that starts the server in the provided Dockerfile, as a list of words, in the directory of the app.
   *
   * Throws when a word is empty, or when the app has a Dockerfile of its own.
   *
   * @default - `node` with server.mjs in the folder that the build leaves
   */
  readonly command?: string[];

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
   * The CPU architecture of the image and of its tasks.
   *
   * ARM64 costs about 20 % less on Fargate (USD 0.03238 instead of 0.04048 per vCPU-hour in us-east-1, 2026); the default
   * builds on most CI machines without emulation.
   *
   * Throws for any other than X86_64 and ARM64.
   *
   * @default CpuArchitecture.X86_64
   */
  readonly cpuArchitecture?: CpuArchitecture;

  /**
   * Build arguments. They stay readable in the history of the image.
   *
   * With the provided Dockerfile, `NODE_IMAGE` replaces the base image (it needs a `node` user), and every other one is a
   * variable of the build step.
   *
   * Throws when a name or a value looks like a secret.
   *
   * @default - none
   */
  readonly buildArgs?: { readonly [name: string]: string };

  /**
   * Secrets for the build, as `env=NAME` or `src=/absolute/path` by id. No layer keeps them. They need BuildKit.
   *
   * With the provided Dockerfile, `npmrc` is npm's user configuration, which pnpm reads too, and
   * every other is a variable of the install and build steps.
   *
   * Throws for a value of another form, which may be the secret itself.
   *
   * @default - none
   */
  readonly buildSecrets?: { readonly [id: string]: string };

  /**
   * Files and folders of the app that the server reads at run time, relative to `directory`.
   *
   * The provided Dockerfile keeps only the build, the production dependencies, and `AGENTS.md` and `.agents`, which Flue reads
   * from the working directory. List here a folder of prompts or skills that your code reads. The image gets it even if
   * `.dockerignore` excludes it.
   *
   * Throws for a path outside `directory`, for one that never enters an image, and if the app has a Dockerfile of its own.
   *
   * @default - `AGENTS.md` and `.agents`, where the app has them, and `prompts` and `skills`, where its source reads in them
   */
  readonly include?: string[];

  /**
   * Further files to exclude from the build, in the syntax of `.dockerignore`.
   *
   * @default - only what `.dockerignore` excludes
   */
  readonly exclude?: string[];

  /**
   * PEM file, on the machine that synthesizes, with certificate authorities that a server with a database trusts besides those
   * of the library.
   *
   * You need it for Amazon RDS in regions opened since 2023, GovCloud and China; AWS publishes a bundle for each. The image has
   * one file with both, because Node.js reads one. The path is relative to where the CDK app runs.
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
   * @default - none is known in the image; with a database, the service warns you
   */
  readonly caBundlePath?: string;

  /**
   * The name of the asset, which a synthesizer such as AppStagingSynthesizer needs.
   *
   * @default - no name
   */
  readonly assetName?: string;
}
