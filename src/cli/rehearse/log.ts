import { redact } from './redact';

const LINE_LENGTH = 300;
/** Lines of a message that has several. */
const MESSAGE_LINES = 4;

/** Where an error happened: a frame of its stack, and what Node.js adds around a stack. */
const PLACE = /^\s+at |^Node\.js v[\d.]+$|^\(Use `node --trace-|^\s*\.\.\. \d+ (?:more|lines matching)/;
/** The line that Node.js prints of the source, with the marks below it. */
const MARKS = /^\s*\^+\s*$/;
/** The line in which an error says what it is. */
const CAUSE = /^(?:Uncaught )?((?:[A-Z]\w*)?(?:Error|Exception)(?: \[\w+\])?:.*|\[flue\] .*\b(?:[Ff]ail|[Ee]rror|[Cc]annot|[Uu]nable|[Ii]nvalid|not )\w*.*)$/;

/** The lines of a log that say something: without stack frames, and without the source that Node.js prints before them. */
function tellingLines(output: string): string[] {
  const lines = output.trimEnd().split('\n').map(line => line.trimEnd());
  const source = new Set(lines.flatMap((line, index) => (MARKS.test(line) ? [index - 2, index - 1, index] : [])));
  return lines.filter((line, index) => !PLACE.test(line) && !source.has(index));
}

/** The sentence in which a server that ended says why, without secrets; its last words where no error is among them. */
export function causeOf(output: string, secrets: Iterable<string>): string | undefined {
  const lines = tellingLines(output);
  const outer = lines.reduce((last, line, index) => (CAUSE.test(line) ? index : last), -1);
  if (outer < 0) {
    return brief(lines.filter(line => line.trim()).slice(-1), secrets);
  }
  const end = lines.findIndex((line, index) => index > outer && (line.trim() === '' || /^\s*[{[]?\[?(?:cause|errors)\]?:|^\s*\w+: /.test(line)));
  const message = lines.slice(outer, Math.min(outer + MESSAGE_LINES, end < 0 ? lines.length : end)).map(line => line.replace(/ \{$/, ''));
  const inner = lines.slice(outer + 1).map(line => CAUSE.exec(line.replace(/^\s+(?:\[cause\]: )?/, ''))?.[1].replace(/ \{$/, '')).filter(line => line !== undefined).pop();
  const isNew = inner !== undefined && !message.join(' ').includes(inner.replace(/^[^:]*: ?/, ''));
  return brief([...message, ...isNew ? [`(${inner})`] : []], secrets);
}

/** The last lines of a log, and before them the sentence with the cause where it is further up; without secrets. */
export function logTail(output: string, secrets: Iterable<string>, lines: number = 8): string {
  const telling = tellingLines(output);
  const last = telling.slice(-lines);
  const cause = telling.slice(0, -lines).filter(line => CAUSE.test(line)).slice(-1);
  const shown = last.some(line => CAUSE.test(line)) ? last : [...cause, ...last];
  return redact(shown.join('\n'), secrets).split('\n').map(line => line.slice(0, LINE_LENGTH)).join('\n');
}

/** What the server says in an answer that refuses a request, as ` (…)`; nothing where it says nothing. */
export function saidIn(body: string | undefined, secrets: Iterable<string>): string {
  const text = (body ?? '').trim();
  if (text === '' || text.startsWith('<')) {
    return '';
  }
  let said: string | undefined = text;
  try {
    said = messageIn(JSON.parse(text)) ?? text;
  } catch {
    // a plain text says it itself
  }
  const shown = brief([said], secrets);
  return shown === undefined ? '' : ` (${shown})`;
}

function messageIn(value: unknown): string | undefined {
  if (typeof value !== 'object' || value === null) {
    return typeof value === 'string' && value.trim() ? value : undefined;
  }
  const { error, message, detail, details, reason, title, issues, errors } = value as { [name: string]: unknown };
  const texts = [error, message, reason, detail, details, title, first(issues), first(errors)].map(messageIn).filter(text => text !== undefined);
  return texts.length === 0 ? undefined : [...new Set(texts)].slice(0, 2).join(': ');
}

function first(value: unknown): unknown {
  return Array.isArray(value) ? value[0] : undefined;
}

function brief(lines: readonly string[], secrets: Iterable<string>): string | undefined {
  const text = redact(lines.map(line => line.trim()).join(' '), secrets).replace(/\s+/g, ' ').trim();
  return text === '' ? undefined : text.length > LINE_LENGTH ? `${text.slice(0, LINE_LENGTH - 1)}…` : text;
}
