import { setImmediate } from 'node:timers/promises'
import type Database from 'better-sqlite3'
import type { Table } from '../model/table.js'
import { tables } from '../model/tables.js'
import { openForReading } from './archive.js'
import { quoted } from './sql.js'
import { verifyBodies } from './verify-bodies.js'
import { verifyMedia } from './verify-media.js'

/** Something that does not hold. */
export interface Finding {
  /** What was checked: `bodies`, `references`, … */
  check: string
  problem: string
}

/** How far a verification is. */
export interface VerifyProgress {
  check: string
  done: number
  total: number
}

/** What to verify. */
export interface VerifyArchiveOptions {
  archiveDir: string
  onProgress?: (progress: VerifyProgress) => void
  signal?: AbortSignal
}

/** Findings of one kind that are told one by one. */
const mostOfAKind = 20

/**
 * Checks an archive against itself, at one instant of it: the file, every body's digest, answers and
 * their bodies, references, counts that are derived, that no rebuild and no forget is unfinished, and
 * that every media file that was saved lies there as it came.
 * @returns what does not hold; nothing if all does
 * @throws ArchiveError if there is no archive; the signal's reason when aborted
 */
export async function verifyArchive(options: VerifyArchiveOptions): Promise<Finding[]> {
  const database = openForReading(options.archiveDir, { isForRebuild: true, isForForget: true })
  try {
    database.exec('BEGIN')
    const findings: Finding[] = []
    const steps = checks(database)
    for (const [place, { check, find }] of steps.entries()) {
      options.onProgress?.({ check, done: place, total: steps.length + 1 })
      findings.push(...find().map((problem) => ({ check, problem })))
      await setImmediate()
      options.signal?.throwIfAborted()
    }
    findings.push(...(await verifyContents(database, options)))
    return findings
  } finally {
    database.close()
  }
}

interface Check {
  check: string
  find: () => string[]
}

function checks(database: Database.Database): Check[] {
  const count = (sql: string) => database.prepare(sql).pluck().get() as number
  const missing = (check: string, what: string, sql: string): Check => ({
    check,
    find: () => {
      const rows = count(`SELECT count(*) FROM (${sql})`)
      return rows === 0 ? [] : [`${rows} ${what}`]
    },
  })
  return [
    {
      check: 'rebuild',
      find: () =>
        count('SELECT count(*) FROM rebuilds') === 0
          ? []
          : ['a rebuild is unfinished: run `afterfeed rebuild`'],
    },
    {
      check: 'forget',
      find: () =>
        count('SELECT count(*) FROM forgetting') === 0
          ? []
          : ['a forget is unfinished: run `afterfeed forget`'],
    },
    { check: 'file', find: () => readIntegrity(database) },
    missing(
      'answers',
      'answers whose body is not kept',
      `SELECT body_sha256 FROM responses WHERE body_sha256 IS NOT NULL
       EXCEPT SELECT sha256 FROM bodies`,
    ),
    missing(
      'answers',
      'bodies that belong to no answer',
      'SELECT sha256 FROM bodies EXCEPT SELECT body_sha256 FROM responses',
    ),
    missing(
      'answers',
      'entries of the journal whose answer is not held',
      `SELECT entry FROM journal WHERE response_id IS NOT NULL
       AND response_id NOT IN (SELECT response_id FROM responses)`,
    ),
    ...tables.flatMap((table) => referenceChecks(table, missing)),
    missing(
      'counts',
      'lists whose number of items is not that of the items held',
      `SELECT listing_key FROM listings WHERE items <> (
         SELECT count(*) FROM listing_items WHERE listing_items.listing_key = listings.listing_key)`,
    ),
    missing(
      'counts',
      'requests whose parent is not held',
      `SELECT request_id FROM requests WHERE parent_request_id IS NOT NULL
       AND parent_request_id NOT IN (SELECT request_id FROM requests)`,
    ),
  ]
}

const responseColumns = ['response_id', 'first_response_id', 'last_response_id']

/** What a table refers to and that is always held: other tables' keys, and answers. */
function referenceChecks(
  table: Table,
  missing: (check: string, what: string, sql: string) => Check,
): Check[] {
  const references = table.columns.flatMap(({ name, references }) => {
    const [target, key] = references?.split('.') ?? []
    if (target && key) return [{ name, target, key }]
    const isAnswer = table.derived && responseColumns.includes(name)
    return isAnswer ? [{ name, target: 'responses', key: 'response_id' }] : []
  })
  return references.map(({ name, target, key }) =>
    missing(
      'references',
      `rows of ${table.name} whose ${name} is not in ${target}`,
      `SELECT 1 FROM ${quoted(table.name)} WHERE ${quoted(name)} IS NOT NULL
       AND ${quoted(name)} NOT IN (SELECT ${quoted(key)} FROM ${quoted(target)})`,
    ),
  )
}

function readIntegrity(database: Database.Database): string[] {
  const lines = database.pragma(`integrity_check(${mostOfAKind})`) as { integrity_check: string }[]
  return lines.map((each) => each.integrity_check).filter((each) => each !== 'ok')
}

/** Looks into what the tables name: the kept bodies, and the media files. */
async function verifyContents(
  database: Database.Database,
  { archiveDir: dir, onProgress, signal }: VerifyArchiveOptions,
): Promise<Finding[]> {
  const tell = (check: string) => (done: number, total: number) =>
    onProgress?.({ check, done, total })
  const bodies = verifyBodies({ database, onBody: tell('bodies'), signal })
  const media = verifyMedia({ dir, database, onFile: tell('media'), signal })
  return [...(await gather('bodies', bodies)), ...(await gather('media', media))]
}

/** The first findings of a check that yields its problems one by one, and how many more there are. */
async function gather(check: string, problems: AsyncIterable<string>): Promise<Finding[]> {
  const found: Finding[] = []
  let more = 0
  for await (const problem of problems)
    if (found.length < mostOfAKind) found.push({ check, problem })
    else more += 1
  return more === 0 ? found : [...found, { check, problem: `and ${more} more` }]
}
