import { App, CfnResource, Stack } from 'aws-cdk-lib';
import * as lambda from 'aws-cdk-lib/aws-lambda';
import { judge, PARAMETER, PARAMETERS, verdictOn } from './judge';
import { NOT_LAMBDA } from '../../src/invariants/not-lambda';

const REPOSITORY = '111111111111.dkr.ecr.eu-west-1.amazonaws.com';
const judgeFunction = (properties: object, rest: object = {}) => judge(NOT_LAMBDA, {
  Parameters: PARAMETERS,
  Resources: {
    Repository: { Type: 'AWS::ECR::Repository', Properties: { RepositoryName: 'flue-agents' } },
    Function: { Type: 'AWS::Lambda::Function', Properties: { Role: 'arn:aws:iam::111111111111:role/lambda', Code: { ZipFile: '' }, ...properties }, ...rest },
  },
}, 'Function');
const FOUND = ['a Lambda function runs the Flue server'];

test.each<[how: string, properties: object]>([
  ['an image of a server with its port', { Code: { ImageUri: `${REPOSITORY}/flue-agents:1` }, Environment: { Variables: { AWS_LWA_PORT: '8080' } } }],
  ['a repository of the app', {
    Code: { ImageUri: { 'Fn::Sub': '${Repository.RepositoryUri}:latest' } },
    Environment: { Variables: { DATABASE_URL: PARAMETER } },
  }],
  ['a command', { Code: { ImageUri: `${REPOSITORY}/agents:1` }, ImageConfig: { Command: ['node', 'dist/server.mjs'] } }],
  ['a bundle', { Handler: 'dist/server.handler', Runtime: 'nodejs22.x' }],
  ['a variable', { Handler: 'index.handler', Runtime: 'nodejs22.x', Environment: { Variables: { MODEL_SPECIFIER: 'anthropic/claude-sonnet-4-6' } } }],
  ['a tag', { Handler: 'index.handler', Runtime: 'nodejs22.x', Tags: [{ Key: 'cdk-flue', Value: 'server' }] }],
])('a Flue server is seen by %s', (_, properties) => {
  expect(judgeFunction(properties)).toEqual(FOUND);
});

test.each<[how: string, properties: object]>([
  ['calls a server', { Handler: 'index.handler', Runtime: 'nodejs22.x', Environment: { Variables: { FLUE_URL: 'https://agents.example.com', ANTHROPIC_API_KEY: PARAMETER } } }],
  ['is called like one', { Code: { ImageUri: `${REPOSITORY}/flue-slack-bridge:1` }, Environment: { Variables: { FLUE_URL: 'x' } } }],
  ['ships logs', { Code: { ImageUri: `${REPOSITORY}/fluent-bit:1` }, Environment: { Variables: { PORT: '1' } } }],
  ['is known only at deployment', { Code: { ImageUri: PARAMETER }, Environment: PARAMETER }],
])('a function that %s is none', (_, properties) => {
  expect(judgeFunction(properties)).toBe('out of scope');
});

describe('in a named scope', () => {
  const stack = new Stack(new App(), 'Stack');
  const fn = new lambda.Function(stack, 'Function', { runtime: lambda.Runtime.NODEJS_22_X, handler: 'index.handler', code: lambda.Code.fromInline('x') });

  test('a helper is none', () => {
    expect(verdictOn(NOT_LAMBDA, fn.node.defaultChild as CfnResource, [stack])).toBe('not applicable');
  });

  test('a function that is named itself is one', () => {
    expect(verdictOn(NOT_LAMBDA, fn.node.defaultChild as CfnResource, [fn])).toEqual(FOUND);
  });
});

test.each<[type: string, properties: object, expected: unknown]>([
  ['AWS::Lambda::WebFunctionRevision', { Environment: { Variables: { MODEL_SPECIFIER: 'openai/gpt-5' } } }, ['a Lambda function runs the Flue server']],
  ['AWS::Lambda::WebFunctionRevision', { Code: { ImageUri: '111111111111.dkr.ecr.eu-west-1.amazonaws.com/flue-agents:1' } }, ['a Lambda function runs the Flue server']],
  ['AWS::Serverless::WebFunction', { EntryPoint: 'dist/server.mjs' }, ['a Lambda function runs the Flue server']],
  ['AWS::Lambda::WebFunction', { Tags: [{ Key: 'cdk-flue', Value: 'server' }] }, ['a Lambda function runs the Flue server']],
  ['AWS::Lambda::WebFunctionRevision', { Environment: { Variables: { PORT: '8080' } } }, 'out of scope'],
])('a web function: %s with %j', (type, properties, expected) => {
  const stack = new Stack(new App(), 'Stack');
  expect(verdictOn(NOT_LAMBDA, new CfnResource(stack, 'Function', { type, properties }))).toEqual(expected);
});
