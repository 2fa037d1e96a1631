import { EndpointEgress } from './endpoint-egress';
import type { FlueSandboxProxyOptions, FlueSandboxVpcEndpointOptions } from './flue-sandbox-egress-options';
import { ProxyEgress } from './proxy-egress';
import { NoSandboxEgress, type SandboxEgressWay } from './sandbox-egress-way';
import { requireArguments } from '../invariants/types/require-types';

/**
 * The egress of sandboxes: what commands reach beside what starts a sandbox. Whatever it is, every command of an agent reaches it.
 */
export class FlueSandboxEgress {
  /**
   * No way out: commands reach nothing. It costs nothing.
   */
  public static none(): FlueSandboxEgress {
    return new FlueSandboxEgress(new NoSandboxEgress());
  }

  /**
   * A proxy of yours, which keeps the list of hosts. Commands find it in `HTTP_PROXY`, `HTTPS_PROXY` and `NO_PROXY`, in capitals and in small letters.
   *
   * The proxy reaches for the sandboxes whatever it does not refuse: let it deny private and link-local addresses, at 169.254.169.254 the credentials of its own role.
   *
   * The way costs nothing. The proxy is paid by you: a t4g.micro with a public address is 9.78 USD a month (us-east-1, 2026-09-26), without its disk.
   *
   * @param options the proxy, its name and its port
   */
  public static proxy(options: FlueSandboxProxyOptions): FlueSandboxEgress {
    requireArguments('FlueSandboxEgress.proxy', { options });
    return new FlueSandboxEgress(new ProxyEgress(options));
  }

  /**
   * Interface VPC endpoints: single services, such as a mirror of packages that your company offers through AWS PrivateLink.
   *
   * A sandbox has no credentials. Of an AWS service it gets only what the server hands it credentials or a token for. With `allowedDomains`, list there the names by
   * which commands call the services.
   *
   * Each endpoint that is made costs 7.3 USD a month in each availability zone (us-east-1, 2026-09-26), and 0.01 USD for each
   * GB through it (2026-05).
   *
   * @param options the services, and endpoints that exist
   */
  public static vpcEndpoints(options: FlueSandboxVpcEndpointOptions): FlueSandboxEgress {
    requireArguments('FlueSandboxEgress.vpcEndpoints', { options });
    return new FlueSandboxEgress(new EndpointEgress(options));
  }

  private constructor(
    /** @internal */
    public readonly _sandboxEgress: SandboxEgressWay,
  ) {}
}
