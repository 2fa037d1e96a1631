export interface ServerSentEvent {
  readonly event: string;
  readonly data: Record<string, unknown>;
}

export async function serverSentEvents(response: Response): Promise<ServerSentEvent[]> {
  const blocks = (await response.text()).split(/\r?\n\r?\n/);
  return blocks.flatMap((block) => {
    const fields = new Map(block.split(/\r?\n/).map((line) => [line.split(':', 1)[0], line.replace(/^[^:]*: ?/, '')]));
    const data = fields.get('data');
    return data ? [{ event: fields.get('event') ?? 'message', data: JSON.parse(data) }] : [];
  });
}
