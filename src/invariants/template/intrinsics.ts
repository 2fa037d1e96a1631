/** A value of a resolved template. */
export type Json = unknown;

/** A reference as it stands in a template. */
export type Reference =
  | { readonly kind: 'resource'; readonly logicalId: string; readonly attribute: string; readonly json: Json }
  | { readonly kind: 'import'; readonly name: Json };

/** Whether CloudFormation evaluates this object at deployment. */
export function isIntrinsic(json: Json): json is Record<string, Json> {
  if (typeof json !== 'object' || json === null || Array.isArray(json)) {
    return false;
  }
  const keys = Object.keys(json);
  return keys.length === 1 && (keys[0] === 'Ref' || keys[0].startsWith('Fn::'));
}

/** Evaluates what needs no deployment: literal `Fn::Sub` and `Fn::Join`, `AWS::NoValue`, a condition that decides nothing. */
export function fold(json: Json): Json {
  if (!isIntrinsic(json)) {
    return json;
  }
  const [name, argument] = Object.entries(json)[0];
  switch (name) {
    case 'Ref':
      return argument === 'AWS::NoValue' ? undefined : json;
    case 'Fn::Sub':
      return typeof argument === 'string' && !/\$\{(?!!)/.test(argument) ? argument.replace(/\$\{!/g, '${') : json;
    case 'Fn::Join': {
      const [delimiter, parts] = Array.isArray(argument) ? argument : [];
      const folded = Array.isArray(parts) ? parts.map(fold) : [undefined];
      return folded.every(part => typeof part === 'string' || typeof part === 'number') ? folded.join(String(delimiter)) : json;
    }
    case 'Fn::If': {
      const [, yes, no] = Array.isArray(argument) ? argument.map(fold) : [];
      return Array.isArray(argument) && argument.length === 3 && JSON.stringify(yes) === JSON.stringify(no) ? yes : json;
    }
    default:
      return json;
  }
}

const PLACEHOLDER = /\$\{([^!}][^}]*)\}/g;

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
    return Object.entries(json).map(([key, value]) => `${key}: ${renderText(value)}`).join('\n');
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
  const { Ref: ref, 'Fn::GetAtt': getAtt, 'Fn::Sub': sub, 'Fn::ImportValue': imported } = json as Record<string, Json>;
  if (!isIntrinsic(json)) {
    yield* walkReferences(Object.values(json));
  } else if (typeof ref === 'string') {
    yield { kind: 'resource', logicalId: ref, attribute: 'Ref', json };
  } else if (getAtt !== undefined) {
    const [logicalId, ...attribute] = Array.isArray(getAtt) ? getAtt.map(renderText) : String(getAtt).split('.');
    yield { kind: 'resource', logicalId, attribute: attribute.join('.'), json };
  } else if (imported !== undefined) {
    yield { kind: 'import', name: imported };
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
        json: attribute.length > 0 ? { 'Fn::GetAtt': [logicalId, attribute.join('.')] } : { Ref: logicalId },
      };
    }
  }
  yield* walkReferences(variables);
}
