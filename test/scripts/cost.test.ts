import { readFileSync } from 'node:fs';
import { resolve } from 'node:path';
import { COST, costDocument, DEFAULT_SANDBOX, renderShardPrices, SHARDING } from '../../scripts/generate-cost';
import { withSection } from '../../scripts/sections';
import { PRICES, sandboxMinute, SOURCES } from '../../src/cli/price/prices';

const REGENERATE = 'run `npx projen generate:cost`';
const document = readFileSync(COST, 'utf8');

test(`docs/cost.md is what the templates of the library cost; otherwise ${REGENERATE}`, () => {
  expect(document).toBe(costDocument());
});

test(`docs/sharding.md says what shards cost; otherwise ${REGENERATE}`, () => {
  const page = readFileSync(SHARDING, 'utf8');
  expect(page).toBe(withSection(page, 'prices', renderShardPrices()));
});

test('every combination has a price in full', () => {
  const cells = document.split('## Parts')[0].split('\n').filter(line => /^\| (Express|Fargate|EC2)/.test(line)).map(line => line.split(' | ').slice(2));
  expect(cells.length).toBeGreaterThanOrEqual(7);
  for (const cell of cells.flat()) {
    expect(cell).toMatch(/^\d+\.\d\d( \|)?$/);
  }
});

test('a price without a source of AWS says so, and none is undated', () => {
  for (const { source, date } of Object.values(SOURCES)) {
    expect(source).toMatch(/^(AWS Price List API|unverified: .+|[\w.-]+\.\w+(, [\w.-]+\.\w+)*)$/);
    expect(date).toMatch(/^2026-\d\d(-\d\d)?$/);
  }
});

test('the README, the page of platforms and the docstrings say what the table says', () => {
  const read = (file: string) => readFileSync(resolve(__dirname, '..', '..', file), 'utf8');
  const row = (server: string) => document.split('\n').find(line => line.startsWith(`| ${server} | public tasks |`))!.split(' | ').slice(2);
  const readme = read('README.md').split('\n');
  const inReadme = (name: string) => readme.find(line => line.startsWith(`| ${name} | `) && /\d\.\d\d/.test(line))!.slice(1, -1).split('|').slice(1).map(cell => cell.trim());
  expect(inReadme('Express or Fargate')).toEqual([row('Fargate')[0], row('Fargate, 0.25 vCPU and 0.5 GiB on ARM64')[0], row('Fargate')[1]]);
  expect(inReadme('Fargate through CloudFront')).toEqual([row('Fargate through CloudFront')[0], '', row('Fargate through CloudFront')[1]]);
  expect(inReadme('The box, a t4g.small')).toEqual([row('EC2, t4g.small')[0], '', row('EC2, t4g.small')[1]]);
  expect(row('Express').slice(0, 2)).toEqual(row('Fargate').slice(0, 2));

  const [fargate, cloudFront, box] = ['Fargate', 'Fargate through CloudFront', 'EC2, t4g.small'].map(server => Number(row(server)[0]));
  const platforms = read('docs/platforms.md');
  expect(platforms).toContain(`about ${fargate.toFixed(0)} USD a month; ${cloudFront.toFixed(0)} through CloudFront`);
  expect(platforms).toContain(` | ${box.toFixed(1)} USD a month |`);
  expect(platforms).toContain(`us-east-1, ${PRICES.date}`);
  const floors = readme.find(line => line.startsWith('| USD a month, without a database |'))!.match(/\d+/g)!.map(Number);
  expect(floors).toEqual([Math.round(fargate), expect.any(Number), Math.round(fargate), Math.round(cloudFront), Math.round(box)]);
  expect(read('src/service/fargate/flue-fargate-service.ts')).toContain(`${fargate.toFixed(0)} USD a month`);
  const ofShards = (shards: number, column: number) => Number(read('docs/sharding.md').split('\n').find(line => line.startsWith(`| ${shards} | `))!.split(' | ')[column]);
  expect(read('src/service/sharded/flue-sharded-service.ts')).toContain(`About ${ofShards(4, 2).toFixed(0)} USD a month with four shards`);
  expect(read('src/service/sharded/flue-sharded-service.ts')).toContain(`${((ofShards(4, 2) - ofShards(2, 2)) / 2).toFixed(1)} for each further shard`);
  expect(read('src/service/box/flue-ec2-service.ts')).toContain(`${box.toFixed(1)} USD a month`);
});

test('the prices of the ways out of a network are those of the price file', () => {
  const read = (file: string) => readFileSync(resolve(__dirname, '..', '..', file), 'utf8');
  const monthly = (hourly: number) => hourly * PRICES.hoursPerMonth;
  const address = monthly(PRICES.publicIpv4Hour);
  const gateway = (monthly(PRICES.natGatewayHour) + address).toFixed(1);
  const endpoint = monthly(PRICES.interfaceEndpointZoneHour);
  const egress = read('src/network/flue-egress.ts').replace(/\n\s*\* /g, ' ');
  expect(egress).toContain(`task: ${address.toFixed(2)} USD a month`);
  expect(egress).toContain(`subnets: ${gateway} USD a month`);
  expect(egress).toContain(`${endpoint.toFixed(1)} USD a month in each availability zone`);
  expect(egress).toContain(`needs four: ${(4 * 2 * endpoint).toFixed(1)} USD in two zones`);
  const page = read('docs/network.md');
  expect(page).toContain(`${address.toFixed(2)} USD a task`);
  expect(page).toContain(`${gateway} USD a gateway`);
  expect(page).toContain(`${(4 * 2 * endpoint).toFixed(1)} USD; ${(2 * endpoint).toFixed(1)} more for each service named`);
});

test('the prices of sandboxes are those of the price file', () => {
  const read = (file: string) => readFileSync(resolve(__dirname, '..', '..', file), 'utf8').replace(/\n(?:\s*\* ?)?/g, ' ');
  const endpoint = PRICES.interfaceEndpointZoneHour * PRICES.hoursPerMonth;
  const fixed = [`${(3 * 2 * endpoint).toFixed(1)} USD a month in two`, `the alarm is ${PRICES.alarmMonth.toFixed(2)} (us-east-1, ${PRICES.date})`];
  for (const file of ['src/sandboxes/flue-sandboxes.ts', 'src/sandboxes/flue-sandbox.ts', 'docs/sandboxes.md']) {
    const text = read(file);
    for (const price of [`is ${sandboxMinute(DEFAULT_SANDBOX).toFixed(4)} USD a minute`, ...fixed]) {
      expect(`${file}: ${text}`).toContain(price);
    }
  }
  expect(read('src/sandboxes/flue-fargate-sandbox-options.ts')).toContain(`${endpoint.toFixed(1)} USD a month in each availability zone (us-east-1, ${PRICES.date})`);
  const proxy = (PRICES.instanceHour['t4g.micro'] + PRICES.publicIpv4Hour) * PRICES.hoursPerMonth;
  const { interfaceEndpointGb: perGb } = PRICES;
  const egress = read('src/sandboxes/flue-sandbox-egress.ts');
  expect(egress).toContain(`a t4g.micro with a public address is ${proxy.toFixed(2)} USD a month (us-east-1, ${PRICES.date})`);
  expect(egress).toContain(`${endpoint.toFixed(1)} USD a month in each availability zone (us-east-1, ${PRICES.date}), and ${perGb} USD for each GB through it (${SOURCES.interfaceEndpointGb.date})`);
  expect(read('docs/sandboxes.md')).toContain(`a t4g.micro with a public address is ${proxy.toFixed(2)} USD a month`);
  expect(read('docs/sandboxes.md')).toContain(`${endpoint.toFixed(1)} USD a month for each service that gets an endpoint, in each zone, and ${perGb} USD for each GB`);
  const { codeInterpreterVcpuHour: vcpu, codeInterpreterGbHour: gb } = PRICES;
  const { date } = SOURCES.codeInterpreterVcpuHour;
  expect(read('src/sandboxes/flue-sandbox.ts')).toContain(`Each vCPU that works is ${vcpu} USD an hour, and each GB of memory ${gb} (us-east-1, ${date})`);
  expect(read('docs/sandboxes.md')).toContain(`${vcpu} USD for each hour of a vCPU that works, and ${gb} USD for each hour of a GB of memory (us-east-1, ${date};`);
});
