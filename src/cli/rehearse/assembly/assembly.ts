import { existsSync, realpathSync, statSync } from 'node:fs';
import { basename, dirname, join, resolve } from 'node:path';
import { factsFromMetadata, type FlueServerFacts } from '../../../invariants/template/flue-marker';
import type { Json } from '../../../invariants/template/intrinsics';
import type { Resources, Scopes, TemplateResource } from '../../../invariants/template/value';
import { fields, WrittenTemplate, type WrittenTemplateProps } from '../../../invariants/template/written-template';
import { CliFailure } from '../../failure';
import { readJsonFile } from '../../files';

/** Stands for what only a deployment knows; the answers of a machine without AWS. */
const PSEUDO_PARAMETERS: { readonly [name: string]: string } = {
  'AWS::AccountId': '000000000000',
  'AWS::Partition': 'aws',
  'AWS::Region': process.env.AWS_REGION ?? 'us-east-1',
  'AWS::StackName': 'rehearsal',
  'AWS::StackId': 'rehearsal',
  'AWS::URLSuffix': 'amazonaws.com',
};

const SYNTH_AGAIN = 'Run `npx cdk synth` again.';

/** A cloud assembly as `cdk synth` leaves it. */
export class Assembly implements Resources {
  public readonly templates: WrittenTemplate[] = [];
  /** What marked constructs say of their Flue server, by construct path. */
  public readonly marks = new Map<string, FlueServerFacts>();
  /** What the assembly builds images from, by the hashes that tag them. */
  public readonly images = new Map<string, ImageSource>();

  public constructor(public readonly directory: string) {}

  /** The resources of every template. */
  public all(): TemplateResource[] {
    return this.templates.flatMap(({ all }) => [...all.values()]);
  }

  public ofType(...types: string[]): TemplateResource[] {
    return this.templates.flatMap(template => template.ofType(...types));
  }

  /** Adds a template; the marks of its constructs must be there already. */
  public addTemplate(props: WrittenTemplateProps): WrittenTemplate {
    const { templates } = this;
    const template = new WrittenTemplate(props, { templates, pseudoParameters: PSEUDO_PARAMETERS, scopesOf: path => this.scopesOf(path) });
    templates.push(template);
    return template;
  }

  private scopesOf(path: string): Scopes {
    const marked = ancestors(path).find(candidate => this.marks.has(candidate));
    return marked === undefined ? {} : { server: { path: marked, ...this.marks.get(marked) } };
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

/** Reads the assembly in a directory, with the assemblies of its stages and its nested stacks. */
export function readAssembly(directory: string): Assembly {
  const assembly = new Assembly(resolve(directory));
  readManifest(assembly.directory, assembly);
  return assembly;
}

/** @param above the assemblies that hold this one */
function readManifest(directory: string, into: Assembly, above: readonly string[] = []): void {
  const manifest = join(directory, 'manifest.json');
  if (!existsSync(manifest)) {
    const elsewhere = ['cdk.out', '../cdk.out'].map(name => join(directory, name)).find(name => existsSync(join(name, 'manifest.json')));
    throw new CliFailure(`There is no cloud assembly in ${directory}: it holds no manifest.json.`,
      elsewhere ? `There is one in ${resolve(elsewhere)}: pass that directory.` : 'Run `npx cdk synth` first, or pass the directory that it writes: cdk-flue rehearse DIR.');
  }
  const chain = chainOf(manifest, above);
  for (const [id, artifact] of Object.entries(fields(readJson(manifest).artifacts))) {
    const { type, properties, displayName, metadata, additionalMetadataFile } = fields(artifact);
    const { templateFile, directoryName, file, stackName } = fields(properties);
    if (type === 'aws:cloudformation:stack' && typeof templateFile === 'string') {
      const extra = typeof additionalMetadataFile === 'string' ? readJson(join(directory, additionalMetadataFile)) : {};
      readStack(join(directory, templateFile), { ...fields(metadata), ...extra }, text(displayName) ?? id, text(stackName) ?? id, into);
    } else if (type === 'cdk:cloud-assembly' && typeof directoryName === 'string') {
      readManifest(join(directory, directoryName), into, chain);
    } else if (type === 'cdk:asset-manifest' && typeof file === 'string') {
      readImages(directory, file, into);
    }
  }
}

function readStack(file: string, metadata: { readonly [path: string]: Json }, displayName: string, stackName: string, into: Assembly): void {
  const paths: { [logicalId: string]: string } = {};
  for (const [absolute, entries] of Object.entries(metadata)) {
    const path = absolute.replace(/^\//, '');
    for (const { type, data } of items(entries).map(fields)) {
      if (type === 'aws:cdk:logicalId' && typeof data === 'string') {
        paths[data] = path;
      }
    }
    const facts = factsFromMetadata(items(entries).map(fields));
    if (facts) {
      into.marks.set(path, facts);
    }
  }
  readTemplate(file, { path: displayName.replace(/ \(.*\)$/, ''), stackName, paths }, into);
}

/** @param above the templates that nest this one */
function readTemplate(file: string, stack: Omit<WrittenTemplateProps, 'json'>, into: Assembly, above: readonly string[] = []): void {
  const json = readJson(file);
  const chain = chainOf(file, above);
  const template = into.addTemplate({ ...stack, json });
  for (const [logicalId, definition] of Object.entries(fields(json.Resources))) {
    const { Type: type, Properties: properties, Metadata: metadata } = fields(definition);
    const nested = fields(metadata)['aws:asset:path'];
    const nestedFile = type === 'AWS::CloudFormation::Stack' && typeof nested === 'string' && nested.endsWith('.json') ? join(dirname(file), basename(nested)) : undefined;
    if (nestedFile !== undefined && existsSync(nestedFile)) {
      const parent = { template, parameters: fields(fields(properties).Parameters) };
      readTemplate(nestedFile, { path: template.pathOf(logicalId), stackName: logicalId, paths: stack.paths, parent }, into, chain);
    }
  }
}

function readImages(directory: string, file: string, into: Assembly): void {
  for (const [hash, image] of Object.entries(fields(readJson(join(directory, file)).dockerImages))) {
    const { directory: context, dockerFile, dockerBuildTarget } = fields(fields(image).source);
    const path = typeof context === 'string' ? join(directory, context) : undefined;
    if (path !== undefined && statSync(path, { throwIfNoEntry: false })?.isDirectory()) {
      const source = { directory: path, dockerfile: join(path, text(dockerFile) ?? 'Dockerfile'), target: text(dockerBuildTarget) };
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
