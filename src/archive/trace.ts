import type Database from 'better-sqlite3'
import { InputError } from '../model/errors.js'
import { findInAnswer, findPlace, type FoundJson } from '../model/find-in-answer.js'
import type { Params } from '../model/page.js'
import { tryParseJson, type ParsedJson } from '../model/parse-json.js'
import { readParsed } from '../model/read-page.js'
import type { Table, Value } from '../model/table.js'
import { tables, type TableName } from '../model/tables.js'
import { Bodies } from './bodies.js'
import { equals, quoted, rowFromSql } from './sql.js'

/** An answer that told a row: when, from where, at what price, and the JSON it came from. */
export interface TracedAnswer {
  response_id: string
  endpoint: string
  params: Params
  /** Microseconds since 1970, by the clock named. */
  received_at: number
  clock: string | null
  origin: string
  status: number | null
  billed: string
  cost_usd: number | null
  run_id: number | null
  /** The columns that it told, with their values. */
  told: Record<string, Value>
  json: FoundJson[]
  body_sha256: string | null
}

/** A row, and every kept answer that told it, the earliest first. */
export interface Trace {
  table: string
  key: Record<string, Value>
  row: Record<string, Value>
  answers: TracedAnswer[]
}

/** A change, an absence, an anomaly: its row names the one answer that it is of. */
const isOfOneAnswer = ({ kind, name }: Table): boolean => kind === 'history' || name === 'anomalies'

/** The tables whose rows can be traced. */
export const tracedTables: readonly Table[] = (tables as readonly Table[]).filter(
  (each) => ['entity', 'edge', 'entry'].includes(each.kind) || isOfOneAnswer(each),
)

/**
 * Finds the answers that told a row, by reading them again.
 * @param name of a table, or its singular @param ids the key, value by value
 * @throws InputError if there is no such table or row
 */
export function traceRow(database: Database.Database, name: string, ids: readonly string[]): Trace {
  const table = tableNamed(name)
  const { key, row } = readRow(database, table, ids)
  const bodies = new Bodies(database)
  const read = (id: string) => readAnswer(database, bodies, id)
  const answers = isOfOneAnswer(table)
    ? traceNamed(read, { table, key, row })
    : candidatesFor(database, table, row).flatMap((id) => traceTold(read, { id, table, key }))
  answers.sort((one, other) => one.received_at - other.received_at)
  return { table: table.name, key, row, answers }
}

function tableNamed(name: string): Table {
  const table = tracedTables.find((each) => each.name === name || each.name === `${name}s`)
  if (table !== undefined) return table
  const names = tracedTables.map((each) => each.name).join(', ')
  throw new InputError(`there is no kind ${name} to trace; kinds are ${names}`)
}

function readRow(database: Database.Database, table: Table, ids: readonly string[]) {
  if (ids.length !== table.key.length)
    throw new InputError(
      `a row of ${table.name} is named by ${table.key.join(' ')}: ${table.key.length} values, not ${ids.length}`,
    )
  const sql = `SELECT * FROM ${quoted(table.name)} WHERE ${equals(table.key)}`
  const held = database
    .prepare(sql)
    .safeIntegers()
    .get(...ids)
  if (held === undefined)
    throw new InputError(`the archive holds no row ${ids.join(' ')} in ${table.name}`)
  const row = rowFromSql(held as Record<string, Value>)
  const key = Object.fromEntries(table.key.map((name) => [name, row[name] ?? null]))
  return { key, row }
}

/** Where an owner is named by one column alone. */
const ownerColumns: Partial<Record<TableName, readonly [kind: string, column: string][]>> = {
  remixes: [
    ['post', 'remix_post_id'],
    ['post', 'parent_post_id'],
  ],
  follows: [
    ['user', 'follower_id'],
    ['user', 'followee_id'],
  ],
}

/** Answers that may have told a row: those that told its object or its owner; for drafts and tasks, theirs. */
function candidatesFor(
  database: Database.Database,
  table: Table,
  row: Record<string, Value>,
): string[] {
  const told = [row['first_response_id'], row['last_response_id'], row['response_id']]
  const sightings = database
    .prepare('SELECT response_id FROM sightings WHERE entity_kind = ? AND entity_id = ?')
    .pluck()
  const owners: (readonly [Value, Value])[] = [
    [table.entity ?? null, row[table.key[0]!] ?? null],
    [row['owner_kind'] ?? null, row['owner_id'] ?? null],
    ...(ownerColumns[table.name as TableName] ?? []).map(
      ([kind, column]) => [kind, row[column] ?? null] as const,
    ),
  ]
  const ofOwners = owners.flatMap(([kind, id]) => sightings.all(kind, id) as string[])
  const ofDrafts = ['generations', 'tasks'].includes(table.name) ? draftAnswers(database) : []
  return [...new Set([...told, ...ofOwners, ...ofDrafts])].filter((id) => typeof id === 'string')
}

const draftAnswers = (database: Database.Database): string[] =>
  database
    .prepare(
      `SELECT response_id FROM responses
       WHERE outcome = 'page' AND (endpoint LIKE 'native_draft%' OR endpoint LIKE 'native_pending%'
         OR endpoint LIKE 'get_task%')`,
    )
    .pluck()
    .all() as string[]

interface AnswerRow extends Omit<TracedAnswer, 'params' | 'told' | 'json'> {
  params: string
}

interface ReadAnswer {
  facts: Omit<TracedAnswer, 'told' | 'json'>
  /** NULL if no body is kept, or it is no JSON. */
  parsed: ParsedJson | null
}

type Read = (id: string) => ReadAnswer | null

function readAnswer(database: Database.Database, bodies: Bodies, id: string): ReadAnswer | null {
  const answer = database
    .prepare(
      `SELECT response_id, endpoint, params, received_at, clock, origin, status, billed, cost_usd,
              run_id, body_sha256
       FROM responses WHERE response_id = ?`,
    )
    .get(id) as AnswerRow | undefined
  if (answer === undefined) return null
  const text = answer.body_sha256 === null ? undefined : bodies.read(answer.body_sha256)
  const facts = { ...answer, params: JSON.parse(answer.params) as Params }
  return { facts, parsed: text === undefined ? null : tryParseJson(text) }
}

/** The answer, if it tells the row. */
function traceTold(
  read: Read,
  { id, table, key }: { id: string; table: Table; key: Record<string, Value> },
): TracedAnswer[] {
  const answer = read(id)
  if (answer === null || answer.parsed === null) return []
  const { facts, parsed } = answer
  const { page } = readParsed(facts.endpoint, facts.params, parsed)
  const rows = page.rows.filter((row) => row.table === table.name && isRow(row.values, key, id))
  if (rows.length === 0) return []
  const told = Object.assign({}, ...rows.map(({ values }) => values)) as Record<string, Value>
  const json = findInAnswer(parsed.value, table.name as TableName, { ...told, ...key })
  return [{ ...facts, told, json }]
}

/** The answer that a row names, whether or not it is one with records. */
function traceNamed(
  read: Read,
  { table, key, row }: { table: Table; key: Record<string, Value>; row: Record<string, Value> },
): TracedAnswer[] {
  const answer = read(String(row['response_id']))
  if (answer === null) return []
  const cells = Object.entries(row).filter(([name, value]) => value !== null && !(name in key))
  const told = Object.fromEntries(cells.filter(([name]) => name !== 'observed_at'))
  const json = answer.parsed === null ? [] : findNamed(answer.parsed.value, table, row)
  return [{ ...answer.facts, told, json }]
}

/** An anomaly says where it is; a change and an absence are of an object. */
function findNamed(answer: unknown, table: Table, row: Record<string, Value>): FoundJson[] {
  if (table.name === 'anomalies') return [findPlace(answer, String(row['json_pointer']))]
  const home = tables.find((each: Table) => each.entity === row['entity_kind'])
  if (home === undefined) return []
  return findInAnswer(answer, home.name, { [home.key[0]]: row['entity_id'] ?? null })
}

const isRow = (values: Record<string, Value>, key: Record<string, Value>, id: string): boolean =>
  Object.entries(key).every(([name, value]) =>
    name === 'response_id' ? value === id : values[name] === value,
  )
