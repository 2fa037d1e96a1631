import { statSync } from 'node:fs';
import { basename, extname, relative } from 'node:path';
import { parseOptions } from './options';
import { asJson, asSarif, asTable, countOf, type Line } from './report';
import { readTemplateFile, type TemplateFile } from './template-file';
import { findingId, judge } from '../../invariants/judgement';
import { FlueServers } from '../../invariants/template/flue-servers';
import { Assembly, readAssembly } from '../assembly/assembly';
import { CliFailure } from '../failure';

export { CHECK_USAGE } from './options';

/** `cdk-flue check`: the exit code says whether a rule of the level error is broken. */
export async function check(argv: string[]): Promise<number> {
  const { places, services, form } = parseOptions(argv);
  const assemblies = read(places, services);
  const unknown = services.filter(service => assemblies.every(({ unknownServices }) => unknownServices.has(service)));
  if (unknown.length > 0) {
    throw new CliFailure(`No resource is called ${unknown.join(', ')}.`, 'Pass the logical id of a resource, or the construct path of it or of a construct above.');
  }
  const examined = assemblies.map(examine);
  const lines = examined.flatMap(one => one.lines);
  const resources = examined.reduce((sum, one) => sum + one.resources, 0);
  if (resources === 0) {
    throw new CliFailure(`No Flue server was found in ${places.join(', ')}.`, 'Name it: `cdk-flue check … --service ID`, with the logical id of its service or task definition.');
  }
  process.stdout.write({ table: asTable, json: asJson, sarif: asSarif }[form](lines, resources));
  return countOf(lines, 'error') > 0 ? 1 : 0;
}

const contents = new Map<string, TemplateFile>();

function contentOf(file: string): TemplateFile {
  let content = contents.get(file);
  if (!content) {
    contents.set(file, content = readTemplateFile(file));
  }
  return content;
}

/** The assemblies in the directories, and one of all templates that stand alone. */
function read(places: readonly string[], services: readonly string[]): Assembly[] {
  const directories = places.filter(place => statSync(place, { throwIfNoEntry: false })?.isDirectory() || place === 'cdk.out');
  const files = places.filter(place => !directories.includes(place));
  const alone = new Assembly('.', { services });
  for (const file of files) {
    // A logical id stands for a path where the template is the only one.
    const path = files.length === 1 ? '' : file;
    alone.addTemplate({ json: contentOf(file).json, file, path, stackName: basename(file, extname(file)), paths: {} });
  }
  return [...directories.map(directory => readAssembly(directory, { services })), ...files.length > 0 ? [alone] : []];
}

function examine(assembly: Assembly): { readonly lines: Line[]; readonly resources: number } {
  const servers = new FlueServers(assembly);
  const places = new Map(assembly.templates.flatMap(template => [...template.all]
    .map(([logicalId, resource]) => [resource, { template, logicalId }])));
  const lines = judge(servers)
    .filter(({ invariant, finding, resource }) => !assembly.isSettled(resource.path, findingId(invariant, finding)))
    .map(({ invariant, finding, resource }) => {
      const { template: { file }, logicalId } = places.get(resource)!;
      const { found, location, fix = invariant.fix } = finding;
      const resourceName = resource.path.replace(/^\//, '');
      return {
        id: findingId(invariant, finding),
        level: invariant.level,
        resource: resourceName,
        logicalId,
        template: relative(process.cwd(), file) || file,
        line: contentOf(file).lines.get(logicalId) ?? 1,
        location,
        found,
        fix,
        why: invariant.why,
      };
    });
  return { lines, resources: assembly.all().filter(resource => servers.contains(resource) || servers.sandboxes.members.has(resource)).length };
}
