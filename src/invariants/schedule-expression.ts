/** The fields of a cron expression of Scheduler: from, to, and the names of the numbers. */
const FIELDS: ReadonlyArray<readonly [from: number, to: number, names: string]> = [
  [0, 59, ''], [0, 23, ''], [1, 31, ''], [1, 12, 'JANFEBMARAPRMAYJUNJULAUGSEPOCTNOVDEC'], [1, 7, 'SUNMONTUEWEDTHUFRISAT'], [1970, 2199, ''],
];
const [, , DAYS, MONTHS, , YEARS] = FIELDS;
/** No zone is further from UTC. */
const FURTHEST_ZONE_MS = 14 * 3_600_000;

const everyOf = ([from, to]: readonly [number, number, string]): number[] => Array.from({ length: to - from + 1 }, (_, index) => from + index);

/** The numbers of a field; undefined for one that says more than numbers, such as the last day of the month. */
function numbersOf(text: string, field: readonly [number, number, string]): number[] | undefined {
  const [from, to, names] = field;
  const numberOf = (part: string): number => {
    const index = /^[A-Z]{3}$/i.test(part) ? names.indexOf(part.toUpperCase()) : -1;
    return index >= 0 ? from + index / 3 : /^\d+$/.test(part) ? Number(part) : NaN;
  };
  const lists = text.split(',').map(part => {
    const [range, step = '1'] = part.split('/');
    const [first, last = part.includes('/') ? `${to}` : first] = range === '*' || range === '?' ? [`${from}`, `${to}`] : range.split('-');
    const [start, end, by] = [first, last, step].map(numberOf);
    return start <= end && by >= 1 ? everyOf(field).filter(number => number >= start && number <= end && (number - start) % by === 0)
      : [start, end, by].some(Number.isNaN) || start > end ? undefined : [];
  });
  return lists.includes(undefined) ? undefined : lists.flatMap(list => list ?? []);
}

/** Whether no calendar has a time of a cron expression: minutes, hours, day of the month, month, day of the week, year. */
export function firesNever(expression: string): boolean {
  const parts = expression.trim().split(/\s+/);
  const [, , day, month, weekday, year] = parts;
  if (parts.length !== FIELDS.length || ![day, weekday].some(part => part === '?' || part === '*')) {
    return true;
  }
  if (parts.some((part, index) => numbersOf(part, FIELDS[index])?.length === 0)) {
    return true;
  }
  const days = numbersOf(day, DAYS) ?? [1];
  const months = numbersOf(month, MONTHS) ?? everyOf(MONTHS);
  const years = numbersOf(year, YEARS) ?? everyOf(YEARS);
  return !months.some(one => years.some(inYear => days.some(number => number <= new Date(Date.UTC(inYear, one, 0)).getUTCDate())));
}

/** Whether a cron expression has several times in one hour. */
export function firesWithinTheHour(expression: string): boolean {
  return (numbersOf(expression.trim().split(/\s+/)[0], FIELDS[0])?.length ?? 1) > 1;
}

/** The time of `at(…)`, as if its zone were UTC; undefined for one that no calendar has. */
export function timeOf(text: string): Date | undefined {
  const time = new Date(`${text}Z`);
  return /^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d$/.test(text) && !Number.isNaN(time.getTime()) && time.toISOString().startsWith(text) ? time : undefined;
}

/** Whether an expression that fired once fires no more, whatever its zone. */
export function isOver(expressionString: string, end: Date | undefined, now: number): boolean {
  const before = now - FURTHEST_ZONE_MS;
  const [, kind, inside = ''] = /^(cron|at)\((.*)\)$/.exec(expressionString) ?? [];
  const years = kind === 'cron' ? numbersOf(inside.trim().split(/\s+/)[5] ?? '*', YEARS) : undefined;
  return (end !== undefined && end.getTime() < now)
    || (kind === 'at' && (timeOf(inside)?.getTime() ?? Infinity) < before)
    || (years !== undefined && Math.max(...years) < new Date(before).getUTCFullYear());
}
