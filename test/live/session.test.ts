import { hourlyCost, describePlan } from './plan';
import { PROBES } from './probes';
import type { World } from './probes/probe';
import type { Result } from './report';
import { deployAndAsk, type Session } from './session';
import { prefixOf } from './stacks';
import { PRICES } from '../../src/cli/price/prices';

const never = new AbortController().signal;

/** A session whose deployments and answers are given. */
async function noted(more: Partial<Omit<Session, 'note'>> & { readonly ok?: boolean; readonly there?: string[]; readonly invariants?: Record<string, string>; readonly world?: Partial<World> } = {}) {
  const results: Result[] = [];
  const asked: unknown[] = [];
  const { ok = true, there = [], invariants = { one: '' }, world = {}, ...rest } = more;
  await deployAndAsk({
    run: 'aa11',
    hosts: ['box'],
    emulated: true,
    signal: never,
    cloud: {
      call: async () => ({ Stacks: there.map(name => ({ StackName: prefixOf('aa11') + name, StackStatus: 'CREATE_COMPLETE' })) }),
      invariants: async stacks => {
        asked.push(stacks);
        return invariants;
      },
    },
    deployment: { deploy: async () => ({ ok, output: 'a\nThe reason.' }), token: async () => 'token', world: async () => world as World },
    note: result => results.push(result),
    ...rest,
  });
  return { results, asked, of: (probe: string) => results.filter(result => result.probe === probe) };
}

test('every probe of a server is run or skipped with its reason', async () => {
  const { results } = await noted();
  const wanted = PROBES.filter(({ hosts }) => hosts.includes('box')).map(({ name }) => name);
  expect(results.filter(({ host }) => host === 'box').map(({ probe }) => probe)).toEqual(wanted);
  expect(results.filter(({ outcome, says }) => outcome === 'skipped' && says === '')).toEqual([]);
  expect(results.filter(({ says }) => says === 'no server runs in the emulator')).toHaveLength(PROBES.filter(({ hosts, asks }) => hosts.includes('box') && asks === 'server').length);
});

test('a probe that fails is broken, and the next one runs', async () => {
  const { of } = await noted({ emulated: false, probes: ['zones', 'health'], world: { call: async () => { throw new Error('ExpiredToken'); }, url: 'http://127.0.0.1:1' } });
  expect(of('zones')).toMatchObject([{ outcome: 'broken', says: 'the probe failed: ExpiredToken' }]);
  expect(of('health')).toMatchObject([{ outcome: 'broken', says: '0 of 20 health checks answered 200' }]);
  expect(of('prompt')).toMatchObject([{ outcome: 'skipped', says: 'this run was asked for other probes' }]);
});

test('a deployment that fails is broken, and asks only what is there', async () => {
  const { of, asked } = await noted({ ok: false, hosts: ['fargate', 'box'], there: ['FlueFargateStack'] });
  expect(of('deployment')).toMatchObject([{ outcome: 'broken', says: 'a The reason.' }]);
  expect(asked).toEqual([['FlueDataStack', 'FlueFargateStack']]);
  expect(of('zones')).toMatchObject([{ outcome: 'skipped', says: 'its server was not deployed' }]);
});

test('of the invariants each that does not hold is named, and none is silently left out', async () => {
  const { of } = await noted({ invariants: { 'it is so': '', 'it is not': 'broken ValueError: x', 'elsewhere': 'absent FlueShards' } });
  expect(of('invariants').map(({ outcome, says }) => `${outcome}: ${says}`)).toEqual([
    'broken: it is not: broken ValueError: x', 'skipped: elsewhere: needs FlueShards, which this run does not deploy', 'holds: 1 of 3 invariants hold',
  ]);
});

test('a run that ends early asks nothing more', async () => {
  const ending = new AbortController();
  const error = new Error('its minutes were over.');
  const invariants = async () => {
    ending.abort(error);
    return {};
  };
  await expect(noted({ signal: ending.signal, cloud: { call: async () => ({}), invariants } })).rejects.toBe(error);
});

test('the plan says account, region, stacks and the price of an hour, by the prices of the library', () => {
  const balancer = { Resources: { It: { Type: 'AWS::ElasticLoadBalancingV2::LoadBalancer', Properties: { Scheme: 'internal' } } } };
  expect(hourlyCost([balancer, balancer]).usd).toBeCloseTo(2 * PRICES.loadBalancerHour, 10);
  const plan = describePlan({ run: 'aa11', hosts: ['box'], account: '210987654321', region: 'eu-west-1', emulated: false, minutes: 30, keep: false, templates: new Map([['One', balancer]]) });
  expect(plan).toContain('creates 1 resources in account 210987654321, region eu-west-1:\n  One\n');
  expect(plan).toContain(`${PRICES.loadBalancerHour.toFixed(2)} USD an hour`);
  expect(plan).toContain('After at most 30 minutes everything is destroyed again.');
});
