import type Database from 'better-sqlite3'
import type { Row } from './truth.js'

/** Rows of a table by the column that names them, integers as bigint. */
export function readTable(db: Database.Database, table: string, key: string): Map<string, Row> {
  const rows = db.prepare(`SELECT * FROM ${table}`).safeIntegers().all() as Row[]
  return new Map(rows.map((row) => [String(row[key]), row]))
}

const shown = (value: unknown): string => {
  const text = typeof value === 'string' ? JSON.stringify(value) : String(value)
  return text.length > 80 ? `${text.slice(0, 80)}… (${text.length} characters)` : text
}

const comparable = (value: unknown): unknown =>
  typeof value === 'number' && Number.isInteger(value) ? BigInt(value) : value

/** A line per missing row, per row too many (unless `maybe`), per certain value that differs. */
export function differences(
  expected: Map<string, Row>,
  actual: Map<string, Row>,
  maybe: Set<string> = new Set(),
): string[] {
  const found = [...expected].flatMap(([id, row]) => {
    const held = actual.get(id)
    if (!held) return [`${id}: missing`]
    return Object.entries(row).flatMap(([column, value]) => {
      if (!(column in held)) return [`${id}: no column ${column}`]
      if (comparable(held[column]) === comparable(value)) return []
      return [`${id} ${column}: expected ${shown(value)}, held ${shown(held[column])}`]
    })
  })
  const extra = [...actual.keys()].filter((id) => !expected.has(id) && !maybe.has(id))
  return [...found, ...extra.map((id) => `${id}: nobody told it`)]
}

/** The same for things that are only there or not. */
export function setDifferences(expected: Set<string>, actual: Set<string>): string[] {
  const missing = [...expected].filter((each) => !actual.has(each))
  const extra = [...actual].filter((each) => !expected.has(each))
  return [
    ...missing.map((each) => `${each}: missing`),
    ...extra.map((each) => `${each}: nobody told it`),
  ]
}

/** The first ten and how many there are: short enough to read, empty when all agrees. */
export const summary = (lines: string[]): string[] =>
  lines.length <= 10 ? lines : [...lines.slice(0, 10), `… ${lines.length} in all`]

/**
 * How many different items of a page have an anomaly, per answer, the largest first. Answers are
 * not looked up by name: how `anomalies.response_id` is derived is the archive's own business.
 */
export function brokenItemsPerAnswer(db: Database.Database): number[] {
  const rows = db.prepare('SELECT response_id, json_pointer FROM anomalies').all() as {
    response_id: string
    json_pointer: string
  }[]
  const items = new Map<string, Set<string>>()
  for (const { response_id, json_pointer } of rows) {
    const item = /\/items\/\d+/.exec(json_pointer)?.[0]
    if (!item) continue
    if (!items.has(response_id)) items.set(response_id, new Set())
    items.get(response_id)!.add(item)
  }
  return [...items.values()].map(({ size }) => size).sort((a, b) => b - a)
}
