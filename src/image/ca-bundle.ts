import * as fs from 'node:fs';
import * as path from 'node:path';
import { isFile } from './app/files';
import type { Refuse } from './app/refusal';

/** Where the image of the Dockerfile we provide keeps the certificate authorities of Amazon RDS. */
export const CA_BUNDLE_PATH = '/etc/ssl/certs/rds-ca-bundle.pem';
/** Where the build context holds them. */
export const CA_BUNDLE_IN_CONTEXT = '.cdk-flue/rds-ca-bundle.pem';

/** The certificate authorities of Amazon RDS, as PEM. */
export function rdsCaBundle(): string {
  return fs.readFileSync(path.join(__dirname, '..', '..', 'assets', 'image', 'rds-ca-bundle.pem'), 'utf8');
}

/** Node.js reads one file of further authorities: those of the library and those of a given file are in it. */
export function caBundleWith(refuse: Refuse, file: string | undefined): string {
  if (file === undefined) {
    return rdsCaBundle();
  }
  const content = isFile(file) ? fs.readFileSync(file, 'utf8') : '';
  if (!content.includes('-----BEGIN CERTIFICATE-----') || content.includes('PRIVATE KEY-----')) {
    refuse(`\`caBundleFile\` must be a PEM file with certificates and no private key, got: ${file}`,
      'Name a file that holds certificates alone, such as the bundle of your region that AWS publishes, or leave it out');
  }
  return `${rdsCaBundle().trimEnd()}\n${content.replace(/^\uFEFF/, '').replace(/\r\n/g, '\n').trimEnd()}\n`;
}
