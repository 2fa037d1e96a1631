// Sets what AWS::ECS::ExpressGatewayService has no property for. Runs as an inline Lambda function.
const elb = require('@aws-sdk/client-elastic-load-balancing-v2');

const IDLE_TIMEOUT = 'idle_timeout.timeout_seconds';
const DEREGISTRATION_DELAY = 'deregistration_delay.timeout_seconds';
// IAM applies a new policy within seconds, and ECS fills its rule while the service starts
const ATTEMPTS = 10;
const PAUSE_MS = 8000;

class NoTargetGroup extends Error {
  constructor(ruleArn) {
    super(`the listener rule ${ruleArn} forwards to no target group`);
    this.name = 'NoTargetGroup';
  }
}

// The load balancer is shared by up to 25 services of the VPC: its timeout is only ever raised.
async function raiseIdleTimeout(client, loadBalancerArn, seconds) {
  const { Attributes } = await client.send(new elb.DescribeLoadBalancerAttributesCommand({ LoadBalancerArn: loadBalancerArn }));
  const current = (Attributes || []).find(attribute => attribute.Key === IDLE_TIMEOUT);
  if (!current || Number(current.Value) < Number(seconds)) {
    await client.send(new elb.ModifyLoadBalancerAttributesCommand({
      LoadBalancerArn: loadBalancerArn, Attributes: [{ Key: IDLE_TIMEOUT, Value: String(seconds) }],
    }));
  }
}

// A canary has two groups that take turns: both stand in the rule of the service.
async function targetGroupsOf(client, ruleArn) {
  const { Rules } = await client.send(new elb.DescribeRulesCommand({ RuleArns: [ruleArn] }));
  const actions = (Rules || []).flatMap(rule => rule.Actions || []);
  const groups = actions.flatMap(action => [action, ...((action.ForwardConfig || {}).TargetGroups || [])]).map(target => target.TargetGroupArn);
  const arns = [...new Set(groups.filter(Boolean))];
  if (arns.length === 0) throw new NoTargetGroup(ruleArn);
  return arns;
}

async function apply({ LoadBalancerArn, ListenerRuleArn, IdleTimeoutSeconds, DeregistrationDelaySeconds }) {
  const client = new elb.ElasticLoadBalancingV2Client({});
  await raiseIdleTimeout(client, LoadBalancerArn, IdleTimeoutSeconds);
  for (const arn of await targetGroupsOf(client, ListenerRuleArn)) {
    await client.send(new elb.ModifyTargetGroupAttributesCommand({
      TargetGroupArn: arn, Attributes: [{ Key: DEREGISTRATION_DELAY, Value: String(DeregistrationDelaySeconds) }],
    }));
  }
}

async function applyOnceAllowed(properties) {
  for (let attempt = 1; ; attempt++) {
    try {
      return await apply(properties);
    } catch (error) {
      if (attempt === ATTEMPTS || !/^(AccessDenied|NoTargetGroup)/.test(error.name)) throw error;
      await new Promise(resolve => setTimeout(resolve, PAUSE_MS));
    }
  }
}

exports.handler = async event => {
  let Status = 'SUCCESS';
  let Reason = 'done';
  try {
    // on delete nothing: neighbours may rely on the load balancer's value
    if (event.RequestType !== 'Delete') await applyOnceAllowed(event.ResourceProperties);
  } catch (error) {
    Status = 'FAILED';
    Reason = `${error.name}: ${error.message}`;
  }
  const { StackId, RequestId, LogicalResourceId } = event;
  const PhysicalResourceId = event.PhysicalResourceId || LogicalResourceId;
  const body = JSON.stringify({ Status, Reason, StackId, RequestId, LogicalResourceId, PhysicalResourceId });
  const answer = await fetch(event.ResponseURL, { method: 'PUT', body, headers: { 'content-type': '' } });
  if (!answer.ok) throw new Error(`CloudFormation answered ${answer.status}`);
};
