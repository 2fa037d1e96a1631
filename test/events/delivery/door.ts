import { createHmac } from 'node:crypto';
import { once } from 'node:events';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { join } from 'node:path';
import { App, Stack } from 'aws-cdk-lib';
import { Template } from 'aws-cdk-lib/assertions';
import { Secret } from 'aws-cdk-lib/aws-secretsmanager';
import type { FifoQueue, SendInput } from './fifo-queue';
import { FlueFargateService, FlueImage, FlueWebhookVerifier } from '../../../src';

/**
 * Webhooks and events of EventBridge, through the functions that the construct deploys, with the variables of the synthesized template.
 *
 * A server of Node.js stands in for API Gateway: it hands over the raw body, as text or in base64, and answers what the function says.
 */

const SECRET = 'signing-secret-5b1d';
const NOW = Date.UTC(2027, 0, 1);
const MEGABYTE = 1024 * 1024;

type Handler = (event: object) => Promise<{ readonly statusCode: number; readonly body: string }>;

interface Sent {
  readonly name: string;
  readonly status: number;
  readonly expected: number;
  readonly answer: string;
}

/** What was sent, and the marks of what the server must have heard once, and never. */
export interface DoorRun {
  readonly sent: readonly Sent[];
  readonly heard: readonly string[];
  readonly unheard: readonly string[];
}

const sign = (text: string, secret = SECRET) => createHmac('sha256', secret).update(text).digest('hex');
const seconds = (ago = 0) => `${NOW / 1000 - ago}`;

interface Headers { readonly [name: string]: string }
/** How each sender signs. */
const SENDERS: Readonly<Record<string, (body: string, secret?: string, ago?: number) => Headers>> = {
  github: (body, secret) => ({ 'x-hub-signature-256': `sha256=${sign(body, secret)}` }),
  slack: (body, secret, ago) => ({ 'x-slack-request-timestamp': seconds(ago), 'x-slack-signature': `v0=${sign(`v0:${seconds(ago)}:${body}`, secret)}` }),
  stripe: (body, secret, ago) => ({ 'stripe-signature': `t=${seconds(ago)},v1=${sign(`${seconds(ago)}.${body}`, secret)}` }),
  others: (body, secret, ago) => ({ 'x-time': seconds(ago), 'x-sign': `sha256=${sign(`${seconds(ago)}.${body}`, secret)}` }),
};
/** Those that sign no time. */
const TIMELESS = ['github'];

/** The functions behind the door, by their names. */
async function functionsOf(queue: FifoQueue): Promise<Readonly<Record<string, Handler>>> {
  const stack = new Stack(new App(), 'Stack');
  const inbox = new FlueFargateService(stack, 'Agents', { image: FlueImage.fromRegistry(stack, 'Image', 'ghcr.io/acme/agents:1') }).addInbox();
  const secret = new Secret(stack, 'Secret');
  inbox.addWebhook('/github', { agentName: 'assistant', verify: FlueWebhookVerifier.github(secret), conversationId: 'hooks' });
  inbox.addWebhook('/slack', { agentName: 'assistant', verify: FlueWebhookVerifier.slack(secret), conversationField: 'event.channel' });
  inbox.addWebhook('/stripe', { agentName: 'assistant', verify: FlueWebhookVerifier.stripe(secret) });
  inbox.addWebhook('/others', {
    agentName: 'assistant', verify: FlueWebhookVerifier.hmac({ secret, header: 'X-Sign', prefix: 'sha256=', timestampHeader: 'X-Time', idField: 'id' }), conversationId: 'hooks',
  });
  inbox.addEventPattern('Orders', { eventPattern: { source: ['acme.orders'] }, agentName: 'assistant', conversationField: 'detail.customer' });
  const { makeReceiver, makeTaker } = await import(join(__dirname, '..', '..', '..', 'assets', 'events', 'receive.js'));
  const aws = { send: async (input: SendInput) => queue.send(input), secret: async () => SECRET };
  const deployed = Object.values(Template.fromStack(stack).findResources('AWS::Lambda::Function')).filter(({ Properties }) => /^receive\./.test(Properties.Handler));
  return Object.fromEntries(deployed.map(({ Properties: { Handler: handler, Environment: { Variables } } }) => [
    Variables.NAME, handler === 'receive.take' ? makeTaker(Variables, aws, () => undefined) : makeReceiver(Variables, aws, () => NOW, () => undefined),
  ]));
}

/** Sends what is right, what is wrong and what came before through the door. */
export async function sendThroughDoor(queue: FifoQueue): Promise<DoorRun> {
  const functions = await functionsOf(queue);
  const door = createServer((request, response) => {
    const parts: Buffer[] = [];
    request.on('data', part => parts.push(part)).once('end', async () => {
      const raw = Buffer.concat(parts);
      const isBase64Encoded = request.headers['content-type'] !== 'application/json';
      const { statusCode, body } = await functions[request.url!]({ version: '2.0', headers: request.headers, body: raw.toString(isBase64Encoded ? 'base64' : 'utf8'), isBase64Encoded });
      response.writeHead(statusCode, { 'content-type': 'application/json' }).end(body);
    });
  }).listen(0, '127.0.0.1');
  await once(door, 'listening');
  const { port } = door.address() as AddressInfo;

  const sent: Sent[] = [];
  const heard: string[] = [];
  const unheard: string[] = [];
  let made = 0;
  const bodyOf = (marks: string[], more = '') => {
    const mark = `hook-${++made}-end`;
    marks.push(mark);
    return JSON.stringify({ id: `evt_${made}`, event_id: `Ev${made}`, event: { channel: 'C7' }, text: `${mark} of many words`, more });
  };
  const post = async (name: string, sender: string, body: string, headers: Headers, expected: number, type = 'application/json') => {
    const response = await fetch(`http://127.0.0.1:${port}/${sender}`, { method: 'POST', body, headers: { 'content-type': type, ...headers } });
    sent.push({ name: `${sender}, ${name}`, status: response.status, expected, answer: await response.text() });
  };

  for (const [sender, headersOf] of Object.entries(SENDERS)) {
    const taken = sender === 'slack' ? 200 : 202;
    const body = bodyOf(heard);
    await post('signed', sender, body, headersOf(body), taken);
    await post('the same again', sender, body, headersOf(body), taken);
    const bytes = bodyOf(heard);
    await post('signed, in base64', sender, bytes, headersOf(bytes), taken, 'application/octet-stream');
    const forged = bodyOf(unheard);
    await post('signed with another key', sender, forged, headersOf(forged, 'guess'), 401);
    await post('with the signature of another body', sender, forged, headersOf(body), 401);
    await post('unsigned', sender, forged, {}, 401);
    const large = bodyOf(unheard, 'x'.repeat(MEGABYTE));
    await post('signed, of a megabyte', sender, large, headersOf(large), 413);
    if (!TIMELESS.includes(sender)) {
      const old = bodyOf(unheard);
      await post('signed, and too old', sender, old, headersOf(old, SECRET, 301), 401);
    }
  }
  const challenge = JSON.stringify({ type: 'url_verification', challenge: 'hook-challenge-end' });
  unheard.push('hook-challenge-end');
  await post('the challenge', 'slack', challenge, SENDERS.slack(challenge), 200);

  const [mark] = [`hook-${++made}-end`];
  heard.push(mark);
  const event = { 'id': 'e-1', 'detail-type': 'created', 'source': 'acme.orders', 'detail': { customer: 'C 7', text: mark } };
  await functions.Orders(event);
  await functions.Orders(event);
  door.close();
  return { sent, heard, unheard };
}
