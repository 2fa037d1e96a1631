import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { Annotations, App, Stack, Validations, type CfnResource } from 'aws-cdk-lib';
import type { CfnService } from 'aws-cdk-lib/aws-ecs';
import { CfnListener } from 'aws-cdk-lib/aws-elasticloadbalancingv2';
import type { IConstruct } from 'constructs';
import { FlueChecks, FlueDeployment, FlueExpressService, FlueFargateService, type FlueFargateServiceProps } from '../../src';
import { INVARIANTS } from '../../src/invariants';
import { WARNINGS } from '../../src/invariants/warnings';
import { certificateIn, REGION } from '../edge/support';
import { databaseOf, imageOf } from '../service/support';

/** What a user reads of one live owner and plain HTTP, by id. */
const OF_INTEREST = /OneLiveOwner|EncryptedTransport|plainHttp/;
const OVERLAP = { warning: 'cdk-flue:OneLiveOwner.overlap', finding: 'Flue-OneLiveOwner[overlap]' };
const PLAIN_HTTP = { warning: 'cdk-flue:FlueFargateService.plainHttp', finding: 'Flue-EncryptedTransport' };
const SCALE_OUT = { warning: 'cdk-flue:OneLiveOwner.scaleOut', finding: 'Flue-OneLiveOwner[scaleOut]' };

function newStack(checks = true): Stack {
  const app = new App();
  if (checks) {
    Validations.of(app).addPlugins(new FlueChecks(app));
  }
  return new Stack(app, 'Stack', { env: { account: '111111111111', region: REGION } });
}

/** The ids that a synthesis prints: the annotations in the assembly, and the findings in the report. */
function printed(stack: Stack): string[] {
  const app = stack.node.root as App;
  jest.spyOn(console, 'error').mockImplementation();
  const messages = app.synth({ force: true }).stacksRecursively.flatMap(each => each.messages);
  const annotations = messages.flatMap(({ entry }) => /\[ack: (.+)\]$/.exec(String(entry.data))?.[1] ?? []);
  const report = JSON.parse(readFileSync(join(app.outdir, 'validation-report.json'), 'utf8'));
  const findings = report.pluginReports.filter((plugin: any) => plugin.pluginName === 'Flue').flatMap((plugin: any) => plugin.violations ?? []);
  return [...annotations, ...findings.map(({ ruleName }: any) => ruleName)].filter(id => OF_INTEREST.test(id)).sort();
}

function fargate(stack: Stack, props: Partial<FlueFargateServiceProps> = {}): FlueFargateService {
  return new FlueFargateService(stack, 'Agents', { image: imageOf(stack, { caBundlePath: '/etc/rds.pem' }), certificate: certificateIn(stack), ...props });
}

/** How each fact comes to be: by the props of a construct, and by an escape hatch where no prop is to blame. */
const rolling = (stack: Stack) => fargate(stack, { deployment: FlueDeployment.rolling() });
const plainHttp = (stack: Stack) => fargate(stack, { certificate: undefined });
const FACTS: [fact: { warning: string; finding: string }, service: (stack: Stack) => IConstruct, what: string][] = [
  [OVERLAP, rolling, 'a rolling deployment'],
  [OVERLAP, stack => fargate(stack, { deployment: FlueDeployment.blueGreen() }), 'blue/green'],
  [OVERLAP, stack => new FlueExpressService(stack, 'Agents', { image: imageOf(stack) }), 'Express Mode'],
  [PLAIN_HTTP, plainHttp, 'no certificate'],
  [PLAIN_HTTP, stack => {
    const service = plainHttp(stack);
    service.loadBalancer.addListener('Second', { port: 8080, open: false, defaultTargetGroups: [service.targetGroup] });
    return service;
  }, 'a second listener without certificate'],
  [SCALE_OUT, stack => fargate(stack, { maxTasks: 2, database: databaseOf(stack) }), 'two tasks'],
];

describe.each(FACTS)('%j', ({ warning, finding }, service, what) => {
  test(`${what} has one id without FlueChecks, and the same one with it`, () => {
    for (const checks of [false, true]) {
      const stack = newStack(checks);
      service(stack);
      expect(printed(stack)).toEqual([warning]);
    }
  });

  test.each<[string, (stack: Stack, agents: IConstruct) => void]>([
    ['warning on the construct', (_, agents) => Annotations.of(agents).acknowledgeWarning(warning)],
    ['warning on the stack', stack => Annotations.of(stack).acknowledgeWarning(warning)],
    ['finding on the construct', (_, agents) => Validations.of(agents).acknowledge({ id: finding, reason: 'acceptable' })],
    ['finding on the app', ({ node }) => Validations.of(node.root).acknowledge({ id: finding, reason: 'acceptable' })],
    ['finding with its plugin', stack => Validations.of(stack).acknowledge({ id: `Flue::${finding}`, reason: 'acceptable' })],
    ['finding as bare metadata', stack => stack.node.addMetadata(Validations.ACKNOWLEDGED_RULES_METADATA_KEY, { [finding]: 'acceptable' })],
  ])(`${what} prints nothing with an acknowledged %s`, (_, acknowledge) => {
    const stack = newStack();
    acknowledge(stack, service(stack));
    expect(printed(stack)).toEqual([]);
  });
});

test('an acknowledgement before the construct counts as one after it', () => {
  for (const acknowledge of [
    (stack: Stack) => Annotations.of(stack).acknowledgeWarning(OVERLAP.warning),
    (stack: Stack) => Validations.of(stack).acknowledge({ id: OVERLAP.finding, reason: 'acceptable' }),
  ]) {
    const stack = newStack();
    acknowledge(stack);
    rolling(stack);
    expect(printed(stack)).toEqual([]);
  }
});

test('an acknowledged finding silences the warning without FlueChecks too', () => {
  const stack = newStack(false);
  Validations.of(rolling(stack)).acknowledge({ id: OVERLAP.finding, reason: 'acceptable' });
  expect(printed(stack)).toEqual([]);
});

test('the acknowledgement of one fact leaves the others, and that of another service too', () => {
  const stack = newStack();
  const agents = fargate(stack, { deployment: FlueDeployment.rolling(), certificate: undefined });
  new FlueFargateService(stack, 'Others', { image: imageOf(new Stack(stack.node.root, 'Images')), certificate: certificateIn(new Stack(stack.node.root, 'Certificates')), deployment: FlueDeployment.rolling() });
  expect(printed(stack)).toEqual([PLAIN_HTTP.warning, OVERLAP.warning, OVERLAP.warning]);
  Validations.of(agents).acknowledge({ id: OVERLAP.finding, reason: 'acceptable' });
  expect(printed(stack)).toEqual([PLAIN_HTTP.warning, OVERLAP.warning]);
});

describe('an escape hatch', () => {
  const serviceOf = (agents: FlueFargateService) => agents.service.node.defaultChild as CfnService;
  const hatch = (resource: CfnResource, path: string, value: unknown) => resource.addPropertyOverride(path, value);

  test('that makes the fact leaves it to the finding', () => {
    const stack = newStack();
    const agents = fargate(stack);
    expect(printed(stack)).toEqual([]);
    hatch(serviceOf(agents), 'DeploymentConfiguration.MaximumPercent', 200);
    hatch(agents.node.findAll().find(node => node instanceof CfnListener && node.protocol === 'HTTPS') as CfnListener, 'Protocol', 'HTTP');
    expect(printed(stack)).toEqual([PLAIN_HTTP.finding, OVERLAP.finding]);
  });

  test('that unmakes it leaves the warning of the props, to be acknowledged', () => {
    const stack = newStack();
    const agents = rolling(stack);
    hatch(serviceOf(agents), 'DeploymentConfiguration.MaximumPercent', 100);
    expect(printed(stack)).toEqual([OVERLAP.warning]);
    Annotations.of(agents).acknowledgeWarning(OVERLAP.warning);
    expect(printed(stack)).toEqual([]);
  });

  test('that makes another fact of the same rule is a finding of its own', () => {
    const stack = newStack();
    const agents = fargate(stack, { deployment: FlueDeployment.rolling(), database: databaseOf(stack) });
    hatch(serviceOf(agents), 'DesiredCount', 2);
    expect(printed(stack)).toEqual([SCALE_OUT.finding, OVERLAP.warning].sort());
  });
});

test('every finding that a warning stands for is one of a rule that warns, and no two stand for the same', () => {
  const findings = Object.values(WARNINGS).flatMap(({ finding }) => finding ?? []);
  const rules = INVARIANTS.filter(({ level }) => level === 'warning').map(({ id }) => `Flue-${id}`);
  findings.forEach(finding => expect(rules).toContain(finding.split('[')[0]));
  expect(findings.sort()).toEqual(FACTS.map(([{ finding }]) => finding).filter((finding, at, all) => all.indexOf(finding) === at).sort());
});
