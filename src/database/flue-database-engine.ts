import type { Construct } from 'constructs';
import { AuroraServerless } from './aurora-serverless';
import type { CreatedDatabase, DatabaseOptions, DatabaseStrategy } from './database-strategy';
import type { FlueAuroraServerlessOptions, FluePostgresOptions } from './flue-database-engine-options';
import { RdsPostgres } from './rds-postgres';
import { requireArguments } from '../invariants/types/require-types';

/**
 * The engine of a `FlueDatabase`: where it runs, how large it is and what it costs.
 */
export class FlueDatabaseEngine {
  /**
   * RDS for PostgreSQL: one instance at a fixed price, the cheapest Postgres that AWS manages.
   *
   * The database that gets this engine throws for storage out of range.
   */
  public static postgres(options: FluePostgresOptions = {}): FlueDatabaseEngine {
    requireArguments('FlueDatabaseEngine.postgres', { options });
    return new FlueDatabaseEngine(new RdsPostgres(options));
  }

  /**
   * Aurora PostgreSQL Serverless v2: storage in three availability zones, and capacity that follows the load.
   *
   * The database that gets this engine throws for capacities out of range.
   */
  public static auroraServerless(options: FlueAuroraServerlessOptions = {}): FlueDatabaseEngine {
    requireArguments('FlueDatabaseEngine.auroraServerless', { options });
    return new FlueDatabaseEngine(new AuroraServerless(options));
  }

  private constructor(private readonly strategy: DatabaseStrategy) {}

  /**
   * Refuses options that the engine does not have, before anything exists.
   *
   * @internal
   */
  public _validate(scope: Construct, snapshot?: string): void {
    this.strategy.validate(scope, snapshot);
  }

  /**
   * Defines the database below a scope.
   *
   * @internal
   */
  public _bind(scope: Construct, options: DatabaseOptions): CreatedDatabase {
    return this.strategy.create(scope, options);
  }
}
