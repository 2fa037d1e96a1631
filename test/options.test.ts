import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { OptionUsage, testsIn } from './support/option-usage';
import { basesOf, programOf, publicProps } from './support/public-api';

/** Why a prop, or a struct, is in no maximal snapshot. */
const IN_NO_SNAPSHOT: Readonly<Record<string, string>> = {
  'FlueDatabaseProps.cloudwatchLogsRetention': 'aws-cdk-lib makes a function for it, whose code would change the snapshot with each of its versions',
  'FlueChecksProps.services': 'it changes no template; test/checks proves it',
  'FlueExpressServiceProps.healthCheckGracePeriod': 'ECS Express Mode fixes it, and the construct refuses it',
  'FlueRollingDeploymentOptions.deferredCleanup': 'the judges of templates do not know the property yet; test/timers/flue-deployment.test.ts proves it',
};
/** Why a prop, or a struct, is not in the app of the consumers. */
const IN_NO_APP: Readonly<Record<string, string>> = {
  FlueImageProps: 'it needs the directory of an app, which the examples have in TypeScript and Python',
  FlueBuildProps: 'it needs the directory of a built app',
};

const APPS = join(__dirname, 'consumers', 'apps');
const APP = join(APPS, 'node', 'smoke.ts');
const TESTS = readdirSync(__dirname, { recursive: true, encoding: 'utf8' }).filter(file => file.endsWith('.test.ts')).map(file => join(__dirname, file));

const program = programOf([...TESTS, APP]);
const props = publicProps(program);
const bases = basesOf(program);
const usage = new OptionUsage(program, props);

const lineOf = (struct: string): string[] => [struct, ...(bases.get(struct) ?? []).flatMap(lineOf)];
const heirsOf = (struct: string): string[] => [...bases.keys()].filter(other => lineOf(other).includes(struct));
/** The props of a struct, inherited ones too. */
const namesOf = (struct: string) => props.filter(prop => lineOf(struct).includes(prop.struct)).map(({ name }) => name);

const maximal = TESTS.flatMap(file => testsIn(program.getSourceFile(file)!)).filter(({ name, takesSnapshot }) => takesSnapshot && /\bmaximal\b/.test(name));
const inSnapshots = new Set(maximal.flatMap(({ body }) => [...usage.in(body)]));
const inApp = usage.in(program.getSourceFile(APP)!);

const excused = (reasons: Readonly<Record<string, string>>, struct: string, name: string) => struct in reasons || `${struct}.${name}` in reasons;
const missingInSnapshots = (struct: string) => namesOf(struct).filter(name => !heirsOf(struct).some(heir => inSnapshots.has(`${heir}.${name}`)));
const ownOf = (struct: string) => props.filter(prop => prop.struct === struct).map(({ name }) => name);
const missingInApp = (struct: string) => ownOf(struct).filter(name => !inApp.has(`${struct}.${name}`));

test('the structs, their props, the snapshots and the app are found', () => {
  expect(bases.size).toBeGreaterThan(25);
  expect(props.length).toBeGreaterThan(140);
  expect(maximal.length).toBeGreaterThan(15);
  expect(inApp.size).toBeGreaterThan(140);
});

describe.each([...bases.keys()])('%s', struct => {
  test('says everything in maximal snapshots', () => {
    expect(missingInSnapshots(struct).filter(name => !excused(IN_NO_SNAPSHOT, struct, name))).toEqual([]);
  });

  test('says everything in the app of the consumers', () => {
    expect(missingInApp(struct).filter(name => !excused(IN_NO_APP, struct, name))).toEqual([]);
  });
});

/** How a language writes a prop that is said. */
const LANGUAGES: [string, RegExp, (name: string) => string][] = [
  ['python', /\.py$/, name => `\\b${snakeCase(name)}=(?!=)`],
  ['java', /\.java$/, name => `\\.${name}\\(`],
  ['go', /\.go$/, name => `\\b${name[0].toUpperCase()}${name.slice(1)}:`],
];

test.each(LANGUAGES)('the app in %s says what the one in TypeScript says', (language, ending, written) => {
  const files = readdirSync(join(APPS, language), { recursive: true, encoding: 'utf8' }).filter(file => ending.test(file) && !/errors/.test(file));
  // a prop in a text or a comment is not said
  const code = files.map(file => readFileSync(join(APPS, language, file), 'utf8')).join('\n').replace(/"(?:[^"\\\n]|\\.)*"|(?:\/\/|#).*$/gm, '""');
  const missing = props.filter(({ struct, name }) => !excused(IN_NO_APP, struct, name) && !new RegExp(written(name)).test(code));
  expect(missing.map(({ struct, name }) => `${struct}.${name}`)).toEqual([]);
});

test('an exception is one of a prop that is missing, and has a reason', () => {
  const needed = (reasons: Readonly<Record<string, string>>, missingOf: (struct: string) => string[]) => Object.keys(reasons).filter(key => {
    const [struct, name] = key.split('.');
    const missing = bases.has(struct) ? missingOf(struct) : [];
    return name === undefined ? missing.length === ownOf(struct).length : missing.includes(name);
  });
  expect(needed(IN_NO_SNAPSHOT, missingInSnapshots)).toEqual(Object.keys(IN_NO_SNAPSHOT));
  expect(needed(IN_NO_APP, missingInApp)).toEqual(Object.keys(IN_NO_APP));
  expect([...Object.values(IN_NO_SNAPSHOT), ...Object.values(IN_NO_APP)].every(reason => reason.length > 20)).toBe(true);
});

/** A name as jsii writes it in Python. */
function snakeCase(name: string): string {
  return name.replace('MiB', 'Mib').replace(/([a-z0-9])([A-Z])/g, '$1_$2').toLowerCase();
}
