import { X509Certificate } from 'node:crypto';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { deleteCertificates, importCertificate } from './certificate';
import type { Call } from './cloud';

const ARN = 'arn:aws:acm:us-east-1:111122223333:certificate/one';

test('a certificate is signed for itself, and carries the tag of its run', async () => {
  const work = mkdtempSync(join(tmpdir(), 'flue-certificate-'));
  const given: any[] = [];
  const call: Call = async (service, operation, parameters) => {
    given.push([service, operation, parameters]);
    return { CertificateArn: ARN };
  };
  expect(await importCertificate(call, 'aa11', work)).toBe(ARN);
  rmSync(work, { recursive: true });
  const [[service, operation, { Certificate, PrivateKey, Tags }]] = given;
  expect([service, operation, Tags]).toEqual(['acm', 'import_certificate', [{ Key: 'cdk-flue-live', Value: 'aa11' }]]);
  const { subject, subjectAltName } = new X509Certificate(Certificate);
  expect([subject, subjectAltName]).toEqual(['CN=live.example.com', 'DNS:live.example.com']);
  expect(PrivateKey).toContain('PRIVATE KEY');
});

/** ACM, which refuses so often before it deletes. */
function acm(refusals: readonly string[]): { readonly call: Call; readonly asked: string[]; readonly filters: object[] } {
  const left = [...refusals];
  const [asked, filters] = [[] as string[], [] as object[]];
  const call: Call = async (_service, operation, parameters) => {
    if (operation === 'get_resources') {
      filters.push((parameters as { TagFilters: object[] }).TagFilters[0]);
      return { ResourceTagMappingList: [{ ResourceARN: ARN }] };
    }
    asked.push(operation);
    const refusal = left.shift();
    if (refusal) throw new Error(refusal);
    return {};
  };
  return { call, asked, filters };
}

test.each<[string, string[], number, string[]]>([
  ['deleted at once', [], 1, []],
  ['deleted when its load balancer is gone', ['ResourceInUseException: in use', 'ResourceInUseException: in use'], 3, []],
  ['gone already', ['ResourceNotFoundException: none'], 1, []],
  ['left after ten tries', Array<string>(12).fill('ResourceInUseException: in use'), 10, [`${ARN}: ResourceInUseException: in use`]],
  ['left where nobody may delete it', ['AccessDeniedException: no'], 1, [`${ARN}: AccessDeniedException: no`]],
])('a certificate is %s', async (_, refusals, tries, left) => {
  const { call, asked, filters } = acm(refusals);
  expect(await deleteCertificates(call, 'aa11', async () => undefined)).toEqual(left);
  expect(asked).toHaveLength(tries);
  expect(filters).toEqual([{ Key: 'cdk-flue-live', Values: ['aa11'] }]);
});

test('without a run, those of every run are deleted', async () => {
  const { call, filters } = acm([]);
  await deleteCertificates(call, undefined, async () => undefined);
  expect(filters).toEqual([{ Key: 'cdk-flue-live' }]);
});
