import type { IOidcProvider } from 'aws-cdk-lib/aws-iam';

/**
 * Properties of the identity with which workflows of GitHub deploy.
 */
export interface FlueDeployRoleProps {
  /**
   * The repository whose workflows may take the role, as `OWNER/NAME`.
   *
   * A repository with immutable subjects writes the ids of its owner and its own into each token: pass it as `OWNER@ID/NAME@ID`.
   * `gh api repos/OWNER/NAME --jq '.owner.id, .id'` prints both. Throws for any other form, and for a wildcard.
   */
  readonly repository: string;

  /**
   * The branch whose workflows may take the role, without `refs/heads/`.
   *
   * Throws for a wildcard, and with `pullRequests`.
   *
   * @default main
   */
  readonly branch?: string;

  /**
   * The environment of GitHub that the job must name, beside the branch. Its rules, such as a reviewer, then hold for each deployment.
   *
   * AWS compares `sub` with the environment and `ref` with the branch, so a workflow of another branch that names the environment
   * gets nothing. Throws for a wildcard, and with `pullRequests`.
   *
   * @default - none; the job must name no environment, because the subject of its token would be that one
   */
  readonly environment?: string;

  /**
   * Whether workflows of pull requests may take the role, in place of those of a branch. GitHub gives forks no token.
   *
   * Whoever opens a pull request writes its workflow. Set `readOnly` for a role that compares, or give previews an account, or at
   * least a `qualifier`, of their own. Throws with `branch` and `environment`.
   *
   * @default false
   */
  readonly pullRequests?: boolean;

  /**
   * Whether the role may only look up and compare, as `cdk diff --method=template` does. It can then publish and deploy nothing,
   * and reads what the look-up role of the bootstrap reads.
   *
   * @default false
   */
  readonly readOnly?: boolean;

  /**
   * The qualifier of the bootstrap whose roles the role may take, in the account and region of the stack.
   *
   * Throws for any but 1–10 letters, digits, dashes and underscores.
   *
   * @default - that of the stack, `hnb659fds` unless you chose another
   */
  readonly qualifier?: string;

  /**
   * The OIDC provider of GitHub. An account can have one alone: find it with
   * `iam.OidcProviderNative.fromOidcProviderArn(…)`, or pass `provider` of the first FlueDeployRole.
   *
   * Throws for the provider of another issuer, and for one of this app whose client ids lack `sts.amazonaws.com`.
   *
   * @default - a new one
   */
  readonly provider?: IOidcProvider;
}
