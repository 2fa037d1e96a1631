import { existsSync, readFileSync, statSync } from 'node:fs';
import { basename, dirname, join, resolve } from 'node:path';
import { fields, items, Template, type Json } from './template';
import { factsFromMetadata, type FlueServerFacts } from '../../../invariants/template/flue-marker';
import { CliFailure } from '../../failure';

/** A cloud assembly as `cdk synth` leaves it. */
export interface Assembly {
  readonly directory: string;
  readonly templates: readonly Template[];
  /** What marked constructs say of their Flue server, by construct path. */
  readonly marks: ReadonlyMap<string, FlueServerFacts>;
  /** What the assembly builds images from, by the hashes that tag them. */
  readonly images: ReadonlyMap<string, ImageSource>;
}

export interface ImageSource {
  readonly directory: string;
  readonly dockerfile: string;
  readonly target?: string;
}

/** Reads the assembly in a directory, with the assemblies of its stages and its nested stacks. */
export function readAssembly(directory: string): Assembly {
  const assembly = {
    directory: resolve(directory),
    templates: [] as Template[],
    marks: new Map<string, FlueServerFacts>(),
    images: new Map<string, ImageSource>(),
  };
  readManifest(assembly.directory, assembly);
  return assembly;
}

type Growing = { templates: Template[]; marks: Map<string, FlueServerFacts>; images: Map<string, ImageSource> };

function readManifest(directory: string, into: Growing): void {
  const manifest = join(directory, 'manifest.json');
  if (!existsSync(manifest)) {
    const elsewhere = ['cdk.out', '../cdk.out'].map(name => join(directory, name)).find(name => existsSync(join(name, 'manifest.json')));
    throw new CliFailure(`There is no cloud assembly in ${directory}: it holds no manifest.json.`,
      elsewhere ? `There is one in ${resolve(elsewhere)}: pass that directory.` : 'Run `npx cdk synth` first, or pass the directory that it writes: cdk-flue rehearse DIR.');
  }
  for (const [id, artifact] of Object.entries(fields(readJson(manifest).artifacts))) {
    const { type, properties, displayName, metadata, additionalMetadataFile } = fields(artifact);
    const { templateFile, directoryName, file, stackName } = fields(properties);
    if (type === 'aws:cloudformation:stack' && typeof templateFile === 'string') {
      const extra = typeof additionalMetadataFile === 'string' ? readJson(join(directory, additionalMetadataFile)) : {};
      readStack(join(directory, templateFile), { ...fields(metadata), ...extra }, text(displayName) ?? id, text(stackName) ?? id, into);
    } else if (type === 'cdk:cloud-assembly' && typeof directoryName === 'string') {
      readManifest(join(directory, directoryName), into);
    } else if (type === 'cdk:asset-manifest' && typeof file === 'string') {
      readImages(directory, file, into);
    }
  }
}

function readStack(file: string, metadata: { readonly [path: string]: Json }, displayName: string, stackName: string, into: Growing): void {
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

type Parent = ConstructorParameters<typeof Template>[5];
type Stack = { readonly path: string; readonly stackName: string; readonly paths: { readonly [logicalId: string]: string } };

function readTemplate(file: string, stack: Stack, into: Growing, parent?: Parent): void {
  const template = new Template(readJson(file), stack.path, stack.stackName, into.templates, stack.paths, parent);
  into.templates.push(template);
  for (const { logicalId, type, properties } of template.resources) {
    const nested = type === 'AWS::CloudFormation::Stack' ? template.nestedFile(logicalId) : undefined;
    if (nested !== undefined && existsSync(join(dirname(file), basename(nested)))) {
      readTemplate(join(dirname(file), basename(nested)), { path: template.pathOf(logicalId), stackName: logicalId, paths: stack.paths }, into,
        { template, parameters: fields(properties.Parameters) });
    }
  }
}

function readImages(directory: string, file: string, into: Growing): void {
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
  try {
    return fields(JSON.parse(readFileSync(file, 'utf8')));
  } catch (error) {
    throw new CliFailure(`The cloud assembly is not whole: ${file} cannot be read (${(error as Error).message}).`, 'Run `npx cdk synth` again.');
  }
}

function text(value: Json): string | undefined {
  return typeof value === 'string' ? value : undefined;
}
