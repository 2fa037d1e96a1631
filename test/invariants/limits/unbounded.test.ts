import * as ts from 'typescript';
import { LIMITS } from '../../../src/invariants/limits';
import { KINDS } from '../../../src/invariants/types/kinds';
import { programOf, publicParameters, publicProps, publicTypes } from '../../support/public-api';

/** Why a text, a number, a list or a map of the public surface has no limit. */
const NO_LIMIT: Readonly<Record<string, string>> = {
  'FlueImageProps.directory': 'the file system judges it: it must be the directory of an app',
  'FlueImageProps.workspace': 'the file system judges it: it must list the app',
  'FlueImageProps.outputDirectory': 'the file system judges it: it must be a folder within the app',
  'FlueImageProps.caBundleFile': 'the file system judges it: it must be a file with certificates',
  'FlueImageProps.target': 'the Dockerfile judges it: it must have such a stage',
  'FlueImageProps.buildCommand': 'a shell judges it; the construct asks for one line, which test/image/app/app-build.test.ts proves',
  'FlueImageProps.command': 'the image judges it; the construct asks for words, which test/image/app/app-build.test.ts proves',
  'FlueImageProps.buildArgs': 'the Dockerfile judges it; the construct refuses secrets and, where a shell reads the names, what is no name of a variable',
  'FlueImageProps.buildSecrets': 'Docker judges it; the construct asks for their source, which test/image/flue-image.test.ts proves',
  'FlueImageProps.include': 'the file system judges it: each must be in the app',
  'FlueImageProps.exclude': 'the reader of .dockerignore judges it: each must be a pattern that Docker reads',
  'FlueImageProps.assetName': 'the synthesizer judges it, each one by rules of its own',
  'FlueBuildProps.directory': 'the file system judges it: it must be the directory of a built app',
  'FlueBuildProps.outputDirectory': 'the file system judges it: it must be a folder within the app',
  'FlueBuildProps.include': 'the file system judges it: each must be in the app',
  'FlueDockerfile.file': 'the file system judges it: it must be a Dockerfile of the app',
  'FlueDatabaseProps.parameters': 'RDS judges them, with other names for each version of an engine',
  'FlueService.metricName': 'CloudWatch takes the name of any metric, also of one that nobody writes',
  'FlueFargateService.metricName': 'CloudWatch takes the name of any metric, also of one that nobody writes',
  'FlueExpressService.metricName': 'CloudWatch takes the name of any metric, also of one that nobody writes',
  'FlueEc2Service.metricName': 'CloudWatch takes the name of any metric, also of one that nobody writes',
  'FlueChecksProps.services': 'an empty list says what leaving it out says',
  'FlueDashboardProps.services': 'an empty list says what leaving it out says; a service that stands in it twice is refused',
  'FlueDeploymentOptions.alarms': 'an empty list says what leaving it out says',
  'FlueBlueGreenDeploymentOptions.testPeers': 'an empty list says what leaving it out says',
  'FlueBlueGreenDeploymentOptions.lifecycleHooks': 'an empty list says what leaving it out says',
  'FlueEndpointEgressOptions.services': 'an empty list says what leaving it out says',
  'FlueInboxOptions.vpcSubnets': 'a function runs in subnets of one zone as well',
  'FlueFargateSandboxOptions.vpcSubnets': 'a sandbox runs in subnets of one zone as well; those with a route to the internet are refused',
  'FlueSchemaCleanupProps.vpcSubnets': 'a task runs in subnets of one zone as well',
  'FlueRotationOptions.vpcSubnets': 'a function runs in subnets of one zone as well',
  'FlueBackupsProps.databases': 'an empty list says what leaving it out says; with no volume either, it is refused',
  'FlueBackupsProps.volumes': 'an empty list says what leaving it out says; with no database either, it is refused',
  'FlueAgentEventOptions.message': 'Scheduler limits the event as a whole, which test/events/schedule.test.ts proves',
  'FlueWorkflowEventOptions.input': 'Scheduler limits the event as a whole, which test/events/schedule.test.ts proves',
  'FlueExposure.peers': 'an empty list admits no one, until the peers are added by `connections`',
};

const PROGRAM = programOf([]);
const PUBLIC = [...publicProps(PROGRAM), ...publicParameters(PROGRAM)];
const BOUNDED = new Set(LIMITS.flatMap(({ of, prop }) => of.map(struct => `${struct}.${prop}`)));

/** The enumerations of aws-cdk-lib that are types of public props, by name. */
const IMPORTS = publicTypes(PROGRAM).flatMap(type => type.getSourceFile().statements.filter(ts.isImportDeclaration));
const ENUMERATIONS = new Set(IMPORTS.flatMap(({ moduleSpecifier, importClause }) => {
  const module = (moduleSpecifier as ts.StringLiteral).text;
  const bindings = importClause?.namedBindings;
  const names = bindings && ts.isNamedImports(bindings) ? bindings.elements.map(({ name }) => name.text) : [];
  return /^aws-cdk-lib/.test(module) ? names.filter(name => typeof jest.requireActual<Record<string, unknown>>(module)[name] === 'object') : [];
}).filter(name => PUBLIC.some(({ type }) => type === name)));

const isBoundable = (type: string) => /^(string|number|Duration|Size|readonly .*|.*\[\]|SubnetSelection|\{.*\})$/s.test(type);
const BOUNDABLE = new Map(PUBLIC.filter(({ type }) => isBoundable(type)).map(prop => [`${prop.struct}.${prop.name}`, prop]));

test('the props and the enumerations are found', () => {
  expect(BOUNDABLE.size).toBeGreaterThan(90);
  expect([...ENUMERATIONS].sort()).toEqual(['PriceClass', 'RemovalPolicy', 'RetentionDays', 'SslPolicy']);
});

test('every public text, number, list and map has a limit, or a reason', () => {
  expect([...BOUNDABLE.keys()].filter(key => !BOUNDED.has(key) && !(key in NO_LIMIT))).toEqual([]);
});

test.each([...ENUMERATIONS])('%s is refused by its type for everything but its values', name => {
  expect(KINDS[name].fits('other')).toBe(false);
  expect(KINDS[name].fits(17)).toBe(false);
  expect(KINDS[name].fits('ONE_DAY')).toBe(false);
});

test('a reason is one of a prop without a limit', () => {
  expect(Object.keys(NO_LIMIT).filter(key => BOUNDED.has(key) || !BOUNDABLE.has(key))).toEqual([]);
  expect(Object.values(NO_LIMIT).filter(reason => reason.length <= 20)).toEqual([]);
});

test('every limit is of a prop that is there', () => {
  const keys = new Set(PUBLIC.map(({ struct, name }) => `${struct}.${name}`));
  expect([...BOUNDED].filter(key => !keys.has(key))).toEqual([]);
});
