import type { Probe } from './probe';

const DELAY = 'deregistration_delay.timeout_seconds';
const IDLE = 'idle_timeout.timeout_seconds';

interface Action {
  readonly TargetGroupArn?: string;
  readonly ForwardConfig?: { readonly TargetGroups?: readonly { readonly TargetGroupArn: string }[] };
}

export const expressTimers: Probe = {
  name: 'express-timers',
  promises: 'Both target groups of Express Mode drain for 15 s, and its load balancer waits for 660 s or more.',
  hosts: ['express'],
  asks: 'apis',
  async run({ call, output }) {
    const rule = await output('ListenerRule');
    const { Rules } = await call('elbv2', 'describe_rules', { RuleArns: [rule] }) as { Rules: { Actions: Action[] }[] };
    const groups = new Set(Rules[0].Actions.flatMap(({ TargetGroupArn, ForwardConfig }) => [
      TargetGroupArn, ...(ForwardConfig?.TargetGroups ?? []).map(group => group.TargetGroupArn),
    ])
      .filter(arn => arn !== undefined));
    const attribute = async (operation: string, parameters: object, key: string) => Number((await call('elbv2', operation, parameters) as {
      Attributes: { Key: string; Value: string }[];
    }).Attributes.find(({ Key }) => Key === key)?.Value);
    const delays = await Promise.all([...groups].map(TargetGroupArn => attribute('describe_target_group_attributes', { TargetGroupArn }, DELAY)));
    const LoadBalancerArn = rule.replace(':listener-rule/', ':loadbalancer/').split('/').slice(0, -2).join('/');
    const idle = await attribute('describe_load_balancer_attributes', { LoadBalancerArn }, IDLE);
    return {
      holds: delays.length === 2 && delays.every(delay => delay === 15) && idle >= 660,
      says: `${delays.length} target groups drain for ${delays.join(' and ')} s, and the load balancer waits for ${idle} s`,
    };
  },
};
