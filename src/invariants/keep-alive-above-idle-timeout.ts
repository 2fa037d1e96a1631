import { Duration } from 'aws-cdk-lib';
import type { Invariant } from './invariant';

/** How long the server outwaits the load balancer on an idle connection. */
export const KEEP_ALIVE_MARGIN = Duration.seconds(10);

export const KEEP_ALIVE_ABOVE_IDLE_TIMEOUT: Invariant = {
  id: 'KeepAliveAboveIdleTimeout',
  level: 'error',
  statement: 'The server keeps an idle connection open for longer than the load balancer does.',
  why: 'Node closes idle connections after 5 s (65 s from Node 26); a load balancer that reuses one at that moment answers a sporadic 502.',
  limit: `server keep-alive > idle timeout (default: idle timeout + ${KEEP_ALIVE_MARGIN.toSeconds()} s)`,
  source: 'Node.js documentation, server.keepAliveTimeout; measured on Flue 0.10.2 and 2.0.3',
  fix: 'Raise `server.keepAliveTimeout` above the idle timeout; the constructs do it with a preload in NODE_OPTIONS.',
};

/**
 * The NODE_OPTIONS word that raises the keep-alive of every HTTP server of the process.
 *
 * A `data:` module needs no file, so it works in any image.
 */
export function keepAlivePreload(keepAlive: Duration): string {
  const milliseconds = keepAlive.toMilliseconds();
  const script = 'import dc from "node:diagnostics_channel";'
    + `dc.subscribe("http.server.request.start",({server})=>{if(server.keepAliveTimeout<${milliseconds})server.keepAliveTimeout=${milliseconds}})`;
  return `${KEEP_ALIVE_PRELOAD_PREFIX}${script.replace(/ /g, '%20').replace(/"/g, '%22')}`;
}

/** How every preload of `keepAlivePreload` begins. */
export const KEEP_ALIVE_PRELOAD_PREFIX = '--import=data:text/javascript,';
/** Finds the milliseconds in a preload of `keepAlivePreload`. */
export const KEEP_ALIVE_PRELOAD_PATTERN = /server\.keepAliveTimeout=(\d+)/;
