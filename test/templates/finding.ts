import { readFileSync } from 'node:fs';
import { basename } from 'node:path';

/** What one judge says of one resource of one template. */
export interface Finding {
  readonly judge: string;
  readonly rule: string;
  readonly template: string;
  readonly resource: string;
  readonly type: string;
  readonly message: string;
}

/** A judge: what it says of the templates in these files. */
export interface Judge {
  readonly name: string;
  readonly version: string;
  judge(files: string[]): Finding[];
}

export function templateName(file: string): string {
  return basename(file).replace(/\.template\.json$/, '');
}

const resources = new Map<string, Record<string, { readonly Type: string }>>();

function resourcesOf(file: string): Record<string, { readonly Type: string }> {
  if (!resources.has(file)) resources.set(file, JSON.parse(readFileSync(file, 'utf8')).Resources);
  return resources.get(file)!;
}

export function typeOf(file: string, logicalId: string): string {
  return resourcesOf(file)[logicalId]?.Type ?? '';
}

/** The types of the resources of a template. */
export function typesIn(file: string): Set<string> {
  return new Set(Object.values(resourcesOf(file)).map(({ Type }) => Type));
}
