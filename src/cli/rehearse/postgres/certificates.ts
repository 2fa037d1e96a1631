import { generateKeyPairSync, randomBytes, sign, type KeyObject } from 'node:crypto';

/** A private certificate authority and a server certificate under it, as PEM. */
export interface Certificates {
  readonly ca: string;
  readonly certificate: string;
  readonly key: string;
}

const DAY_MS = 86_400_000;
const SEQUENCE = 0x30;
const SET = 0x31;
const INTEGER = 0x02;
const BIT_STRING = 0x03;
const OCTET_STRING = 0x04;
const UTF8_STRING = 0x0c;
const UTC_TIME = 0x17;
const BOOLEAN_TRUE = Buffer.from([0x01, 0x01, 0xff]);
/** Tag of a DNS name among the alternative names of a certificate. */
const DNS_NAME = 0x82;
/** Object identifiers, encoded. */
const ECDSA_WITH_SHA256 = Buffer.from('06082a8648ce3d040302', 'hex');
const COMMON_NAME = Buffer.from('0603550403', 'hex');
const BASIC_CONSTRAINTS = Buffer.from('0603551d13', 'hex');
const SUBJECT_ALTERNATIVE_NAME = Buffer.from('0603551d11', 'hex');

/** Makes certificates for these DNS names; Node has a parser for certificates and no maker, and openssl is not everywhere. */
export function makeCertificates(names: readonly string[]): Certificates {
  const authority = generateKeyPairSync('ec', { namedCurve: 'P-256' });
  const server = generateKeyPairSync('ec', { namedCurve: 'P-256' });
  const authorityName = nameOf('cdk-flue rehearsal');
  const ca = certify({
    issuer: authorityName,
    subject: authorityName,
    publicKey: authority.publicKey,
    signer: authority.privateKey,
    extension: [BASIC_CONSTRAINTS, BOOLEAN_TRUE, tlv(OCTET_STRING, tlv(SEQUENCE, BOOLEAN_TRUE))],
  });
  const certificate = certify({
    issuer: authorityName,
    subject: nameOf(names[0]),
    publicKey: server.publicKey,
    signer: authority.privateKey,
    extension: [SUBJECT_ALTERNATIVE_NAME, tlv(OCTET_STRING, tlv(SEQUENCE, ...names.map(name => tlv(DNS_NAME, Buffer.from(name)))))],
  });
  return { ca, certificate, key: server.privateKey.export({ type: 'pkcs8', format: 'pem' }) as string };
}

interface Claim {
  readonly issuer: Buffer;
  readonly subject: Buffer;
  readonly publicKey: KeyObject;
  readonly signer: KeyObject;
  readonly extension: readonly Buffer[];
}

/** A version 3 certificate (RFC 5280), valid from yesterday to the day after tomorrow. */
function certify({ issuer, subject, publicKey, signer, extension }: Claim): string {
  const now = Date.now();
  const algorithm = tlv(SEQUENCE, ECDSA_WITH_SHA256);
  const serial = randomBytes(8);
  // the first bit would make it negative, a leading zero would not be minimal
  serial[0] = 1 + serial[0] % 127;
  const body = tlv(SEQUENCE,
    tlv(0xa0, tlv(INTEGER, Buffer.from([2]))),
    tlv(INTEGER, serial),
    algorithm,
    issuer,
    tlv(SEQUENCE, time(now - DAY_MS), time(now + 2 * DAY_MS)),
    subject,
    publicKey.export({ type: 'spki', format: 'der' }),
    tlv(0xa3, tlv(SEQUENCE, tlv(SEQUENCE, ...extension))),
  );
  const signature = sign('sha256', body, signer);
  const der = tlv(SEQUENCE, body, algorithm, tlv(BIT_STRING, Buffer.from([0]), signature));
  return `-----BEGIN CERTIFICATE-----\n${der.toString('base64').replace(/(.{64})(?=.)/g, '$1\n')}\n-----END CERTIFICATE-----\n`;
}

function nameOf(commonName: string): Buffer {
  return tlv(SEQUENCE, tlv(SET, tlv(SEQUENCE, COMMON_NAME, tlv(UTF8_STRING, Buffer.from(commonName)))));
}

function time(milliseconds: number): Buffer {
  return tlv(UTC_TIME, Buffer.from(`${new Date(milliseconds).toISOString().replace(/[-:T]|\.\d+/g, '').slice(2)}`));
}

/** Tag, length and value, as DER has it. */
function tlv(tag: number, ...parts: readonly Buffer[]): Buffer {
  const value = Buffer.concat(parts);
  const bytes = value.length < 256 ? [value.length] : [Math.floor(value.length / 256), value.length % 256];
  const length = value.length < 128 ? bytes : [0x80 + bytes.length, ...bytes];
  return Buffer.concat([Buffer.from([tag, ...length]), value]);
}
