/** RDS refuses a window that is shorter. */
export const LEAST_WINDOW_MINUTES = 30;

const WEEKDAYS = ['mon', 'tue', 'wed', 'thu', 'fri', 'sat', 'sun'];
const DAY = 24 * 60;

/** When a window begins and how long it is, in minutes. */
interface Window {
  readonly start: number;
  readonly minutes: number;
  /** After how many minutes it comes again. */
  readonly period: number;
}

/** The length of a window in minutes; NaN where a part of it is no time. */
export function windowMinutes(text: string): number {
  return windowOf(text)?.minutes ?? NaN;
}

/** Whether a daily and a weekly window have a minute in common. */
export function windowsOverlap(daily: string, weekly: string): boolean {
  const [backup, maintenance] = [windowOf(daily), windowOf(weekly)];
  return backup !== undefined && maintenance !== undefined && WEEKDAYS.some((_, day) => {
    const apart = modulo(maintenance.start - (day * DAY + backup.start), maintenance.period);
    return apart < backup.minutes || maintenance.period - apart < maintenance.minutes;
  });
}

function windowOf(text: string): Window | undefined {
  const [start, end] = text.split('-').map(minuteOf);
  const period = text.split('-')[0].split(':').length === 3 ? WEEKDAYS.length * DAY : DAY;
  return start === undefined || end === undefined ? undefined : { start, minutes: modulo(end - start, period), period };
}

/** A minute of the day, or of the week where a weekday stands before it. */
function minuteOf(text: string): number | undefined {
  const parts = text.split(':');
  const [hour, minute] = parts.slice(-2).map(Number);
  const day = parts.length === 3 ? WEEKDAYS.indexOf(parts[0].toLowerCase()) : 0;
  return day >= 0 && hour < 24 && minute < 60 ? day * DAY + hour * 60 + minute : undefined;
}

function modulo(minutes: number, period: number): number {
  return (minutes % period + period) % period;
}
