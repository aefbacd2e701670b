import type Database from 'better-sqlite3'
import { createHash } from 'node:crypto'

/** Every row of a table as a line, in an order that does not depend on how it came about. */
export function linesOf(db: Database.Database, table: string): string[] {
  const rows = db.prepare(`SELECT * FROM "${table}"`).safeIntegers().all()
  return rows.map((row) => JSON.stringify(row, plain)).sort()
}

const plain = (_: string, value: unknown): unknown => {
  if (typeof value === 'bigint') return `${value}n`
  return Buffer.isBuffer(value) ? createHash('sha256').update(value).digest('hex') : value
}

/** The names of all tables of an archive, but those that tell of runs of the program. */
export const tablesIn = (db: Database.Database): string[] =>
  db
    .prepare(
      `SELECT name FROM sqlite_master WHERE type = 'table' AND name NOT LIKE 'sqlite_%'
       AND name <> 'runs' ORDER BY name`,
    )
    .pluck()
    .all() as string[]

/** A whole archive, table by table. */
export const dumpOf = (db: Database.Database): Map<string, string[]> =>
  new Map(tablesIn(db).map((table) => [table, linesOf(db, table)]))

/** Lines that are in one dump only; empty if both are the same. */
export function dumpDifferences(
  one: Map<string, string[]>,
  other: Map<string, string[]>,
): string[] {
  return [...new Set([...one.keys(), ...other.keys()])].flatMap((table) => {
    const [before, after] = [one.get(table) ?? [], other.get(table) ?? []]
    const [held, now] = [new Set(before), new Set(after)]
    return [
      ...before.filter((line) => !now.has(line)).map((line) => `${table} lost ${line}`),
      ...after.filter((line) => !held.has(line)).map((line) => `${table} got ${line}`),
      ...(before.length === after.length ? [] : [`${table}: ${before.length} → ${after.length}`]),
    ]
  })
}
