import type Database from 'better-sqlite3'

/** The place of a rebuild that is wanted and has not emptied all tables yet. */
const due = -1

/** How far a rebuild is; kept in the archive, so that a stopped one goes on. */
export class RebuildState {
  private readonly statements

  constructor(database: Database.Database) {
    this.statements = {
      position: database.prepare('SELECT entry FROM rebuilds').pluck(),
      demand: database.prepare(
        `INSERT INTO rebuilds (entry, started_at) SELECT ${due}, 0
         WHERE NOT EXISTS (SELECT 1 FROM rebuilds)`,
      ),
      begin: database.prepare('INSERT INTO rebuilds (entry, started_at) VALUES (0, ?)'),
      move: database.prepare('UPDATE rebuilds SET entry = ?'),
      end: database.prepare('DELETE FROM rebuilds'),
    }
  }

  /** True if a rebuild is wanted, or under way. */
  isUnfinished(): boolean {
    return this.statements.position.get() !== undefined
  }

  /** The last entry replayed; undefined if no rebuild is under way. */
  position(): number | undefined {
    const entry = this.statements.position.get() as number | undefined
    return entry === due ? undefined : entry
  }

  /** Notes, in the transaction that makes it necessary, that a rebuild is to come. */
  demand(): void {
    this.statements.demand.run()
  }

  begin(now: number): void {
    this.end()
    this.statements.begin.run(now)
  }

  moveTo(entry: number): void {
    this.statements.move.run(entry)
  }

  end(): void {
    this.statements.end.run()
  }
}
