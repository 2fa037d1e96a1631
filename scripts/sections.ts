import { readFileSync, writeFileSync } from 'node:fs';

/** The Markdown between `<!-- name:begin -->` and `<!-- name:end -->` replaced; throws where a text has no such section. */
export function withSection(text: string, name: string, content: string): string {
  const [from, to] = boundsOf(text, name);
  return `${text.slice(0, from)}\n${content}\n${text.slice(to)}`;
}

/** The Markdown between the two lines; throws where a text has no such section. */
export function sectionIn(text: string, name: string): string {
  return text.slice(...boundsOf(text, name)).trim();
}

function boundsOf(text: string, name: string): [number, number] {
  const [begin, end] = [`<!-- ${name}:begin -->`, `<!-- ${name}:end -->`];
  const [from, to] = [text.indexOf(begin), text.indexOf(end)];
  if (from < 0 || to < from) throw new Error(`The text has no section between ${begin} and ${end}`);
  return [from + begin.length, to];
}

/** Writes a section of a file anew. */
export function updateSection(file: string, name: string, content: string): void {
  writeFileSync(file, withSection(readFileSync(file, 'utf8'), name, content));
}

/** A table of Markdown: cells of one line each, in which a pipe is no border. */
export function table(header: string[], rows: string[][]): string {
  const cell = (text: string): string => text.replace(/\|/g, '\\|').replace(/\n/g, ' ');
  return [header, header.map(() => '---'), ...rows.map(row => row.map(cell))].map(row => `| ${row.join(' | ')} |`).join('\n');
}
