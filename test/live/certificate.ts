import { execFile } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { promisify } from 'node:util';
import type { Call } from './cloud';
import { TAG } from './stacks';

const NAME = 'live.example.com';
const DAYS = 2;
/** How often a certificate that a load balancer still holds is tried again. */
const TRIES = 10;
const PAUSE_SECONDS = 15;

/** Signs a certificate for itself, since a run has no domain, and gives it to ACM. Returns its ARN. */
export async function importCertificate(call: Call, run: string, work: string): Promise<string> {
  const [key, certificate] = [join(work, 'certificate.key'), join(work, 'certificate.pem')];
  await promisify(execFile)('openssl', [
    'req', '-x509', '-newkey', 'rsa:2048', '-nodes', '-days', `${DAYS}`, '-subj', `/CN=${NAME}`, '-addext', `subjectAltName=DNS:${NAME}`, '-keyout', key, '-out', certificate,
  ]);
  const { CertificateArn } = await call('acm', 'import_certificate', {
    Certificate: readFileSync(certificate, 'utf8'), PrivateKey: readFileSync(key, 'utf8'), Tags: [{ Key: TAG, Value: run }],
  }) as { CertificateArn: string };
  return CertificateArn;
}

/** Deletes the certificates of a run, or of every run. Returns what is left, and why. */
export async function deleteCertificates(call: Call, run: string | undefined, pause: (seconds: number) => Promise<void>): Promise<string[]> {
  const { ResourceTagMappingList = [] } = await call('resourcegroupstaggingapi', 'get_resources', {
    ResourceTypeFilters: ['acm:certificate'], TagFilters: [{ Key: TAG, ...run === undefined ? {} : { Values: [run] } }],
  }) as { ResourceTagMappingList?: { ResourceARN: string }[] };
  const left: string[] = [];
  for (const { ResourceARN: CertificateArn } of ResourceTagMappingList) {
    const why = await deleteOne(call, CertificateArn, pause);
    if (why !== undefined) left.push(`${CertificateArn}: ${why}`);
  }
  return left;
}

async function deleteOne(call: Call, CertificateArn: string, pause: (seconds: number) => Promise<void>): Promise<string | undefined> {
  for (let tries = 1; ; tries++) {
    try {
      await call('acm', 'delete_certificate', { CertificateArn });
      return undefined;
    } catch (error) {
      const { message } = error as Error;
      // the tagging API still shows one for a while that is gone
      if (message.includes('ResourceNotFoundException')) return undefined;
      if (tries === TRIES || !message.includes('ResourceInUseException')) return message;
      await pause(PAUSE_SECONDS);
    }
  }
}
