import type Database from 'better-sqlite3'
import type { Anomaly, Page } from '../model/page.js'
import type { Table, Value } from '../model/table.js'
import { tables } from '../model/tables.js'
import { CommentPlaces } from './comment-places.js'
import type { Denylist } from './forget/denylist.js'
import { DriftLog } from './drift-log.js'
import { EdgeTable } from './edge-table.js'
import { HistoryLog } from './history-log.js'
import { HistoryTable } from './history-table.js'
import { mergePageRows } from './merge-page.js'
import { insertSql } from './sql.js'
import type { Stamp } from './stamp.js'
import { StampedTable } from './stamped-table.js'

interface RowWriter {
  save(values: Record<string, Value>, stamp: Stamp): void
}

/** Writes what a page tells into the derived tables; the caller holds the transaction. */
export class PageWriter {
  private readonly writers: ReadonlyMap<string, RowWriter>
  private readonly places: CommentPlaces
  private readonly drift: DriftLog
  private readonly addAnomaly: Database.Statement
  private readonly addAbsence: Database.Statement
  private readonly deleteAnomalies: Database.Statement

  constructor(
    database: Database.Database,
    private readonly denylist: Denylist,
  ) {
    const log = new HistoryLog(database)
    const written = tables.filter((each: Table) => ['entity', 'edge', 'entry'].includes(each.kind))
    this.writers = new Map(
      written.map((each) => [each.name, writerOf(database, each, log)] as const),
    )
    this.places = new CommentPlaces(database)
    this.drift = new DriftLog(database)
    const anomaly = ['response_id', 'json_pointer', 'problem', 'excerpt']
    this.addAnomaly = database.prepare(
      `${insertSql('anomalies', anomaly)}
       ON CONFLICT DO UPDATE SET problem = problem || '; ' || excluded.problem
       WHERE instr(problem, excluded.problem) = 0`,
    )
    this.deleteAnomalies = database.prepare('DELETE FROM anomalies WHERE response_id = ?')
    const absence = ['entity_kind', 'entity_id', 'response_id', 'observed_at', 'reason']
    this.addAbsence = database.prepare(insertSql('absences', absence, 'INSERT OR IGNORE'))
  }

  /** Writes all rows of a page, as told by that answer at that time. */
  save(page: Page, stamp: Stamp): void {
    const comments: string[] = []
    for (const { table, values } of mergePageRows(page.rows)) {
      this.writers.get(table)!.save(values, stamp)
      if (table === 'comments') comments.push(values['comment_id'] as string)
    }
    this.places.complete(comments)
    this.saveAbsences(page.absences, stamp)
    this.saveAnomalies(page.anomalies, stamp.responseId)
    if (page.drift !== undefined) this.drift.save(page.drift, stamp)
  }

  saveAbsences(absences: Page['absences'], { at, responseId }: Stamp): void {
    for (const { entity_kind, entity_id, reason } of absences)
      this.addAbsence.run(entity_kind, entity_id, responseId, at, reason)
  }

  /** Forgets the anomalies of an answer that is read anew. */
  dropAnomalies(responseId: string): void {
    this.deleteAnomalies.run(responseId)
  }

  /** Keeps what could not be read; two problems at one place share a row. */
  saveAnomalies(anomalies: readonly Anomaly[], responseId: string): void {
    const byPlace = new Map<string, Anomaly>()
    for (const anomaly of anomalies) {
      const known = byPlace.get(anomaly.json_pointer)
      const problem = known ? `${known.problem}; ${anomaly.problem}` : anomaly.problem
      byPlace.set(anomaly.json_pointer, { ...anomaly, problem })
    }
    for (const { json_pointer, problem, excerpt } of byPlace.values())
      this.addAnomaly.run(
        ...[responseId, json_pointer, this.denylist.mask(problem)],
        excerpt === null ? null : this.denylist.mask(excerpt),
      )
  }
}

function writerOf(database: Database.Database, table: Table, log: HistoryLog): RowWriter {
  if (table.entity !== undefined) return new HistoryTable(database, table, log)
  if (table.kind === 'entity') return new StampedTable(database, table)
  if (table.kind === 'edge') return new EdgeTable(database, table)
  return new EntryTable(database, table)
}

/** Writes places in an answer: a row is told by one answer only. */
class EntryTable implements RowWriter {
  private readonly insert: Database.Statement
  private readonly names: readonly string[]

  constructor(database: Database.Database, table: Table) {
    this.names = table.columns.map((each) => each.name)
    this.insert = database.prepare(insertSql(table.name, this.names, 'INSERT OR IGNORE'))
  }

  save(values: Record<string, Value>, { responseId }: Stamp): void {
    const told: Record<string, Value> = { ...values, response_id: responseId }
    this.insert.run(...this.names.map((name) => told[name] ?? null))
  }
}
