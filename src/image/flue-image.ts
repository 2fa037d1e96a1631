import * as fs from 'node:fs';
import * as path from 'node:path';
import { AssetStaging, Names } from 'aws-cdk-lib';
import type { IRepository } from 'aws-cdk-lib/aws-ecr';
import { DockerImageAsset, Platform } from 'aws-cdk-lib/aws-ecr-assets';
import { ContainerImage, CpuArchitecture } from 'aws-cdk-lib/aws-ecs';
import type { Grant, IGrantable } from 'aws-cdk-lib/aws-iam';
import type { ISecret } from 'aws-cdk-lib/aws-secretsmanager';
import { Construct } from 'constructs';
import { posixRelative } from './app/files';
import { DEFAULT_NODE_IMAGE } from './app/node-image';
import type { Refuse } from './app/refusal';
import { listAppContext, type AppContext } from './app-context';
import { AppDirectory } from './app-directory';
import { AppSource } from './app-source';
import type { KnownApp } from './app-warnings';
import { openDirectories, stageContext } from './build-context';
import { CA_BUNDLE_IN_CONTEXT, CA_BUNDLE_PATH, caBundleWith } from './ca-bundle';
import { DOCKERFILE, findOwnDockerfile } from './dockerfile-choice';
import { EcrImage, RegistryImage } from './existing-image';
import type { FlueImageProps } from './flue-image-props';
import type { FlueEcrImageOptions, FlueRegistryImageOptions, IFlueImage } from './image';
import { requireBuildSecrets, requireCaBundlePath, requireCpuArchitecture, requireKnownTexts, requireVariableNames } from './image-guards';
import { OwnDockerfile } from './own-dockerfile';
import { NODE_IMAGE, renderDockerfile } from './provided-dockerfile';
import { providedInstallStep, requireRegistryVariables } from './registry-variables';
import { isAt, runtimeFiles, warnOfMissingFiles } from './runtime-files';
import { refuse } from '../invariants/invariant';
import { requireWithin } from '../invariants/limits/guard';
import { DEFAULT_PORT, IMAGE_LIMITS } from '../invariants/limits/image';
import { requireNoSecretBuildArgs, requireNoSecretTexts } from '../invariants/secrets-only';
import { placed } from '../invariants/types/placed';
import { requireArguments, requireTypes } from '../invariants/types/require-types';
import { isPending, isUnknown, settled } from '../invariants/unknown';
import { WARNINGS } from '../invariants/warnings';

/**
 * The image of a Flue app. The CDK CLI builds it when you deploy.
 *
 * Synthesis builds nothing and needs no Docker; the same directory has the
 * same hash on every machine.
 *
 * **Cost.** Only the storage in the asset repository of the CDK bootstrap. A task on ARM64 costs about a fifth less than on
 * x86: 0.03238 in place of 0.04048 USD for a vCPU hour (us-east-1, 2026-09-26).
 *
 * **Durability.** The image holds no state. Files that a server writes are gone with its task.
 *
 * **Security.** `node_modules`, `.git` and files that usually hold secrets, such as `.env` and private keys, never enter the
 * image. The construct throws for a token in `.npmrc`, for a key in another file, and for a secret in the build arguments or in
 * the app's own Dockerfile. The provided Dockerfile runs the server as `node`.
 *
 * @example
 * const image = new FlueImage(this, 'Image', {
 *   directory: '../my-agents',
 *   cpuArchitecture: ecs.CpuArchitecture.ARM64,
 * });
 */
export class FlueImage extends Construct implements IFlueImage {
  /**
   * Defines an existing image in an ECR repository.
   *
   * Throws when the tag or digest is malformed, the port is not a whole number
   * from 1 to 65535, or the CPU architecture is neither X86_64 nor ARM64.
   */
  public static fromEcrRepository(scope: Construct, id: string, repository: IRepository, options?: FlueEcrImageOptions): IFlueImage {
    requireArguments('FlueImage.fromEcrRepository', { repository, options });
    return new EcrImage(placed('FlueImage.fromEcrRepository()', scope, id), id, repository, options);
  }

  /**
   * Defines an existing image in any registry, by its name as in `docker pull`.
   *
   * Throws when the URI has a scheme, upper case in its repository, or names an ECR repository, the port is
   * not a whole number from 1 to 65535, or the CPU architecture is neither
   * X86_64 nor ARM64.
   */
  public static fromRegistry(scope: Construct, id: string, uri: string, options?: FlueRegistryImageOptions): IFlueImage {
    requireArguments('FlueImage.fromRegistry', { uri, options });
    return new RegistryImage(placed('FlueImage.fromRegistry()', scope, id), id, uri, options);
  }

  /** The image, for an ECS container definition. */
  public readonly containerImage: ContainerImage;
  /** URI of the image, with its tag, as `docker pull` takes it. */
  public readonly imageUri: string;
  /** CPU architecture the image is built for; the task runs on the same. */
  public readonly cpuArchitecture: CpuArchitecture;
  /** The TCP port of the server: the `PORT` variable, the container port and the health-check port. */
  public readonly port: number;
  /**
   * Path, inside the image, of a PEM file with the certificate authorities of Amazon RDS.
   *
   * @default - the app's own Dockerfile names none
   */
  public readonly caBundlePath?: string;
  /**
   * Options from `ENV NODE_OPTIONS` of the app's own Dockerfile. The server gets them together with those that the task needs.
   *
   * @default - none, or known only at build time, of which the construct warns you
   */
  public readonly nodeOptions?: string;
  /**
   * Major version of Flue in the app, as its lockfile says.
   *
   * @default - not known, because the app's own Dockerfile brings Flue
   */
  public readonly flueMajor?: number;
  /**
   * User name and password of a private registry.
   *
   * @default - the repository takes the role that pulls
   */
  public readonly registryCredentials?: ISecret;

  /** The asset that the CDK CLI builds and publishes. */
  public readonly asset: DockerImageAsset;
  /** The repository that the image is published to. */
  public readonly repository: IRepository;

  /**
   * What was read of the app, for those who ask the same questions.
   *
   * @internal
   */
  public readonly _reading: { readonly app: AppDirectory; readonly context: AppContext };

  private readonly app: AppDirectory;
  private readonly source: AppSource;
  private readonly carriesLibraryBundle: boolean;

  public constructor(scope: Construct, id: string, props: FlueImageProps) {
    super(placed('FlueImage', scope, id), id);
    requireTypes(this, 'FlueImageProps', props);
    // the arguments and secrets of the build have guards that name them
    requireNoSecretTexts(this, { ...props, buildArgs: undefined, buildSecrets: undefined });
    props = settled(this, props);
    this.cpuArchitecture = requireCpuArchitecture(this, props.cpuArchitecture);
    requireKnownTexts(this, { assetName: props.assetName, buildArgs: props.buildArgs, buildSecrets: props.buildSecrets, target: props.target });
    requireNoSecretBuildArgs(this, props.buildArgs ?? {});
    requireBuildSecrets(this, props.buildSecrets ?? {});
    this.requireKnownPort(props.port);

    const refusing: Refuse = (problem, way) => refuse(this, problem, way);
    const file = findOwnDockerfile(refusing, props.directory, props.dockerfile);
    const { workspace, buildCommand, outputDirectory, command } = props;
    this.app = new AppDirectory(refusing, props.directory,
      { ownDockerfile: file !== undefined, workspace, buildCommand, outputDirectory, command });
    const dockerfile = file === undefined ? undefined : this.readDockerfile(file, props);
    this.port = dockerfile?.portFor(props.port) ?? props.port ?? DEFAULT_PORT;
    this.caBundlePath = dockerfile ? dockerfile.caBundleFor(requireCaBundlePath(this, props.caBundlePath)) : CA_BUNDLE_PATH;
    this.nodeOptions = dockerfile?.nodeOptions;
    this.carriesLibraryBundle = dockerfile === undefined && props.caBundleFile === undefined;
    if (dockerfile && props.include !== undefined) {
      refuse(this, '`include` must be left out when the app has a Dockerfile of its own, got: both', 'Copy the files in the Dockerfile, as in `COPY prompts ./prompts`');
    }
    const shape = { dockerfile: file ?? DOCKERFILE, exclude: props.exclude ?? [] };
    const list = (keep: readonly string[]): AppContext => listAppContext(this, this.app, { ...shape, keep });
    const kept = file === undefined ? ['package.json', this.app.lockfile] : [file];
    const sources = list(kept);
    this.source = new AppSource(sources.ofApp, this.app.sourcePlaces);
    const { reads } = this.source;
    const runtime = runtimeFiles(this, this.app.path, props.include, reads);
    const provided = dockerfile ? {} : this.provide(props, runtime.places);
    this.flueMajor = this.app.flueMajor;

    const context = dockerfile || runtime.files.length === 0 ? sources : list([...kept, ...runtime.files]);
    const { entries } = context;
    if (dockerfile === undefined) {
      requireRegistryVariables(this, entries, providedInstallStep(Object.keys(props.buildSecrets ?? {})));
    }
    this._reading = { app: this.app, context };
    const folder = posixRelative(this.app.contextRoot, this.app.path);
    const surroundings = {
      directory: this.app.contextRoot,
      entries,
      output: path.posix.join(folder, this.app.output),
      scriptsIn: (inContext: string) => this.app.scriptsIn(inContext),
    };
    dockerfile?.requireContext(surroundings);
    this.asset = this.publish(props, file, stageContext(this, entries, provided));
    this.containerImage = ContainerImage.fromDockerImageAsset(this.asset);
    this.imageUri = this.asset.imageUri;
    this.repository = this.asset.repository;

    dockerfile?.checkCommand(surroundings);
    warnOfMissingFiles(this, this.app.path, reads,
      dockerfile ? (read) => context.ofApp.some((entry) => isAt(read, entry.path)) && dockerfile.mayHold(path.posix.join(folder, read))
        : (read) => [...runtime.places, 'package.json'].some((place) => isAt(place, read)),
      dockerfile ? `Copy it in ${file}, and take it out of \`.dockerignore\`` : 'Name it in `include`');
    if (dockerfile?.runsAsRoot) {
      WARNINGS.rootUser.give(this, { file: file! });
    }
  }

  /** Grants permission to pull the image. */
  public grantPull(grantee: IGrantable): Grant {
    requireArguments('FlueImage.grantPull', { grantee }, this);
    return this.repository.grantPull(grantee);
  }

  /** @internal */
  public get _known(): KnownApp {
    const { app, source, carriesLibraryBundle } = this;
    return { directory: app, source, carriesLibraryBundle };
  }

  private requireKnownPort(port: number | undefined): void {
    if (port === undefined) {
      return;
    }
    if (isUnknown(port, this) && !isPending(port, this)) {
      refuse(this, '`port` must be known at synthesis, got: a token', 'The image build needs it: pass a plain number');
    }
    requireWithin(this, port, IMAGE_LIMITS.port);
  }

  private readDockerfile(file: string, props: FlueImageProps): OwnDockerfile {
    if (props.caBundleFile !== undefined) {
      refuse(this, '`caBundleFile` must be left out when the app has a Dockerfile of its own, got: both',
        'Copy the bundle in the Dockerfile, and name its path inside the image in `caBundlePath`');
    }
    const own = (['buildCommand', 'outputDirectory', 'command'] as const).find((name) => props[name] !== undefined);
    if (own !== undefined) {
      refuse(this, `\`${own}\` must be left out with the app's own Dockerfile, got: ${JSON.stringify(props[own])}`,
        `The Dockerfile itself decides that: remove \`${own}\`, or choose \`dockerfile: FlueDockerfile.provided()\``);
    }
    const dockerfile = new OwnDockerfile(this, {
      file, content: fs.readFileSync(path.join(this.app.path, file), 'utf8'), target: props.target, buildArgs: props.buildArgs ?? {},
    });
    dockerfile.requireNoSecrets();
    dockerfile.requireNoExcludedCopies(this.app.output);
    dockerfile.requireArchitecture(this.cpuArchitecture);
    return dockerfile;
  }

  /** The files that the library adds to an app without a Dockerfile. */
  private provide(props: FlueImageProps, runtime: readonly string[]): { readonly [path: string]: string } {
    const own = [props.target === undefined ? undefined : 'target', props.caBundlePath === undefined ? undefined : 'caBundlePath'].find((name) => name);
    if (own !== undefined) {
      refuse(this, `\`${own}\` must be left out with the provided Dockerfile, got: ${props.target ?? props.caBundlePath}`,
        'It is for an app that has a Dockerfile of its own');
    }
    const buildArgs = Object.keys(props.buildArgs ?? {});
    const buildSecrets = Object.keys(props.buildSecrets ?? {});
    requireVariableNames(this, 'buildArgs', buildArgs);
    requireVariableNames(this, 'buildSecrets', buildSecrets);
    this.app.requireFlue();
    this.app.requireInstallable();
    const { installation, build } = this.app;
    const nodeImage = buildArgs.includes(NODE_IMAGE) ? DEFAULT_NODE_IMAGE : this.app.nodeImage;
    return {
      [DOCKERFILE]: renderDockerfile({ port: this.port, nodeImage, installation, build, command: props.command, runtime, buildArgs, buildSecrets }),
      [CA_BUNDLE_IN_CONTEXT]: caBundleWith((problem, way) => refuse(this, problem, way), props.caBundleFile),
    };
  }

  private publish(props: FlueImageProps, file: string | undefined, staged: string): DockerImageAsset {
    const stagesInPlace = this.node.tryGetContext('aws:cdk:disable-asset-staging');
    try {
      const asset = new DockerImageAsset(this, 'Resource', {
        directory: staged,
        file: this.dockerfileInContext(file),
        target: props.target,
        platform: this.cpuArchitecture === CpuArchitecture.ARM64 ? Platform.LINUX_ARM64 : Platform.LINUX_AMD64,
        buildArgs: props.buildArgs,
        buildSecrets: props.buildSecrets,
        // where a secret lies differs from machine to machine; its id stands in the Dockerfile
        invalidation: { buildSecrets: false },
        assetName: props.assetName,
        displayName: props.assetName ?? Names.stackRelativeConstructPath(this),
      });
      openDirectories((asset.node.findChild('Staging') as AssetStaging).absoluteStagedPath);
      return asset;
    } finally {
      if (!stagesInPlace) {
        fs.rmSync(staged, { recursive: true, force: true });
      }
    }
  }

  /** Path of the Dockerfile in the context, where it is not the one that Docker takes by itself. */
  private dockerfileInContext(file: string | undefined): string | undefined {
    const relative = file === undefined ? DOCKERFILE : path.posix.join(posixRelative(this.app.contextRoot, this.app.path), file);
    return relative === DOCKERFILE ? undefined : relative;
  }
}
