import { ContainerDependencyCondition, ContainerImage, LogDrivers, AwsLogDriverMode, type ContainerDefinition, type FargateTaskDefinition, type Secret } from 'aws-cdk-lib/aws-ecs';
import { PolicyStatement } from 'aws-cdk-lib/aws-iam';
import type { ILogGroup } from 'aws-cdk-lib/aws-logs';
import { Construct, type IConstruct } from 'constructs';
import { requireWritten } from '../invariants/limits/guard';
import { SERVER_LIMITS } from '../invariants/limits/server';
import { requireSecretReferences } from '../invariants/secret-reference';
import { requireArguments } from '../invariants/types/require-types';
import { isUnknown } from '../invariants/unknown';
import { buildLogGroup, type ServerLogsProps } from '../logs/server-logs';

/** Release of AWS Distro for OpenTelemetry, for both architectures (github.com/aws-observability/aws-otel-collector, 2026-07). */
const COLLECTOR_IMAGE = 'public.ecr.aws/aws-observability/aws-otel-collector:v0.49.0';
const COLLECTOR_NAME = 'Telemetry';
/** The collector never takes more of a task's memory, in MiB: the server is worth more than its traces. */
const COLLECTOR_MEMORY = { memoryReservationMiB: 64, memoryLimitMiB: 256 };
/** Where the collector listens; tasks share a network interface with it, and nobody else reaches this address. */
const COLLECTOR_ADDRESS = '127.0.0.1:4318';
/** The variable from which the collector takes its configuration, in place of its command's. */
const COLLECTOR_CONFIGURATION = 'AOT_CONFIG_CONTENT';
/** Namespace of the metrics in CloudWatch. */
const METRIC_NAMESPACE = 'Flue';
/** X-Ray takes segments for an account, never for a resource. */
const SEND_TRACES = ['xray:PutTraceSegments'];

/**
 * Above this heap, less the spike that it leaves room for, the collector refuses what arrives, and the SDK tries again.
 *
 * Without it, X-Ray silent and prompts of 50 KB took it past its 256 MiB, and what is killed comes back only with the next task.
 */
const HEAP_LIMITS = { check_interval: '1s', limit_mib: 120, spike_limit_mib: 40 };
/** Toward this, of all its memory, Go collects its garbage sooner. */
const GO_MEMORY = { GOMEMLIMIT: '160MiB' };
/** The metric of @flue/opentelemetry 2.1.0 whose unit, `{token}`, CloudWatch does not know. */
const TOKEN_USAGE = { metric_name: 'gen_ai.client.token.usage', unit: 'Count', overwrite: true };

/** The variables that OpenTelemetry's SDK for Node.js reads (@opentelemetry/sdk-node 0.301); @flue/opentelemetry reads none itself. */
const OTEL = {
  endpoint: 'OTEL_EXPORTER_OTLP_ENDPOINT',
  protocol: 'OTEL_EXPORTER_OTLP_PROTOCOL',
  headers: 'OTEL_EXPORTER_OTLP_HEADERS',
  serviceName: 'OTEL_SERVICE_NAME',
  temporality: 'OTEL_EXPORTER_OTLP_METRICS_TEMPORALITY_PREFERENCE',
};
const PROTOCOL = 'http/protobuf';

/**
 * Options of the collector in the task, beside the server.
 */
export interface FlueAdotOptions {
  /**
   * The parameter or secret with the configuration of the collector, as YAML.
   *
   * It must receive OTLP over HTTP on port 4318 of 127.0.0.1. With it, the construct grants the task role nothing, so grant
   * what the collector needs. Histograms then count from the start of the server, which CloudWatch does not expect: set
   * `OTEL_EXPORTER_OTLP_METRICS_TEMPORALITY_PREFERENCE` in `environment`.
   *
   * @default - traces go to X-Ray, metrics to the namespace `Flue` of CloudWatch
   */
  readonly config?: Secret;

  /**
   * The image of the collector.
   *
   * @default - version 0.49.0 of AWS Distro for OpenTelemetry, from the public registry of AWS
   */
  readonly image?: ContainerImage;

  /**
   * Name that traces and metrics carry: the annotation `otel.resource.service.name` of a run in X-Ray, the dimension `service.name` in CloudWatch.
   *
   * Throws for an empty text, more than 255 characters, and a line break.
   *
   * @default - the path of the service in the app
   */
  readonly serviceName?: string;
}

/**
 * Options of an OTLP endpoint.
 */
export interface FlueOtlpOptions {
  /**
   * URL that takes OTLP over HTTP, without the path of a signal, such as `https://collector.example.com`.
   *
   * Throws for anything else than an address with `http` or `https`, and for one with a user or a password.
   */
  readonly endpoint: string;

  /**
   * The secret with the headers of each request, such as a token: `name=value`, separated by commas.
   *
   * @default - none
   */
  readonly headers?: Secret;

  /**
   * Name that traces and metrics carry.
   *
   * Throws for an empty text, more than 255 characters, and a line break.
   *
   * @default - the path of the service in the app
   */
  readonly serviceName?: string;
}

/** The task that telemetry adds to. */
export interface TelemetryTask extends ServerLogsProps {
  readonly taskDefinition: FargateTaskDefinition;
  readonly container: ContainerDefinition;
  readonly logGroup: ILogGroup;
}

/**
 * What telemetry asks of a server's environment, and of its task.
 *
 * @internal
 */
export interface TelemetryBinding {
  readonly environment: { readonly [name: string]: string };
  readonly secrets: { readonly [name: string]: Secret };
  /** What is pulled from registries that the library names. */
  readonly images: string[];
  /** Whether traces go to X-Ray, by its endpoint on the internet or in the network. */
  readonly usesXRay: boolean;
  addTo(scope: Construct, task: TelemetryTask): void;
}

/**
 * The destination of a server's traces and metrics.
 *
 * The service sets the variables that OpenTelemetry's SDK reads. Your app must start that SDK and register
 * `createOpenTelemetryInstrumentation()` of `@flue/opentelemetry`, which exists for Flue 2.1 only. Otherwise it sends nothing.
 * Traces contain prompts and replies unless the app passes `content: false`.
 */
export class FlueTelemetry {
  /**
   * A collector of AWS Distro for OpenTelemetry in the task, as a sidecar.
   *
   * It uses at most 256 MiB of the task's memory. If it ends, the server goes on, but the collector starts again only with the
   * next task. So it rejects data before its memory runs out. You pay for traces and custom metrics by use.
   *
   * @param options the configuration and the image
   */
  public static adot(options: FlueAdotOptions = {}): FlueTelemetry {
    requireArguments('FlueTelemetry.adot', { options });
    return new FlueTelemetry(new AdotTelemetry(options));
  }

  /**
   * A collector or a vendor that accepts OTLP over HTTP.
   *
   * @param options the endpoint
   */
  public static otlp(options: FlueOtlpOptions): FlueTelemetry {
    requireArguments('FlueTelemetry.otlp', { options });
    return new FlueTelemetry(new OtlpTelemetry(options));
  }

  private constructor(private readonly collector: Collector) {}

  /**
   * What the user stated, in which no secret may stand.
   *
   * @internal
   */
  public get _given(): object {
    return this.collector.options;
  }

  /** @internal */
  public _bind(scope: IConstruct): TelemetryBinding {
    return this.collector.bind(scope);
  }
}

interface Collector {
  readonly options: object;
  bind(scope: IConstruct): TelemetryBinding;
}

class OtlpTelemetry implements Collector {
  public constructor(public readonly options: FlueOtlpOptions) {}

  public bind(scope: IConstruct): TelemetryBinding {
    const { endpoint, headers, serviceName } = this.options;
    requireWritten(scope, endpoint, SERVER_LIMITS.endpoint);
    return {
      environment: variables(scope, endpoint, serviceName),
      secrets: headers ? { [OTEL.headers]: headers } : {},
      images: [],
      usesXRay: false,
      addTo: () => undefined,
    };
  }
}

class AdotTelemetry implements Collector {
  public constructor(public readonly options: FlueAdotOptions) {}

  public bind(scope: IConstruct): TelemetryBinding {
    requireSecretReferences(scope, 'config', this.options.config ? { [COLLECTOR_CONFIGURATION]: this.options.config } : {});
    return {
      environment: {
        ...variables(scope, `http://${COLLECTOR_ADDRESS}`, this.options.serviceName),
        // the SDK counts histograms from its start, CloudWatch adds them up, and the exporter to it does not subtract
        ...this.options.config ? {} : { [OTEL.temporality]: 'delta' },
      },
      secrets: {},
      images: this.options.image ? [] : [COLLECTOR_IMAGE],
      // a configuration of the user may send them anywhere
      usesXRay: this.options.config === undefined,
      addTo: (owner, task) => this.addCollector(owner, task),
    };
  }

  private addCollector(scope: Construct, task: TelemetryTask): void {
    const { config, image, serviceName = scope.node.path } = this.options;
    const { taskDefinition, container, logGroup } = task;
    const collector = taskDefinition.addContainer(COLLECTOR_NAME, {
      image: image ?? ContainerImage.fromRegistry(COLLECTOR_IMAGE),
      essential: false,
      ...COLLECTOR_MEMORY,
      readonlyRootFilesystem: true,
      environment: config ? undefined : { [COLLECTOR_CONFIGURATION]: configuration(metricsLog(scope, task), serviceName), ...GO_MEMORY },
      secrets: config && { [COLLECTOR_CONFIGURATION]: config },
      logging: LogDrivers.awsLogs({ logGroup, streamPrefix: 'telemetry', mode: AwsLogDriverMode.NON_BLOCKING }),
    });
    // what starts first ends last: the server's last traces find a collector
    container.addContainerDependencies({ container: collector, condition: ContainerDependencyCondition.START });
    if (!config) {
      taskDefinition.addToTaskRolePolicy(new PolicyStatement({ actions: SEND_TRACES, resources: ['*'] }));
    }
  }
}

/** The log group that metrics travel through, with an end; the collector's own default keeps them for ever. */
function metricsLog(scope: Construct, task: TelemetryTask): ILogGroup {
  const group = buildLogGroup(new Construct(scope, 'TelemetryMetrics'), task);
  group.grantWrite(task.taskDefinition.taskRole);
  return group;
}

function variables(scope: IConstruct, endpoint: string, serviceName?: string): { [name: string]: string } {
  requireWritten(scope, serviceName, SERVER_LIMITS.serviceName);
  return { [OTEL.endpoint]: endpoint, [OTEL.protocol]: PROTOCOL, [OTEL.serviceName]: serviceName ?? scope.node.path };
}

/**
 * The collector's default for ECS, but for the address it listens on, the log group, limits, and metrics that carry a name and are not
 * multiplied. JSON is YAML.
 */
function configuration(metrics: ILogGroup, serviceName: string): string {
  return JSON.stringify({
    receivers: { otlp: { protocols: { http: { endpoint: COLLECTOR_ADDRESS } } } },
    processors: {
      'memory_limiter': HEAP_LIMITS,
      'batch/traces': { timeout: '1s', send_batch_size: 50 },
      'batch/metrics': { timeout: '60s' },
      // of a metric's resource, the exporter sends either nothing or all of it, a number for each process among it
      'attributes': { actions: [{ key: 'service.name', value: literal(serviceName), action: 'upsert' }] },
    },
    exporters: {
      awsxray: { indexed_attributes: ['otel.resource.service.name'] },
      awsemf: {
        namespace: METRIC_NAMESPACE,
        log_group_name: metrics.logGroupName,
        log_stream_name: 'otel',
        // every combination of dimensions is a metric of its own, and paid for
        dimension_rollup_option: 'NoDimensionRollup',
        metric_descriptors: [TOKEN_USAGE],
      },
    },
    service: {
      // its own would be served on port 8888, which may be the server's
      telemetry: { metrics: { level: 'none' } },
      pipelines: {
        traces: { receivers: ['otlp'], processors: ['memory_limiter', 'batch/traces'], exporters: ['awsxray'] },
        metrics: { receivers: ['otlp'], processors: ['memory_limiter', 'attributes', 'batch/metrics'], exporters: ['awsemf'] },
      },
    },
  });
}

/** The collector reads `${…}` as a reference, and `$$` as a dollar. */
function literal(text: string): string {
  return isUnknown(text) ? text : text.replace(/\$/g, '$$$$');
}
