/** A value of a resolved template. */
export type Json = unknown;

/** A reference as it stands in a template. */
export type Reference =
  | { readonly kind: 'resource'; readonly logicalId: string; readonly attribute: string; readonly json: Json }
  | { readonly kind: 'import'; readonly name: Json; readonly json: Json }
  | { readonly kind: 'output'; readonly json: Json };

/** The text behind what is written elsewhere: a parameter, an export, an output; undefined where only the deployment knows. */
export type Lookup = (intrinsic: Record<string, Json>) => string | undefined;

/** Whether CloudFormation evaluates this object at deployment. */
export function isIntrinsic(json: Json): json is Record<string, Json> {
  if (typeof json !== 'object' || json === null || Array.isArray(json)) {
    return false;
  }
  const keys = Object.keys(json);
  return keys.length === 1 && (keys[0] === 'Ref' || keys[0].startsWith('Fn::'));
}

/** Evaluates what needs no deployment: `Fn::Sub` and `Fn::Join` of known parts, `AWS::NoValue`, a condition that decides nothing. */
export function fold(json: Json, lookup: Lookup = () => undefined): Json {
  if (!isIntrinsic(json)) {
    return json;
  }
  const [name, argument] = Object.entries(json)[0];
  switch (name) {
    case 'Ref':
      return argument === 'AWS::NoValue' ? undefined : lookup(json) ?? json;
    case 'Fn::Sub':
      return substitute(argument, lookup) ?? json;
    case 'Fn::Join': {
      const [delimiter, parts] = Array.isArray(argument) ? argument : [];
      const folded = Array.isArray(parts) ? parts.map(part => fold(part, lookup)) : [undefined];
      return folded.every(isScalar) ? folded.join(String(delimiter)) : json;
    }
    case 'Fn::If': {
      const [, yes, no] = Array.isArray(argument) ? argument.map(part => fold(part, lookup)) : [];
      return Array.isArray(argument) && argument.length === 3 && JSON.stringify(yes) === JSON.stringify(no) ? yes : json;
    }
    default:
      return lookup(json) ?? json;
  }
}

/** The text of an `Fn::Sub` whose every part is known. */
function substitute(sub: Json, lookup: Lookup): string | undefined {
  const [text, variables] = Array.isArray(sub) ? sub : [sub, {}];
  if (typeof text !== 'string') {
    return undefined;
  }
  let known = true;
  const folded = text.replace(PLACEHOLDER, (_, key: string) => {
    const name = key.trim();
    const value = fold((variables as Record<string, Json> | undefined)?.[name] ?? placeholderReference(name), lookup);
    known &&= isScalar(value);
    return String(value);
  });
  return known ? folded.replace(/\$\{!/g, '${') : undefined;
}

function isScalar(json: Json): json is string | number {
  return typeof json === 'string' || typeof json === 'number';
}

/** What `${Name}` and `${Name.Attribute}` stand for. */
export function placeholderReference(name: string): Json {
  const [logicalId, ...attribute] = name.split('.');
  return attribute.length > 0 ? { 'Fn::GetAtt': [logicalId, attribute.join('.')] } : { Ref: logicalId };
}

/** A placeholder of `Fn::Sub`. */
export const PLACEHOLDER = /\$\{([^!}][^}]*)\}/g;

/** All text of a value, with `${…}` for what the deployment fills in. */
export function renderText(json: Json): string {
  if (json === undefined || json === null) {
    return '';
  }
  if (Array.isArray(json)) {
    return json.map(renderText).join(' ');
  }
  if (typeof json !== 'object') {
    return String(json);
  }
  if (!isIntrinsic(json)) {
    // what stands below a name is not its value
    return Object.entries(json).map(([key, value]) => `${key}:${isNested(value) ? '\n' : ' '}${renderText(value)}`).join('\n');
  }
  const [name, argument] = Object.entries(json)[0];
  switch (name) {
    case 'Ref':
      return argument === 'AWS::NoValue' ? '' : `\${${String(argument)}}`;
    case 'Fn::GetAtt':
      return `\${${Array.isArray(argument) ? argument.map(renderText).join('.') : String(argument)}}`;
    case 'Fn::Join': {
      const [delimiter, parts] = Array.isArray(argument) ? argument : [];
      return Array.isArray(parts) ? parts.map(renderText).join(String(delimiter)) : '${Join}';
    }
    case 'Fn::Sub': {
      const [text, variables] = Array.isArray(argument) ? argument : [argument, {}];
      return String(text).replace(PLACEHOLDER, (whole, key: string) => {
        const variable = (variables as Record<string, Json> | undefined)?.[key.trim()];
        return variable === undefined ? whole : renderText(variable);
      });
    }
    case 'Fn::Base64':
      return renderText(argument);
    case 'Fn::If':
      return Array.isArray(argument) ? argument.slice(1).map(renderText).join('\n') : '${If}';
    default:
      return `\${${name.slice('Fn::'.length)}}`;
  }
}

/** Whether a value is a list or an object of its own, and no function of CloudFormation. */
function isNested(json: Json): boolean {
  return typeof json === 'object' && json !== null && (Array.isArray(json) || !isIntrinsic(json));
}

/** How many texts a value is followed into; one with more conditions counts as not known where they stand. */
const MAX_ALTERNATIVES = 16;

/** Every text that a value can become: one for each case of its conditions, with `${…}` for what the deployment fills in. */
export function alternatives(json: Json): string[] {
  const texts = new Set(cases(json).map(one => renderText(one).replace(/\{\{resolve:[\s\S]*?\}{2,}/g, '${resolve}')));
  return [...texts];
}

/** A value in each case of the conditions inside it. */
function cases(json: Json): Json[] {
  if (typeof json !== 'object' || json === null) {
    return [json];
  }
  const branches = isIntrinsic(json) ? json['Fn::If'] : undefined;
  if (branches !== undefined) {
    return Array.isArray(branches) && branches.length === 3 ? bounded([...cases(branches[1]), ...cases(branches[2])], json) : [{ 'Fn::Unknown': [] }];
  }
  const entries: Array<[string, Json]> = Object.entries(json);
  const combined = entries.reduce<Array<Array<[string, Json]>>>((built, [key, value]) => {
    const options = cases(value);
    return built.length * options.length > MAX_ALTERNATIVES ? built.map(one => [...one, [key, { 'Fn::Unknown': [] }]])
      : built.flatMap(one => options.map(option => [...one, [key, option] as [string, Json]]));
  }, [[]]);
  return combined.map(one => Array.isArray(json) ? one.map(([, value]) => value) : Object.fromEntries(one));
}

function bounded(options: Json[], whole: Json): Json[] {
  return options.length > MAX_ALTERNATIVES ? [{ 'Fn::Unknown': [whole] }] : options;
}

/** Every reference in a value, at any depth and inside every function. */
export function* walkReferences(json: Json): Generator<Reference> {
  if (Array.isArray(json)) {
    for (const item of json) {
      yield* walkReferences(item);
    }
    return;
  }
  if (typeof json !== 'object' || json === null) {
    return;
  }
  const { Ref: ref, 'Fn::GetAtt': getAtt, 'Fn::Sub': sub, 'Fn::ImportValue': imported, 'Fn::GetStackOutput': output } = json as Record<string, Json>;
  if (!isIntrinsic(json)) {
    yield* walkReferences(Object.values(json));
  } else if (typeof ref === 'string') {
    yield { kind: 'resource', logicalId: ref, attribute: 'Ref', json };
  } else if (getAtt !== undefined) {
    const [logicalId, ...attribute] = Array.isArray(getAtt) ? getAtt.map(renderText) : String(getAtt).split('.');
    yield { kind: 'resource', logicalId, attribute: attribute.join('.'), json };
  } else if (imported !== undefined) {
    yield { kind: 'import', name: imported, json };
  } else if (output !== undefined) {
    yield { kind: 'output', json };
  } else if (sub !== undefined) {
    yield* walkSubstitutions(sub);
  } else {
    yield* walkReferences(Object.values(json));
  }
}

function* walkSubstitutions(sub: Json): Generator<Reference> {
  const [text, variables] = Array.isArray(sub) ? sub : [sub, {}];
  for (const [, name] of String(text).matchAll(PLACEHOLDER)) {
    const [logicalId, ...attribute] = name.trim().split('.');
    if (!Object.keys((variables ?? {}) as object).includes(logicalId)) {
      yield {
        kind: 'resource',
        logicalId,
        attribute: attribute.join('.') || 'Ref',
        json: placeholderReference(name.trim()),
      };
    }
  }
  yield* walkReferences(variables);
}
