import { App, Size, Stack } from 'aws-cdk-lib';
import { Annotations, Match } from 'aws-cdk-lib/assertions';
import { Vpc } from 'aws-cdk-lib/aws-ec2';
import { Key, KeySpec, KeyUsage, type IKey } from 'aws-cdk-lib/aws-kms';
import { StringParameter } from 'aws-cdk-lib/aws-ssm';
import { FlueDatabase, FlueEc2Service, FlueExpressService, FlueFargateService, FlueImage, FlueNetwork } from '../../src';

const env = { account: '111111111111', region: 'eu-west-1' };
const newStack = () => new Stack(new App(), 'Stack', { env });
const imageOf = (stack: Stack) => FlueImage.fromRegistry(stack, 'Image', 'ghcr.io/acme/agents:1');
const arn = (region: string, account = env.account) => `arn:aws:kms:${region}:${account}:key/1234abcd-0000-34cd-56ef-000000000000`;

type Use = (stack: Stack, key: IKey) => unknown;
const USES: ReadonlyArray<[prop: string, use: Use]> = [
  ['logEncryptionKey', (stack, logEncryptionKey) => new FlueFargateService(stack, 'It', { image: imageOf(stack), logEncryptionKey })],
  ['logEncryptionKey', (stack, logEncryptionKey) => new FlueExpressService(stack, 'It', { image: imageOf(stack), logEncryptionKey })],
  ['logEncryptionKey', (stack, logEncryptionKey) => new FlueEc2Service(stack, 'It', { image: imageOf(stack), logEncryptionKey })],
  ['dataVolumeEncryptionKey', (stack, dataVolumeEncryptionKey) => new FlueEc2Service(stack, 'It', { image: imageOf(stack), dataVolumeSize: Size.gibibytes(8), dataVolumeEncryptionKey })],
  ['logEncryptionKey', (stack, logEncryptionKey) => new FlueFargateService(stack, 'It', { image: imageOf(stack) }).addInbox({ logEncryptionKey })],
  ['logEncryptionKey', (stack, logEncryptionKey) => new FlueNetwork(stack, 'It', { logEncryptionKey })],
  ['encryptionKey', (stack, encryptionKey) => new FlueDatabase(stack, 'It', { vpc: new Vpc(stack, 'Vpc', { maxAzs: 2 }), encryptionKey })],
];

describe.each(USES)('%s %#', (prop, use) => {
  test.each<[string, (stack: Stack) => IKey, string]>([
    ['is asymmetric', stack => new Key(stack, 'Key', { keySpec: KeySpec.RSA_2048, keyUsage: KeyUsage.ENCRYPT_DECRYPT }), 'must be a symmetric key for encryption, got: RSA_2048'],
    ['signs', stack => new Key(stack, 'Key', { keySpec: KeySpec.HMAC_256, keyUsage: KeyUsage.GENERATE_VERIFY_MAC }), 'must be a symmetric key for encryption, got: HMAC_256'],
    ['is disabled', stack => new Key(stack, 'Key', { enabled: false }), 'must be enabled, got: Stack/Key, which is not'],
    ['is elsewhere', stack => Key.fromKeyArn(stack, 'Key', arn('us-east-1')), 'must be in the region of the stack, eu-west-1, got: one in us-east-1'],
    ['is made elsewhere', stack => new Key(new Stack(stack.node.root as App, 'There', { env: { ...env, region: 'us-east-1' } }), 'Key'), 'must be in the region of the stack, eu-west-1, got: one in us-east-1'],
  ])('refuses one that %s', (_, make, message) => {
    const stack = newStack();
    expect(() => use(stack, make(stack))).toThrow(`\`${prop}\` ${message}`);
  });

  test.each<[string, (stack: Stack) => IKey]>([
    ['of this app', stack => new Key(stack, 'Key')],
    ['of another account', stack => Key.fromKeyArn(stack, 'Key', arn('eu-west-1', '222222222222'))],
    ['from a lookup', stack => Key.fromKeyArn(stack, 'Key', StringParameter.valueForStringParameter(stack, '/key'))],
  ])('takes one %s', (_, make) => {
    const stack = newStack();
    expect(() => use(stack, make(stack))).not.toThrow();
  });
});

test.each([['FlueFargateService', USES[0][1]], ['an inbox', USES[4][1]], ['FlueNetwork', USES[5][1]]])('%s warns of an imported key of logs, whose policy it cannot change', (_, use) => {
  const told = (make: (stack: Stack) => IKey) => {
    const stack = newStack();
    use(stack, make(stack));
    return Annotations.fromStack(stack).findWarning('*', Match.stringLikeRegexp('logs.eu-west-1.amazonaws.com.*cdk-flue:FlueService.logKeyPolicy'));
  };
  expect(told(stack => Key.fromKeyArn(stack, 'Key', arn('eu-west-1')))).toHaveLength(1);
  expect(told(stack => new Key(stack, 'Key'))).toHaveLength(0);
});
