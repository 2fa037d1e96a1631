import { fields, items, Template } from '../../../../src/cli/rehearse/assembly/template';

const all: Template[] = [];
const producer = new Template({
  Resources: { Made: { Type: 'Made' } },
  Outputs: { Out: { Value: { Ref: 'Made' }, Export: { Name: 'Producer:Made' } }, Text: { Value: 'text', Export: { Name: { 'Fn::Sub': '${AWS::StackName}:Text' } } } },
}, 'Producer', 'ProducerStack', all, {});
const consumer = new Template({
  Parameters: { WithDefault: { Default: 7 }, Without: {} },
  Resources: { Own: { Type: 'Own', Properties: { A: 1 } }, Untyped: {} },
}, 'Consumer', 'ConsumerStack', all, {});
all.push(producer, consumer);

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
])('the text of %s', (_, value, text) => {
  expect(consumer.text(value)).toBe(text);
});

test('numbers are those that a deployment knows now', () => {
  expect([consumer.number('8'), consumer.number(' '), consumer.number('x'), consumer.number({ Ref: 'Own' })]).toEqual([8, undefined, undefined, undefined]);
});

test('a target may stand in another template', () => {
  expect(consumer.target({ 'Fn::ImportValue': 'Producer:Made' })).toMatchObject({ logicalId: 'Made', template: producer });
  expect(consumer.target({ 'Fn::GetAtt': 'Own.Arn' })?.properties).toEqual({ A: 1 });
  expect(consumer.target({ Ref: 'Untyped' })).toBeUndefined();
  expect(consumer.target('text')).toBeUndefined();
});

test('what is no object has no fields, what is no list no items', () => {
  expect([fields(null), fields([]), items({})]).toEqual([{}, {}, []]);
});
