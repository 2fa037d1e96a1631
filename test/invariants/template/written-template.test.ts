import { known, UNKNOWN } from '../../../src/invariants/template/value';
import { fields, WrittenTemplate } from '../../../src/invariants/template/written-template';

const templates: WrittenTemplate[] = [];
const surroundings = {
  templates,
  pseudoParameters: { 'AWS::AccountId': '000000000000', 'AWS::Partition': 'aws', 'AWS::StackName': 'rehearsal' },
  scopesOf: (path: string) => path === 'Consumer/Own' ? { server: { path } } : {},
};
type Fields = { readonly [name: string]: unknown };
const add = (path: string, json: Fields, parent?: { template: WrittenTemplate; parameters: Fields }): WrittenTemplate => {
  const template = new WrittenTemplate({ json, file: `${path}.template.json`, path, stackName: `${path}Stack`, paths: {}, parent }, surroundings);
  templates.push(template);
  return template;
};
const producer = add('Producer', {
  Resources: { Made: { Type: 'Made' } },
  Outputs: {
    Out: { Value: { Ref: 'Made' }, Export: { Name: 'Producer:Made' } },
    Text: { Value: 'text', Export: { Name: { 'Fn::Sub': '${AWS::StackName}:Text' } } },
  },
});
const consumer = add('Consumer', {
  Parameters: { WithDefault: { Default: 7 }, Without: {} },
  Resources: {
    Own: { Type: 'Own', Properties: { A: 1, Sized: { Ref: 'WithDefault' } } },
    Untyped: {},
    Nested: { Type: 'AWS::CloudFormation::Stack' },
  },
});
const nested = add('Consumer/Nested', { Parameters: { Given: {}, Text: {} }, Outputs: { Back: { Value: { Ref: 'Given' } }, Text: { Value: { Ref: 'Text' } } } }, {
  template: consumer, parameters: { Given: { Ref: 'Own' }, Text: 'given' },
});

test.each<[string, unknown, string | undefined]>([
  ['a text', 'a', 'a'],
  ['a number', 5, '5'],
  ['a truth value', false, 'false'],
  ['a dynamic reference', '{{resolve:secretsmanager:x}}', undefined],
  ['nothing', undefined, undefined],
  ['a pseudo parameter', { Ref: 'AWS::AccountId' }, '000000000000'],
  ['a parameter with a default', { Ref: 'WithDefault' }, '7'],
  ['a parameter without one', { Ref: 'Without' }, undefined],
  ['a resource', { Ref: 'Own' }, undefined],
  ['a join', { 'Fn::Join': ['-', ['a', { Ref: 'AWS::Partition' }]] }, 'a-aws'],
  ['a join with a resource', { 'Fn::Join': ['-', ['a', { Ref: 'Own' }]] }, undefined],
  ['a substitution', { 'Fn::Sub': '${AWS::Partition}/${!kept}' }, 'aws/${kept}'],
  ['a substitution with variables', { 'Fn::Sub': ['${a}', { a: 'b' }] }, 'b'],
  ['a substitution with a resource', { 'Fn::Sub': '${Own.Arn}' }, undefined],
  ['an import', { 'Fn::ImportValue': 'rehearsal:Text' }, 'text'],
  ['an import of a resource', { 'Fn::ImportValue': 'Producer:Made' }, undefined],
  ['an import of nothing', { 'Fn::ImportValue': 'Nobody' }, undefined],
  ['an import by an unknown name', { 'Fn::ImportValue': { Ref: 'Own' } }, undefined],
  ['an output of another stack', { 'Fn::GetStackOutput': { StackName: 'ProducerStack', OutputName: 'Text' } }, 'text'],
  ['an attribute that is no output', { 'Fn::GetAtt': ['Own', 'Arn'] }, undefined],
  ['an output of a nested stack', { 'Fn::GetAtt': ['Nested', 'Outputs.Text'] }, 'given'],
  ['an output of a nested stack, substituted', { 'Fn::Sub': '<${Nested.Outputs.Text}>' }, '<given>'],
])('the text of %s', (_, value, text) => {
  expect(known(consumer.value(value).string())).toBe(text);
});

test('nothing is told from what only the deployment knows', () => {
  expect([consumer.value(undefined).string(), consumer.value({ Ref: 'Own' }).string()]).toEqual([undefined, UNKNOWN]);
});

test('numbers are those that a deployment knows now', () => {
  const numberOf = (value: unknown) => known(consumer.value(value).number());
  expect([numberOf('8'), numberOf(' '), numberOf('x'), numberOf({ Ref: 'Own' })]).toEqual([8, undefined, undefined, undefined]);
});

test('a property is read through the whole assembly', () => {
  const [own] = consumer.ofType('Own');
  expect([own.path, own.scopes.server?.path]).toEqual(['Consumer/Own', 'Consumer/Own']);
  expect([own.at('Sized').number(), own.at('Sized', 'Deeper').absent]).toEqual([7, true]);
});

test('a target may stand in another template', () => {
  const target = (template: WrittenTemplate, value: unknown) =>
    template.value(value).targets().map(({ resource, attribute }) => [resource, attribute]);
  const [made, own] = [producer.all.get('Made'), consumer.all.get('Own')];
  expect(target(consumer, { 'Fn::ImportValue': 'Producer:Made' })).toEqual([[made, 'Ref']]);
  expect(target(consumer, { 'Fn::GetStackOutput': { StackName: 'ProducerStack', OutputName: 'Out' } })).toEqual([[made, 'Ref']]);
  expect(target(nested, { Ref: 'Given' })).toEqual([[own, 'Ref']]);
  expect(target(consumer, { 'Fn::GetAtt': ['Nested', 'Outputs.Back'] })).toEqual([[own, 'Ref']]);
  expect(target(consumer, { 'Fn::GetAtt': 'Own.Arn' })).toEqual([[own, 'Arn']]);
  expect(target(consumer, { Ref: 'Untyped' })).toEqual([]);
  expect(target(consumer, 'text')).toEqual([]);
});

test('what is no object has no fields', () => {
  expect([fields(null), fields([]), fields('text')]).toEqual([{}, {}, {}]);
});
