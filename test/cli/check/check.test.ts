import { readdirSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { App, CfnResource, NestedStack, Stack, Stage, Validations, aws_ec2 as ec2 } from 'aws-cdk-lib';
import { FlueChecks, FlueDatabase, FlueDeployment, FlueFargateService, FlueImage } from '../../../src';
import { main } from '../../../src/cli/main';
import { INVARIANTS } from '../../../src/invariants';
import { EXPECTED } from '../../checks/corpus/expected';
import { captureOutput } from '../capture-output';
import { assemblyWith, directoryWith, fargateTemplate } from '../rehearse/support';

const CORPUS = join(__dirname, '../../checks/corpus');
const output = captureOutput();

interface Found {
  readonly id: string;
  readonly logicalId: string;
  readonly resource: string;
  readonly line: number;
  readonly template: string;
}

async function check(...args: string[]): Promise<{ code: number; findings: Found[] }> {
  output.stdout = output.stderr = '';
  const code = await main(['check', ...args, '--json']);
  return { code, findings: code === 2 ? [] : (JSON.parse(output.stdout) as { findings: Found[] }).findings };
}

/** A server that somebody wrote by hand, without a fault but for what the arguments bring. */
const template = (container: object = {}, service: object = {}) => fargateTemplate(container, service);
const short = `
Resources:
  Task:
    Type: AWS::ECS::TaskDefinition
    Properties:
      RequiresCompatibilities: [FARGATE]
      ContainerDefinitions:
        - Name: Main
          Image: !Sub \${AWS::AccountId}.dkr.ecr.\${AWS::Region}.amazonaws.com/flue:1
          Environment:
            - { Name: MODEL_SPECIFIER, Value: !Ref Model }
            - { Name: ANTHROPIC_API_KEY, Value: sk-ant-api03-0123456789012345678901234567890123456789 }
  Service:
    Type: AWS::ECS::Service
    Properties: { TaskDefinition: !Ref Task, DesiredCount: !If [Small, 0, 0] }
  Group: { Type: AWS::EC2::SecurityGroup, Properties: { VpcId: !GetAtt Network.Outputs.Vpc, GroupDescription: !Join ['', [a, b]] } }
`;

describe('the templates of the corpus', () => {
  test.each(readdirSync(CORPUS).filter(file => /\.(yaml|json)$/.test(file)).sort())('%s has the findings of FlueChecks', async file => {
    const expected = Object.entries(EXPECTED[file]).flatMap(([logicalId, findings]) => findings.map(finding => `${logicalId} Flue-${finding}`)).sort();
    const { code, findings } = await check(join(CORPUS, file));
    const levels = expected.map(finding => INVARIANTS.find(({ id }) => id === /Flue-(\w+)/.exec(finding)![1])!.level);
    if (code === 2) {
      expect(expected).toEqual([]);
      expect(output.stderr).toMatch(/^No Flue server was found in .*\nName it: `cdk-flue check … --service ID`/);
    } else {
      expect(findings.map(({ logicalId, id }) => `${logicalId} ${id}`).sort()).toEqual(expected);
      expect(code).toBe(levels.includes('error') ? 1 : 0);
    }
  });
});

describe('an assembly', () => {
  /** What FlueChecks says of the app, and what the command says of what the app wrote. */
  async function compare(app: App): Promise<string[]> {
    const byPlugin = new FlueChecks(app).validateScope(app).violations
      .flatMap(({ ruleName, violatingResources }) => violatingResources.map(({ constructPath }) => `${constructPath} ${ruleName}`)).sort();
    const { directory } = app.synth();
    const { findings } = await check(directory);
    expect(findings.map(({ resource, id }) => `${resource} ${id}`).sort()).toEqual(byPlugin);
    rmSync(directory, { recursive: true });
    return byPlugin;
  }

  function faulty(app: App, id = 'Stack'): Stack {
    const stack = new Stack(app, id, { env: { account: '111122223333', region: 'eu-west-1' } });
    const vpc = new ec2.Vpc(stack, 'Vpc', { maxAzs: 2, natGateways: 0 });
    const database = new FlueDatabase(stack, 'Database', { vpc });
    const image = FlueImage.fromRegistry(stack, 'Image', 'registry.example.com/flue/agents:1');
    new FlueFargateService(stack, 'Agents', { image, vpc, database });
    for (const node of stack.node.findAll()) {
      if (CfnResource.isCfnResource(node) && node.cfnResourceType === 'AWS::ECS::TaskDefinition') {
        node.addPropertyOverride('ContainerDefinitions.0.LinuxParameters.InitProcessEnabled', false);
      }
      if (CfnResource.isCfnResource(node) && node.cfnResourceType === 'AWS::RDS::DBInstance') {
        node.addPropertyOverride('StorageEncrypted', false);
      }
    }
    return stack;
  }

  test('has the findings that FlueChecks has of its app', async () => {
    const app = new App();
    faulty(app);
    expect(await compare(app)).toEqual([
      expect.stringMatching(/Stack\/Agents\/TaskDefinition\/Resource Flue-InitProcess/),
      expect.stringMatching(/Stack\/Database\/Instance\/Resource Flue-PrivateDatabase\[StorageEncrypted\]/),
    ]);
  });

  test('with acknowledgements on a construct and on its stack', async () => {
    const app = new App();
    const stack = faulty(app);
    Validations.of(stack).acknowledge({ id: 'Flue-PrivateDatabase[StorageEncrypted]', reason: 'A test.' });
    expect(await compare(app)).toEqual([expect.stringContaining('Flue-InitProcess')]);
    const again = new App();
    Validations.of(faulty(again).node.findChild('Agents')).acknowledge({ id: 'Flue-InitProcess', reason: 'A test.' });
    expect(await compare(again)).toEqual([expect.stringContaining('StorageEncrypted')]);
  });

  test('with a fact that the warning of a construct states', async () => {
    const app = new App();
    const stack = new Stack(app, 'Stack');
    const image = FlueImage.fromRegistry(stack, 'Image', 'registry.example.com/flue/agents:1');
    new FlueFargateService(stack, 'Agents', { image, deployment: FlueDeployment.rolling() });
    expect(await compare(app)).toEqual([]);
  });

  test('in stages and nested stacks', async () => {
    // as the CDK CLI does
    const app = new App({ context: { 'aws:cdk:enable-asset-metadata': true } });
    const stage = new Stage(app, 'Prod');
    const outer = new Stack(stage, 'Outer');
    const nested = new NestedStack(outer, 'Nested');
    new FlueFargateService(nested, 'Agents', { image: FlueImage.fromRegistry(nested, 'Image', 'registry.example.com/flue/agents:1') });
    (nested.node.findAll().find(node => CfnResource.isCfnResource(node) && node.cfnResourceType === 'AWS::ECS::TaskDefinition') as CfnResource)
      .addPropertyOverride('ContainerDefinitions.0.LinuxParameters.InitProcessEnabled', false);
    const { directory } = app.synth();
    expect((await check(directory)).findings.map(({ resource, id }) => `${resource} ${id}`)).toEqual(['Prod/Outer/Nested/Agents/TaskDefinition/Resource Flue-InitProcess']);
    rmSync(directory, { recursive: true });
  });

  test('knows how images are built', async () => {
    const hash = 'a'.repeat(64);
    const built = (platform: string) => assemblyWith({
      Stack: {
        template: {
          Resources: {
            ...template({ Image: { 'Fn::Sub': `x.dkr.ecr.y.amazonaws.com/assets:${hash}` } }).Resources,
          },
        },
        dockerImages: { [hash]: { source: { directory: 'image', platform }, destinations: { here: { imageTag: hash } } } },
      },
    }, { 'image/Dockerfile': 'FROM scratch' });
    const ids = async (platform: string) => (await check(built(platform))).findings.map(({ id }) => id).filter(id => id === 'Flue-PinnedPlatform');
    // the task itself names no architecture
    expect(await ids('linux/arm64')).toEqual(['Flue-PinnedPlatform']);
  });
});

describe('a template that stands alone', () => {
  test('in YAML with short forms, and with a line for each resource', async () => {
    const { code, findings } = await check(join(directoryWith({ 'template.yaml': short }), 'template.yaml'));
    expect(code).toBe(1);
    const where = findings.map(({ id, logicalId, line }) => `${id} ${logicalId}:${line}`);
    expect(where).toContain('Flue-SecretsOnly[ANTHROPIC_API_KEY] Task:3');
    expect(where).toContain('Flue-MinTaskCount Service:13');
  });

  test('in JSON that is indented with tabs', async () => {
    const file = join(directoryWith({ 'a.json': JSON.stringify(template(), undefined, '\t') }), 'a.json');
    expect((await check(file)).findings.map(({ id }) => id)).toContain('Flue-InitProcess');
  });

  test('several are one app: an export of one leads to the other', async () => {
    const { Resources: { Task, ...rest } } = template();
    const directory = directoryWith({
      'task.json': { Resources: { Task }, Outputs: { Task: { Value: { Ref: 'Task' }, Export: { Name: 'task' } } } },
      'service.json': JSON.parse(JSON.stringify({ Resources: rest }).split('{"Ref":"Task"}').join('{"Fn::ImportValue":"task"}').replace('"DesiredCount":1', '"DesiredCount":0')),
    });
    const both = await check(join(directory, 'task.json'), join(directory, 'service.json'));
    expect(new Set(both.findings.map(found => found.template.replace(/.*\//, '')))).toEqual(new Set(['task.json', 'service.json']));
    expect((await check(join(directory, 'service.json'))).code).toBe(2);
  });

  test('that names nothing of Flue is checked where --service names its service, and not otherwise', async () => {
    const file = join(CORPUS, '10-not-flue.json');
    expect((await check(file)).code).toBe(2);
    const { code, findings } = await check(file, '--service', 'Shop');
    expect(code).toBe(1);
    expect(findings.map(({ logicalId }) => logicalId)).toContain('Shop');
    expect((await check(file, '--service', 'Shopp')).code).toBe(2);
    expect(output.stderr).toBe('No resource is called Shopp.\nPass the logical id of a resource, or the construct path of it or of a construct above.\n');
  });

  test.each([
    ['broken.yaml', 'a: [', /broken\.yaml is neither JSON nor YAML: /],
    ['list.yaml', '- 1', /list\.yaml is no template of CloudFormation: it has no resource with a Type/],
    ['empty.json', '{}', /empty\.json is no template/],
    ['package.json', '{"name": "a", "Resources": {"A": 1}}', /package\.json is no template/],
  ])('%s is none', async (name, text, message) => {
    expect((await check(join(directoryWith({ [name]: text }), name))).code).toBe(2);
    expect(output.stderr).toMatch(message);
  });

  test('that does not exist', async () => {
    expect((await check(join(directoryWith({}), 'gone.yaml'))).code).toBe(2);
    expect(output.stderr).toMatch(/gone\.yaml is no template: it cannot be read: it does not exist\.\nPass a template/);
  });
});

describe('what is printed', () => {
  const directory = () => directoryWith({ 'a b.yaml': short });

  test('a table, and the counts', async () => {
    expect(await main(['check', join(directory(), 'a b.yaml')])).toBe(1);
    expect(output.stdout).toMatch(/^error {4}Flue-MinTaskCount +\S*a b\.yaml:13 {2}Service\n {9}.+\. Set the desired count/m);
    expect(output.stdout).toMatch(/\n\d+ errors, \d+ warnings?\. \d+ resources of Flue servers checked\.\n$/);
  });

  test('no error', async () => {
    expect(await main(['check', join(CORPUS, '01-fargate-perfect.yaml')])).toBe(0);
    expect(output.stdout).toMatch(/^0 errors, 0 warnings\. \d+ resources of Flue servers checked\.\n$/);
  });

  test('SARIF: each result has a rule, a file and a line', async () => {
    expect(await main(['check', join(directory(), 'a b.yaml'), '--sarif'])).toBe(1);
    const { version, runs: [{ tool: { driver: { name, rules } }, results }] } = JSON.parse(output.stdout);
    expect({ version, name }).toEqual({ version: '2.1.0', name: 'cdk-flue' });
    expect(rules.map(({ id }: { id: string }) => id)).toEqual(INVARIANTS.map(({ id }) => `Flue-${id}`));
    for (const { ruleId, ruleIndex, level, message, locations: [{ physicalLocation: { artifactLocation: { uri }, region } }] } of results) {
      expect(rules[ruleIndex].id).toBe(ruleId);
      expect(level).toBe(rules[ruleIndex].defaultConfiguration.level);
      expect(message.text.length).toBeGreaterThan(20);
      expect(uri).toMatch(/a%20b\.yaml$/);
      expect(region.startLine).toBeGreaterThan(1);
    }
    const fingerprints = results.map(({ partialFingerprints }: { partialFingerprints: object }) => Object.values(partialFingerprints)[0]);
    expect(results.length).toBeGreaterThan(3);
    expect(new Set(fingerprints).size).toBe(fingerprints.length);
  });

  test.each([
    [['--json', '--sarif'], 'Pass --json or --sarif, not both.'],
    [['--service', ''], 'A path or the value of --service is an empty string.'],
    [['--nonsense'], 'Unknown option \'--nonsense\'.'],
  ])('%j', async (args, message) => {
    expect(await main(['check', ...args])).toBe(2);
    expect(output.stderr).toBe(`${message}\nRun \`cdk-flue check --help\` for the options.\n`);
  });
});
