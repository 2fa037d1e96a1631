import { createRequire } from 'node:module';
import { join } from 'node:path';
import { App, Duration, Stack, Validations } from 'aws-cdk-lib';
import { Topic } from 'aws-cdk-lib/aws-sns';
import type { Construct } from 'constructs';
import { buildFeatures, buildPreview } from './stacks';
import { context } from '../../examples/typescript/cdk.json';
import type * as flue from '../../src';
import { provideLibrary } from '../support/provide-library';
import '../support/silence-judge.cjs';

/**
 * Synthesizes everything that is deployed here: `app.ts OUTDIR` writes `v1` and `v2`, and `preview`.
 *
 * The stacks are those of the examples, and four with what no example has. The library that they import differs in two things:
 * an image is one that exists, since nothing here builds one, and version 2 passes what a team changes a week later. Each
 * service of the first example has alarms besides.
 */
const outdir = process.argv[2]!;
const library: typeof flue = createRequire(join(__dirname, '../../examples/typescript/lib/app.ts'))('cdk-flue');

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
/** What the CLI would look up for the examples that name their account. */
const ZONES = { 'availability-zones:account=111122223333:region=us-east-1': ['us-east-1a', 'us-east-1b', 'us-east-1c'] };

let version = 1;
let changes: Changes = {};

/** Stands for the class; what `new` gives is what it returns. */
function ExistingImage(scope: Construct, id: string, { cpuArchitecture }: flue.FlueImageProps): flue.IFlueImage {
  return library.FlueImage.fromRegistry(scope, id, `registry.example.com/agents:${version}`, {
    cpuArchitecture, port: 8080, caBundlePath: '/etc/ssl/certs/rds-ca-bundle.pem',
  });
}
ExistingImage.fromEcrRepository = library.FlueImage.fromEcrRepository;

function changed<P extends flue.FlueServiceProps>(props: P, change: Partial<P> = {}): P {
  return { ...props, ...change, environment: { ...props.environment, ...change.environment } };
}

const changing = {
  ...library,
  FlueImage: ExistingImage,
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
} as unknown as typeof flue;
provideLibrary(changing);
// What the rules say of the examples is the matter of their own tests.
Validations.prototype.addPlugins = () => undefined;

/** Writes both versions. */
async function main(): Promise<void> {
  const { buildAgents } = await import('../../examples/typescript/lib/app.ts');
  const { buildProduction } = await import('../../examples/typescript/lib/production/app.ts');
  const { buildLowCost } = await import('../../examples/typescript/lib/low-cost/app.ts');
  const { buildBringYourOwn } = await import('../../examples/typescript/lib/bring-your-own/app.ts');

  for (version = 1; version <= 2; version++) {
    changes = version === 2 ? LATER : {};
    const app = new App({ outdir: join(outdir, `v${version}`), context: { ...context, ...ZONES }, analyticsReporting: false });
    buildAgents(app);
    for (const stack of app.node.children.filter(Stack.isStack)) {
      const agents = stack.node.tryFindChild('Agents') as flue.FlueService | undefined;
      agents?.addAlarms({ topic: new Topic(stack, 'Alarms', { enforceSSL: true }) });
    }
    // of the others only the image changes
    changes = {};
    buildProduction(app);
    buildLowCost(app);
    buildBringYourOwn(app);
    buildFeatures(app, changing);
    app.synth();
  }
  const app = new App({ outdir: join(outdir, 'preview'), context: { ...context, ...ZONES }, analyticsReporting: false });
  buildPreview(new Stack(app, 'FluePreview-17', { env: { account: '111122223333', region: 'us-east-1' } }), changing);
  app.synth();
}

void main();
