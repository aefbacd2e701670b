import type Database from 'better-sqlite3'
import { countRows, type RowCounts } from './counts.js'

/** What an archive holds; times in microseconds. */
export interface ArchiveStatus {
  rows: RowCounts
  requests: { pending: number; done: number; failed: number; skipped: number }
  money: { calls: number; billed_unknown: number; cost_usd: number }
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
      money: one(
        `SELECT coalesce(sum(calls), 0) AS calls, coalesce(sum(billed_unknown), 0) AS billed_unknown,
                total(cost_usd) AS cost_usd
         FROM costs`,
      ) as ArchiveStatus['money'],
      anomalies: rows.anomalies,
      deadlines: all(
        `SELECT expires_at, count(DISTINCT asset_key) AS files FROM assets WHERE expires_at > ?
         GROUP BY expires_at ORDER BY expires_at LIMIT ${deadlinesShown}`,
        now,
      ) as ArchiveStatus['deadlines'],
      failed: all(
        `SELECT request_key, reason, error FROM requests WHERE state = 'failed'
         ORDER BY request_id LIMIT ${failedShown}`,
      ) as ArchiveStatus['failed'],
    }
  })()
}
