import { App, Stack } from 'aws-cdk-lib';
import { SecurityGroup, Vpc } from 'aws-cdk-lib/aws-ec2';
import { FlueDatabase, FlueExpressService, FlueFargateService, FlueImage, type FlueSingleServiceProps } from '../../src';
import { refusalOf } from '../service/support';

const env = { account: '111122223333', region: 'eu-central-1' };

/** A VPC, a security group in it, and what takes the group, each in the stack of its name. */
function world(stackOfVpc: string, stackOfGroup: string, stackOfServer: string) {
  const app = new App();
  const stacks = new Map([...new Set([stackOfVpc, stackOfGroup, stackOfServer])].map(id => [id, new Stack(app, id, { env })]));
  const vpc = new Vpc(stacks.get(stackOfVpc)!, 'Vpc');
  const group = new SecurityGroup(stacks.get(stackOfGroup)!, 'Group', { vpc });
  return { app, vpc, group, stack: stacks.get(stackOfServer)! };
}

type World = ReturnType<typeof world>;
const props = ({ vpc, group }: World): FlueSingleServiceProps => ({ vpc, securityGroups: [group] } as unknown as FlueSingleServiceProps);
const imageIn = (stack: Stack) => FlueImage.fromRegistry(stack, 'Image', 'registry.example.com/agents:1');
const TAKERS: [string, (it: World) => unknown][] = [
  ['FlueFargateService', it => new FlueFargateService(it.stack, 'It', { image: imageIn(it.stack), ...props(it) })],
  ['FlueExpressService', it => new FlueExpressService(it.stack, 'It', { image: imageIn(it.stack), ...props(it) })],
  ['FlueDatabase', it => new FlueDatabase(it.stack, 'It', { vpc: it.vpc, securityGroups: [it.group] })],
];

describe.each(TAKERS)('%s', (_, make) => {
  test('refuses a security group of a stack that needs its VPC', () => {
    expect(refusalOf(() => make(world('Here', 'There', 'Here'))))
      .toContain('`securityGroups` must not be in a stack that waits for this one, got: There/Group, in a VPC of Here. Create the group in this stack, or the VPC in a stack of its own');
  });

  test.each([['Here', 'Here', 'Here'], ['Base', 'Base', 'Here'], ['Base', 'There', 'Here'], ['There', 'There', 'Here']])(
    'takes one where the VPC is in %s, the group in %s and itself in %s', (...where) => {
      const it = world(...where);
      make(it);
      expect(() => it.app.synth()).not.toThrow();
    });

  test('takes one that is imported', () => {
    const it = world('Here', 'Here', 'Here');
    const group = SecurityGroup.fromSecurityGroupId(new Stack(it.app, 'There', { env }), 'Known', 'sg-0123456789abcdef0');
    expect(refusalOf(() => make({ ...it, group: group as SecurityGroup }))).toBe('');
  });
});
