import { once } from 'node:events';
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { buffer } from 'node:stream/consumers';
import { gunzipSync } from 'node:zlib';
import type { Task } from './task';

/** How the exporter finds out that it has to make the stream, which is no fault. */
const NO_STREAM = 'ResourceNotFoundException The specified log stream does not exist.';

/** A line of metrics in CloudWatch's embedded metric format. */
export interface Embedded {
  readonly logGroup: string;
  readonly logStream: string;
  readonly fields: Record<string, any>;
  readonly directives: readonly {
    readonly Namespace: string;
    readonly Dimensions: readonly (readonly string[])[];
    readonly Metrics: readonly { readonly Name: string; readonly Unit?: string }[];
  }[];
}

/**
 * X-Ray and CloudWatch Logs, as far as the collector calls them.
 *
 * Only the log groups of the template exist, only the role's statements are allowed, and what arrives is kept.
 */
export class StandIn {
  public readonly calls: string[] = [];
  /** What the service itself would have refused. */
  public readonly refused: string[] = [];
  public readonly segments: any[] = [];
  public readonly embedded: Embedded[] = [];
  /** A service that takes a connection and answers nothing. */
  public silent = false;
  public url = '';
  private readonly streams = new Set<string>();
  private readonly server = createServer((request, response) => void this.serve(request, response));

  public constructor(private readonly task: Task) {}

  public async listen(): Promise<void> {
    this.server.listen(0, '127.0.0.1');
    await once(this.server, 'listening');
    this.url = `http://127.0.0.1:${(this.server.address() as AddressInfo).port}`;
  }

  public close(): void {
    this.server.closeAllConnections();
    this.server.close();
  }

  private async serve(request: IncomingMessage, response: ServerResponse): Promise<void> {
    const raw = await buffer(request);
    if (this.silent) { return; }
    const body = JSON.parse((request.headers['content-encoding'] === 'gzip' ? gunzipSync(raw) : raw).toString() || '{}');
    const scope = /Credential=[^/]+\/\d+\/([^/]+)\/([^/]+)\//.exec(request.headers.authorization ?? '');
    const target = /^Logs_20140328\.(\w+)$/.exec(String(request.headers['x-amz-target'] ?? ''))?.[1];
    const call = target ? `logs:${target}` : `xray:${{ '/TraceSegments': 'PutTraceSegments', '/TelemetryRecords': 'PutTelemetryRecords' }[request.url ?? ''] ?? request.url}`;
    this.calls.push(call);
    const answer = scope?.[1] !== this.task.region
      ? `${call} is signed for ${scope?.[1] ?? 'no region'}`
      : this.answer(call, body);
    if (typeof answer === 'string') {
      if (answer !== NO_STREAM) { this.refused.push(answer); }
      const type = answer.split(' ')[0];
      response.writeHead(400, { 'content-type': 'application/x-amz-json-1.1', 'x-amzn-errortype': type });
      response.end(JSON.stringify({ __type: type, message: answer }));
    } else {
      response.writeHead(200, { 'content-type': 'application/x-amz-json-1.1' });
      response.end(JSON.stringify(answer));
    }
  }

  /** What the call answers; a text is an error. */
  private answer(call: string, body: any): object | string {
    if (!this.isAllowed(call, body)) { return `AccessDeniedException ${call} on ${body.logGroupName ?? '*'}`; }
    const stream = `${body.logGroupName}/${body.logStreamName}`;
    switch (call) {
      case 'xray:PutTraceSegments':
        this.segments.push(...body.TraceSegmentDocuments.map((document: string) => JSON.parse(document)));
        return { UnprocessedTraceSegments: [] };
      case 'xray:PutTelemetryRecords':
        return {};
      case 'logs:CreateLogStream':
        if (!this.task.logGroups.includes(body.logGroupName)) { return 'ResourceNotFoundException The specified log group does not exist.'; }
        this.streams.add(stream);
        return {};
      case 'logs:PutLogEvents':
        if (!this.streams.has(stream)) { return NO_STREAM; }
        this.embedded.push(...body.logEvents.map(({ message }: { message: string }) => {
          const { _aws, ...fields } = JSON.parse(message);
          return { logGroup: body.logGroupName, logStream: body.logStreamName, fields, directives: _aws.CloudWatchMetrics };
        }));
        return { nextSequenceToken: '1' };
      default:
        return `UnknownOperationException ${call}`;
    }
  }

  private isAllowed(call: string, body: any): boolean {
    const resource = call.startsWith('logs:')
      ? `arn:aws:logs:${this.task.region}:${this.task.account}:log-group:${body.logGroupName}:log-stream:${body.logStreamName ?? ''}`
      : '*';
    return this.task.statements.some(({ actions, resources }) =>
      actions.includes(call) && resources.some(it => it === '*' || (it.endsWith('*') && resource.startsWith(it.slice(0, -1))) || it === resource));
  }
}
