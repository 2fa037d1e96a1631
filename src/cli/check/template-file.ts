import { CORE_SCHEMA, load, Type, type EventType, type State } from 'js-yaml';
import type { Json } from '../../invariants/template/intrinsics';
import { fields } from '../../invariants/template/written-template';
import { CliFailure } from '../failure';
import { readFile } from '../files';

/** A template of CloudFormation on disk, and the line on which each of its resources begins. */
export interface TemplateFile {
  readonly json: { readonly [name: string]: Json };
  readonly lines: ReadonlyMap<string, number>;
}

/** The functions that have a short form in YAML, such as `!Sub`. */
const FUNCTIONS = [
  'And', 'Base64', 'Cidr', 'Equals', 'FindInMap', 'ForEach', 'GetAZs', 'If', 'ImportValue', 'Join', 'Length', 'Not', 'Or', 'Select', 'Split', 'Sub',
  'ToJsonString', 'Transform',
];
const KINDS = ['scalar', 'sequence', 'mapping'] as const;
const SCHEMA = CORE_SCHEMA.extend({
  explicit: KINDS.flatMap(kind => [
    ...FUNCTIONS.map(name => new Type(`!${name}`, { kind, construct: (value: Json) => ({ [`Fn::${name}`]: value }) })),
    ...['Ref', 'Condition'].map(name => new Type(`!${name}`, { kind, construct: (value: Json) => ({ [name]: value }) })),
    new Type('!GetAtt', { kind, construct: (value: Json) => ({ 'Fn::GetAtt': typeof value === 'string' ? value.split(/\.(.*)/, 2) : value }) }),
  ]),
});

/** Reads a template in JSON or YAML, or refuses what is none. */
export function readTemplateFile(file: string): TemplateFile {
  const wayOut = 'Pass a template of CloudFormation, or the directory that `cdk synth` writes.';
  const text = readFile(file, { problem: reason => `${file} is no template: ${reason}.`, wayOut });
  const begins = new Map<unknown, number>();
  let json: unknown;
  try {
    json = load(text, { schema: SCHEMA, listener: remember(begins) });
  } catch (error) {
    json = asJson(text);
    if (json === undefined) {
      throw new CliFailure(`${file} is neither JSON nor YAML: ${(error as Error).message.split('\n')[0]}.`, wayOut);
    }
  }
  const resources = fields(fields(json as Json).Resources);
  if (!Object.values(resources).some(resource => typeof fields(resource).Type === 'string')) {
    throw new CliFailure(`${file} is no template of CloudFormation: it has no resource with a Type.`, wayOut);
  }
  return {
    json: fields(json as Json),
    lines: new Map(Object.entries(resources).map(([logicalId, resource]) => [logicalId, begins.get(resource) ?? 1])),
  };
}

/** JSON that YAML does not allow, such as with tabs in front of a line. */
function asJson(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}

/** Notes the line on which the parser begins each object. */
function remember(begins: Map<unknown, number>): (this: State, event: EventType, state: State) => void {
  const open: number[] = [];
  return (event, state) => {
    const { line, result } = state as State & { readonly result: unknown };
    if (event === 'open') {
      open.push(line + 1);
      return;
    }
    const begin = open.pop();
    if (typeof result === 'object' && result !== null && begin !== undefined && !begins.has(result)) {
      begins.set(result, begin);
    }
  };
}
