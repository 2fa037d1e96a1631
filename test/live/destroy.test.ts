import { commandFor, destroyRun, stacksOfRun, taggedLeftovers } from './destroy';
import { parseOptions } from './options';
import { destroyAndAsk } from './session';
import { TAG } from './stacks';

interface Fake {
  StackName: string;
  StackStatus: string;
  Tags?: { Key: string; Value: string }[];
  needs?: string[];
}

/** As much of CloudFormation as a destruction asks. */
class Stacks {
  public readonly asked: string[] = [];
  public left: string[] = [];

  public constructor(public stacks: Fake[]) {}

  public readonly call = async (service: string, operation: string, parameters: object = {}): Promise<any> => {
    if (service === 'resourcegroupstaggingapi') {
      const [kind] = (parameters as { ResourceTypeFilters?: string[] }).ResourceTypeFilters ?? [];
      return { ResourceTagMappingList: this.left.filter(arn => kind === undefined || arn.split(/[:/]/, 6).filter((_, at) => at === 2 || at === 5).join(':') === kind).map(ResourceARN => ({ ResourceARN })) };
    }
    if (operation === 'delete_certificate') {
      const { CertificateArn } = parameters as { CertificateArn: string };
      if (CertificateArn.endsWith('/held')) throw new Error('AccessDeniedException: no');
      this.left = this.left.filter(arn => arn !== CertificateArn);
      return {};
    }
    if (operation === 'describe_stacks') {
      const answer = this.stacks.map(stack => ({ ...stack }));
      // what is under way goes on between two looks
      this.stacks = this.stacks.filter(({ StackStatus }) => StackStatus !== 'DELETE_IN_PROGRESS');
      this.stacks.filter(({ StackStatus }) => StackStatus === 'UPDATE_ROLLBACK_IN_PROGRESS').forEach(stack => { stack.StackStatus = 'UPDATE_ROLLBACK_COMPLETE'; });
      return { Stacks: answer };
    }
    const { StackName } = parameters as { StackName: string };
    this.asked.push(`${operation} ${StackName}`);
    const stack = this.stacks.find(it => it.StackName === StackName)!;
    if (operation === 'cancel_update_stack') {
      stack.StackStatus = 'UPDATE_ROLLBACK_IN_PROGRESS';
    } else if (stack.needs?.some(other => this.stacks.some(it => it.StackName === other))) {
      throw new Error(`Exports of ${StackName} are in use`);
    } else {
      stack.StackStatus = 'DELETE_IN_PROGRESS';
    }
    return {};
  };
}

const of = (run: string, name: string, StackStatus = 'CREATE_COMPLETE', needs?: string[]): Fake => ({ StackName: `FlueLive${run}-${name}`, StackStatus, Tags: [{ Key: TAG, Value: run }], needs });
const noPause = async () => undefined;

test('the stacks of a run are found by their tag, or by their name where they have none yet', async () => {
  const { call } = new Stacks([of('aa11', 'Data'), { StackName: 'FlueLiveaa11-Box', StackStatus: 'REVIEW_IN_PROGRESS' }, of('bb22', 'Data'), { StackName: 'Payroll', StackStatus: 'CREATE_COMPLETE' }]);
  expect((await stacksOfRun(call, 'aa11')).map(({ StackName }) => StackName)).toEqual(['FlueLiveaa11-Data', 'FlueLiveaa11-Box']);
  expect((await stacksOfRun(call, undefined)).map(({ StackName }) => StackName)).toEqual(['FlueLiveaa11-Data', 'FlueLiveaa11-Box', 'FlueLivebb22-Data']);
});

test('one that others import from goes last, one in an update is turned back first, and nobody else\'s is touched', async () => {
  const fake = new Stacks([
    of('aa11', 'Data', 'CREATE_COMPLETE', ['FlueLiveaa11-Box']), of('aa11', 'Box', 'UPDATE_IN_PROGRESS'), of('aa11', 'New', 'CREATE_IN_PROGRESS'), of('aa11', 'Going', 'ROLLBACK_COMPLETE'),
    { StackName: 'Payroll', StackStatus: 'CREATE_COMPLETE' },
  ]);
  const { gone, left } = await destroyRun(fake.call, 'aa11', noPause);
  expect({ gone: [...gone].sort(), left }).toEqual({ gone: ['FlueLiveaa11-Box', 'FlueLiveaa11-Data', 'FlueLiveaa11-Going', 'FlueLiveaa11-New'], left: [] });
  expect(fake.asked).toContain('cancel_update_stack FlueLiveaa11-Box');
  expect(fake.stacks.map(({ StackName }) => StackName)).toEqual(['Payroll']);
});

test('one that does not go is named with its reason, in the end', async () => {
  const fake = new Stacks([of('aa11', 'Data', 'DELETE_FAILED', ['Payroll']), { StackName: 'Payroll', StackStatus: 'CREATE_COMPLETE' }]);
  let pauses = 0;
  const { left } = await destroyRun(fake.call, 'aa11', async () => { pauses++; });
  expect(left).toEqual(['stack FlueLiveaa11-Data, DELETE_FAILED: Exports of FlueLiveaa11-Data are in use']);
  expect(pauses).toBe(6);
});

describe('the probe of the destruction', () => {
  const destroyed = (...left: string[]) => {
    const fake = new Stacks([of('aa11', 'Data')]);
    fake.left = left;
    return destroyAndAsk(fake.call, 'aa11', noPause, () => undefined);
  };
  const arn = (rest: string) => `arn:aws:service:r:a:${rest}`;
  test('deletes the certificate of the run', async () => {
    expect(await destroyed('arn:aws:acm:r:a:certificate/one')).toMatchObject({ outcome: 'holds' });
  });
  test('condemns a certificate that it may not delete, once', async () => {
    const says = 'left: arn:aws:acm:r:a:certificate/held: AccessDeniedException: no';
    expect(await destroyed('arn:aws:acm:r:a:certificate/held')).toMatchObject({ outcome: 'broken', says });
  });

  test('holds where nothing is left but what AWS shows for a while', async () => {
    expect(await destroyed(arn('secret:x'), arn('task-definition/x:1'))).toMatchObject({ outcome: 'holds', says: expect.stringContaining('1 stacks are gone') });
  });
  test.each(['loadbalancer/app/x', 'volume/x', 'db:x', 'log-group:x'])('condemns a leftover: %s', async rest => {
    expect(await destroyed(arn(rest))).toMatchObject({ outcome: 'broken', says: `left: ${arn(rest)}` });
  });
});

test('the command that is printed is one that is understood', () => {
  const argv = commandFor('aa11', 'eu-west-1').replace('npm run verify:live -- ', '').split(' ');
  expect(parseOptions(argv, [])).toMatchObject({ destroy: true, yes: true, run: 'aa11', region: 'eu-west-1' });
});

test('what carries the tag of a run is asked for by that tag', async () => {
  const asked: object[] = [];
  await taggedLeftovers(async (_service, _operation, parameters) => {
    asked.push(parameters!);
    return {};
  }, 'aa11');
  expect(asked).toEqual([{ TagFilters: [{ Key: TAG, Values: ['aa11'] }] }]);
});
