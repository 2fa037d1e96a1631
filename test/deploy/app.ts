import { createRequire } from 'node:module';
import { join } from 'node:path';
import { App, Duration, Stack } from 'aws-cdk-lib';
import { Topic } from 'aws-cdk-lib/aws-sns';
import type { Construct } from 'constructs';
import { context } from '../../examples/typescript/cdk.json';
import type * as flue from '../../src';

/**
 * Synthesizes the bundled example as it is deployed here: `app.ts VERSION OUTDIR`.
 *
 * The stacks are the example's own. The library that they import differs in two things: an image is one that exists,
 * since nothing here builds one, and version 2 passes what a team changes a week later. Each service has alarms besides.
 */
const [version, outdir] = process.argv.slice(2);
const example = createRequire(join(__dirname, '../../examples/typescript/lib/app.ts'));
const library: typeof flue = example('cdk-flue');

interface Changes {
  readonly fargate?: Partial<flue.FlueFargateServiceProps>;
  readonly express?: Partial<flue.FlueExpressServiceProps>;
  readonly ec2?: Partial<flue.FlueEc2ServiceProps>;
  readonly database?: Partial<flue.FlueDatabaseProps>;
}

const LATER: Changes = {
  fargate: { cpu: 1024, memoryLimitMiB: 2048, longestRun: Duration.minutes(15), environment: { LOG_LEVEL: 'debug' } },
  express: { cpu: 1024, memoryLimitMiB: 2048, longestRun: Duration.minutes(15), environment: { LOG_LEVEL: 'debug' } },
  ec2: { environment: { LOG_LEVEL: 'debug' } },
  database: { backupRetention: Duration.days(14) },
};
const changes: Changes = version === '2' ? LATER : {};

/** Stands for the class; what `new` gives is what it returns. */
function existingImage(scope: Construct, id: string, { cpuArchitecture }: flue.FlueImageProps): flue.IFlueImage {
  return library.FlueImage.fromRegistry(scope, id, `registry.example.com/agents:${version}`, {
    cpuArchitecture, port: 8080, caBundlePath: '/etc/ssl/certs/rds-ca-bundle.pem',
  });
}

function changed<P extends flue.FlueServiceProps>(props: P, change: Partial<P> = {}): P {
  return { ...props, ...change, environment: { ...props.environment, ...change.environment } };
}

example.cache[example.resolve('cdk-flue')]!.exports = {
  ...library,
  FlueImage: existingImage,
  FlueFargateService: class extends library.FlueFargateService {
    public constructor(scope: Construct, id: string, props: flue.FlueFargateServiceProps) {
      super(scope, id, changed(props, changes.fargate));
    }
  },
  FlueExpressService: class extends library.FlueExpressService {
    public constructor(scope: Construct, id: string, props: flue.FlueExpressServiceProps) {
      super(scope, id, changed(props, changes.express));
    }
  },
  FlueEc2Service: class extends library.FlueEc2Service {
    public constructor(scope: Construct, id: string, props: flue.FlueEc2ServiceProps) {
      super(scope, id, changed(props, changes.ec2));
    }
  },
  FlueDatabase: class extends library.FlueDatabase {
    public constructor(scope: Construct, id: string, props: flue.FlueDatabaseProps) {
      super(scope, id, { ...props, ...changes.database });
    }
  },
};

const app = new App({ outdir, context, analyticsReporting: false });
const { buildAgents }: typeof import('../../examples/typescript/lib/app') = example('./app');
buildAgents(app);
for (const stack of app.node.children.filter(Stack.isStack)) {
  const agents = stack.node.tryFindChild('Agents') as flue.FlueService | undefined;
  agents?.addAlarms({ topic: new Topic(stack, 'Alarms', { enforceSSL: true }) });
}
app.synth();
