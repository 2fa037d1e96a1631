import { CodeInterpreterWay } from './code-interpreter-way';
import { FargateWay } from './fargate-way';
import type { FlueCodeInterpreterSandboxOptions } from './flue-code-interpreter-sandbox-options';
import type { FlueFargateSandboxOptions } from './flue-fargate-sandbox-options';
import type { SandboxWay } from './sandbox-way';
import { requireArguments } from '../invariants/types/require-types';

/**
 * What a sandbox is: the machine that runs the commands of one session.
 */
export class FlueSandbox {
  /**
   * A task on AWS Fargate in isolated subnets of your VPC, with an image of your choice and no way out but to what starts it, unless `egress` opens one.
   *
   * A sandbox of the default size is 0.0004 USD a minute, from its pull to its end. Three VPC endpoints are 43.8 USD a month in two zones, if the VPC does not have
   * them, and the alarm is 0.10 (us-east-1, 2026-09-26).
   *
   * @param options the image, its size, its subnets and its logs
   */
  public static fargate(options: FlueFargateSandboxOptions = {}): FlueSandbox {
    requireArguments('FlueSandbox.fargate', { options });
    return new FlueSandbox(new FargateWay(options));
  }

  /**
   * A session of a code interpreter of Amazon Bedrock AgentCore: a machine of AWS with Python and a shell.
   *
   * It has no image of yours, no role and no logs. AWS ends it after `maxLifetime`. By default it reaches Amazon S3 and DNS.
   *
   * Each vCPU that works is 0.0895 USD an hour, and each GB of memory 0.00945 (us-east-1, 2026-05). Nothing is paid for while no session runs.
   *
   * @param options what a session reaches
   */
  public static codeInterpreter(options: FlueCodeInterpreterSandboxOptions = {}): FlueSandbox {
    requireArguments('FlueSandbox.codeInterpreter', { options });
    return new FlueSandbox(new CodeInterpreterWay(options));
  }

  private constructor(
    /** @internal */
    public readonly _way: SandboxWay,
  ) {}
}
