import { Duration } from 'aws-cdk-lib';
import type { IKey } from 'aws-cdk-lib/aws-kms';
import { LogGroup, RetentionDays } from 'aws-cdk-lib/aws-logs';
import { Schedule, ScheduleExpression } from 'aws-cdk-lib/aws-scheduler';
import { StepFunctionsStartExecution } from 'aws-cdk-lib/aws-scheduler-targets';
import { Choice, Condition, DefinitionBody, LogLevel, Map, Pass, ProvideItems, StateMachine, StateMachineType } from 'aws-cdk-lib/aws-stepfunctions';
import { CallAwsService } from 'aws-cdk-lib/aws-stepfunctions-tasks';
import { Construct } from 'constructs';
import type { FlueRedeployOptions } from './flue-redeploy-options';
import type { ServerEnvironment } from './server-environment';
import type { IFlueDatabase } from '../database/database';
import { rotatedSecret } from '../database/rotation';
import { refuse } from '../invariants/invariant';
import { DEPLOYMENT_LIMITS } from '../invariants/limits/deployment';
import { requireWithin } from '../invariants/limits/guard';
import { completeSecretArn } from '../invariants/secret-reference';

const REDEPLOYMENT = 'Redeployment';
const DEFAULT_INTERVAL = Duration.minutes(15);
/** An Express workflow ends after five minutes, before the next one begins. */
const TIMEOUT = Duration.minutes(4);

/** A service, and the secrets after whose change it is deployed. */
export interface WatchedService {
  readonly cluster: string;
  readonly service: string;
  readonly secrets: readonly string[];
}

export interface RedeploymentProps {
  readonly database?: IFlueDatabase;
  readonly redeployOnSecretChange?: FlueRedeployOptions;
  readonly logRetention?: RetentionDays;
  readonly logEncryptionKey?: IKey;
}

/** The ARNs of the secrets that a service watches: that of a login that rotates, and the others if the user asks for it. */
export function watchedSecrets(scope: Construct, { database, redeployOnSecretChange }: RedeploymentProps, { secrets }: Pick<ServerEnvironment, 'secrets'>): string[] {
  requireWithin(scope, redeployOnSecretChange?.interval, DEPLOYMENT_LIMITS.interval);
  const login = rotatedSecret(database?.url)?.secretArn;
  const others = redeployOnSecretChange ? Object.values(secrets).flatMap(secret => secretArnIn(secret.arn) ?? []) : [];
  const watched = [...new Set([...login === undefined ? [] : [login], ...others])];
  if (redeployOnSecretChange && watched.length === 0) {
    refuse(scope, '`redeployOnSecretChange` must be left out without a secret of Secrets Manager, got: options', 'Only there is known when a value has changed. Move the value from Parameter Store');
  }
  return watched;
}

/** The ARN of a secret, without the field and the version; undefined for a parameter. */
function secretArnIn(reference: string): string | undefined {
  const parts = reference.split(':');
  if (parts[0] !== 'arn') {
    return parts[0];
  }
  return parts[2] === 'secretsmanager' ? parts.slice(0, 7).join(':') : undefined;
}

/**
 * Deploys a service anew after one of its secrets has changed, by the strategy that the service has.
 *
 * It compares when each secret got its current value with the beginning of the newest deployment, so it keeps nothing in mind: whatever
 * deployed the service meanwhile counts. Of several services it deploys one, and none while another is being deployed.
 */
export class Redeployment extends Construct {
  /** Adds it where something is watched. */
  public static of(scope: Construct, services: readonly WatchedService[], props: Omit<RedeploymentProps, 'database'>): StateMachine | undefined {
    const watched = services.filter(({ secrets }) => secrets.length > 0);
    return watched.length === 0 ? undefined : new Redeployment(scope, watched, props).stateMachine;
  }

  public readonly stateMachine: StateMachine;

  private constructor(scope: Construct, private readonly services: readonly WatchedService[], props: Omit<RedeploymentProps, 'database'>) {
    super(scope, REDEPLOYMENT);
    this.stateMachine = new StateMachine(this, 'StateMachine', {
      definitionBody: DefinitionBody.fromChainable(this.definition()),
      stateMachineType: StateMachineType.EXPRESS,
      timeout: TIMEOUT,
      // without one, nobody would know why an Express workflow failed; the log group of the server lets CloudWatch use the key
      logs: {
        destination: new LogGroup(this, 'LogGroup', { retention: props.logRetention ?? RetentionDays.ONE_MONTH, encryptionKey: props.logEncryptionKey }),
        level: LogLevel.ALL,
        includeExecutionData: false,
      },
    });
    new Schedule(this, 'Schedule', {
      description: 'Looks whether a secret of a Flue server has changed',
      schedule: ScheduleExpression.rate(props.redeployOnSecretChange?.interval ?? DEFAULT_INTERVAL),
      target: new StepFunctionsStartExecution(this.stateMachine, { retryAttempts: 0 }),
    });
  }

  private definition() {
    const ofServices = this.services.map(({ service }) => service);
    const deploy = this.call('Deploy it anew', 'ecs', 'updateService', ofServices, {
      parameters: { Cluster: '{% $states.input[changed][0].cluster %}', Service: '{% $states.input[changed][0].service %}', ForceNewDeployment: true },
      outputs: '{% $states.input[changed][0].service %}',
    });
    return Pass.jsonata(this, 'What is watched', { outputs: { services: this.services } })
      .next(Map.jsonata(this, 'Each service', { items: ProvideItems.jsonata('{% $states.input.services %}') }).itemProcessor(
        this.call('Read its deployments', 'ecs', 'describeServices', ofServices, {
          parameters: { Cluster: '{% $states.input.cluster %}', Services: ['{% $states.input.service %}'] },
          outputs: {
            cluster: '{% $states.input.cluster %}',
            service: '{% $states.input.service %}',
            secrets: '{% $states.input.secrets %}',
            since: '{% $toMillis($states.result.Services[0].Deployments[Status=\'PRIMARY\'].CreatedAt) %}',
            busy: '{% $count($states.result.Services[0].Deployments[RolloutState=\'IN_PROGRESS\']) > 0 %}',
          },
        }).next(this.secrets()),
      ))
      .next(Choice.jsonata(this, 'Is one to be deployed?')
        .when(Condition.jsonata('{% $not(true in $states.input.busy) and true in $states.input.changed %}'), deploy)
        .otherwise(Pass.jsonata(this, 'Nothing to do', { outputs: {} })));
  }

  private secrets() {
    const arns = [...new Set(this.services.flatMap(({ secrets }) => secrets))].map(completeSecretArn);
    const since = Map.jsonata(this, 'Each secret', {
      items: ProvideItems.jsonata('{% $states.input.secrets %}'),
      outputs: {
        cluster: '{% $states.input.cluster %}',
        service: '{% $states.input.service %}',
        busy: '{% $states.input.busy %}',
        changed: '{% $max($states.result) > $states.input.since %}',
      },
    });
    // a value is as old as its version, unless a rotation has made it the current one later
    return since.itemProcessor(
      this.call('Read its versions', 'secretsmanager', 'listSecretVersionIds', arns, {
        parameters: { SecretId: '{% $states.input %}' },
        outputs: { secret: '{% $states.input %}', at: '{% $toMillis($states.result.Versions[\'AWSCURRENT\' in VersionStages].CreatedDate) %}' },
      }).next(this.call('Read its last rotation', 'secretsmanager', 'describeSecret', arns, {
        parameters: { SecretId: '{% $states.input.secret %}' },
        outputs: '{% $max([$states.input.at, $exists($states.result.LastRotatedDate) ? $toMillis($states.result.LastRotatedDate) : 0]) %}',
      })),
    );
  }

  private call(
    id: string, service: string, action: string, iamResources: string[], call: { parameters: { [key: string]: unknown }; outputs: unknown },
  ) {
    return CallAwsService.jsonata(this, id, { service, action, iamResources, ...call })
      .addRetry({ maxAttempts: 2, interval: Duration.seconds(5), errors: ['States.TaskFailed'] });
  }
}
