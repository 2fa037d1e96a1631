import { CfnResource, Duration, Fn, Names, Stack } from 'aws-cdk-lib';
import { BackupPlan, BackupPlanRule, BackupResource, BackupVault, type CfnBackupVault, type IBackupVault } from 'aws-cdk-lib/aws-backup';
import type { IVolume } from 'aws-cdk-lib/aws-ec2';
import { Schedule } from 'aws-cdk-lib/aws-events';
import { ManagedPolicy, Role, ServicePrincipal, type IRole } from 'aws-cdk-lib/aws-iam';
import { Construct, type IConstruct } from 'constructs';
import type { FlueBackupsProps } from './flue-backups-props';
import type { FlueDatabase } from '../database/flue-database';
import { refuse } from '../invariants/invariant';
import { BACKUP_LIMITS } from '../invariants/limits/backups';
import { requireWithin, shown } from '../invariants/limits/guard';
import { firesNever, firesWithinTheHour } from '../invariants/schedule-expression';
import { placed } from '../invariants/types/placed';
import { requireArguments, requireTypes } from '../invariants/types/require-types';
import { isUnknown, settled } from '../invariants/unknown';

/** The most characters that the name of a vault may have, and those of the last part of a stack's id. */
const NAME_LENGTH = 50;
const END_LENGTH = 12;

/**
 * A plan of AWS Backup that keeps daily snapshots of databases and volumes, in a vault that outlives the stack.
 *
 * RDS keeps backups of a FlueDatabase by itself, but deletes them with the database, and nothing backs up the data volume of a
 * box. A snapshot in the vault stays. Restore it with `snapshot` of FlueDatabase or `dataVolumeSnapshot` of FlueEc2Service.
 *
 * **Cost.** The plan and the vault cost nothing; each GB of a snapshot costs by the month, docs/cost.md. A snapshot after the
 * first holds what changed.
 *
 * **Durability.** If you delete the stack, the vault and its snapshots stay until `retention` is over. A snapshot of a volume
 * is what the disk held at one moment, as after a power cut: SQLite and ext4 recover from that.
 *
 * **Security.** The role has the policy that AWS keeps for backups, without restores, and only AWS Backup can assume it.
 *
 * @example
 * declare const box: FlueEc2Service;
 *
 * new FlueBackups(this, 'Backups', { databases: [database], volumes: [box.dataVolume!], retention: Duration.days(14) });
 */
export class FlueBackups extends Construct {
  /** The plan. */
  public readonly plan: BackupPlan;

  /** The vault that holds the backups. */
  public readonly vault: IBackupVault;

  /** The role with which AWS Backup makes them. */
  public readonly role: IRole;

  public constructor(scope: Construct, id: string, props: FlueBackupsProps = {}) {
    super(placed('FlueBackups', scope, id), id);
    requireTypes(this, 'FlueBackupsProps', props);
    props = settled(this, props);
    const retention = props.retention ?? Duration.days(35);
    requireWithin(this, retention, BACKUP_LIMITS.retention);

    requireUnlocked(this, retention, props.vault);

    const schedule = props.schedule ?? Schedule.cron({ hour: '5', minute: '0' });
    requireSchedule(this, schedule);

    this.vault = props.vault ?? this.addVault();
    this.plan = new BackupPlan(this, 'Plan', {
      backupVault: this.vault,
      backupPlanRules: [new BackupPlanRule({
        ruleName: 'Daily',
        scheduleExpression: schedule,
        deleteAfter: retention,
      })],
    });
    this.role = new Role(this, 'Role', {
      description: 'Backups of Flue',
      assumedBy: new ServicePrincipal('backup.amazonaws.com'),
      // AWS keeps it as its services change; one of our own would fail a backup at night
      managedPolicies: [ManagedPolicy.fromAwsManagedPolicyName('service-role/AWSBackupServiceRolePolicyForBackup')],
    });
    this.node.addValidation({
      validate: () => this.plan.node.children.length > 1 ? [] : [
        'FlueBackups must back up something, got: neither a database nor a volume. Pass `databases` or `volumes`',
      ],
    });
    props.databases?.forEach(database => this.addDatabase(database));
    props.volumes?.forEach(volume => this.addVolume(volume));
  }

  /**
   * Backs up a database.
   *
   * Throws for one that the plan has already.
   *
   * @param database the database
   */
  public addDatabase(database: FlueDatabase): void {
    requireArguments('FlueBackups.addDatabase', { database }, this);
    const { instance, cluster } = database;
    this.add(database, instance ? BackupResource.fromRdsDatabaseInstance(instance) : BackupResource.fromRdsServerlessCluster(cluster!));
  }

  /**
   * Backs up a volume.
   *
   * Throws for one that the plan has already.
   *
   * @param volume the volume, such as `dataVolume` of a box
   */
  public addVolume(volume: IVolume): void {
    requireArguments('FlueBackups.addVolume', { volume }, this);
    this.add(volume, BackupResource.fromArn(Stack.of(volume).formatArn({ service: 'ec2', resource: 'volume', resourceName: volume.volumeId })));
  }

  /** The vault stays when its stack goes, or when the first deployment fails, and the next stack must not need its name. */
  private addVault(): BackupVault {
    const vault = new BackupVault(this, 'Vault');
    const stackUuid = Fn.select(2, Fn.split('/', Stack.of(this).stackId));
    // the L2 refuses a name that only the deployment knows
    (vault.node.defaultChild as CfnBackupVault).backupVaultName = `${Names.uniqueResourceName(vault, { maxLength: NAME_LENGTH - END_LENGTH - 1 })}-`
      + Fn.select(4, Fn.split('-', stackUuid));
    return vault;
  }

  private add(what: IConstruct, resource: BackupResource): void {
    // by its address, so that the order of the calls does not matter
    const id = `${what.node.id.slice(0, 40).replace(/[^\w.-]/g, '-')}-${what.node.addr.slice(-8)}`;
    if (this.plan.node.tryFindChild(id)) {
      refuse(this, `\`databases\` and \`volumes\` must name each once, got: ${what.node.path} twice`, 'Remove the second one');
    }
    this.plan.addSelection(id, { resources: [resource], role: this.role, disableDefaultBackupPolicy: true });
  }
}

/** Refuses a retention that the lock of a vault of this app refuses: every backup would fail. */
function requireUnlocked(scope: Construct, retention: Duration, vault: IBackupVault | undefined): void {
  const resource = vault?.node.defaultChild;
  const given: unknown = resource && CfnResource.isCfnResource(resource) ? (resource as CfnBackupVault).lockConfiguration : undefined;
  const lock = Stack.of(scope).resolve(given) as CfnBackupVault.LockConfigurationTypeProperty | undefined;
  if (!lock || isUnknown(retention, scope)) {
    return;
  }
  const days = retention.toDays();
  const { minRetentionDays: least = 1, maxRetentionDays: most = Infinity } = lock;
  if (days < Number(least) || days > Number(most)) {
    const allowed = most === Infinity ? `at least ${least}` : `${least}–${most}`;
    refuse(scope, `\`retention\` must be ${allowed} days, as the lock of ${vault!.node.path} says, got: ${days}`,
      'AWS Backup fails each backup that the lock does not allow. Change one of the two');
  }
}

/** Refuses a schedule by which AWS Backup would never, or could not, begin. */
function requireSchedule(scope: Construct, { expressionString }: Schedule): void {
  if (isUnknown(expressionString)) {
    return;
  }
  const [, inside] = /^cron\((.*)\)$/.exec(expressionString) ?? [];
  if (inside === undefined) {
    refuse(scope, `\`schedule\` must be a cron expression, got: ${shown(expressionString)}`, 'AWS Backup knows no other: use `events.Schedule.cron({ … })`');
  }
  if (firesNever(inside)) {
    refuse(scope, `\`schedule\` must fire at some time, got: cron(${inside})`,
      'No calendar has such a time, or one of the six fields is missing: minutes, hours, day, month, day of the week, year');
  }
  if (firesWithinTheHour(inside)) {
    refuse(scope, `\`schedule\` must fire once an hour at most, got: cron(${inside})`, 'Name one minute, as in `events.Schedule.cron({ hour: \'5\', minute: \'0\' })`');
  }
}
