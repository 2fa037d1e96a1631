// Sets what AWS::ECS::ExpressGatewayService has no property for. Runs as an inline Lambda function.
const elb = require('@aws-sdk/client-elastic-load-balancing-v2');

const IDLE_TIMEOUT = 'idle_timeout.timeout_seconds';

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

async function apply({ LoadBalancerArn, TargetGroupArns, IdleTimeoutSeconds, DeregistrationDelaySeconds }) {
  const client = new elb.ElasticLoadBalancingV2Client({});
  await raiseIdleTimeout(client, LoadBalancerArn, IdleTimeoutSeconds);
  for (const arn of TargetGroupArns) {
    await client.send(new elb.ModifyTargetGroupAttributesCommand({
      TargetGroupArn: arn, Attributes: [{ Key: 'deregistration_delay.timeout_seconds', Value: String(DeregistrationDelaySeconds) }],
    }));
  }
}

exports.handler = async event => {
  let Status = 'SUCCESS';
  let Reason = 'done';
  try {
    // on delete nothing: neighbours may rely on the load balancer's value
    if (event.RequestType !== 'Delete') await apply(event.ResourceProperties);
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
