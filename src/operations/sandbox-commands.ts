import type { Construct } from 'constructs';
import { aws, type SandboxCommands } from './operator-commands';

const tag = (key: string): string => `tags[?key==\`"${key}"\`].value | [0]`;
const SANDBOXES = `tasks[].{task: taskArn, session: ${tag('cdk-flue:session')}, server: ${tag('cdk-flue:owner')}, status: lastStatus, since: createdAt}`;
/** ECS describes so many tasks at once. */
const AT_ONCE = 100;

/** Commands on the sandboxes of a pool. */
export function sandboxCommands(scope: Construct, props: { readonly clusterName: string; readonly family: string }): SandboxCommands {
  const { clusterName, family } = props;
  const list = `${aws(scope, 'ecs list-tasks')} --cluster ${clusterName} --family ${family} --desired-status RUNNING --query 'taskArns[]' --output text`
    + ' | tr \'\\t\' \'\\n\'';
  return {
    listSandboxes: `${list} | xargs -r -n ${AT_ONCE} ${aws(scope, 'ecs describe-tasks')} --cluster ${clusterName} --include TAGS`
      + ` --query '${SANDBOXES}' --output json --tasks`,
    endSandboxes: `${list} | xargs -r -n 1 ${aws(scope, 'ecs stop-task')} --cluster ${clusterName} --reason 'An operator ended all sandboxes'`
      + ' --query task.taskArn --output text --task',
  };
}

const SESSIONS = 'items[].{session: sessionId, server: name, status: status, since: createdAt}';

/** Commands on the sessions of a code interpreter. */
export function codeInterpreterCommands(scope: Construct, codeInterpreterId: string): SandboxCommands {
  const of = `--code-interpreter-identifier ${codeInterpreterId}`;
  const list = `${aws(scope, 'bedrock-agentcore list-code-interpreter-sessions')} ${of} --status READY`;
  return {
    listSandboxes: `${list} --query '${SESSIONS}' --output json`,
    endSandboxes: `${list} --query 'items[].sessionId' --output text | tr '\\t' '\\n'`
      + ` | xargs -r -n 1 ${aws(scope, 'bedrock-agentcore stop-code-interpreter-session')} ${of} --query sessionId --output text --session-id`,
  };
}
