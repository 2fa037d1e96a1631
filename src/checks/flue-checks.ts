import type { CfnResource, PolicyValidationPluginReport, PolicyViolation } from 'aws-cdk-lib';
import type { NagPackProps, NagRuleResult } from 'cdk-nag';
// Not from the package's index: that loads every rule of every pack, 100 ms of each synthesis.
import { NagPack } from 'cdk-nag/lib/nag-pack';
import { NagMessageLevel, NagRuleCompliance } from 'cdk-nag/lib/nag-rules';
import type { IConstruct } from 'constructs';
import type { Finding, Invariant } from '../invariants/invariant';
import { findingId, invariantsFor, PACK, sentencesOf } from '../invariants/judgement';
import { isStated } from '../invariants/stated-findings';
import { AppTemplate } from '../invariants/template/app-template';
import { FlueServers } from '../invariants/template/flue-servers';
import { requireTypes } from '../invariants/types/require-types';

/**
 * Properties of FlueChecks.
 */
export interface FlueChecksProps extends NagPackProps {
  /**
   * Scopes to check as Flue servers: hand-written services, stacks, or the `CfnInclude` of a template.
   *
   * The pack checks everything in such a scope, and what its services refer to: task definitions, target groups, load
   * balancers, log groups and databases. You need not list the constructs of this library, nor containers that it recognizes.
   *
   * @default - only the constructs of this library and the Flue servers that the pack recognizes
   */
  readonly services?: IConstruct[];
}

/**
 * A cdk-nag pack that finds what breaks a Flue server, also in resources that you wrote without this library.
 *
 * The rules read the resources as they will be in the templates, escape hatches included, and follow references from a service
 * to its task definition, target groups, load balancer and database. They skip values that are known only at deployment, and
 * resources that have no part in running a Flue server. A Flue server is
 *
 * - a construct of this library,
 * - a scope named in `services`,
 * - a container that sets `MODEL_SPECIFIER` or one of Flue's own variables, runs `dist/server.mjs`, has an image
 *   whose repository is called `flue` or `flue-…`, or carries the docker label `cdk-flue`,
 * - a resource with a tag, or a `Metadata` entry, of the name `cdk-flue`.
 *
 * An error breaks the server and fails the synthesis. A warning marks something legal but risky, and is only reported.
 * If a construct of this library already gives a warning, such as `cdk-flue:OneLiveOwner.overlap`, its resources have no finding
 * for the same fact. Acknowledge a finding, with a reason, on its construct or on any scope above. That silences the construct's
 * warning of the same fact too:
 *
 * ```ts
 * declare const stack: Stack;
 *
 * Validations.of(stack).acknowledge({ id: 'Flue-OneLiveOwner[overlap]', reason: 'Late replies are acceptable here.' });
 * ```
 *
 * **Cost.** None: it deploys nothing. An app with 50 services takes about 35 ms longer to synthesize.
 *
 * **Security.** It reads the resources of the app and sends nothing anywhere. A finding does not repeat a value that looks like
 * a secret.
 *
 * @example
 * declare const app: App;
 *
 * Validations.of(app).addPlugins(new FlueChecks(app));
 */
export class FlueChecks extends NagPack {
  /** Name of the plugin in validation reports. */
  public readonly name = PACK;

  private readonly services: IConstruct[];
  private readonly explains: boolean;
  private readonly described = new Map<string, Pick<PolicyViolation, 'description'> & { readonly location: string }>();
  private app?: AppTemplate;
  private servers?: FlueServers;

  /**
   * @param scope the app or stage to check
   * @param props what to check beside the constructs of this library
   */
  constructor(scope?: IConstruct, props: FlueChecksProps = {}) {
    // NagPack reads the props
    requireTypes('FlueChecks', 'FlueChecksProps', props);
    super(scope, props);
    this.packName = this.name;
    this.services = props.services ?? [];
    this.explains = props.verbose ?? false;
  }

  /**
   * Checks a construct tree, and reports each finding with the resource it stands on.
   */
  public validateScope(scope: IConstruct): PolicyValidationPluginReport {
    this.described.clear();
    this.app = new AppTemplate(scope.node.root, this.services);
    this.servers = new FlueServers(this.app);
    const violations = super.validateScope(scope).violations.flatMap(violation => this.perResource(violation));
    this.app = this.servers = undefined;
    return { success: violations.every(({ severity }) => severity !== 'error'), violations };
  }

  /**
   * Applies every invariant to a resource.
   */
  protected checkResource(node: CfnResource): void {
    const { app, servers } = this;
    const resource = app?.of(node);
    if (servers && resource) {
      for (const invariant of invariantsFor(resource, servers)) {
        this.applyInvariant(invariant, node, () => invariant.rule.check(resource, servers));
      }
    }
  }

  /** A resource can break an invariant as such, and in several ways that have names. */
  private applyInvariant(invariant: Invariant, node: CfnResource, check: () => Finding[] | undefined): void {
    const apply = (rule: () => NagRuleResult): void => this.applyRule({
      ruleSuffixOverride: invariant.id,
      info: invariant.statement,
      explanation: invariant.why,
      level: invariant.level === 'error' ? NagMessageLevel.ERROR : NagMessageLevel.WARN,
      node,
      rule,
    });
    let details: string[] = [];
    apply(() => {
      const findings = check()?.filter(finding => !isStated(node, findingId(invariant, finding)));
      findings?.forEach(finding => this.describe(invariant, node, finding));
      details = findings?.flatMap(finding => finding.detail ?? []) ?? [];
      return findings === undefined ? NagRuleCompliance.NOT_APPLICABLE
        : findings.some(finding => finding.detail === undefined) ? NagRuleCompliance.NON_COMPLIANT : NagRuleCompliance.COMPLIANT;
    });
    if (details.length > 0) {
      apply(() => details);
    }
  }

  private describe(invariant: Invariant, node: CfnResource, finding: Finding): void {
    const key = `${findingId(invariant, finding)} ${node.node.path}`;
    if (!this.described.has(key)) {
      this.described.set(key, { description: `${sentencesOf(node.node.path, invariant, finding)}${this.explains ? ` ${invariant.why}` : ''}`, location: finding.location });
    }
  }

  /** NagPack keeps one description for all resources of a rule; each has its own here. */
  private perResource(violation: PolicyViolation): PolicyViolation[] {
    return violation.violatingResources.map(resource => {
      const own = this.described.get(`${violation.ruleName} ${resource.constructPath}`);
      return {
        ...violation,
        description: own?.description ?? violation.description,
        violatingResources: [{ ...resource, locations: own ? [own.location] : resource.locations }],
      };
    });
  }
}
