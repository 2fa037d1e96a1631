import { Lazy } from 'aws-cdk-lib';
import { AlarmBehavior, type BaseService, type DeploymentAlarmConfig } from 'aws-cdk-lib/aws-ecs';
import type { FlueDeployment } from '../../timers/flue-deployment';

/** The alarms that fail a deployment: those given with it, and those that the service adds later. */
export class DeploymentAlarms {
  private readonly names: string[];
  private readonly behavior: AlarmBehavior;

  public constructor(deployment: FlueDeployment) {
    this.names = deployment.alarms.map(alarm => alarm.alarmName);
    this.behavior = deployment.rollback ? AlarmBehavior.ROLLBACK_ON_ALARM : AlarmBehavior.FAIL_ON_ALARM;
  }

  /** What the service is made with. */
  public get config(): DeploymentAlarmConfig | undefined {
    return this.names.length === 0 ? undefined : { alarmNames: Lazy.list({ produce: () => this.names }), behavior: this.behavior };
  }

  public add(service: BaseService, names: string[]): void {
    if (this.names.length > 0) {
      // the L2 forgets what it is told after the first alarms
      this.names.push(...names);
    } else {
      service.enableDeploymentAlarms(names, { behavior: this.behavior });
    }
  }
}
