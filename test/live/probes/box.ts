import { randomUUID } from 'node:crypto';
import type { Finding, Probe, World } from './probe';
import { ask, replyIn } from '../http';
import { until } from '../load';

const SECONDS = 900;
const PATIENCE_MS = 20_000;

/** Disturbs a box in the middle of a conversation, and looks whether the conversation goes on. */
async function survives(world: World, operation: string, isNew: boolean): Promise<Finding> {
  const { url, token, call, resources } = world;
  const [group] = await resources('AWS::AutoScaling::AutoScalingGroup');
  const instances = async () => (await call('autoscaling', 'describe_auto_scaling_groups', { AutoScalingGroupNames: [group] }) as {
    AutoScalingGroups: { Instances: { InstanceId: string; LifecycleState: string }[] }[];
  }).AutoScalingGroups[0].Instances.filter(({ LifecycleState }) => LifecycleState === 'InService').map(({ InstanceId }) => InstanceId);
  const path = `/agents/assistant/live-${randomUUID()}`;
  const say = (message: string) => ask(url, path, { token, body: { message }, patienceMs: PATIENCE_MS });
  const [before] = await instances();
  if (before === undefined || replyIn(await say('one')) !== 'turn 1: one') {
    return { holds: false, says: 'the box did not answer before it was disturbed' };
  }
  await call('ec2', operation, { InstanceIds: [before] });
  const gone = await until(world, SECONDS, async () => (await ask(url, '/health', { patienceMs: PATIENCE_MS })).status !== 200, 1);
  let reply: string | undefined;
  const back = await until(world, SECONDS, async () => (reply = replyIn(await say('two'))) !== undefined);
  const [after] = await instances();
  const remembers = /^turn ([2-9]|\d\d+): two$/.test(reply ?? '');
  return {
    holds: gone !== undefined && remembers && (after !== before) === isNew,
    says: gone === undefined ? 'the box never stopped answering' : back === undefined ? `the box did not answer within ${SECONDS} s`
      : `${after === before ? 'the same' : 'another'} box answered after ${back} s, ${remembers ? 'with' : 'without'} the memory of the conversation`,
    measured: { seconds: back ?? -1 },
  };
}

export const boxReboot: Probe = {
  name: 'box-reboot',
  promises: 'A box that reboots answers again, with its state.',
  hosts: ['box'],
  asks: 'server',
  run: world => survives(world, 'reboot_instances', false),
};

export const boxReplacement: Probe = {
  name: 'box-replacement',
  promises: 'A box that is terminated is replaced, and the new one has the volume of the old one.',
  hosts: ['box'],
  asks: 'server',
  run: world => survives(world, 'terminate_instances', true),
};
