import { include } from './judge';
import { box, express, fargate, group, withDatabase } from './templates';
import { INVARIANTS } from '../../src/invariants';
import { AppTemplate } from '../../src/invariants/template/app-template';
import { FlueServers } from '../../src/invariants/template/flue-servers';

/** What Express Mode cannot do otherwise. */
const EXPRESS_ANYHOW = ['OneLiveOwner overlap', 'ShutdownTime'];

test.each([
  ['Fargate', fargate(), []],
  ['Fargate with its database', withDatabase(), []],
  ['Express Mode', express(), EXPRESS_ANYHOW],
  ['a box', box(), []],
  ['a group of boxes', group(), []],
])('%s without a fault has no finding', (_, template, expected) => {
  const servers = new FlueServers(new AppTemplate(include(template).node.root));
  const found = INVARIANTS.flatMap(invariant => servers.ofType(...invariant.rule.resourceTypes)
    .flatMap(resource => invariant.rule.check(resource, servers) ?? [])
    .map(({ detail }) => [invariant.id, detail].filter(Boolean).join(' ')));
  expect(found.sort()).toEqual(expected);
});

test('every resource of the templates has a part in running the server', () => {
  for (const template of [fargate(), withDatabase(), express(), box(), group()]) {
    const included = include(template);
    const app = new AppTemplate(included.node.root);
    const servers = new FlueServers(app);
    const left = Object.keys(template.Resources).filter(id => !servers.contains(app.of(included.getResource(id))!));
    expect(left.filter(id => id !== 'Attachment')).toEqual([]);
  }
});
