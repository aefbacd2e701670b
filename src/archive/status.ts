import type Database from 'better-sqlite3'
import type { Table } from '../model/table.js'
import { tables, type TableName } from '../model/tables.js'
import { countRowsOf, type RowCounts } from './counts.js'

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

/** A step of reading the status, told before it begins: in a large archive some take long. */
export interface StatusStep {
  what: string
  done: number
  total: number
}

/** Takes a step, once it is told. */
type Step = <Result>(what: string, read: () => Result) => Result

const deadlinesShown = 5
const failedShown = 1000

/** Reads what an archive holds; `now` is microseconds since 1970. */
export function readStatus(
  database: Database.Database,
  now: number,
  onStep: (step: StatusStep) => void = () => undefined,
): ArchiveStatus {
  return database.transaction(() => {
    const origins = originsOf(database)
    const step = stepper(tables.length + (origins === 'both' ? boughtTables.length : 0) + 4, onStep)
    const counts = tables.map(({ name }) => step(name, () => countRowsOf(database, [name])))
    const rows = Object.assign({}, ...counts) as RowCounts
    return {
      rows,
      requests: step('requests by state', () => countRequests(database)),
      money: readMoney(database, { origins, rows, step }),
      anomalies: rows.anomalies,
      deadlines: step('links that end', () => readDeadlines(database, now)),
      failed: step('requests that failed', () => readFailed(database)),
    }
  })()
}

function stepper(total: number, onStep: (step: StatusStep) => void): Step {
  let done = 0
  return (what, read) => {
    onStep({ what, done, total })
    done += 1
    return read()
  }
}

const countRequests = (database: Database.Database) =>
  database
    .prepare(
      `SELECT count(*) FILTER (WHERE state = 'pending') AS pending,
              count(*) FILTER (WHERE state = 'done') AS done,
              count(*) FILTER (WHERE state = 'failed') AS failed,
              count(*) FILTER (WHERE state = 'skipped') AS skipped
       FROM requests`,
    )
    .get() as ArchiveStatus['requests']

const readDeadlines = (database: Database.Database, now: number) =>
  database
    .prepare(
      `SELECT expires_at, count(DISTINCT asset_key) AS files FROM assets WHERE expires_at > ?
       GROUP BY expires_at ORDER BY expires_at LIMIT ${deadlinesShown}`,
    )
    .all(now) as ArchiveStatus['deadlines']

/** The requests that failed, the first so many of them. */
export const readFailed = (database: Database.Database): ArchiveStatus['failed'] =>
  database
    .prepare(
      `SELECT request_key, reason, error FROM requests WHERE state = 'failed'
       ORDER BY request_id LIMIT ${failedShown}`,
    )
    .all() as ArchiveStatus['failed']

type Money = ArchiveStatus['money']

function readMoney(database: Database.Database, given: Counting): Money {
  const { total, by_endpoint } = given.step('calls', () => readCalls(database))
  const newRows = countNewRows(database, given)
  return {
    ...total,
    new_rows: newRows,
    usd_per_1000_new_rows: newRows === 0 ? null : (total.cost_usd / newRows) * 1000,
    by_endpoint,
  }
}

const readCalls = (database: Database.Database) => ({
  total: database
    .prepare(
      `SELECT coalesce(sum(calls), 0) AS calls, coalesce(sum(billed_unknown), 0) AS billed_unknown,
              round(total(cost_usd), 6) AS cost_usd
       FROM costs`,
    )
    .get() as Pick<Money, 'calls' | 'billed_unknown' | 'cost_usd'>,
  by_endpoint: database
    .prepare(
      `SELECT endpoint, sum(calls) AS calls, sum(answers) AS answers, round(total(cost_usd), 6) AS cost_usd
       FROM costs GROUP BY endpoint ORDER BY cost_usd DESC, endpoint`,
    )
    .all() as Money['by_endpoint'],
})

const boughtTables = tables.filter(({ kind }: Table) => kind === 'entity' || kind === 'edge')

/** Whose answers an archive holds. */
type Origins = 'calls' | 'imports' | 'both'

function originsOf(database: Database.Database): Origins {
  const has = (condition: string): boolean =>
    database.prepare(`SELECT 1 FROM responses WHERE origin ${condition} LIMIT 1`).get() !==
    undefined
  if (!has(`<> 'network'`)) return 'calls'
  return has(`= 'network'`) ? 'both' : 'imports'
}

interface Counting {
  origins: Origins
  rows: RowCounts
  step: Step
}

/** Rows that were told first by an answer of the network; each is looked at only where imports told others. */
function countNewRows(database: Database.Database, { origins, rows, step }: Counting): number {
  const calls = `SELECT response_id FROM responses WHERE origin = 'network'`
  const countOf = (name: TableName): number =>
    database
      .prepare(`SELECT count(*) FROM "${name}" WHERE first_response_id IN (${calls})`)
      .pluck()
      .get() as number
  if (origins === 'imports') return 0
  return boughtTables.reduce(
    (sum, { name }) =>
      sum + (origins === 'calls' ? rows[name] : step(`new rows of ${name}`, () => countOf(name))),
    0,
  )
}
