import type Database from 'better-sqlite3'
import type { Column, Table, Value } from '../model/table.js'
import { columnList, insertSql, quoted } from './sql.js'
import type { Stamp } from './stamp.js'

/** Writes relations: one row each, with the earliest and the newest answer that told it. */
export class EdgeTable {
  private readonly upsert: Database.Statement
  private readonly names: readonly string[]

  constructor(database: Database.Database, table: Table) {
    this.names = table.columns
      .map((each) => each.name)
      .filter((name) => !/^(first|last)_(seen_at|response_id)$/.test(name))
    this.upsert = database.prepare(upsertSql(table, this.names))
  }

  save(values: Record<string, Value>, { at, responseId }: Stamp): void {
    const cells = this.names.map((name) => values[name] ?? null)
    this.upsert.run(...cells, at, at, responseId, responseId)
  }
}

function upsertSql(table: Table, names: readonly string[]): string {
  const isEarlier =
    '(excluded.first_seen_at, excluded.first_response_id) < (first_seen_at, first_response_id)'
  const isLater =
    '(excluded.last_seen_at, excluded.last_response_id) > (last_seen_at, last_response_id)'
  const strongest = table.columns.filter((each) => each.merge === 'strongest').map(strongestSql)
  const assignments = [
    ...strongest,
    `first_seen_at = min(first_seen_at, excluded.first_seen_at)`,
    `first_response_id = CASE WHEN ${isEarlier} THEN excluded.first_response_id ELSE first_response_id END`,
    `last_seen_at = max(last_seen_at, excluded.last_seen_at)`,
    `last_response_id = CASE WHEN ${isLater} THEN excluded.last_response_id ELSE last_response_id END`,
  ]
  const all = [...names, 'first_seen_at', 'last_seen_at', 'first_response_id', 'last_response_id']
  return `${insertSql(table.name, all)}
    ON CONFLICT (${columnList(table.key)}) DO UPDATE SET ${assignments.join(', ')}`
}

function strongestSql({ name, strength = [] }: Column): string {
  const rank = (source: string) =>
    `CASE ${source} ${strength.map((each, index) => `WHEN '${each}' THEN ${index}`).join(' ')} ELSE 99 END`
  const held = quoted(name)
  return `${held} = CASE WHEN ${rank(`excluded.${held}`)} < ${rank(held)} THEN excluded.${held} ELSE ${held} END`
}
