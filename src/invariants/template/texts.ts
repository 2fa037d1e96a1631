import { UNKNOWN, type TemplateValue } from './value';

/** A text of a resource, with the name under which it stands and the way to it. */
export interface NamedText {
  readonly name: string;
  readonly value: TemplateValue;
  readonly path: readonly string[];
}

/** How CloudFormation writes the entries of a map where it wants a list. */
const PAIRS = [['Name', 'Value'], ['Name', 'ValueFrom'], ['Key', 'Value'], ['HeaderName', 'HeaderValue']] as const;

/** Every text of a value at any depth, in both branches of a condition. */
export function* textsOf(value: TemplateValue, path: readonly string[] = []): Generator<NamedText> {
  if (value.absent) {
    return;
  }
  const branches = value.branches();
  if (branches.length > 0) {
    for (const branch of branches) {
      yield* textsOf(branch, path);
    }
    return;
  }
  const items = value.list();
  const entries = value.entries();
  if (items !== UNKNOWN) {
    for (const [index, item] of items.entries()) {
      yield* pairIn(item, path) ?? textsOf(item, [...path, String(index)]);
    }
  } else if (entries !== UNKNOWN) {
    for (const [name, entry] of entries) {
      yield* textsOf(entry, [...path, name]);
    }
  } else {
    yield { name: path.filter(part => !/^\d+$/.test(part)).at(-1) ?? '', value, path };
  }
}

function pairIn(item: TemplateValue, path: readonly string[]): Generator<NamedText> | undefined {
  for (const [nameKey, valueKey] of PAIRS) {
    const name = item.at(nameKey).string();
    const value = item.at(valueKey);
    if (typeof name === 'string' && !value.absent && !item.unknown) {
      return textsOf(value, [...path, name]);
    }
  }
  return undefined;
}
