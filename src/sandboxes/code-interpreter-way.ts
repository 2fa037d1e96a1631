import { Names } from 'aws-cdk-lib';
import { CfnCodeInterpreterCustom, CodeInterpreterCustom, CodeInterpreterNetworkConfiguration } from 'aws-cdk-lib/aws-bedrockagentcore';
import { Grant } from 'aws-cdk-lib/aws-iam';
import type { Construct } from 'constructs';
import type { FlueCodeInterpreterSandboxOptions } from './flue-code-interpreter-sandbox-options';
import type { BuiltSandboxes, SandboxPool, SandboxWay } from './sandbox-way';
import { refuse } from '../invariants/invariant';
import { requireWithin } from '../invariants/limits/guard';
import { SANDBOX_LIMITS } from '../invariants/limits/sandboxes';
import { markAsStated } from '../invariants/stated-findings';
import { markAsFlueSandbox } from '../invariants/template/flue-marker';
import { SANDBOX_CODE_INTERPRETER } from '../invariants/template/sandboxes';
import { WARNINGS } from '../invariants/warnings';
import { warnAgentCoreCutOff } from '../network/way-out';
import { codeInterpreterCommands } from '../operations/sandbox-commands';

/** A name has 48 characters, and the network is the last of them. */
const MAX_NAME = 48 - '_SANDBOX'.length;
/** What a session needs from its start to its end (Service Authorization Reference, Amazon Bedrock AgentCore). */
const ACTIONS = ['StartCodeInterpreterSession', 'InvokeCodeInterpreter', 'GetCodeInterpreterSession', 'StopCodeInterpreterSession'];

/** Sessions of a code interpreter of Amazon Bedrock AgentCore. */
export class CodeInterpreterWay implements SandboxWay {
  public readonly kind = 'code-interpreter';

  public constructor(private readonly options: FlueCodeInterpreterSandboxOptions) {}

  public require(scope: Construct, { maxLifetime }: Omit<SandboxPool, 'poolName'>): void {
    requireWithin(scope, maxLifetime, SANDBOX_LIMITS.codeInterpreterLifetime);
  }

  public build(scope: Construct): BuiltSandboxes {
    const networkConfiguration = this.options.networkConfiguration ?? CodeInterpreterNetworkConfiguration.usingSandboxNetwork();
    const { networkMode } = networkConfiguration;
    const codeInterpreter = new CodeInterpreterCustom(scope, 'CodeInterpreter', {
      // AWS replaces one whose network changes, and takes no second one of its name
      codeInterpreterCustomName: `${Names.uniqueResourceName(scope, { maxLength: MAX_NAME, separator: '_' })}_${networkMode}`,
      description: 'Sandboxes of a Flue server',
      networkConfiguration,
    });
    withoutRole(codeInterpreter);
    markAsFlueSandbox(codeInterpreter);
    if (networkMode !== 'VPC') {
      WARNINGS.sandboxCodeInterpreterOut.give(scope, { reaches: networkMode === 'PUBLIC' ? 'the whole internet' : 'every bucket of Amazon S3, and has every name looked up' });
    }
    if (networkMode === 'PUBLIC') {
      // the warning says it, and FlueChecks need not
      markAsStated(scope, 'Flue-SandboxFence[Egress]');
    }
    const { codeInterpreterArn, codeInterpreterId } = codeInterpreter;
    return {
      // the L2 throws for one that is in no VPC
      connections: networkConfiguration.connections,
      codeInterpreter,
      defaultChild: codeInterpreter,
      variables: { [SANDBOX_CODE_INTERPRETER]: codeInterpreterId },
      commands: codeInterpreterCommands(scope, codeInterpreterId),
      grantRun: grantee => Grant.addToPrincipal({ grantee, actions: ACTIONS.map(action => `bedrock-agentcore:${action}`), resourceArns: [codeInterpreterArn] }),
      connect: (service, { vpc, subnets }) => warnAgentCoreCutOff(service, vpc, subnets),
    };
  }
}

/** The L2 always makes a role, whose credentials every command would find. Nobody is to refer to what is not there. */
function withoutRole(codeInterpreter: CodeInterpreterCustom): void {
  codeInterpreter.node.tryRemoveChild('ServiceRole');
  (codeInterpreter.node.defaultChild as CfnCodeInterpreterCustom).executionRoleArn = undefined;
  for (const name of ['executionRole', 'grantPrincipal']) {
    Object.defineProperty(codeInterpreter, name, {
      get: () => refuse(codeInterpreter, `\`${name}\` must be asked of a code interpreter with a role, got: that of a pool, which has none`,
        'Let the server use the right, and hand the session what it needs of the result'),
    });
  }
}
