import { Token } from 'aws-cdk-lib';
import type { IConstruct } from 'constructs';
import { refuse, type Invariant } from './invariant';

export const MIN_PORT = 1;
export const MAX_PORT = 65535;
/** The port of the Flue Docker guide. */
export const DEFAULT_PORT = 8080;

export const PORT_AGREEMENT: Invariant = {
  id: 'PortAgreement',
  level: 'error',
  statement: 'The server, its container, the target group and the health check use one port.',
  why: 'The server binds the PORT it is given (3000 without); a platform that asks any other port sees a dead task.',
  limit: `PORT = container port = target group port = health check port, ${MIN_PORT}–${MAX_PORT}`,
  source: 'Flue deployment guide for AWS, port and health check',
  fix: 'State the port once, as `port` of the image, and remove the others.',
};

/** Refuses a number that is no TCP port. */
export function requirePort(scope: IConstruct, port: number): void {
  if (!Token.isUnresolved(port) && (!Number.isInteger(port) || port < MIN_PORT || port > MAX_PORT)) {
    refuse(scope, `\`port\` must be a whole number from ${MIN_PORT} to ${MAX_PORT}, got: ${port}`,
      `Leave it out for ${DEFAULT_PORT}`, PORT_AGREEMENT);
  }
}

/** Refuses a port that the image's own Dockerfile contradicts. */
export function requireSamePort(scope: IConstruct, port: number, declared: { readonly port: number; readonly where: string }): void {
  if (!Token.isUnresolved(port) && port !== declared.port) {
    refuse(scope, `\`port\` must be ${declared.port}, which ${declared.where} declares, got: ${port}`,
      `Pass \`port: ${declared.port}\`, or change ${declared.where}`, PORT_AGREEMENT);
  }
}
