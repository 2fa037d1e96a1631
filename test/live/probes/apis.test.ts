import { expressTimers } from './express-timers';
import { shards } from './shards';
import { zones } from './zones';
import { LACKS } from '../../../src/network/zones';
import { probed, type Handler } from '../stand-in';

const RULE = 'arn:aws:elasticloadbalancing:r:a:listener-rule/app/name/0a/0b/0c';

describe('express-timers', () => {
  const timers = (delays: number[], idle: number) => {
    const asked: string[] = [];
    const found = probed(expressTimers, undefined, {
      output: async () => RULE,
      call: async (_service, operation, parameters) => {
        if (operation === 'describe_rules') {
          const TargetGroups = delays.map((_, index) => ({ TargetGroupArn: `group-${index}` }));
          return { Rules: [{ Actions: [{ TargetGroupArn: undefined, ForwardConfig: { TargetGroups } }] }] };
        }
        if (operation === 'describe_load_balancer_attributes') {
          asked.push((parameters as { LoadBalancerArn: string }).LoadBalancerArn);
          return { Attributes: [{ Key: 'idle_timeout.timeout_seconds', Value: String(idle) }] };
        }
        const index = Number((parameters as { TargetGroupArn: string }).TargetGroupArn.slice(-1));
        return { Attributes: [{ Key: 'deregistration_delay.timeout_seconds', Value: String(delays[index]) }] };
      },
    });
    return { found, asked };
  };

  test('asks both groups, and the load balancer of the rule', async () => {
    const { found, asked } = timers([15, 15], 660);
    expect(await found).toMatchObject({ holds: true });
    expect(asked).toEqual(['arn:aws:elasticloadbalancing:r:a:loadbalancer/app/name/0a']);
  });
  test.each([[[15, 300], 660], [[15], 660], [[15, 15], 60], [[15, 15], 659]])('condemns delays of %j and an idle timeout of %i s', async (delays, idle) => {
    expect(await timers(delays, idle).found).toMatchObject({ holds: false });
  });
});

describe('zones', () => {
  const offered = (change: (zones: Set<string>) => void) => probed(zones, undefined, {
    call: async (_service, operation, _parameters, region) => {
      const lacking = LACKS.t4g.zones[region!];
      const all = [1, 2, 3, 4, 5, 6].map(number => lacking[0].replace(/\d$/, String(number)));
      if (operation === 'describe_availability_zones') return { AvailabilityZones: [...all.map(ZoneId => ({ ZoneId })), { ZoneId: 'use1-atl1-az1', ZoneType: 'local-zone' }] };
      const known = new Set(all.filter(zone => !lacking.includes(zone)));
      change(known);
      return { InstanceTypeOfferings: [...known].map(Location => ({ Location })) };
    },
  });
  const [[, [lacking]]] = Object.entries(LACKS.t4g.zones);

  test('finds the zones as the library says', async () => expect(await offered(() => undefined)).toMatchObject({ holds: true, says: '6 zones are as the library says' }));
  test('tells of a zone that has caught up', async () => expect(await offered(known => known.add(lacking))).toMatchObject({ holds: false, says: `${lacking} has them` }));
  test('tells of a zone that nobody warned of', async () => {
    const other = lacking.replace(/\d$/, '5');
    expect(await offered(known => known.delete(other))).toMatchObject({ holds: false, says: `${other} lacks them` });
  });
});

describe('shards', () => {
  /** As the listener rules and the guards of two shards answer. */
  const fleet = (fault: Handler = () => undefined, dies = true) => {
    let alive = true;
    const wanted: number[] = [];
    const found = probed(shards, (request, body) => {
      const id = request.url!.slice('/agents/assistant/'.length);
      const faulty = fault(request, body);
      if (faulty) return faulty;
      if (id.includes('/')) return { status: 404 };
      if (/%61/.test(id)) return { status: 400 };
      return !alive && dies && parseInt(id.slice(-1), 36) % 2 === 1 ? { status: 503 } : undefined;
    }, {
      host: 'sharded',
      call: async (_service, operation, parameters) => {
        expect(operation).toBe('update_service');
        const { desiredCount } = parameters as { desiredCount: number };
        wanted.push(desiredCount);
        alive = desiredCount > 0;
        return {};
      },
    });
    return { found, wanted };
  };

  test('asks every kind of id, takes a shard away and brings it back', async () => {
    const { found, wanted } = fleet();
    expect(await found).toMatchObject({ holds: true });
    expect(wanted).toEqual([0, 1]);
  });
  test.each<[string, Handler, boolean]>([
    ['a letter whose case decides', ({ url }) => url!.endsWith('A') ? { status: 421 } : undefined, true],
    ['an id in codes that is taken', ({ url }) => url!.endsWith('%61') ? { status: 200 } : undefined, true],
    ['a path that leads around the rules', ({ url }) => url!.includes('..') ? { status: 200 } : undefined, true],
    ['a fleet that fails over', () => undefined, false],
  ])('condemns %s', async (_, fault, dies) => {
    const { found, wanted } = fleet(fault, dies);
    expect(await found).toMatchObject({ holds: false });
    expect(wanted).toEqual([0, 1]);
  });
});
