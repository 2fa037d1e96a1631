import { InterfaceVpcEndpointAwsService, type NatProvider } from 'aws-cdk-lib/aws-ec2';

/**
 * Properties of a way out through NAT gateways.
 */
export interface FlueNatEgressProps {
  /**
   * What translates the addresses, such as a `NatProvider.instanceV2(…)`, which costs less than a gateway.
   *
   * An instance of aws-cdk-lib takes whatever comes, from the internet too, unless its `defaultAllowedTraffic` says otherwise.
   *
   * @default - NAT gateways
   */
  readonly provider?: NatProvider;

  /**
   * How many there are, at most one for each availability zone.
   *
   * Throws below 1, and for a number known only at deployment.
   *
   * @default 1
   */
  readonly count?: number;
}

/**
 * Properties of a network without a way out.
 */
export interface FlueEndpointEgressProps {
  /**
   * Further services that the server calls.
   *
   * A server needs its registry, its logs and its secrets, and has them; one that asks Amazon Bedrock needs
   * `ec2.InterfaceVpcEndpointAwsService.BEDROCK_RUNTIME`, ECS Exec needs `SSM_MESSAGES`, secrets in Parameter Store `SSM`.
   *
   * @default - none
   */
  readonly services?: InterfaceVpcEndpointAwsService[];
}

/** Without these a task in a subnet without a way out does not start (Amazon ECS developer guide, interface VPC endpoints). */
const NEEDED = {
  EcrApi: InterfaceVpcEndpointAwsService.ECR,
  EcrDocker: InterfaceVpcEndpointAwsService.ECR_DOCKER,
  Logs: InterfaceVpcEndpointAwsService.CLOUDWATCH_LOGS,
  SecretsManager: InterfaceVpcEndpointAwsService.SECRETS_MANAGER,
};

/**
 * How a server reaches what is outside of its network: its model provider, its registry, AWS.
 */
export class FlueEgress {
  /**
   * Public addresses of the tasks: 3.65 USD a month for each (us-east-1, 2026-09-26), and no door in: only the load
   * balancer may connect.
   */
  public static publicAddresses(): FlueEgress {
    return new FlueEgress('public');
  }

  /**
   * NAT gateways in front of private subnets: 36.5 USD a month for each with its address (us-east-1, 2026-09-26), and
   * 0.045 USD for each GB.
   *
   * @param props how many, and of what kind
   */
  public static natGateways(props: FlueNatEgressProps = {}): FlueEgress {
    return new FlueEgress('nat', props);
  }

  /**
   * Nothing but VPC endpoints: the server reaches the services of AWS that are named, and no one else.
   *
   * Each costs 7.3 USD a month in each availability zone (us-east-1, 2026-09-26): 58.4 for the four that a server needs in two
   * zones, more than a NAT gateway. A model provider on the internet is out of reach; Amazon Bedrock has an endpoint.
   *
   * @param props further services
   */
  public static vpcEndpoints(props: FlueEndpointEgressProps = {}): FlueEgress {
    return new FlueEgress('endpoints', {}, props.services);
  }

  private constructor(
    /** @internal */
    public readonly _kind: 'public' | 'nat' | 'endpoints',
    /** @internal */
    public readonly _nat: FlueNatEgressProps = {},
    private readonly further: InterfaceVpcEndpointAwsService[] = [],
  ) {}

  /**
   * The endpoints by the id of their construct.
   *
   * @internal
   */
  public get _services(): { readonly [id: string]: InterfaceVpcEndpointAwsService } {
    return this._kind !== 'endpoints' ? {} : {
      ...NEEDED,
      ...Object.fromEntries(this.further.map(service => [idOf(service), service])),
    };
  }
}

/** `com.amazonaws.<region>.bedrock-runtime` has the id `BedrockRuntime`. */
function idOf(service: InterfaceVpcEndpointAwsService): string {
  return service.shortName.split(/[^a-zA-Z0-9]+/).map(word => word.charAt(0).toUpperCase() + word.slice(1)).join('');
}
