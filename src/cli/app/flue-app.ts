import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { App, Stack } from 'aws-cdk-lib';
import type { CpuArchitecture } from 'aws-cdk-lib/aws-ecs';
import { asOptions, type ImageOptions } from './image-options';
import { SourceModule } from './source-module';
import type { AppDirectory } from '../../image/app-directory';
import { NOT_OF_SERVER } from '../../image/app-source';
import { FlueDockerfile } from '../../image/flue-dockerfile';
import { FlueImage } from '../../image/flue-image';
import type { FlueImageProps } from '../../image/flue-image-props';
import { CliFailure } from '../failure';

/** A Flue app, read as synthesis reads it. */
export interface FlueApp {
  /** Absolute path. */
  readonly directory: string;
  /** Major version of Flue, where it is known. */
  readonly flueMajor?: number;
  /** Directory of the sources, relative to the app; '' for the app itself. */
  readonly sourceFolder: string;
  /** The modules that the server runs, those of linked packages included. */
  readonly modules: readonly SourceModule[];
  /** Its own tests; undefined where package.json has none. */
  readonly tests?: AppTests;
}

/** How the tests of an app run in a fresh clone. */
export interface AppTests {
  /** Absolute path of the directory in which the packages are installed. */
  readonly root: string;
  /** The command that installs them, there. */
  readonly install: string;
  /** The command that runs the tests, in the directory of the app. */
  readonly command: string;
  /** Variables that both need. */
  readonly environment: { readonly [name: string]: string };
}

export interface FlueAppOptions {
  /** What no file of the app tells of its image. */
  readonly image?: ImageOptions;
  /** Paths that stay out, as in the `exclude` of the image. */
  readonly exclude?: string[];
  readonly cpuArchitecture?: CpuArchitecture;
  /** What to say beside the sentence of synthesis. */
  readonly wayOut: string;
}

const SOURCE = /\.[cm]?[jt]sx?$/;
const MAX_MODULES = 2000;

/** Reads a Flue app by declaring its image, so that it refuses what synthesis refuses, in the same words. */
export function readFlueApp(directory: string, options: FlueAppOptions): FlueApp {
  const outdir = mkdtempSync(join(tmpdir(), 'cdk-flue-read-'));
  try {
    const stack = new Stack(new App({ outdir, analyticsReporting: false }), 'Stack');
    const { image = {}, exclude = [], cpuArchitecture } = options;
    const props = { ...imagePropsOf(image), directory: resolve(directory), exclude: [...exclude, ...image.exclude ?? []], cpuArchitecture };
    return describe(imageOf(stack, props, options.wayOut));
  } finally {
    rmSync(outdir, { recursive: true, force: true });
  }
}

function imageOf(stack: Stack, props: FlueImageProps, wayOut: string): FlueImage {
  try {
    return new FlueImage(stack, 'Image', props);
  } catch (error) {
    const { name, message } = error as Error;
    if (/ValidationError$/.test(name)) {
      const sentence = message.replace(/^\[[^\]]*\] /, '').replace(/[^.]$/, '$&.');
      throw new CliFailure(sentence, wayOut + asOptions(sentence));
    }
    throw error;
  }
}

function describe(image: FlueImage): FlueApp {
  const { app, context } = image._reading;
  const { folder, app: routes, db } = app.sourcePlaces;
  const root = folder === '' ? '' : `${folder}/`;
  const isSource = (path: string): boolean => SOURCE.test(path) && !NOT_OF_SERVER.test(path);
  const ofApp = new Set(context.ofApp.map(({ absolute }) => absolute));
  const files = context.entries.filter(({ link }) => link === undefined);
  const first = [
    ...context.ofApp.filter(({ path, link }) => link === undefined && isSource(path) && (path.startsWith(root) || path === routes || path === db)),
    ...files.filter(({ path, absolute }) => isSource(path) && !ofApp.has(absolute)),
  ].map(({ absolute }) => absolute);
  const modules = reached(first, new Set(files.map(({ absolute }) => absolute)));
  return { directory: app.path, flueMajor: app.flueMajor, sourceFolder: folder, modules, tests: testsOf(app) };
}

function testsOf({ tests, workspace, manager }: AppDirectory): AppTests | undefined {
  return tests === undefined ? undefined : {
    root: workspace.directory,
    install: [...manager.setup === undefined ? [] : [manager.setup], manager.install].join(' && '),
    command: manager.run('test'),
    environment: manager.environment,
  };
}

/** These modules, and those that they import by a path. */
function reached(first: readonly string[], known: ReadonlySet<string>): SourceModule[] {
  const found = new Map<string, SourceModule>();
  for (let level = first; level.length > 0 && found.size < MAX_MODULES;) {
    const next: string[] = [];
    for (const file of level.filter(candidate => !found.has(candidate))) {
      const module = SourceModule.read(file);
      found.set(file, module);
      next.push(...module.imports.map(specifier => module.resolve(specifier, known)).filter(target => target !== undefined));
    }
    level = next;
  }
  return [...found.values()].sort((a, b) => (a.file < b.file ? -1 : 1));
}

/** What somebody says on the command line, as props of FlueImage. */
function imagePropsOf({ dockerfile, workspace, ...options }: ImageOptions): Partial<FlueImageProps> {
  return {
    ...options,
    ...workspace === undefined ? {} : { workspace: resolve(workspace) },
    ...dockerfile === undefined ? {} : { dockerfile: dockerfile === 'provided' ? FlueDockerfile.provided() : FlueDockerfile.own(dockerfile) },
  };
}
