import { createOpenTelemetryInstrumentation } from '@flue/opentelemetry';
import { instrument } from '@flue/runtime';
import { NodeSDK } from '@opentelemetry/sdk-node';

// Every setting is in OTEL_* variables.
export const sdk = new NodeSDK();
sdk.start();

instrument(createOpenTelemetryInstrumentation(process.env.KEEP_CONTENT_OUT ? { content: false } : {}));
