import { randomUUID } from 'node:crypto';
import { Agent } from 'node:http';
import { setTimeout as sleep } from 'node:timers/promises';
import { send } from './send';
import { until } from './until';
import { shardOf } from '../../src/invariants/shards/partition';

/** A reply that takes longer counts as lost. */
const LOST_MS = 20_000;
/** What Flue does late is 30 s late. */
export const LATE_MS = 5_000;
/** Less than what Flue does late takes, on any machine. */
const LATEST_MS = 20_000;
/** While a server starts beside the others, on the same two processors. */
export const LATE_IN_FAULTS_MS = 15_000;
/** How long a client thinks while a server starts, which needs the processors. */
export const THINK_MS = 500;
/** How long a client waits before it asks again. */
const PAUSE_MS = 250;

export interface Load {
  readonly port: number;
  readonly shards: number;
  readonly concurrency: number;
  readonly turns: number;
  /** A reply that takes longer is late, on a machine that is not busy. */
  readonly lateMs: number;
  /** How many prompts; without it, until `stop()`. */
  readonly prompts?: number;
  /** Conversations that go on, by one turn each. */
  readonly resumed?: readonly Conversation[];
}

export interface Failure {
  readonly shard: number;
  readonly at: number;
  /** A status, or 0 for a connection that was cut. */
  readonly status: number;
  readonly text: string;
}

/** A conversation, and how many turns it has had: a prompt that was cut may count or not. */
export interface Conversation {
  readonly id: string;
  readonly least: number;
  readonly most: number;
}

/** What became of the prompts. */
export class Tally {
  public readonly failures: Failure[] = [];
  /** What is wrong with a reply that came. */
  public readonly wrong: string[] = [];
  public readonly milliseconds: number[] = [];
  public lost = 0;
  /** Prompts that were cut: the server may have taken them, and may go on with them. */
  public readonly cut = new Set<string>();
  /** The conversations of these prompts. */
  public readonly interrupted: Conversation[] = [];
  public readonly ids: string[] = [];

  public constructor(public readonly lateMs: number) {}

  public get prompts(): number {
    return this.milliseconds.length + this.failures.length + this.lost;
  }

  /** From when a reply counts as late: on a busy machine all of them take long, and then ten times the median. */
  public get lateAfter(): number {
    return Math.min(LATEST_MS, Math.max(this.lateMs, 10 * this.quantile(0.5)));
  }

  public get late(): number {
    const { lateAfter } = this;
    return this.milliseconds.filter(took => took > lateAfter).length;
  }

  public quantile(part: number): number {
    const sorted = [...this.milliseconds].sort((a, b) => a - b);
    return Math.round(sorted[Math.min(sorted.length - 1, Math.floor(part * sorted.length))] ?? -1);
  }

  public get statuses(): string {
    const counts = new Map<number, number>();
    this.failures.forEach(({ status }) => counts.set(status, (counts.get(status) ?? 0) + 1));
    return [...counts].map(([status, count]) => `${count} × ${status || 'cut'}`).join(', ') || 'none';
  }
}

/** Conversations of several turns, in parallel, each of whose replies is read. */
export class Clients {
  public readonly tally: Tally;
  /** How long a client thinks before its next prompt. */
  public thinkMs = 0;
  private readonly agent = new Agent({ keepAlive: true, maxSockets: 256 });
  private readonly run = randomUUID().slice(0, 8);
  private readonly ended: Promise<unknown>;
  private readonly resumed: Conversation[];
  private readonly underWay: number[];
  private begun = 0;
  private stopped = false;

  public constructor(private readonly load: Load) {
    this.tally = new Tally(load.lateMs);
    this.resumed = [...load.resumed ?? []];
    this.underWay = Array.from({ length: load.shards }, () => 0);
    this.ended = Promise.all(Array.from({ length: load.concurrency }, () => this.work()));
  }

  /** Waits until a shard has prompts to answer. */
  public occupy(shard: number): Promise<void> {
    return until(() => this.underWay[shard] >= 2, `shard ${shard} has nothing to do`);
  }

  /** Waits until so many further prompts are answered. */
  public answer(prompts: number): Promise<void> {
    const enough = this.tally.milliseconds.length + prompts;
    return until(() => this.tally.milliseconds.length >= enough, 'too few prompts are answered');
  }

  public async done(): Promise<Tally> {
    await this.ended;
    this.agent.destroy();
    return this.tally;
  }

  public stop(): Promise<Tally> {
    this.stopped = true;
    return this.done();
  }

  private get goesOn(): boolean {
    return !this.stopped && this.begun < (this.load.prompts ?? Infinity);
  }

  private async work(): Promise<void> {
    while (this.goesOn) {
      const resumed = this.resumed.pop();
      await this.converse(resumed ?? { id: randomUUID(), least: 0, most: 0 }, resumed ? 1 : this.load.turns);
    }
  }

  private async converse({ id, least, most }: Conversation, turns: number): Promise<void> {
    this.tally.ids.push(id);
    for (let turn = 1; turn <= turns && this.goesOn; turn++) {
      const asked = `p-${this.run}-${this.begun++}`;
      const started = performance.now();
      const shard = shardOf(id, this.load.shards);
      this.underWay[shard]++;
      const { status, body } = await this.post(id, asked);
      this.underWay[shard]--;
      const took = performance.now() - started;
      if (status === 200) {
        least++;
        most++;
        this.judge(body, asked, least, most, took);
        least = most = turnIn(replyIn(body)) || least;
        await sleep(this.thinkMs);
      } else if (status === -1) {
        this.tally.lost++;
        most++;
      } else {
        this.tally.failures.push({ shard, at: Date.now(), status, text: body.slice(0, 200) });
        if (status === 0 || status === 502) {
          // the next server holds the conversation back until the lease of the last one has run out, and may add a note or two on that
          this.tally.cut.add(asked);
          this.tally.interrupted.push({ id, least, most: most + 3 });
          return;
        }
        turn--;
        await sleep(PAUSE_MS);
      }
    }
  }

  private judge(body: string, asked: string, least: number, most: number, took: number): void {
    const reply = replyIn(body);
    const turn = turnIn(reply);
    if (!reply.endsWith(`: ${asked}`) || !(turn >= least && turn <= most)) {
      this.tally.wrong.push(`asked ${asked} as turn ${least}–${most}, got: ${reply.slice(0, 80) || body.slice(0, 80)}`);
    }
    this.tally.milliseconds.push(took);
  }

  private post(id: string, message: string) {
    return send({ agent: this.agent, port: this.load.port, path: `/agents/assistant/${id}`, body: { message }, timeoutMs: LOST_MS });
  }
}

function replyIn(body: string): string {
  try {
    return String((JSON.parse(body) as { result?: { text?: string } }).result?.text ?? '');
  } catch {
    return '';
  }
}

function turnIn(reply: string): number {
  return Number(/^turn (\d+): /.exec(reply)?.[1]);
}
