import * as fs from 'node:fs';
import * as path from 'node:path';
import { Names } from 'aws-cdk-lib';
import type { CpuArchitecture } from 'aws-cdk-lib/aws-ecs';
import { Grant, type IGrantable } from 'aws-cdk-lib/aws-iam';
import { Asset } from 'aws-cdk-lib/aws-s3-assets';
import { Construct } from 'constructs';
import { listAppContext } from './app-context';
import { AppDirectory } from './app-directory';
import { AppSource } from './app-source';
import type { KnownApp } from './app-warnings';
import { listContext, stageContext } from './build-context';
import { CA_BUNDLE_IN_CONTEXT, rdsCaBundle } from './ca-bundle';
import type { ContextEntry } from './context-entry';
import type { IFlueApp } from './image';
import { requireCpuArchitecture } from './image-guards';
import { BOX_INSTALL_STEP, requireRegistryVariables } from './registry-variables';
import { isAt, runtimeFiles, warnOfMissingFiles } from './runtime-files';
import { refuse } from '../invariants/invariant';
import { requireWithin } from '../invariants/limits/guard';
import { DEFAULT_PORT, IMAGE_LIMITS } from '../invariants/limits/image';
import { requireNoSecretTexts } from '../invariants/secrets-only';
import { placed } from '../invariants/types/placed';
import { requireArguments, requireTypes } from '../invariants/types/require-types';
import { settled } from '../invariants/unknown';

/** Where a box puts the build. */
export const BUILD_DIRECTORY = '/opt/flue/app';
const SERVER = 'server.mjs';
const BUILD_MARK = Symbol.for('cdk-flue.FlueBuild');

/**
 * Properties of an app that runs without a container.
 */
export interface FlueBuildProps {
  /**
   * Directory of the built Flue app, with the output of the build, package.json and an npm lockfile.
   *
   * Only the build, package.json, the lockfile, `.npmrc`, `AGENTS.md` and `.agents` are copied to the box, which installs the
   * production dependencies.
   *
   * Throws if the build, package.json or the lockfile is missing, if a package links to a folder, if `.npmrc` holds a token,
   * and for an app without Flue.
   */
  readonly directory: string;

  /**
   * Folder of the build with server.mjs, relative to `directory`.
   *
   * Throws when it is not within `directory`.
   *
   * @default - `output` of flue.config before 2.0, `build.outDir` of vite.config since, else `dist`
   */
  readonly outputDirectory?: string;

  /**
   * Files and folders of the app that the server reads at run time, relative to `directory`.
   *
   * Throws when a path is not in `directory` or never leaves it, such as `.env`.
   *
   * @default - `AGENTS.md` and `.agents`, where the app has them, and `prompts` and `skills`, where its source reads in them
   */
  readonly include?: string[];

  /**
   * The TCP port on which the server listens.
   *
   * Throws when it is not a whole number from 1 to 65535.
   *
   * @default 8080
   */
  readonly port?: number;

  /**
   * The CPU architecture of the box, for which it installs the dependencies.
   *
   * Throws for any other than X86_64 and ARM64.
   *
   * @default CpuArchitecture.X86_64
   */
  readonly cpuArchitecture?: CpuArchitecture;
}

/**
 * The build of a Flue app, for the Node.js of an EC2 instance. Only FlueEc2Service accepts it.
 *
 * Build the app before you synthesize: synthesis builds nothing.
 */
export class FlueBuild extends Construct implements IFlueApp {
  /** CPU architecture of the box. */
  public readonly cpuArchitecture: CpuArchitecture;
  /** The TCP port on which the server listens. */
  public readonly port: number;
  /**
   * Path, on the box, of a PEM file with the certificate authorities of Amazon RDS.
   *
   * @default - the build always carries them
   */
  public readonly caBundlePath?: string = `${BUILD_DIRECTORY}/${CA_BUNDLE_IN_CONTEXT}`;
  /**
   * Major version of Flue in the app, as its lockfile says.
   *
   * @default - it is always known
   */
  public readonly flueMajor?: number;
  /** The asset that the CDK CLI publishes. */
  public readonly asset: Asset;
  /**
   * What starts the server on the box, relative to where the build lies.
   *
   * @internal
   */
  public readonly _server: string;

  private readonly app: AppDirectory;
  private readonly source: AppSource;

  public constructor(scope: Construct, id: string, props: FlueBuildProps) {
    super(placed('FlueBuild', scope, id), id);
    requireTypes(this, 'FlueBuildProps', props);
    requireNoSecretTexts(this, props);
    props = settled(this, props);
    Object.defineProperty(this, BUILD_MARK, { value: true });
    this.cpuArchitecture = requireCpuArchitecture(this, props.cpuArchitecture);
    this.port = props.port ?? DEFAULT_PORT;
    requireWithin(this, this.port, IMAGE_LIMITS.port);

    this.app = new AppDirectory((problem, way) => refuse(this, problem, way), props.directory, { outputDirectory: props.outputDirectory });
    this.flueMajor = this.app.requireFlue('run it by FlueImage, with a Dockerfile of its own');
    this.app.requireInstallable();
    this.requireNpmAlone();
    this.source = new AppSource(listAppContext(this, this.app, { dockerfile: 'Dockerfile', exclude: [], keep: [] }).ofApp, this.app.sourcePlaces);
    this._server = `${this.app.output}/${SERVER}`;
    const runtime = runtimeFiles(this, this.app.path, props.include, this.source.reads);
    const entries = this.listBuild(runtime.files, props.outputDirectory);
    warnOfMissingFiles(this, this.app.path, this.source.reads, (read) => entries.some((entry) => isAt(read, entry.path)), 'Name it in `include`');
    this.asset = this.publish(stageContext(this, entries, { [CA_BUNDLE_IN_CONTEXT]: rdsCaBundle() }));
  }

  /** Grants permission to fetch the build. */
  public grantPull(grantee: IGrantable): Grant {
    requireArguments('FlueBuild.grantPull', { grantee }, this);
    return Grant.addToPrincipal({ grantee, actions: ['s3:GetObject'], resourceArns: [this.asset.bucket.arnForObjects(this.asset.s3ObjectKey)] });
  }

  /** @internal */
  public get _known(): KnownApp {
    return { directory: this.app, source: this.source, carriesLibraryBundle: true };
  }

  /** The box installs with npm, in one directory. */
  private requireNpmAlone(): void {
    const { manager, linked } = this.app.installation;
    if (manager.name !== 'npm' || this.app.workspace.directory !== this.app.path) {
      const found = path.join(this.app.workspace.directory, this.app.lockfile);
      refuse(this, `\`directory\` must hold a lockfile of npm, with which a box installs, got: ${found}`, 'Run the app by FlueImage, which takes the same directory');
    }
    if (linked.length > 0) {
      refuse(this, `\`directory\` must need no folder beside \`${this.app.output}\` to install its packages, got: a link to ${linked[0]}`,
        'Install the package from a registry, or use FlueImage');
    }
  }

  private listBuild(runtime: readonly string[], stated: string | undefined): ContextEntry[] {
    const { output, build } = this.app;
    const directory = path.join(this.app.path, output);
    if (!fs.existsSync(path.join(directory, SERVER))) {
      const named = stated === undefined ? '`directory`' : '`outputDirectory` within `directory`';
      refuse(this, `${named} must hold a built app, got: no ${output}/${SERVER} in ${this.app.path}`,
        `Run \`${build.command}\` there before every synthesis`);
    }
    const manifests = ['package.json', this.app.lockfile, '.npmrc', ...runtime]
      .map((name) => ({ path: name, absolute: path.join(this.app.path, name) }))
      .filter(({ absolute }) => fs.existsSync(absolute));
    requireRegistryVariables(this, manifests, BOX_INSTALL_STEP);
    const built = listContext(this, { directory, exclude: [], keep: [] }).map((entry) => ({ ...entry, path: `${output}/${entry.path}` }));
    return [...manifests, ...built];
  }

  private publish(staged: string): Asset {
    const stagesInPlace = this.node.tryGetContext('aws:cdk:disable-asset-staging');
    try {
      return new Asset(this, 'Resource', { path: staged, displayName: Names.stackRelativeConstructPath(this) });
    } finally {
      if (!stagesInPlace) {
        fs.rmSync(staged, { recursive: true, force: true });
      }
    }
  }
}

/** The app as a build; undefined for a container image. */
export function asBuild(app: IFlueApp): FlueBuild | undefined {
  return BUILD_MARK in app ? app as unknown as FlueBuild : undefined;
}
