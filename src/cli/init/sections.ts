/** What stands in a section of a template, once for each item: nothing, once, or often. */
export interface Sections {
  readonly [name: string]: readonly { readonly [field: string]: string }[];
}

/** Repeats each section of a template, `{{#name}}…{{/name}}`, for its items, and writes their fields; a section is whole lines, or a part of one. */
export function renderSections(template: string, sections: Sections): string {
  const repeat = (items: Sections[string]) => (_: string, body: string): string =>
    items.map(item => body.replace(/\{\{(\w+)\}\}/g, (mark, field: string) => item[field] ?? mark)).join('');
  return Object.entries(sections).reduce((text, [name, items]) => text
    .replace(new RegExp(`^\\{\\{#${name}\\}\\}\\n([^]*?)^\\{\\{/${name}\\}\\}\\n`, 'gm'), repeat(items))
    .replace(new RegExp(`\\{\\{#${name}\\}\\}(.*?)\\{\\{/${name}\\}\\}`, 'g'), repeat(items)), template);
}
