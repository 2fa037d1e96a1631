import { boxReboot, boxReplacement } from './box';
import { databaseRestart } from './database-restart';
import type { World } from './probe';
import { redeployment } from './redeployment';
import { rollback } from './rollback';
import { secretChange } from './secret-change';
import { taskKilled } from './task-killed';
import { probed, TOKEN, type Handler, type StandIn } from '../stand-in';

/** A server that is away until it was asked so often. */
function away() {
  let left = 0;
  const handle: Handler = () => left > 0 && left-- ? { status: 503 } : undefined;
  return {
    handle,
    goAway: (requests: number) => { left = requests; },
    waits: async () => { while (left > 0) await new Promise(resolve => setImmediate(resolve)); },
  };
}

describe('redeployment', () => {
  const owners = (overlap: number): World['owners'] => async () => [{ id: 'a', from: 0, to: 10_000 }, { id: 'b', from: 10_000 - overlap, to: 20_000 }];
  const redeployed = (gap: number, overlap: number, ok = true, more: Partial<World> = {}) => {
    const server = away();
    return probed(redeployment, server.handle, {
      owners: owners(overlap),
      deploy: async () => {
        server.goAway(gap);
        await server.waits();
        return ok;
      },
      ...more,
    });
  };

  test('measures the gap, and finds nothing wrong with one process after another', async () => {
    const found = await redeployed(50, -500);
    expect(found).toMatchObject({ holds: true, measured: { processes: 2, overlapSeconds: 0 } });
    // fifty requests, one each 0.2 s
    expect(found.measured!.gapSeconds).toBeGreaterThanOrEqual(10);
  });

  test('condemns two owners, but not on Express, whose canary needs them', async () => {
    expect(await redeployed(5, 4000)).toMatchObject({ holds: false, says: expect.stringContaining('two at once for 4 s') });
    expect(await redeployed(5, 4000, true, { host: 'express' })).toMatchObject({ holds: true });
  });

  test('condemns a deployment that fails, and one after which no other process is seen', async () => {
    expect(await redeployed(5, 0, false)).toMatchObject({ holds: false, says: expect.stringContaining('the redeployment failed') });
    expect(await redeployed(5, 0, true, { owners: async () => [{ id: 'a', from: 0, to: 1 }] })).toMatchObject({ holds: false });
  });
});

test('rollback wants the deployment to fail, and the server to answer again', async () => {
  const server = away();
  const broken = (ok: boolean, requests: number) => ({
    deploy: async () => {
      server.goAway(requests);
      return ok;
    },
  });
  expect(await probed(rollback, server.handle, broken(false, 5))).toMatchObject({ holds: true });
  expect(await probed(rollback, server.handle, broken(true, 0))).toMatchObject({ holds: false, says: expect.stringContaining('succeeded') });
  expect(await probed(rollback, server.handle, broken(false, 1e9))).toMatchObject({ holds: false, says: expect.stringContaining('does not answer') });
});

describe('task-killed', () => {
  const killed = (replaces: boolean) => {
    let tasks = ['one'];
    return probed(taskKilled, undefined, {
      call: async (_service, operation) => {
        if (operation === 'stop_task') tasks = replaces ? ['two'] : [];
        return { taskArns: tasks };
      },
    });
  };

  test('waits for another task', async () => expect(await killed(true)).toMatchObject({ holds: true, says: expect.stringContaining('another task answered') }));
  test('condemns a service that starts none', async () => expect(await killed(false)).toMatchObject({ holds: false, says: 'no other task answered within 300 s' }));
});

describe('database-restart', () => {
  const restarted = (statuses: string[], reply: (turn: number) => string | undefined) => {
    let turn = 0;
    return probed(databaseRestart, (_request, { message }) => {
      const said = reply(++turn);
      return said === undefined ? { status: 500 } : { status: 200, body: { result: { text: `${said}: ${message}` } } };
    }, {
      call: async (_service, operation) => operation === 'reboot_db_instance' ? {} : { DBInstances: [{ DBInstanceStatus: statuses.length > 1 ? statuses.shift() : statuses[0] }] },
    });
  };
  const restart = () => ['available', 'rebooting', 'rebooting', 'available'];

  test('waits for the database, and for a reply with the memory of before', async () => {
    expect(await restarted(restart(), turn => turn === 2 ? undefined : `turn ${turn}`)).toMatchObject({ holds: true });
  });
  test('condemns a server that never answers again', async () => {
    expect(await restarted(restart(), turn => turn === 1 ? 'turn 1' : undefined)).toMatchObject({ holds: false, says: 'no prompt was answered within 600 s' });
  });
  test('condemns a server that has forgotten', async () => {
    expect(await restarted(restart(), () => 'turn 1')).toMatchObject({ holds: false, says: expect.stringContaining('without the memory') });
  });
  test('does not believe a restart that never was', async () => {
    expect(await restarted(['available'], turn => `turn ${turn}`)).toMatchObject({ holds: false, says: 'the database did not restart' });
  });
});

describe('secret-change', () => {
  const changed = (takes: (standIn: StandIn, fresh: string) => void) => {
    const values: string[] = [];
    let server: StandIn;
    const found = probed(secretChange, undefined, {
      call: async (_service, operation, parameters) => {
        if (operation === 'put_secret_value') values.push((parameters as { SecretString: string }).SecretString);
        if (operation === 'update_service') takes(server, values[0]);
        return {};
      },
    }, standIn => { server = standIn; });
    return { found, values };
  };

  test('waits for the new token, sees the old one refused, and puts the secret back', async () => {
    const { found, values } = changed((standIn, fresh) => { standIn.token = fresh; });
    expect(await found).toMatchObject({ holds: true });
    expect(values).toEqual([expect.stringMatching(/^[0-9a-f]{32}$/), TOKEN]);
  });
  test('condemns a server that keeps the old token, and one that takes both', async () => {
    const { found, values } = changed(() => undefined);
    expect(await found).toMatchObject({ holds: false, says: 'the new token was not taken within 600 s' });
    expect(values[1]).toBe(TOKEN);
    expect(await changed(standIn => { standIn.token = undefined; }).found).toMatchObject({ holds: false, says: expect.stringContaining('the old one answered 404') });
  });
});

describe.each([[boxReboot, 'reboot_instances', 'i-1'], [boxReplacement, 'terminate_instances', 'i-2']] as const)('$name', (probe, disturbance, after) => {
  const disturbed = (then: string, remembers: boolean, stays = false) => {
    let instance = 'i-1';
    let down = 0;
    let turn = 0;
    return probed(probe, (request, { message }) => {
      if (down > 0 && down--) return { status: 503 };
      return request.url === '/health' ? undefined : { status: 200, body: { result: { text: `turn ${remembers ? ++turn : 1}: ${message}` } } };
    }, {
      host: 'box',
      call: async (_service, operation) => {
        if (operation === disturbance) {
          instance = then;
          down = stays ? 0 : 4;
        }
        return { AutoScalingGroups: [{ Instances: [{ InstanceId: instance, LifecycleState: 'InService' }] }] };
      },
    });
  };
  const other = after === 'i-1' ? 'i-2' : 'i-1';

  test('wants the box back with its state', async () => expect(await disturbed(after, true)).toMatchObject({ holds: true }));
  test('condemns a box that has forgotten', async () => expect(await disturbed(after, false)).toMatchObject({ holds: false, says: expect.stringContaining('without the memory') }));
  test('condemns the wrong box', async () => expect(await disturbed(other, true)).toMatchObject({ holds: false }));
  test('does not believe a disturbance that nobody saw', async () => expect(await disturbed(after, true, true)).toMatchObject({ holds: false, says: 'the box never stopped answering' }));
});
