import { CfnResource, DefaultStackSynthesizer, Stack } from 'aws-cdk-lib';
import { OidcProviderNative, PolicyStatement, Role, WebIdentityPrincipal, type IGrantable, type IOidcProvider, type IPrincipal } from 'aws-cdk-lib/aws-iam';
import { Construct } from 'constructs';
import type { FlueDeployRoleProps } from './flue-deploy-role-props';
import { refuse } from '../invariants/invariant';
import { DEPLOY_LIMITS } from '../invariants/limits/deploy';
import { requireWritten } from '../invariants/limits/guard';
import { requireNoSecretTexts } from '../invariants/secrets-only';
import { resolveResource } from '../invariants/template/resolution';
import { placed } from '../invariants/types/placed';
import { requireTypes } from '../invariants/types/require-types';
import { isUnknown, settled } from '../invariants/unknown';
import { WARNINGS } from '../invariants/warnings';

const ISSUER = 'token.actions.githubusercontent.com';
/** What the action of AWS asks GitHub to write a token for. */
const AUDIENCE = 'sts.amazonaws.com';
const DEFAULT_BRANCH = 'main';
/** The roles of a bootstrap that the CDK CLI takes, by what they are for. */
const LOOKUP = 'lookup';
const DEPLOYMENT = ['deploy', 'file-publishing', 'image-publishing'];

/**
 * An identity for the workflows of a GitHub repository, without a key that could be stolen: they show a token of GitHub, and get a
 * role for an hour.
 *
 * The role may take the roles of the CDK bootstrap in the account and region of its stack, and nothing else. AWS compares the token
 * with one subject, letter by letter: another repository, another branch, and a pull request get nothing.
 *
 * Deploy it once by hand, in an app of its own: a workflow that could deploy it could widen it.
 *
 * **Security.** Who may deploy is who may push to the branch: protect it. The bootstrap roles deploy with the policy that you
 * gave to `cdk bootstrap --cloudformation-execution-policies`, which is AdministratorAccess by default.
 *
 * **Cost.** None.
 *
 * @example
 * const deploy = new FlueDeployRole(this, 'Deploy', { repository: 'acme/agents', environment: 'production' });
 * const compare = new FlueDeployRole(this, 'Compare', {
 *   repository: 'acme/agents', pullRequests: true, readOnly: true, provider: deploy.provider,
 * });
 *
 * new CfnOutput(this, 'DeployRole', { value: deploy.role.roleArn });
 * new CfnOutput(this, 'CompareRole', { value: compare.role.roleArn });
 */
export class FlueDeployRole extends Construct implements IGrantable {
  /** The role. A workflow passes its ARN to `aws-actions/configure-aws-credentials` as `role-to-assume`. */
  public readonly role: Role;

  /** The OIDC provider of GitHub. Pass it to the next FlueDeployRole of the account. */
  public readonly provider: IOidcProvider;

  /** The subject that a token must have. */
  public readonly subject: string;

  /** The principal that permissions are granted to. */
  public readonly grantPrincipal: IPrincipal;

  public constructor(scope: Construct, id: string, props: FlueDeployRoleProps) {
    super(placed('FlueDeployRole', scope, id), id);
    requireTypes(this, 'FlueDeployRoleProps', props);
    requireNoSecretTexts(this, props);
    props = settled(this, props);
    requireWritten(this, props.repository, DEPLOY_LIMITS.repository);
    requireWritten(this, props.branch, DEPLOY_LIMITS.branch);
    requireWritten(this, props.environment, DEPLOY_LIMITS.environment);
    requireWritten(this, props.qualifier, DEPLOY_LIMITS.qualifier);
    requireOneSubject(this, props);
    requireIssuer(this, props.provider);
    requireAudience(this, props.provider);
    if (props.pullRequests && !props.readOnly) {
      WARNINGS.deployByPullRequest.give(this, { repository: props.repository });
    }

    const { repository, branch = DEFAULT_BRANCH, environment } = props;
    const ref = `refs/heads/${branch}`;
    const origin = props.pullRequests ? 'pull_request' : environment === undefined ? `ref:${ref}` : `environment:${environment}`;
    this.subject = `repo:${repository}:${origin}`;
    this.provider = props.provider ?? new OidcProviderNative(this, 'Provider', { url: `https://${ISSUER}`, clientIds: [AUDIENCE] });
    this.role = new Role(this, 'Role', {
      description: props.readOnly ? 'Compares the stacks of a repository with its sources' : 'Deploys the stacks of a repository',
      assumedBy: new WebIdentityPrincipal(this.provider.oidcProviderArn, {
        StringEquals: {
          [`${ISSUER}:aud`]: AUDIENCE,
          [`${ISSUER}:sub`]: this.subject,
          ...environment === undefined ? {} : { [`${ISSUER}:ref`]: ref },
        },
      }),
    });
    this.role.addToPolicy(new PolicyStatement({ actions: ['sts:AssumeRole'], resources: this.bootstrapRoles(props) }));
    this.grantPrincipal = this.role;
    this.node.defaultChild = this.role;
  }

  private bootstrapRoles({ readOnly, qualifier }: FlueDeployRoleProps): string[] {
    const stack = Stack.of(this);
    const given = qualifier ?? stack.synthesizer.bootstrapQualifier ?? DefaultStackSynthesizer.DEFAULT_QUALIFIER;
    return [...readOnly ? [] : DEPLOYMENT, LOOKUP].map(purpose => stack.formatArn({
      service: 'iam', region: '', resource: 'role', resourceName: `cdk-${given}-${purpose}-role-${stack.account}-${stack.region}`,
    }));
  }
}

/** A token of a pull request has neither a branch nor an environment of its own choice. */
function requireOneSubject(scope: Construct, { pullRequests, branch, environment }: FlueDeployRoleProps): void {
  for (const [prop, given] of Object.entries({ branch, environment })) {
    if (pullRequests && given !== undefined) {
      refuse(scope, `\`${prop}\` must be left out with \`pullRequests\`, got: ${given}`,
        'Make two roles: the subject of a pull request is no branch, and whoever opens one could name any environment');
    }
  }
}

function requireIssuer(scope: Construct, provider: IOidcProvider | undefined): void {
  const issuer = provider?.oidcProviderIssuer;
  if (issuer !== undefined && !isUnknown(issuer) && issuer !== ISSUER) {
    refuse(scope, `\`provider\` must be of ${ISSUER}, got: one of ${issuer}`, 'Import the one of GitHub, or leave `provider` out for a new one');
  }
}

/** Refuses a provider of this app that takes no token which is written for AWS. */
function requireAudience(scope: Construct, provider: IOidcProvider | undefined): void {
  const resource = provider?.node.findAll().filter(CfnResource.isCfnResource).find(({ cfnResourceType }) => cfnResourceType === 'AWS::IAM::OIDCProvider');
  if (!resource) {
    return;
  }
  const { ClientIdList: audiences = [] } = (resolveResource(resource).Properties ?? {}) as { readonly ClientIdList?: readonly unknown[] };
  const isOpen = !Array.isArray(audiences) || audiences.some(audience => typeof audience !== 'string' || isUnknown(audience));
  if (!isOpen && !audiences.includes(AUDIENCE)) {
    refuse(scope, `\`provider\` must take tokens for ${AUDIENCE}, got: ${audiences.length === 0 ? 'no client id' : `the client ids ${audiences.join(', ')}`}`,
      `Make it with \`clientIds: ['${AUDIENCE}']\`, or leave \`provider\` out for a new one`);
  }
}
