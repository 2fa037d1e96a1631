import { existsSync, realpathSync, statSync } from 'node:fs';
import { basename, dirname, join, resolve } from 'node:path';
import { acknowledges, states } from '../../invariants/stated-findings';
import type { AppResources, ImageBuild } from '../../invariants/template/app-resources';
import { DATABASE_MARK, factsFromMetadata, SANDBOX_MARK, type FlueServerFacts } from '../../invariants/template/flue-marker';
import type { Json } from '../../invariants/template/intrinsics';
import type { Scopes, TemplateResource } from '../../invariants/template/value';
import { fields, WrittenTemplate, type WrittenTemplateProps } from '../../invariants/template/written-template';
import { CliFailure } from '../failure';
import { readJsonFile } from '../files';

/** Stands for what only a deployment knows; the answers of a machine without AWS. */
export const PSEUDO_PARAMETERS: { readonly [name: string]: string } = {
  'AWS::AccountId': '000000000000',
  'AWS::Partition': 'aws',
  'AWS::Region': process.env.AWS_REGION ?? 'us-east-1',
  'AWS::StackName': 'rehearsal',
  'AWS::StackId': 'rehearsal',
  'AWS::URLSuffix': 'amazonaws.com',
};

const SYNTH_AGAIN = 'Run `npx cdk synth` again.';

/** How an assembly is read. */
export interface AssemblyOptions {
  /** The values of pseudo parameters, where parameters and outputs are to be read as what stands in the templates; absent where only the deployment knows. */
  readonly pseudoParameters?: { readonly [name: string]: string };
  /** Logical ids, or construct paths, of what the user names as Flue servers. */
  readonly services?: readonly string[];
}

type Metadata = ReadonlyArray<{ readonly [field: string]: Json }>;

/** A cloud assembly as `cdk synth` leaves it, or templates that stand alone. */
export class Assembly implements AppResources {
  public readonly templates: WrittenTemplate[] = [];
  /** What marked constructs say of their Flue server, by construct path. */
  public readonly marks = new Map<string, FlueServerFacts>();
  /** What constructs carry that no template has, by construct path. */
  public readonly metadata = new Map<string, Metadata>();
  /** What the assembly builds images from, by the hashes that tag them. */
  public readonly images = new Map<string, ImageAsset>();
  /** Those services of the options that no resource has for its name. */
  public readonly unknownServices: Set<string>;

  public constructor(public readonly directory: string, private readonly options: AssemblyOptions = {}) {
    this.unknownServices = new Set(options.services);
  }

  /** The resources of every template. */
  public all(): TemplateResource[] {
    return this.templates.flatMap(({ all }) => [...all.values()]);
  }

  public ofType(...types: string[]): TemplateResource[] {
    return this.templates.flatMap(template => template.ofType(...types));
  }

  /** Adds a template; the marks of its constructs must be there already. */
  public addTemplate(props: WrittenTemplateProps): WrittenTemplate {
    const { templates, options: { pseudoParameters } } = this;
    const template = new WrittenTemplate(props, { templates, pseudoParameters, scopesOf: (path, logicalId) => this.scopesOf(path, logicalId) });
    templates.push(template);
    return template;
  }

  public imageBuildOf(uri: string): ImageBuild | undefined {
    return [...this.images].find(([tag]) => uri.includes(tag))?.[1].build;
  }

  /** Whether the construct of a path, or one above it, gives a warning of the same fact or acknowledges the finding. */
  public isSettled(path: string, finding: string): boolean {
    return ancestors(path).flatMap(candidate => this.metadata.get(candidate) ?? [])
      .some(entry => states([entry], finding) || acknowledges([entry], finding));
  }

  private scopesOf(path: string, logicalId: string): Scopes {
    const { services = [] } = this.options;
    const above = ancestors(path);
    const named = services.filter(service => service === logicalId || above.includes(service));
    named.forEach(service => this.unknownServices.delete(service));
    const marked = above.find(candidate => this.marks.has(candidate) || named.includes(candidate)) ?? (named.length > 0 ? path : undefined);
    const isBelow = (mark: string) => above.some(candidate => this.metadata.get(candidate)?.some(({ type }) => type === mark));
    return {
      ...(marked === undefined ? {} : { server: { path: marked, ...this.marks.get(marked) } }),
      ...(isBelow(DATABASE_MARK) ? { database: true } : {}),
      ...(isBelow(SANDBOX_MARK) ? { sandbox: true } : {}),
    };
  }
}

/** A construct path and those above it, the longest first. */
function ancestors(path: string): string[] {
  const names = path.split('/');
  return names.map((_, index) => names.slice(0, names.length - index).join('/'));
}

export interface ImageSource {
  readonly directory: string;
  readonly dockerfile: string;
  readonly target?: string;
}

interface ImageAsset extends ImageSource {
  readonly build: ImageBuild;
}

/** Reads the assembly in a directory, with the assemblies of its stages and its nested stacks. */
export function readAssembly(directory: string, options: AssemblyOptions = {}): Assembly {
  const assembly = new Assembly(resolve(directory), options);
  readManifest(assembly.directory, assembly);
  return assembly;
}

/** @param above the assemblies that hold this one */
function readManifest(directory: string, into: Assembly, above: readonly string[] = []): void {
  const manifest = join(directory, 'manifest.json');
  if (!existsSync(manifest)) {
    const elsewhere = ['cdk.out', '../cdk.out'].map(name => join(directory, name)).find(name => existsSync(join(name, 'manifest.json')));
    throw new CliFailure(`There is no cloud assembly in ${directory}: it holds no manifest.json.`,
      elsewhere ? `There is one in ${resolve(elsewhere)}: pass that directory.` : 'Run `npx cdk synth` first, or pass the directory that it writes.');
  }
  const chain = chainOf(manifest, above);
  for (const [id, artifact] of Object.entries(fields(readJson(manifest).artifacts))) {
    const { type, properties, displayName, metadata, additionalMetadataFile, environment } = fields(artifact);
    const { templateFile, directoryName, file, stackName } = fields(properties);
    if (type === 'aws:cloudformation:stack' && typeof templateFile === 'string') {
      const extra = typeof additionalMetadataFile === 'string' ? readJson(join(directory, additionalMetadataFile)) : {};
      const stack = { displayName: text(displayName) ?? id, stackName: text(stackName) ?? id, environment: knownEnvironment(text(environment)) };
      readStack(join(directory, templateFile), { ...fields(metadata), ...extra }, stack, into);
    } else if (type === 'cdk:cloud-assembly' && typeof directoryName === 'string') {
      readManifest(join(directory, directoryName), into, chain);
    } else if (type === 'cdk:asset-manifest' && typeof file === 'string') {
      readImages(directory, file, into);
    }
  }
}

/** Account and region of `aws://account/region`, where both are known. */
function knownEnvironment(environment = ''): string | undefined {
  const [, account, region] = /^aws:\/\/([^/]+)\/([^/]+)$/.exec(environment) ?? [];
  return account === undefined || [account, region].some(part => part.startsWith('unknown-')) ? undefined : `${account}/${region}`;
}

interface StackArtifact {
  readonly displayName: string;
  readonly stackName: string;
  readonly environment?: string;
}

function readStack(file: string, metadata: { readonly [path: string]: Json }, { displayName, ...stack }: StackArtifact, into: Assembly): void {
  const paths: { [logicalId: string]: string } = {};
  for (const [absolute, entries] of Object.entries(metadata)) {
    const path = absolute.replace(/^\//, '');
    for (const { type, data } of items(entries).map(fields)) {
      if (type === 'aws:cdk:logicalId' && typeof data === 'string') {
        paths[data] = path;
      }
    }
    into.metadata.set(path, items(entries).map(fields));
    const facts = factsFromMetadata(items(entries).map(fields));
    if (facts) {
      into.marks.set(path, facts);
    }
  }
  readTemplate(file, { ...stack, path: displayName.replace(/ \(.*\)$/, ''), paths }, into);
}

/** @param above the templates that nest this one */
function readTemplate(file: string, stack: Omit<WrittenTemplateProps, 'json' | 'file'>, into: Assembly, above: readonly string[] = []): void {
  const json = readJson(file);
  const chain = chainOf(file, above);
  const template = into.addTemplate({ ...stack, json, file });
  for (const [logicalId, definition] of Object.entries(fields(json.Resources))) {
    const { Type: type, Properties: properties, Metadata: metadata } = fields(definition);
    const nested = fields(metadata)['aws:asset:path'];
    const nestedFile = type === 'AWS::CloudFormation::Stack' && typeof nested === 'string' && nested.endsWith('.json') ? join(dirname(file), basename(nested)) : undefined;
    if (nestedFile !== undefined && existsSync(nestedFile)) {
      const parent = { template, parameters: fields(fields(properties).Parameters) };
      readTemplate(nestedFile, { ...stack, path: template.pathOf(logicalId), stackName: logicalId, parent }, into, chain);
    }
  }
}

function readImages(directory: string, file: string, into: Assembly): void {
  for (const [hash, image] of Object.entries(fields(readJson(join(directory, file)).dockerImages))) {
    const { directory: context, dockerFile, dockerBuildTarget, dockerBuildArgs, platform } = fields(fields(image).source);
    const path = typeof context === 'string' ? join(directory, context) : undefined;
    if (path !== undefined && statSync(path, { throwIfNoEntry: false })?.isDirectory()) {
      const buildArgs = Object.fromEntries(Object.entries(fields(dockerBuildArgs)).map(([name, value]) => [name, String(value)]));
      const build = { buildArgs, platform: text(platform) };
      const source = { directory: path, dockerfile: join(path, text(dockerFile) ?? 'Dockerfile'), target: text(dockerBuildTarget), build };
      const tags = Object.values(fields(fields(image).destinations)).map(destination => String(fields(destination).imageTag));
      [hash, ...tags].forEach(tag => into.images.set(tag, source));
    }
  }
}

function readJson(file: string): { readonly [name: string]: Json } {
  return fields(readJsonFile(file, { problem: reason => `The cloud assembly is incomplete: ${file} cannot be read (${reason}).`, wayOut: SYNTH_AGAIN }) as Json);
}

/** The files from the first one down to this one; refuses one that holds itself. */
function chainOf(file: string, above: readonly string[]): readonly string[] {
  const real = realpathSync(file);
  if (above.includes(real)) {
    throw new CliFailure(`The cloud assembly is broken: ${file} contains itself.`, SYNTH_AGAIN);
  }
  return [...above, real];
}

function text(value: Json): string | undefined {
  return typeof value === 'string' ? value : undefined;
}

/** The items of a list; none of anything else. */
function items(value: Json): readonly Json[] {
  return Array.isArray(value) ? value : [];
}
