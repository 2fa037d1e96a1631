import { readFileSync } from 'node:fs';
import { resolve } from 'node:path';
import { COST, costDocument } from '../../scripts/generate-cost';
import { PRICES, SOURCES } from '../../scripts/prices';

const REGENERATE = 'run `npx projen generate:cost`';
const document = readFileSync(COST, 'utf8');

test(`docs/cost.md is what the templates of the library cost; otherwise ${REGENERATE}`, () => {
  expect(document).toBe(costDocument());
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

test('the README and the docstrings say what the table says', () => {
  const read = (file: string) => readFileSync(resolve(__dirname, '..', '..', file), 'utf8');
  const totalOf = (server: string) => Number(document.split('\n').find(line => line.startsWith(`| ${server} | public tasks |`))!.split(' | ')[2]);
  const said = {
    fargate: totalOf('Fargate').toFixed(0),
    cloudFront: totalOf('Fargate through CloudFront').toFixed(0),
    small: totalOf('Fargate, 0.25 vCPU and 0.5 GiB on ARM64').toFixed(1),
    box: totalOf('EC2, t4g.small').toFixed(1),
  };
  const readme = read('README.md');
  expect(readme).toContain(`about ${said.fargate} USD a month; ${said.cloudFront} through CloudFront`);
  expect(readme).toContain(` | ${said.box} USD a month |`);
  expect(readme).toContain(`0.5 GiB on ARM64 it is ${said.small}.`);
  expect(readme).toContain(`(us-east-1, ${PRICES.date})`);
  expect(read('src/service/fargate/flue-fargate-service.ts')).toContain(`about ${said.fargate} USD a month`);
  expect(read('src/service/box/flue-ec2-service.ts')).toContain(`${said.box} USD a month`);
});

test('the prices of the ways out of a network are those of the price file', () => {
  const read = (file: string) => readFileSync(resolve(__dirname, '..', '..', file), 'utf8');
  const monthly = (hourly: number) => hourly * PRICES.hoursPerMonth;
  const address = monthly(PRICES.publicIpv4Hour);
  const gateway = (monthly(PRICES.natGatewayHour) + address).toFixed(1);
  const endpoint = monthly(PRICES.interfaceEndpointZoneHour);
  const egress = read('src/network/flue-egress.ts').replace(/\n\s*\* /g, ' ');
  expect(egress).toContain(`tasks: ${address.toFixed(2)} USD a month`);
  expect(egress).toContain(`subnets: ${gateway} USD a month`);
  expect(egress).toContain(`${endpoint.toFixed(1)} USD a month in each availability zone`);
  expect(egress).toContain(`${(4 * 2 * endpoint).toFixed(1)} for the four`);
  const readme = read('README.md');
  expect(readme).toContain(`${address.toFixed(2)} USD a task`);
  expect(readme).toContain(`${gateway} USD a gateway`);
  expect(readme).toContain(`${(4 * 2 * endpoint).toFixed(1)} USD; ${(2 * endpoint).toFixed(1)} more for each service named`);
});
