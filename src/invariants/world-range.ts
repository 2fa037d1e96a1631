import { isIP } from 'node:net';

/**
 * The widest range that is still somebody's: the registries of the internet give out no wider one. Two rules for its halves let in, or out to,
 * as much as one for all of it.
 */
const WIDEST = { 4: 8, 6: 16 } as const;
/** Unique local addresses are no part of the internet (RFC 4193): `fc00::/7`. */
const LOCAL = /^f[cd]/i;

/** Whether a range of addresses is the internet, or too large a part of it to be anybody's. */
export function isWorldRange(range: string): boolean {
  const [address = '', prefix = ''] = range.trim().split('/');
  const family = isIP(address);
  return (family === 4 || family === 6) && /^\d{1,3}$/.test(prefix) && Number(prefix) < WIDEST[family] && !LOCAL.test(address);
}
