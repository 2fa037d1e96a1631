import { randomUUID } from 'node:crypto';
import type { Probe } from './probe';
import { ask, replyIn } from '../http';
import { until } from '../load';

const SECONDS = 600;
/** The reboot begins only a while after it was asked for. */
const BEGIN_SECONDS = 120;

export const databaseRestart: Probe = {
  name: 'database-restart',
  promises: 'After a restart of the database the server answers the next prompt of a conversation, with its memory.',
  hosts: ['fargate'],
  asks: 'server',
  async run(world) {
    const { url, token, call, dataResources } = world;
    const [database] = await dataResources('AWS::RDS::DBInstance');
    const path = `/agents/assistant/live-${randomUUID()}`;
    const say = (message: string) => ask(url, path, { token, body: { message } });
    if (replyIn(await say('one')) !== 'turn 1: one') {
      return { holds: false, says: 'the first prompt was not answered' };
    }
    const status = async () => (await call('rds', 'describe_db_instances', { DBInstanceIdentifier: database }) as { DBInstances: { DBInstanceStatus: string }[] })
      .DBInstances[0].DBInstanceStatus;
    await call('rds', 'reboot_db_instance', { DBInstanceIdentifier: database });
    const begun = await until(world, BEGIN_SECONDS, async () => await status() !== 'available');
    const back = await until(world, SECONDS, async () => await status() === 'available');
    let reply: string | undefined;
    const answered = await until(world, SECONDS, async () => (reply = replyIn(await say('two'))) !== undefined);
    // a prompt that failed in the meantime may count as a turn
    const remembers = /^turn ([2-9]|\d\d+): two$/.test(reply ?? '');
    return {
      holds: begun !== undefined && back !== undefined && remembers,
      says: begun === undefined ? 'the database did not restart'
        : answered === undefined ? `no prompt was answered within ${SECONDS} s`
          : `${answered} s after the database was back a prompt was answered, ${remembers ? 'with' : 'without'} the memory of the conversation`,
      measured: { secondsUntilAvailable: back ?? -1, secondsUntilAnswered: answered ?? -1 },
    };
  },
};
