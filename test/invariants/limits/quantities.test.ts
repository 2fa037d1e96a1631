import { App, CfnParameter, Duration, Lazy, Size, Stack } from 'aws-cdk-lib';
import { Template } from 'aws-cdk-lib/assertions';
import {
  FlueAuth, FlueDatabase, FlueDatabaseEngine, FlueDeployment, FlueEc2Service, FlueExpressService, FlueFargateService,
} from '../../../src';
import { certificateIn, imageIn, secretIn, vpcIn } from '../../support/things';

type Make = (stack: Stack, given: never) => unknown;

const newStack = () => new Stack(new App(), 'Stack', { env: { account: '111111111111', region: 'us-east-1' } });
const fargate = (prop: string): Make => (stack, given) => new FlueFargateService(stack, 'Agents', { image: imageIn(stack), vpc: vpcIn(stack), [prop]: given });
const express = (prop: string): Make => (stack, given) => new FlueExpressService(stack, 'Agents', { image: imageIn(stack), vpc: vpcIn(stack), [prop]: given });
const box = (prop: string): Make => (stack, given) => new FlueEc2Service(stack, 'Agents', { image: imageIn(stack), vpc: vpcIn(stack), [prop]: given });
const database = (prop: string): Make => (stack, given) => new FlueDatabase(stack, 'Database', { vpc: vpcIn(stack), [prop]: given });
const postgres = (prop: string): Make => (stack, given) => new FlueDatabase(stack, 'Database', { vpc: vpcIn(stack), engine: FlueDatabaseEngine.postgres({ [prop]: given }) });
const bakeTime: Make = (stack, given) => new FlueFargateService(stack, 'Agents', { image: imageIn(stack), vpc: vpcIn(stack), deployment: FlueDeployment.blueGreen({ bakeTime: given }) });
const sessionTimeout: Make = (stack, given) => new FlueFargateService(stack, 'Agents', {
  image: imageIn(stack),
  vpc: vpcIn(stack),
  certificate: certificateIn(stack),
  auth: FlueAuth.oidc({
    issuer: 'https://a', clientId: 'a', clientSecret: secretIn(stack), authorizationEndpoint: 'https://a/a', tokenEndpoint: 'https://a/t', userInfoEndpoint: 'https://a/u', sessionTimeout: given,
  }),
});
const slowPrompt: Make = (stack, given) => new FlueFargateService(stack, 'Agents', { image: imageIn(stack), vpc: vpcIn(stack) }).addLogQueries({ slowPrompt: given });

const SECONDS = [(amount: number) => Duration.seconds(amount), (amount: number) => Duration.minutes(amount)];
const GIBIBYTES = [(amount: number) => Size.gibibytes(amount), (amount: number) => Size.mebibytes(amount)];
type Maker = (amount: number) => Duration | Size;

/** Each duration and size that CloudFormation writes: how it must be made where a token stands in it, and how not, with a number that is right. */
const RENDERED: ReadonlyArray<[prop: string, make: Make, right: number, made: readonly Maker[]]> = [
  ['stopTimeout', fargate('stopTimeout'), 90, SECONDS],
  ['idleTimeout', fargate('idleTimeout'), 900, SECONDS],
  ['idleTimeout', express('idleTimeout'), 900, SECONDS],
  ['deregistrationDelay', fargate('deregistrationDelay'), 20, SECONDS],
  ['healthCheckGracePeriod', fargate('healthCheckGracePeriod'), 200, SECONDS],
  ['sessionTimeout', sessionTimeout, 600, SECONDS],
  ['monitoringInterval', database('monitoringInterval'), 60, SECONDS],
  ['backupRetention', database('backupRetention'), 9, [amount => Duration.days(amount), amount => Duration.hours(amount)]],
  ['bakeTime', bakeTime, 9, [amount => Duration.minutes(amount), amount => Duration.seconds(amount)]],
  ['ephemeralStorage', fargate('ephemeralStorage'), 30, GIBIBYTES],
  ['allocatedStorage', postgres('allocatedStorage'), 40, GIBIBYTES],
  ['rootVolumeSize', box('rootVolumeSize'), 40, GIBIBYTES],
];

test.each(RENDERED)('%s known only at deployment passes in its unit, and is refused in another', (prop, make, right, [inUnit, inAnother]) => {
  const numbers: ReadonlyArray<(stack: Stack) => number> = [
    stack => new CfnParameter(stack, 'Number', { type: 'Number' }).valueAsNumber, () => Lazy.number({ produce: () => right }),
  ];
  for (const number of numbers) {
    const stack = newStack();
    make(stack, inUnit(number(stack)) as never);
    expect(JSON.stringify(Template.fromStack(stack).toJSON())).not.toMatch(/Token\[|e\+289/);
    const other = newStack();
    expect(() => make(other, inAnother(number(other)) as never)).toThrow(new RegExp(`\`${prop}\` must be made with \`(Duration|Size)\\.\\w+\\(…\\)\` where only the deployment knows`));
  }
});

test.each<[prop: string, make: Make, given: Duration | Size, got: RegExp]>([
  ['stopTimeout', fargate('stopTimeout'), Duration.millis(90500), /got: 90\.5 s, which are no whole seconds/],
  ['stopTimeout', box('stopTimeout'), Duration.millis(90500), /got: 90\.5 s, which are no whole seconds/],
  ['idleTimeout', fargate('idleTimeout'), Duration.millis(900500), /whole seconds.*got: 900\.5 s/],
  ['healthCheckGracePeriod', fargate('healthCheckGracePeriod'), Duration.seconds(Number.NaN), /got: NaN s/],
  ['healthCheckGracePeriod', fargate('healthCheckGracePeriod'), Duration.millis(200500), /whole seconds, got: 200\.5 s/],
  ['backupRetention', database('backupRetention'), Duration.seconds(Number.NaN), /got: NaN days/],
  ['slowPrompt', slowPrompt, Duration.minutes(Number.NaN), /got: NaN s/],
  ['slowPrompt', slowPrompt, Duration.millis(Lazy.number({ produce: () => 1 })), /got: a value known only at deployment/],
  ['ephemeralStorage', fargate('ephemeralStorage'), Size.mebibytes(30721), /whole GiB.*got: 30\.0009\d* GiB/],
])('%s that is no whole number, or none at all, is refused by the constructor', (prop, make, given, got) => {
  const refusal = () => make(newStack(), given as never);
  expect(refusal).toThrow(`\`${prop}\` must be `);
  expect(refusal).toThrow(got);
});

test.each<[prop: string, make: Make, given: Duration | Size]>([
  ['longestRun', fargate('longestRun'), Duration.millis(45500)],
  ['startupBudget', box('startupBudget'), Duration.millis(30500)],
  ['slowPrompt', slowPrompt, Duration.minutes(2.01)],
  ['ephemeralStorage', fargate('ephemeralStorage'), Size.mebibytes(30720)],
  ['backupRetention', database('backupRetention'), Duration.hours(48)],
])('%s in another unit passes', (_, make, given) => {
  const stack = newStack();
  make(stack, given as never);
  expect(() => Template.fromStack(stack)).not.toThrow();
});
