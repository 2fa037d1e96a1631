import { readFileSync } from 'node:fs';
import { App, Stack } from 'aws-cdk-lib';
import * as ec2 from 'aws-cdk-lib/aws-ec2';
import * as secretsmanager from 'aws-cdk-lib/aws-secretsmanager';
import { StringParameter } from 'aws-cdk-lib/aws-ssm';
import * as ts from 'typescript';
import { FILE, renderTypes } from '../../../scripts/generate-types';
import {
  FlueChecks, FlueDashboard, FlueDeployment, FlueEc2Service, FlueExposure, FlueFargateService, FlueImage, FlueModel, FlueNetwork,
} from '../../../src';
import { CALLS, STRUCTS } from '../../../src/invariants/types/declared';
import { FOREIGN_STRUCTS, KINDS } from '../../../src/invariants/types/kinds';
import { requireArguments, requireTypes } from '../../../src/invariants/types/require-types';
import { isHidden, programOf, publicTypes } from '../../support/public-api';
import { THINGS } from '../../support/things';

const newStack = () => new Stack(new App(), 'Stack', { env: { account: '111111111111', region: 'us-east-1' } });
const stack = newStack();
const secret = new secretsmanager.Secret(stack, 'Secret');
const image = FlueImage.fromRegistry(stack, 'Image', 'ghcr.io/acme/agents:1');
const plain = (type: string) => type.replace(/\?$|\[\]|[{}]/g, '').replace(/\[\]|[{}]/g, '');
const typesOf = (shapes: object) => Object.values(shapes).flatMap(shape => Object.values(shape as Record<string, string>)).map(plain);

test('declared.ts says what the public structs and classes say; otherwise run `npm run generate:types`', () => {
  expect(readFileSync(FILE, 'utf8')).toBe(renderTypes());
});

test('every type of a prop has a kind or a struct, and every kind is the type of a prop', () => {
  const used = new Set([STRUCTS, CALLS, FOREIGN_STRUCTS].flatMap(typesOf));
  const known = new Set([...Object.keys(KINDS), ...Object.keys(STRUCTS), ...Object.keys(FOREIGN_STRUCTS)]);
  expect([...used].filter(type => !known.has(type))).toEqual([]);
  expect(Object.keys(KINDS).filter(kind => !used.has(kind))).toEqual([]);
  expect(used.size).toBeGreaterThan(50);
});

/** What is of no type at all, with what a refusal calls it. */
const NEVER: ReadonlyArray<[given: unknown, got: string]> = [
  [null, 'null'], [Symbol('s'), 'a symbol'], [() => undefined, 'a function'], [class Vpc {}, 'a function'], [{}, 'an object'], [new Map(), 'a Map'], [[], 'a list'],
];
/** Values of JavaScript that fit few types. */
const SELDOM: ReadonlyArray<[given: unknown, but: string[]]> = [
  ['vpc-1', ['string']], [512, ['number']], [true, ['boolean']], [undefined, []],
];

describe.each(Object.keys(KINDS))('%s', type => {
  const { fits, says, way } = KINDS[type];

  test('takes what is made, imported, custom or known only at deployment', () => {
    expect(THINGS[type](newStack()).filter(given => !fits(given))).toEqual([]);
  });

  test('takes nothing else', () => {
    const isJson = (given: unknown) => type === 'any' && given !== undefined && JSON.stringify(given) !== undefined;
    expect(NEVER.filter(([given]) => !isJson(given) && fits(given))).toEqual([]);
    expect(SELDOM.filter(([given, but]) => !but.includes(type) && !isJson(given) && fits(given))).toEqual([]);
  });

  test('says what it is and how to make one', () => {
    expect(says).toMatch(/^an? \w+/);
    expect(way).toMatch(/^[A-Z][^.]*[^]*[^.\s]$/);
  });
});

const structs = Object.entries(STRUCTS) as Array<[keyof typeof STRUCTS, Readonly<Record<string, string>>]>;
/** A value of a type as `declared.ts` writes it. */
const valueOf = (type: string): unknown => {
  const bare = type.replace(/\?$/, '');
  const [value] = THINGS[plain(type)]?.(newStack()) ?? [{}];
  return bare.endsWith('[]') ? [value] : bare.startsWith('{') ? { NAME: value } : value;
};
const required = (props: Readonly<Record<string, string>>) => Object.fromEntries(
  Object.entries(props).filter(([, type]) => !type.endsWith('?')).map(([name, type]) => [name, valueOf(type)]),
);

describe.each(structs)('%s', (struct, props) => {
  const base = required(props);

  test('may hold no more than it must, and nothing in the place of what it need not', () => {
    expect(() => requireTypes(stack, struct, base)).not.toThrow();
    expect(() => requireTypes(stack, struct, { ...Object.fromEntries(Object.keys(props).map(name => [name, undefined])), ...base })).not.toThrow();
  });

  test.each(Object.entries(props))('%s: %s', (name, type) => {
    const refuses = (given: unknown, got: string) => expect(() => requireTypes(stack, struct, { ...base, [name]: given }))
      .toThrow(new RegExp(`^\\[Stack\\] \`${name}\` must be an? .*, got: ${got}`));
    refuses(null, 'null');
    refuses(Symbol('s'), 'a symbol');
    refuses(() => undefined, 'a function');
    if (!type.endsWith('?')) {
      refuses(undefined, 'nothing');
    }
    if (type.includes('[]')) {
      refuses([null], 'null at 0');
      expect(() => requireTypes(stack, struct, { ...base, [name]: [] })).not.toThrow();
    }
    if (type.startsWith('{')) {
      if (plain(type) !== 'any') {
        refuses({ NAME: null }, 'null for NAME');
      }
      refuses([], 'a list');
      expect(() => requireTypes(stack, struct, { ...base, [name]: {} })).not.toThrow();
    }
  });

  test.each([[undefined, 'nothing'], [null, 'null'], ['text', 'a string'], [7, '7'], [[], 'a list'], [stack, 'a Stack']])('is not %s', (given, got) => {
    expect(() => requireTypes(stack, struct, given as unknown as object)).toThrow(`\`props\` must be an object of ${struct}, got: ${got}`);
  });
});

function argumentOf(type: string): unknown {
  const struct = structs.find(([name]) => name === plain(type));
  return struct ? required(struct[1]) : valueOf(type);
}

test.each(Object.keys(CALLS) as Array<keyof typeof CALLS>)('%s refuses each argument that is null', call => {
  const declared = CALLS[call] as Readonly<Record<string, string>>;
  for (const name of Object.keys(declared)) {
    const given = { ...Object.fromEntries(Object.entries(declared).map(([other, type]) => [other, argumentOf(type)])), [name]: null };
    expect(() => requireArguments(call, given as never)).toThrow(`[${call}()] \`${name}\` must be a`);
    expect(() => requireArguments(call, given as never, stack)).toThrow(`[Stack] \`${name}\` must be a`);
  }
});

/** Where a user comes in: constructors with props, and what takes arguments; each asks for the types before anything else. */
const entrances = publicTypes(programOf([])).filter(ts.isClassDeclaration).flatMap(({ name, members }) => members
  .filter(member => ts.isMethodDeclaration(member) || ts.isConstructorDeclaration(member))
  .filter(member => !isHidden(member) || name!.text === 'FlueService')
  .map(member => ({
    name: ts.isConstructorDeclaration(member) ? member.parameters.at(-1)?.type?.getText() ?? '' : `${name!.text}.${member.name.getText()}`,
    asks: askedFor(member.body),
  })));

function askedFor(body: ts.Block | undefined): string | undefined {
  const beginning = body?.statements.slice(0, 4).map(statement => statement.getText()).join('\n') ?? '';
  return /require(?:Types|Arguments)\((?:this, |'FlueChecks', )?'([\w.]+)'/.exec(beginning)?.[1];
}

const taken = structs.map(([name]) => name).filter(struct => entrances.some(({ name }) => name === struct));

test.each([...Object.keys(CALLS), ...taken])('whoever takes %s asks for its types first', name => {
  const taking = entrances.filter(entrance => entrance.name === name);
  expect(taking.length).toBeGreaterThan(0);
  expect(taking.map(({ asks }) => asks)).toEqual(taking.map(() => name));
});

test('the mistakes that people make are named with the way out', () => {
  const messageOf = (make: () => unknown): string => {
    try {
      make();
    } catch (error) {
      return (error as Error).message;
    }
    return 'nothing is wrong';
  };
  const fargate = (props: object) => () => new FlueFargateService(newStack(), 'Agents', { image, ...props } as never);
  const says = (make: () => unknown, ...parts: string[]) => parts.forEach(part => expect(messageOf(make)).toContain(part));

  says(fargate({ image: undefined }), '[Stack/Agents] `image` must be an IFlueImage, got: nothing. Make one with `new FlueImage(');
  says(fargate({ image: 'ghcr.io/acme/agents' }), '`image` must be an IFlueImage, got: a string', 'FlueImage.fromRegistry(');
  says(fargate({ environment: { DEBUG: true } }), '`environment` must be an object in which each value is a string, got: true for DEBUG');
  says(fargate({ environment: { LEVEL: 5 } }), 'got: 5 for LEVEL. Write it in quotes');
  says(fargate({ cpu: '512' }), '`cpu` must be a number, got: the string \'512\'. Write it without quotes');
  says(fargate({ stopTimeout: 90 }), '`stopTimeout` must be a Duration, got: 90. Make one with `Duration.seconds(90)`');
  says(fargate({ secrets: { KEY: secret } }), '`secrets` must be an object in which each value is an ecs.Secret, got: a Secret of aws-secretsmanager for KEY', '`ecs.Secret.fromSecretsManager(secret)`');
  says(fargate({ vpc: 'vpc-1' }), '`vpc` must be an IVpc, got: a string', '`ec2.Vpc.fromLookup(…)`');
  says(fargate({ securityGroups: ec2.SecurityGroup.fromSecurityGroupId(newStack(), 'Group', 'sg-1') }), '`securityGroups` must be a list in which each entry is an ISecurityGroup, got: ', 'Write the one in brackets');
  says(fargate({ domainName: null }), '`domainName` must be a string, got: null. Leave it out, or write it in quotes');
  says(fargate({ vpcSubnets: { subnetType: 'public' } }), '`vpcSubnets.subnetType` must be a value of SubnetType, got: the string \'public\'');
  says(fargate({ logRetention: 31 }), '`logRetention` must be a value of RetentionDays, got: 31. Pass one, such as `RetentionDays.ONE_MONTH`');
  says(fargate({ exposure: FlueExposure.open }), '`exposure` must be a FlueExposure, got: a function');
  says(() => new FlueEc2Service(newStack(), 'Box', undefined as never), '`props` must be an object of FlueSingleServiceProps, got: nothing');
  says(() => new FlueNetwork(newStack(), 'Network', { egress: FlueExposure.open() } as never), '`egress` must be a FlueEgress, got: a FlueExposure');
  says(() => FlueModel.anthropic('sk-ant-api03-abc' as never), '[FlueModel.anthropic()] `secret` must be an ecs.Secret, got: a string. Make one with');
  says(() => FlueExposure.toPeers('10.0.0.0/8' as never), '`peers` must be a list in which each entry is an IPeer, got: a string at 0. Make one with `ec2.Peer.ipv4(…)`');
  says(() => FlueDeployment.rolling(null as never), '`options` must be an object of FlueRollingDeploymentOptions, got: null');
  says(() => new FlueDashboard(newStack(), 'D', { services: image } as never), '`services` must be a list');
  says(() => new FlueChecks(stack, null as never), '[FlueChecks] `props` must be an object of FlueChecksProps, got: null');
});

test('a refusal repeats no text that may be a secret', () => {
  expect(() => new FlueFargateService(newStack(), 'Agents', { image, secrets: { KEY: 'sk-ant-api03-secret' } } as never)).toThrow(/got: a string for KEY/);
  expect(() => new FlueFargateService(newStack(), 'Agents', { image, secrets: 'sk-ant-api03-secret' } as never)).toThrow(/got: a string\./);
});

test('a number that waits for a lookup is of the type of its prop, and is none once the lookup is made', () => {
  const logRetention = Number('dummy-value-for-/agents/days');
  const waiting = newStack();
  StringParameter.valueFromLookup(waiting, '/agents/days');
  const own = FlueImage.fromRegistry(waiting, 'Image', 'ghcr.io/acme/agents:1');
  const { vpc } = new FlueNetwork(waiting, 'Network', { logRetention });
  expect(() => new FlueFargateService(waiting, 'Fargate', { image: own, vpc, logRetention })).not.toThrow();
  expect(() => new FlueEc2Service(waiting, 'Box', { image: own, vpc, logRetention })).not.toThrow();
  expect(() => new FlueNetwork(newStack(), 'Network', { logRetention })).toThrow('`logRetention` must be a value of RetentionDays, got: NaN.');
});
