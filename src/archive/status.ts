import type Database from 'better-sqlite3'
import type { Table } from '../model/table.js'
import { tables, type TableName } from '../model/tables.js'
import { countRows, type RowCounts } from './counts.js'

/** What an archive holds; times in microseconds. */
export interface ArchiveStatus {
  rows: RowCounts
  requests: { pending: number; done: number; failed: number; skipped: number }
  money: {
    calls: number
    billed_unknown: number
    cost_usd: number
    /** Rows of entity and edge tables that a paid answer told first. */
    new_rows: number
    /** NULL while there are none. */
    usd_per_1000_new_rows: number | null
    by_endpoint: { endpoint: string; calls: number; answers: number; cost_usd: number }[]
  }
  anomalies: number
  /** The next instants at which signatures end, and how many files are behind each. */
  deadlines: { expires_at: number; files: number }[]
  failed: { request_key: string; reason: string | null; error: string | null }[]
}

const deadlinesShown = 5
const failedShown = 1000

/** Reads what an archive holds; `now` is microseconds since 1970. */
export function readStatus(database: Database.Database, now: number): ArchiveStatus {
  const one = (sql: string, ...cells: unknown[]) => database.prepare(sql).get(...cells)
  const all = (sql: string, ...cells: unknown[]) => database.prepare(sql).all(...cells)
  return database.transaction(() => {
    const rows = countRows(database)
    return {
      rows,
      requests: one(
        `SELECT count(*) FILTER (WHERE state = 'pending') AS pending,
                count(*) FILTER (WHERE state = 'done') AS done,
                count(*) FILTER (WHERE state = 'failed') AS failed,
                count(*) FILTER (WHERE state = 'skipped') AS skipped
         FROM requests`,
      ) as ArchiveStatus['requests'],
      money: readMoney(database, rows),
      anomalies: rows.anomalies,
      deadlines: all(
        `SELECT expires_at, count(DISTINCT asset_key) AS files FROM assets WHERE expires_at > ?
         GROUP BY expires_at ORDER BY expires_at LIMIT ${deadlinesShown}`,
        now,
      ) as ArchiveStatus['deadlines'],
      failed: readFailed(database),
    }
  })()
}

/** The requests that failed, the first so many of them. */
export const readFailed = (database: Database.Database): ArchiveStatus['failed'] =>
  database
    .prepare(
      `SELECT request_key, reason, error FROM requests WHERE state = 'failed'
       ORDER BY request_id LIMIT ${failedShown}`,
    )
    .all() as ArchiveStatus['failed']

function readMoney(database: Database.Database, rows: RowCounts): ArchiveStatus['money'] {
  const total = database
    .prepare(
      `SELECT coalesce(sum(calls), 0) AS calls, coalesce(sum(billed_unknown), 0) AS billed_unknown,
              round(total(cost_usd), 6) AS cost_usd
       FROM costs`,
    )
    .get() as Pick<ArchiveStatus['money'], 'calls' | 'billed_unknown' | 'cost_usd'>
  const newRows = countNewRows(database, rows)
  return {
    ...total,
    new_rows: newRows,
    usd_per_1000_new_rows: newRows === 0 ? null : (total.cost_usd / newRows) * 1000,
    by_endpoint: database
      .prepare(
        `SELECT endpoint, sum(calls) AS calls, sum(answers) AS answers, round(total(cost_usd), 6) AS cost_usd
         FROM costs GROUP BY endpoint ORDER BY cost_usd DESC, endpoint`,
      )
      .all() as ArchiveStatus['money']['by_endpoint'],
  }
}

const boughtTables = tables.filter(({ kind }: Table) => kind === 'entity' || kind === 'edge')

/** Rows that were told first by an answer of the network, not by an imported one. */
function countNewRows(database: Database.Database, rows: RowCounts): number {
  const hasImports = database
    .prepare(`SELECT 1 FROM responses WHERE origin <> 'network' LIMIT 1`)
    .pluck()
  const isImported = `SELECT 1 FROM responses WHERE response_id = first_response_id AND origin <> 'network'`
  const countOf = (name: TableName): number =>
    database
      .prepare(`SELECT count(*) FROM "${name}" WHERE NOT EXISTS (${isImported})`)
      .pluck()
      .get() as number
  const isCounted = hasImports.get() === undefined
  return boughtTables.reduce((sum, { name }) => sum + (isCounted ? rows[name] : countOf(name)), 0)
}
