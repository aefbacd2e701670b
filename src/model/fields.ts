import { isForgottenMark } from './forgotten-mark.js'
import { isKnownKey } from './known-shapes.js'
import { flagOf, isoMicros, numberOf } from './other-writings.js'
import { isMediaUrl } from './signed-url.js'
import { under, type Placed, type Reading, type Wire } from './reading.js'
import type { Value } from './table.js'
import { tableOf, type TableName } from './tables.js'

/** How a wire value becomes a cell; `texts`: a list of them, as JSON. */
export type FieldType = 'text' | 'texts' | 'count' | 'int' | 'real' | 'bool' | 'time' | 'url'

/** One column and the wire keys that may hold it, the native name first. */
export interface Field {
  column: string
  keys: readonly string[]
  type: FieldType
  clearable: boolean
}

/** A field as written down: `[type, ...keys]`; without keys the wire key is the column's name. */
type FieldSpec = readonly [FieldType, ...string[]]

/**
 * Describes the fields of a table; whether a null clears is read off the one list of tables. A column
 * that is not there, or a key that no known shape has and that would be told as drift, is a bug.
 */
export function fieldsOf(table: TableName, specs: Record<string, FieldSpec>): Field[] {
  const columns = new Map(tableOf(table).columns.map((each) => [each.name, each]))
  return Object.entries(specs).map(([column, [type, ...keys]]) => {
    const described = columns.get(column)
    if (!described) throw new Error(`no column ${table}.${column}`)
    const named = keys.length > 0 ? keys : [column]
    const unknown = named.find((key) => !isKnownKey(key))
    if (unknown !== undefined) throw new Error(`no known shape has the key ${unknown}`)
    return {
      column,
      keys: named,
      type,
      clearable: described.clearable === true,
    }
  })
}

/** Where fields are read: the object, its place, and whether its nulls are values. */
export interface FieldSource extends Placed {
  isFull: boolean
}

/**
 * Reads fields into `values`. A key that is absent tells nothing; a null tells something only in a
 * full object and for a clearable column; what has the wrong type becomes an anomaly. A time of 0 is
 * none (`data-shapes` 1.2), as null is.
 */
export function readFields(
  reading: Reading,
  { object, path, isFull }: FieldSource,
  fields: readonly Field[],
  values: Record<string, Value>,
): void {
  for (const field of fields) {
    const key = presentKey(object, field.keys)
    if (key === undefined) continue
    const came = object[key]
    if (isForgottenMark(came)) continue
    if (came === null || isNoTime(came, field.type)) {
      if (isFull && field.clearable) values[field.column] = null
      continue
    }
    const cell = toCell(came, field.type)
    if (cell.ok) values[field.column] = cell.value
    if (!cell.ok || cell.problem !== undefined)
      reading.note(under(path, key), cell.problem ?? 'unreadable', came)
  }
}

const isNoTime = (came: unknown, type: FieldType): boolean => type === 'time' && came === 0

function presentKey(object: Wire, keys: readonly string[]): string | undefined {
  for (const key of keys) if (Object.hasOwn(object, key) && object[key] !== undefined) return key
  return undefined
}

/** A cell, or why there is none; a problem beside a value is noted and the value kept. */
export type Cell = { ok: true; value: Value; problem?: string } | { ok: false; problem: string }

const int64 = { least: -(2n ** 63n), most: 2n ** 63n - 1n }
const latestSecond = 253402300800

/** One wire value as a cell of that type. */
export function toCell(came: unknown, type: FieldType): Cell {
  switch (type) {
    case 'text':
      return toText(came)
    case 'texts':
      return toTexts(came)
    case 'url':
      return toUrl(came)
    case 'bool':
      return toFlag(flagOf(came))
    case 'real':
      return toReal(numberOf(came))
    case 'time':
      return toTime(came)
    case 'int':
      return toInt(numberOf(came))
    case 'count':
      return toCount(numberOf(came))
  }
}

const toFlag = (flag: boolean | undefined): Cell =>
  flag === undefined
    ? { ok: false, problem: 'expected true or false' }
    : { ok: true, value: flag ? 1 : 0 }

const toReal = (came: unknown): Cell =>
  typeof came === 'number' && Number.isFinite(came)
    ? { ok: true, value: came }
    : { ok: false, problem: 'expected a number' }

function toCount(came: unknown): Cell {
  if (typeof came !== 'number' && typeof came !== 'bigint')
    return { ok: false, problem: 'expected a count' }
  return came < 0 ? { ok: false, problem: 'expected a count, came a negative number' } : toInt(came)
}

const halfPair = 'half a surrogate pair, kept as U+FFFD'

function toText(came: unknown): Cell {
  if (typeof came !== 'string') return { ok: false, problem: 'expected a text' }
  if (came.isWellFormed()) return { ok: true, value: came }
  return {
    ok: true,
    value: came.toWellFormed(),
    problem: halfPair,
  }
}

const isKept = (each: unknown): boolean => !isForgottenMark(each)

/** What is forgotten has no place in a list. */
function toTexts(came: unknown): Cell {
  if (!Array.isArray(came) || !came.every((each) => typeof each === 'string'))
    return { ok: false, problem: 'expected a list of texts' }
  const held = came.filter(isKept)
  const value = JSON.stringify(held.map((each) => each.toWellFormed()))
  return held.every((each) => each.isWellFormed())
    ? { ok: true, value }
    : { ok: true, value, problem: halfPair }
}

function toUrl(came: unknown): Cell {
  if (typeof came === 'string' && came.isWellFormed() && isMediaUrl(came))
    return { ok: true, value: came }
  return { ok: false, problem: 'expected an https address' }
}

function toInt(came: unknown): Cell {
  if (typeof came === 'number' && Number.isSafeInteger(came))
    return { ok: true, value: Object.is(came, -0) ? 0 : came }
  if (typeof came === 'bigint' && came >= int64.least && came <= int64.most)
    return { ok: true, value: came }
  return { ok: false, problem: 'expected a whole number of at most 64 bits' }
}

/** Years 2001 to 2099 in milliseconds: as seconds they would be no time at all. */
const millisFrom = 1e12
const millisTo = 4.1e12

/** Seconds since 1970 with six decimals, or an ISO time with its zone, as microseconds. */
function toTime(came: unknown): Cell {
  const seconds = numberOf(came)
  if (typeof seconds !== 'number') return toInstant(isoMicros(came))
  if (seconds >= millisFrom && seconds < millisTo)
    return { ...toInstant(Math.round(seconds * 1000)), problem: 'milliseconds, read as such' }
  return toInstant(seconds < latestSecond ? Math.round(seconds * 1e6) : null)
}

const toInstant = (micros: number | null): Cell =>
  micros !== null && micros > 0
    ? { ok: true, value: micros }
    : { ok: false, problem: 'expected seconds since 1970' }
