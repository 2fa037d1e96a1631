import type { Check, Result } from './checks/check';
import type { ServicePlan } from './discovery/service-plan';
import type { Observer } from './rehearsal';

export interface Heading {
  readonly plan: ServicePlan;
  readonly runtime: string;
  readonly port: number;
  readonly probes?: string;
  /** Names of the variables that the rehearsal sets otherwise than the service. */
  readonly changed: readonly string[];
}

export interface Summary {
  readonly service: string;
  readonly platform: string;
  readonly runtime: string;
  readonly seconds: number;
  readonly passed: number;
  readonly warned: number;
  readonly failed: number;
  readonly skipped: number;
  readonly checks: readonly Result[];
}

const MARKS = { pass: 'ok', warn: 'warn', fail: 'FAIL', skip: 'skip' } as const;
const MARK_WIDTH = 6;
const ID_WIDTH = 20;
const INDENT = ' '.repeat(MARK_WIDTH + ID_WIDTH);

/** Writes a line per check while the rehearsal runs. */
export class TableReport implements Observer {
  public constructor(private readonly stream: NodeJS.WriteStream, private readonly colour: boolean) {}

  public heading({ plan, runtime, port, probes, changed }: Heading): void {
    const size = [plan.vcpu === undefined ? undefined : `${plan.vcpu} vCPU`, plan.memoryMiB === undefined ? undefined : `${plan.memoryMiB} MiB`].filter(Boolean).join(', ');
    this.line(`${this.paint('1', plan.path)}  ${plan.platform}${size ? `, ${size}` : ''}, port ${port}`);
    this.line(this.paint('2', runtime));
    if (probes !== undefined) {
      this.line(this.paint('2', `Requests from ${probes}${changed.length > 0 ? `; variables changed for the rehearsal: ${changed.join(', ')}` : ''}`));
    }
    this.line('');
  }

  public begins({ id, title }: Check): void {
    if (this.stream.isTTY) {
      this.stream.write(`\r\u001b[K${this.paint('2', `…     ${id.padEnd(ID_WIDTH)}${title}`)}`);
    }
  }

  public ends({ id, status, title, measured, limit, reason, fix, log }: Result): void {
    const mark = this.paint(status === 'pass' ? '32' : status === 'fail' ? '31' : '33', MARKS[status].padEnd(MARK_WIDTH));
    const clear = this.stream.isTTY ? '\r\u001b[K' : '';
    const said = status === 'skip' ? this.paint('2', `${title}: ${reason}`) : `${measured}  ${this.paint('2', `(${limit})`)}`;
    this.line(`${clear}${mark}${id.padEnd(ID_WIDTH)}${said}`);
    if (fix !== undefined && (status === 'fail' || status === 'warn')) {
      this.line(`${INDENT}${fix}`);
      log?.split('\n').filter(Boolean).forEach(text => this.line(this.paint('2', `${INDENT}| ${text}`)));
    }
  }

  public summary({ passed, warned, failed, skipped, seconds }: Summary): void {
    this.line(`\n${passed} passed, ${warned > 0 ? `${warned} warned, ` : ''}${failed} failed, ${skipped} skipped in ${seconds.toFixed(1)} s`);
  }

  private line(text: string): void {
    this.stream.write(`${text}\n`);
  }

  private paint(code: string, text: string): string {
    return this.colour ? `\u001b[${code}m${text}\u001b[0m` : text;
  }
}

/** Says nothing until the end. */
export const SILENT: Observer = { begins: () => undefined, ends: () => undefined };

export function summarize(heading: Pick<Heading, 'plan' | 'runtime'>, checks: readonly Result[], seconds: number): Summary {
  const count = (status: Result['status']): number => checks.filter(check => check.status === status).length;
  return {
    service: heading.plan.path,
    platform: heading.plan.platform,
    runtime: heading.runtime,
    seconds: Math.round(seconds * 10) / 10,
    passed: count('pass'),
    warned: count('warn'),
    failed: count('fail'),
    skipped: count('skip'),
    checks: checks.map(({ id, title, status, measured, limit, fix, reason, log }) => ({ id, title, status, measured, limit, fix, reason, log })),
  };
}
