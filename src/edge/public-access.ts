import { Annotations } from 'aws-cdk-lib';
import type { IConstruct } from 'constructs';

/** Id of the warning below; public, never renamed. */
export const PUBLIC_WARNING = 'cdk-flue:FlueService.publicWithoutAuthentication';

/**
 * Warns of a server that everyone on the internet may call, and nothing in front of it asks who does.
 *
 * A web ACL is no answer: it filters requests and knows no callers.
 *
 * @param way what the variant offers in place of it
 */
export function warnPublicWithoutAuthentication(scope: IConstruct, way: string): void {
  Annotations.of(scope).addWarningV2(PUBLIC_WARNING,
    'Everyone on the internet may reach the server, and Flue\'s agent routes have no authentication of their own: whoever finds the address '
    + `can prompt the agents at your expense. ${way}, or let the app ask every caller for a token and acknowledge this warning.`);
}
