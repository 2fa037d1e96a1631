import { CHANGES, STACKS, versionOf } from './versions';
import { billingOf } from '../../src/cli/price/billing';

/** What costs money and carries no tag of the app, and why; docs/operations.md says so under "Spend". */
const WITHOUT: Readonly<Record<string, string>> = {
  'AWS::ECS::ExpressGatewayService': 'a new tag would replace the service',
};
const tags = CHANGES.find(({ name }) => name === 'tags')!;

const tagsOf = ({ Tags = [] }: { Tags?: unknown }): Record<string, unknown> => (Array.isArray(Tags)
  ? Object.fromEntries(Tags.map(({ Key, Value }: any) => [Key, Value])) : Tags as Record<string, unknown>);

describe.each(Object.keys(STACKS))('%s', name => {
  const resources = Object.entries<any>(versionOf(name, tags).Resources);
  const billed = resources.filter(([, { Type }]) => ['priced', 'by use'].includes(billingOf(Type)));

  test('has the tags of the app on everything that costs money', () => {
    expect(billed.length).toBeGreaterThan(3);
    const untagged = billed.filter(([, { Type, Properties }]) => !(Type in WITHOUT) && tagsOf(Properties ?? {}).team !== 'agents');
    expect(untagged.map(([id, { Type }]) => `${id}: ${Type}`)).toEqual([]);
  });

  test('passes them on to what it starts', () => {
    for (const [, { Type, Properties }] of resources) {
      if (Type === 'AWS::ECS::Service') expect(Properties.PropagateTags).toBe('SERVICE');
      if (Type === 'AWS::AutoScaling::AutoScalingGroup') expect(Properties.Tags.every(({ PropagateAtLaunch }: any) => PropagateAtLaunch)).toBe(true);
    }
  });
});

test('without tags of the app, nothing has them', () => {
  const resources = Object.values<any>(versionOf(Object.keys(STACKS)[0]!).Resources);
  expect(resources.filter(({ Properties }) => Properties?.Tags && tagsOf(Properties).team === 'agents')).toEqual([]);
});
