import { Annotations, App, Duration, Stack } from 'aws-cdk-lib';
import * as ec2 from 'aws-cdk-lib/aws-ec2';
import { Secret } from 'aws-cdk-lib/aws-ecs';
import * as secretsmanager from 'aws-cdk-lib/aws-secretsmanager';
import { FlueDatabaseEngine, FlueEc2Service, FlueEgress, FlueExpressService, FlueFargateService, FlueImage, FlueNetwork } from '../../../src';
import { nearest } from '../../../src/invariants/types/nearest';

const toldIn = (stack: Stack): string[] => stack.node.findAll().flatMap(({ node }) => node.metadata.map(({ data }) => String(data)))
  .filter(text => text.includes('cdk-flue:Props.unknownName'));

function warningsOf(props: object): string[] {
  const stack = new Stack(new App(), 'Stack');
  new FlueFargateService(stack, 'Agents', { image: FlueImage.fromRegistry(stack, 'Image', 'ghcr.io/acme/agents:1', { flueMajor: 2 }), ...props } as never);
  return toldIn(stack);
}

test.each([
  ['secret', 'secrets'], ['enviroment', 'environment'], ['memoryLimitMib', 'memoryLimitMiB'], ['memory_limit_mib', 'memoryLimitMiB'], ['stopTimout', 'stopTimeout'], ['minTask', 'minTasks'],
  ['Image', undefined], ['healthcheckPath', 'healthCheckPath'], ['healthCheckGracePeroid', 'healthCheckGracePeriod'],
])('%s is told to mean %s', (name, meant) => {
  expect(warningsOf({ [name]: undefined })).toEqual(meant === undefined ? []
    : [expect.stringContaining(`\`${name}\` is no prop of the construct, and nothing reads it. Write \`${meant}\`.`)]);
});

test('a name in the options of a prop is told too', () => {
  expect(warningsOf({ redeployOnSecretChange: { intervall: Duration.minutes(5) }, secrets: { API_KEY: Secret.fromSecretsManager(new secretsmanager.Secret(new Stack(), 'Secret')) } })).toEqual([expect.stringContaining('Write `interval`.')]);
});

test('what a spread brings along passes, and so does a near name beside the right one', () => {
  expect(warningsOf({ tags: {}, memory: 512, taskDefinition: {}, crossRegionReferences: true, stackName: 'a', description: 'b' })).toEqual([]);
  expect(warningsOf({ secret: 'x', secrets: {} })).toEqual([]);
});

test('a service tells of the props of another one, which nothing reads', () => {
  const told = (props: object) => {
    const stack = new Stack(new App(), 'Stack');
    new FlueEc2Service(stack, 'Box', { image: FlueImage.fromRegistry(stack, 'Image', 'ghcr.io/acme/agents:1', { flueMajor: 2 }), ...props } as never);
    return stack.node.findAll().flatMap(({ node }) => node.metadata.map(({ data }) => String(data))).filter(text => text.includes('cdk-flue:Props.propOfAnother'));
  };
  expect(told({ auth: {}, maxTasks: 2 })).toEqual([
    expect.stringContaining('`auth` is a prop of FlueFargateService and none of FlueEc2Service, so nothing reads it. Take it out, or use FlueFargateService.'),
    expect.stringContaining('`maxTasks` is a prop of '),
  ]);
  expect(told({ auth: undefined, tags: {}, monthlyLimit: 5 })).toEqual([]);
});

test('no platform tells of the props of its own', () => {
  const stack = new Stack(new App(), 'Stack');
  new FlueExpressService(stack, 'Agents', { image: FlueImage.fromRegistry(stack, 'Image', 'ghcr.io/acme/agents:1', { flueMajor: 2 }), minTasks: 1, cpu: 256 });
  expect(toldIn(stack)).toEqual([]);
});

test('a network tells too, and the warning can be acknowledged', () => {
  const make = (isAcknowledged: boolean) => {
    const app = new App();
    const stack = new Stack(app, 'Stack');
    const network = new FlueNetwork(stack, 'Network', { maxAZs: 2, ipAddress: ec2.IpAddresses.cidr('10.0.0.0/16') } as never);
    if (isAcknowledged) {
      Annotations.of(network).acknowledgeWarning('cdk-flue:Props.unknownName');
    }
    return app.synth().getStackByName('Stack').messages.map(({ entry }) => String(entry.data)).filter(text => text.includes('unknownName'));
  };
  expect(make(false)).toEqual([expect.stringContaining('Write `maxAzs`'), expect.stringContaining('Write `ipAddresses`')]);
  expect(make(true)).toEqual([]);
});

test('a factory refuses, for want of a construct to warn on', () => {
  expect(() => FlueEgress.natGateways({ coutn: 2 } as never)).toThrow('[FlueEgress.natGateways()] `coutn` must be a prop of FlueNatEgressOptions, got: a name that nothing reads. Write `count`');
  expect(() => FlueDatabaseEngine.postgres({ multiAZ: true } as never)).toThrow('Write `multiAz`');
  expect(() => FlueDatabaseEngine.postgres({ engine: 'postgres', port: 5432 } as never)).not.toThrow();
});

test.each([
  ['cpus', ['cpu'], undefined], ['secret', ['secrets'], 'secrets'], ['sercets', ['secrets'], 'secrets'], ['sekret', ['secrets'], undefined],
  ['environmnt', ['environment'], 'environment'], ['envionmnt', ['environment'], 'environment'], ['envionmt', ['environment'], undefined],
])('%s near %j: %s', (name, names, meant) => {
  expect(nearest(name, names)).toBe(meant);
});
