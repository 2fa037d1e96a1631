import { type FlueEvent, observe } from '@flue/runtime';

/**
 * Writes a line of JSON for each prompt, task or shell command that ended, with the time it took and never with what it was about.
 *
 * Flue itself logs no durations. The names are those of Flue's events, which the saved query `Slow prompts` of cdk-flue looks for.
 */
export function logOperations(): void {
  observe((event) => {
    if (event.type === 'operation') {
      console.log(JSON.stringify(operationLine(event)));
    }
  });
}

function operationLine({ type, operationKind, durationMs, isError, instanceId, session, runId }: FlueEvent & { type: 'operation' }) {
  return { type, operationKind, durationMs, isError, instanceId, session, runId };
}
