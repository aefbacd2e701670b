import type Database from 'better-sqlite3'
import { namesForgotten } from '../model/forgotten-mark.js'
import type { Denylist } from './forget/denylist.js'

/** How a run ended. */
export type Outcome = 'done' | 'budget' | 'refused' | 'interrupted' | 'failures'

/** A run about to start; `config` holds no secrets. */
export interface RunStart {
  command: string
  seeds: readonly string[]
  config: Record<string, unknown>
  version: string
  startedAt: number
}

/** Keeps the runs of the program and the passes over the seeds. */
export class RunLog {
  private readonly statements

  constructor(
    database: Database.Database,
    private readonly denylist: Denylist,
  ) {
    this.statements = {
      begin: database.prepare(
        `INSERT INTO runs (command, seeds, config, version, started_at)
         VALUES (?, ?, ?, ?, ?) RETURNING run_id`,
      ),
      last: database.prepare(
        `SELECT command, config FROM runs WHERE command = :command OR :command IS NULL
         ORDER BY run_id DESC LIMIT 1`,
      ),
      noteOrdered: database.prepare(
        `UPDATE runs SET config = json_set(config, '$.orderedTo', CAST(? AS INTEGER)) WHERE run_id = ?`,
      ),
      end: database.prepare('UPDATE runs SET ended_at = ?, outcome = ? WHERE run_id = ?'),
      passes: database.prepare('SELECT seeds FROM passes ORDER BY pass').pluck(),
      pass: database.prepare('SELECT pass, seeds FROM passes ORDER BY pass DESC LIMIT 1'),
      beginPass: database.prepare('INSERT INTO passes (pass, started_at, seeds) VALUES (?, ?, ?)'),
      widenPass: database.prepare('UPDATE passes SET seeds = ?, ended_at = NULL WHERE pass = ?'),
      endPass: database.prepare('UPDATE passes SET ended_at = ? WHERE pass = ?'),
    }
  }

  begin({ command, seeds, config, version, startedAt }: RunStart): number {
    const named = seeds.map((each) => this.denylist.maskPlace(this.denylist.maskSeed(each)))
    const cells = [command, JSON.stringify(named), JSON.stringify(config), version, startedAt]
    return (this.statements.begin.get(...cells) as { run_id: number }).run_id
  }

  /** The last run that was begun, of a command or of any, and its settings. */
  last(command: string | null = null): { command: string; config: Record<string, unknown> } | null {
    const row = this.statements.last.get({ command }) as
      { command: string; config: string | null } | undefined
    if (row === undefined) return null
    const config = JSON.parse(row.config ?? '{}') as Record<string, unknown>
    return { command: row.command, config }
  }

  /** Notes the request up to which the frontier is in the order of a run; NULL: all of it is. */
  noteOrdered(runId: number, orderedTo: number | null): void {
    this.statements.noteOrdered.run(orderedTo, runId)
  }

  end(runId: number, outcome: Outcome, at: number): void {
    this.statements.end.run(at, outcome, runId)
  }

  /** The pass under way; seeds that are new to it join it. */
  currentPass(seeds: readonly string[], now: number): number {
    const last = this.statements.pass.get() as { pass: number; seeds: string } | undefined
    if (last === undefined) {
      this.statements.beginPass.run(1, now, JSON.stringify(seeds))
      return 1
    }
    const known = JSON.parse(last.seeds) as string[]
    const all = [...new Set([...known, ...seeds])]
    if (all.length > known.length) this.statements.widenPass.run(JSON.stringify(all), last.pass)
    return last.pass
  }

  /** The seeds of all passes, in the order in which they were first named. */
  allSeeds(): string[] {
    const lists = (this.statements.passes.all() as string[]).map(
      (each) => JSON.parse(each) as string[],
    )
    return [...new Set(lists.flat())].filter((seed) => !namesForgotten(seed))
  }

  /** Begins a pass after the last one. */
  nextPass(seeds: readonly string[], now: number): number {
    const last = this.statements.pass.get() as { pass: number } | undefined
    const pass = (last?.pass ?? 0) + 1
    this.statements.beginPass.run(pass, now, JSON.stringify(seeds))
    return pass
  }

  endPass(pass: number, at: number): void {
    this.statements.endPass.run(at, pass)
  }
}
