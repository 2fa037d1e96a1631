import { randomUUID } from 'node:crypto';
import { Agent } from 'node:http';
import { setTimeout as sleep } from 'node:timers/promises';
import { Tally } from './load';
import { send, type Answer } from './send';
import { until } from './until';
import { shardOf } from '../../src/invariants/shards/partition';

/** A server that starts again takes up what was under way when its lease has run out (measured: 34 s), and asks the model anew. */
const LOST_MS = 90_000;
const REQUEST_MS = 20_000;
/** How long a client waits before it repeats a prompt that was not taken. */
const PAUSE_MS = 250;
/** How often it looks for the reply. */
const LOOK_MS = 25;

export interface KeyedLoad {
  readonly port: number;
  readonly shards: number;
  readonly concurrency: number;
  readonly turns: number;
  readonly lateMs: number;
  /** How many prompts; without it, until `stop()`. */
  readonly prompts?: number;
  readonly headers: { readonly [name: string]: string };
}

interface Message {
  readonly role: string;
  readonly purpose: string;
  readonly submissionId: string;
  readonly parts: readonly { readonly text?: string }[];
}

interface History {
  readonly messages: readonly Message[];
  readonly settlements: readonly { readonly submissionId: string; readonly outcome: string }[];
}

/** A conversation as its client knows it. */
interface Known {
  readonly id: string;
  readonly asked: string[];
  /** Notes that a server which took a prompt up again may have added for the model. */
  notes: number;
}

/**
 * Clients of Flue 2: a prompt is taken at once, and its reply is read later. Each prompt has a key, so a client may repeat one that was
 * cut. Every reply is read, and with it the whole conversation.
 */
export class KeyedClients {
  public readonly tally: Tally;
  /** How long a client thinks before its next prompt. */
  public thinkMs = 0;
  /** Prompts that were answered although their server went away meanwhile. */
  public resumed = 0;
  private readonly agent = new Agent({ keepAlive: true, maxSockets: 64 });
  private readonly run = randomUUID().slice(0, 8);
  private readonly ended: Promise<unknown>;
  private readonly underWay: number[];
  private begun = 0;
  private stopped = false;

  public constructor(private readonly load: KeyedLoad) {
    this.tally = new Tally(load.lateMs);
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

  /** Begins no further prompt, and waits for those under way. */
  public stop(): Promise<Tally> {
    this.stopped = true;
    return this.done();
  }

  private get goesOn(): boolean {
    return !this.stopped && this.begun < (this.load.prompts ?? Infinity);
  }

  private async work(): Promise<void> {
    while (this.goesOn) {
      const conversation = { id: randomUUID(), asked: [], notes: 0 };
      this.tally.ids.push(conversation.id);
      for (let turn = 0; turn < this.load.turns && this.goesOn; turn++) {
        await this.prompt(conversation);
        await sleep(this.thinkMs);
      }
    }
  }

  private async prompt(conversation: Known): Promise<void> {
    const { id, asked } = conversation;
    const text = `p-${this.run}-${this.begun++}`;
    asked.push(text);
    const shard = shardOf(id, this.load.shards);
    const end = performance.now() + LOST_MS;
    const fail = async ({ status, body }: Answer) => {
      this.tally.failures.push({ shard, at: Date.now(), status, text: body.slice(0, 200) });
      if (status !== 503) {
        this.tally.cut.add(text);
      }
      await sleep(PAUSE_MS);
    };
    let submission: string | undefined;
    let taken = 0;
    let away = false;
    while (performance.now() < end) {
      if (submission === undefined) {
        const started = performance.now();
        this.underWay[shard]++;
        const answer = await this.ask(id, { kind: 'user', body: text, idempotencyKey: text });
        if (answer.status !== 202) {
          this.underWay[shard]--;
          await fail(answer);
          continue;
        }
        taken = started;
        submission = (JSON.parse(answer.body) as { submissionId: string }).submissionId;
      }
      await sleep(LOOK_MS);
      const answer = await this.ask(id);
      if (answer.status !== 200) {
        away = true;
        // the server may go on with it, or take it up again
        this.tally.cut.add(text);
        await fail(answer);
        continue;
      }
      const history = JSON.parse(answer.body) as History;
      const settlement = history.settlements.find(({ submissionId }) => submissionId === submission);
      if (settlement) {
        this.underWay[shard]--;
        this.judge(conversation, history, settlement, performance.now() - taken, away || this.tally.cut.has(text));
        return;
      }
    }
    this.tally.lost++;
  }

  private judge(conversation: Known, { messages }: History, { submissionId, outcome }: History['settlements'][number], took: number, resumed: boolean): void {
    const { asked } = conversation;
    conversation.notes += resumed ? 3 : 0;
    const users = messages.filter(({ role, purpose }) => role === 'user' && purpose === 'user').map(textOf);
    const reply = messages.filter(message => message.role === 'assistant' && message.submissionId === submissionId).map(textOf).join('');
    const turn = Number(/^turn (\d+): /.exec(reply)?.[1]);
    const right = turn >= asked.length && turn <= asked.length + conversation.notes && (resumed || reply.endsWith(`: ${asked[asked.length - 1]}`));
    if (outcome !== 'completed' || !right || users.join() !== asked.join()) {
      this.tally.wrong.push(`asked ${asked}${resumed ? ', resumed' : ''}, got ${outcome} of ${users}: ${reply.slice(0, 80)}`);
    }
    if (resumed) {
      this.resumed++;
    } else {
      this.tally.milliseconds.push(took);
    }
  }

  private ask(id: string, body?: object): Promise<Answer> {
    const { port, headers } = this.load;
    return send({ agent: this.agent, port, method: body ? 'POST' : 'GET', path: `/agents/assistant/${id}`, headers, body, timeoutMs: REQUEST_MS });
  }
}

function textOf({ parts }: Message): string {
  return parts.map(({ text = '' }) => text).join('');
}
