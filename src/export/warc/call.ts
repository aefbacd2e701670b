import type { Row } from '../../archive/snapshot.js'
import type { Params } from '../../model/page.js'
import type { Column, Table } from '../../model/table.js'
import { exportedColumns, tableOf } from '../../model/tables.js'
import type { Desk } from '../format.js'
import { toIsoTime } from '../iso-time.js'
import { toJsonObject } from '../ndjson-format.js'

/** The ledger in the order of time; calls that were never answered stand first. */
export const callsInTime: Table = {
  ...tableOf('responses'),
  key: ['received_at', 'response_id'],
}

/** A row of the ledger, as far as records are made of it. */
export interface Call {
  responseId: string
  endpoint: string
  params: Params
  baseUrl: string | null
  /** When it was answered, or else sent, as WARC writes times. */
  at: string
  status: number | null
  headers: Readonly<Record<string, string>>
  isImported: boolean
  clock: string | null
  bodySha256: string | null
  /** The digest of the answer as it came, of which its id is made: of what was forgotten in it, too. */
  originalSha256: string | null
  /** Why its object was not there, where it says that. */
  absence: string | null
  /** The row as a JSON object, but for the number of its run: runs are numbered by each archive. */
  row: string
}

const columns: readonly Column[] = exportedColumns(callsInTime)
const places = new Map(columns.map(({ name }, place) => [name, place]))
const told = columns.filter(({ name }) => name !== 'run_id')
const toRow = toJsonObject(told)

/** What the archive tells of a call beside its row. */
export type CallFacts = Pick<Desk, 'readAbsence' | 'rewrittenFrom'>

/** Reads a row of `callsInTime`, with all its columns; a rewritten answer has another digest than it came with. */
export function toCall(row: Row, { readAbsence, rewrittenFrom }: CallFacts): Call {
  const cell = (name: string) => row[places.get(name)!] ?? null
  const text = (name: string) => cell(name) as string | null
  const status = cell('status') as bigint | null
  const asked = {
    responseId: text('response_id')!,
    endpoint: text('endpoint')!,
    params: parsed(text('params')),
  }
  return {
    ...asked,
    absence: text('outcome') === 'page' ? null : readAbsence(asked),
    baseUrl: text('base_url'),
    at: toWarcDate((cell('received_at') ?? cell('sent_at') ?? 0n) as bigint),
    status: status === null ? null : Number(status),
    headers: parsed(text('headers')),
    isImported: cell('origin') !== 'network',
    clock: text('clock'),
    bodySha256: text('body_sha256'),
    originalSha256: rewrittenFrom(asked.responseId) ?? text('body_sha256'),
    row: toRow(told.map(({ name }) => cell(name))),
  }
}

/** Microseconds as WARC/1.1 writes times (W3C-DTF, four-digit years); what has no such year is 1970. */
export function toWarcDate(micros: bigint): string {
  const time = toIsoTime(micros)
  return /^\d{4}-/.test(time) ? time : toIsoTime(0n)
}

/** A flat JSON object of texts; anything else is empty. */
function parsed(json: string | null): Record<string, string> {
  try {
    const value: unknown = JSON.parse(json ?? '{}')
    const entries = Object.entries((value ?? {}) as object)
    return Object.fromEntries(entries.map(([name, each]) => [name, String(each)]))
  } catch {
    return {}
  }
}
