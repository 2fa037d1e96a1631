import type { IConnectable, IInterfaceVpcEndpoint, IInterfaceVpcEndpointService } from 'aws-cdk-lib/aws-ec2';

/**
 * Options of the egress of sandboxes through a proxy.
 */
export interface FlueSandboxProxyOptions {
  /**
   * The proxy: whatever has a security group, such as a service, an instance or `ec2.SecurityGroup`, or a range such as `ec2.Peer.ipv4('10.0.7.9/32')`.
   *
   * The pool opens one rule from the sandboxes to it, and where it is of this app, the rule that lets them in. In another VPC, sandboxes
   * reach it only where you connect the two, and the construct warns you of it.
   *
   * Throws for something without a security group, and for the internet: `0.0.0.0/0`, `::/0`, or a range wider than /8 (IPv6: /16).
   */
  readonly proxy: IConnectable;

  /**
   * The name or the IPv4 address by which sandboxes call the proxy, such as `proxy.internal` or `10.0.7.9`.
   *
   * With `allowedDomains`, a name is answered without being listed there. A command reads the variable, so the proxy has to know its sandboxes by their
   * security group, not by a password.
   *
   * Throws for a URL, for credentials, and for the sandbox itself.
   */
  readonly host: string;

  /**
   * The port on which the proxy takes plain HTTP and CONNECT.
   *
   * Throws outside 1–65535.
   *
   * @default 3128
   */
  readonly port?: number;
}

/**
 * Options of the egress of sandboxes through interface VPC endpoints.
 */
export interface FlueSandboxVpcEndpointOptions {
  /**
   * Services to make an endpoint of, by a name of yours in letters and digits, which is also its name in `interfaceEndpoints` of the pool.
   *
   * A service of your own or of a partner is `new ec2.InterfaceVpcEndpointService('com.amazonaws.vpce.<region>.vpce-svc-…', 443)`; the endpoint keeps no policy there,
   * because AWS takes none. One of AWS is a member of `ec2.InterfaceVpcEndpointAwsService`; its endpoint admits credentials of this account alone, for
   * everyone in the VPC. AWS refuses at deployment a service that takes no such policy. If this app has an endpoint of the service in the VPC, the pool uses it.
   *
   * Throws for another name, for a service that is named twice, for none if there are no `endpoints` either, and for a VPC that was imported without
   * `vpcCidrBlock`.
   *
   * @default - none
   */
  readonly services?: { [name: string]: IInterfaceVpcEndpointService };

  /**
   * Endpoints that exist, or that you make with private DNS or a policy of your own. Their policies stay as they are, and the construct warns you of one
   * that it does not know to have one.
   *
   * Throws for one without security groups, and for one that is named twice.
   *
   * @default - none
   */
  readonly endpoints?: IInterfaceVpcEndpoint[];
}
