import { join } from 'node:path';
import { PSEUDO_PARAMETERS, readAssembly } from '../../../src/cli/assembly/assembly';
import { assemblyWith, directoryWith, failureOf } from '../rehearse/support';

test('names the assembly that lies nearby', async () => {
  const directory = directoryWith({ 'cdk.out/manifest.json': {} });
  expect(await failureOf(() => readAssembly(directory))).toMatch(`There is one in ${join(directory, 'cdk.out')}: pass that directory.`);
});

test('says which file is broken', async () => {
  const directory = directoryWith({ 'manifest.json': '{' });
  expect(await failureOf(() => readAssembly(directory))).toMatch(/manifest\.json cannot be read/);
});

test('may begin with the mark that some editors write', () => {
  expect(readAssembly(directoryWith({ 'manifest.json': '\uFEFF{"artifacts": {}}' })).templates).toEqual([]);
});

test.each(['.', './', 'stage/..'])('does not follow an assembly into itself: %s', async (directoryName) => {
  const directory = directoryWith({ 'stage/other.txt': '', 'manifest.json': { artifacts: { stage: { type: 'cdk:cloud-assembly', properties: { directoryName } } } } });
  expect(await failureOf(() => readAssembly(directory))).toMatch(/manifest\.json .*itself\.\nRun `npx cdk synth` again/);
});

test('does not follow a nested stack into itself', async () => {
  const template = { Resources: { Nested: { Type: 'AWS::CloudFormation::Stack', Metadata: { 'aws:asset:path': 'Loop.json' } } } };
  expect(await failureOf(() => readAssembly(assemblyWith({ Loop: { template } })))).toMatch(/Loop\.json .*itself/);
});

test('reads stages, nested stacks, marks and images', () => {
  const nested = { Parameters: { Given: { Type: 'String' } }, Resources: { Inner: { Type: 'A', Properties: { Value: { Ref: 'Given' } } } }, Outputs: { Out: { Value: 'inner' } } };
  const outer = {
    Resources: {
      Nested: { Type: 'AWS::CloudFormation::Stack', Properties: { Parameters: { Given: { Ref: 'Named' } } }, Metadata: { 'aws:asset:path': 'nested.json', 'aws:cdk:path': 'Outer/Nested' } },
      Named: { Type: 'B' },
      Gone: { Type: 'AWS::CloudFormation::Stack', Metadata: { 'aws:asset:path': 'gone.json' } },
    },
  };
  const stage = assemblyWith({
    Outer: {
      template: outer,
      metadata: {
        '/Stage/Outer/Agents': [{ type: 'cdk-flue:server', data: { startupBudgetSeconds: 10 } }],
        '/Stage/Outer/Agents/Named': [{ type: 'aws:cdk:logicalId', data: 'Named' }],
        '/Stage/Outer/Other': [{ type: 'cdk-flue:server', data: 'not an object' }],
      },
      dockerImages: {
        hash: { source: { directory: 'context', dockerFile: 'Other', dockerBuildTarget: 'final' }, destinations: { here: { imageTag: 'tag' } } },
        gone: { source: { directory: 'nowhere' } },
        executable: { source: {} },
      },
    },
  }, { 'nested.json': nested, 'context/Dockerfile': 'FROM a' });
  const assembly = readAssembly(directoryWith({
    'manifest.json': { artifacts: { stage: { type: 'cdk:cloud-assembly', properties: { directoryName: `../${stage.split('/').pop()}` } }, tree: { type: 'cdk:tree' } } },
  }), { pseudoParameters: PSEUDO_PARAMETERS });

  expect(assembly.templates.map(({ path }) => path)).toEqual(['Outer', 'Outer/Nested']);
  const [parent, child] = assembly.templates;
  expect(parent.pathOf('Named')).toBe('Stage/Outer/Agents/Named');
  expect(parent.pathOf('Unknown')).toBe('Outer/Unknown');
  expect(child.value({ Ref: 'Given' }).target('B')?.resource).toBe(parent.all.get('Named'));
  expect(parent.value({ 'Fn::GetAtt': ['Nested', 'Outputs.Out'] }).string()).toBe('inner');
  expect(Object.fromEntries(assembly.marks)).toEqual({ 'Stage/Outer/Agents': { startupBudgetSeconds: 10 }, 'Stage/Outer/Other': {} });
  expect([...assembly.images.keys()]).toEqual(['hash', 'tag']);
  expect(assembly.images.get('tag')).toMatchObject({ dockerfile: join(stage, 'context', 'Other'), target: 'final' });
});
