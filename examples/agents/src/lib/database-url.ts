const EXPECTED = 'Expected postgresql://user:password@host:5432/database, with the user and the password percent-encoded.';

/**
 * Refuses a DATABASE_URL the driver would choke on. The driver's own error carries the whole value,
 * password included, into the log; the sentences here never do.
 */
export function checkedDatabaseUrl(value: string | undefined): string | undefined {
  if (value === undefined) return undefined;
  if (value.trim() === '') throw new Error('DATABASE_URL is set but empty. Unset it to keep state in memory.');
  if (!isPostgresUrl(value)) throw new Error(`DATABASE_URL is not a PostgreSQL connection string. ${EXPECTED}`);
  return value;
}

function isPostgresUrl(value: string): boolean {
  if (value !== value.trim()) return false;
  const url = URL.parse(value);
  if (url === null || !/^postgres(ql)?:$/.test(url.protocol) || url.hostname === '') return false;
  // An unescaped '#', '/' or '?' in a password ends the host part early; what follows lands in one of these.
  if (url.hash !== '' || `${url.pathname}${url.search}`.includes('@')) return false;
  // With a second '@' the driver and URL disagree on where the host begins, and it could log the rest as a host name.
  if (/^[^/]*\/\/[^/?]*@[^/?]*@/.test(value)) return false;
  try {
    // The result must be used: the bundler drops a call it takes to be pure.
    return decodeURIComponent(`${url.username} ${url.password} ${url.host}`) !== '';
  } catch {
    return false;
  }
}
