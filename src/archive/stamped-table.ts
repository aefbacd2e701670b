import type Database from 'better-sqlite3'
import { timeOfId } from '../model/ids.js'
import type { Table, Value } from '../model/table.js'
import { mergeTelling, type StampedRow } from './merge-row.js'
import { columnList, equals, fromSql, insertSql, quoted } from './sql.js'
import { compareStamps, type Stamp } from './stamp.js'
import { ToldMask, toldColumns } from './told-mask.js'

/** Writes rows that keep no history: each cell is the newest one told, in any order of arrival. */
export class StampedTable {
  private readonly key: readonly string[]
  private readonly told: readonly string[]
  private readonly mask: ToldMask
  private readonly select: Database.Statement
  private readonly insert: Database.Statement
  private readonly update: Database.Statement
  private readonly touch: Database.Statement
  private readonly timeColumn: string | undefined

  constructor(database: Database.Database, table: Table) {
    this.key = table.key
    const columns = toldColumns(table)
    this.told = columns.map((each) => each.name)
    this.mask = new ToldMask(columns)
    this.timeColumn = this.told.find((name) => name === 'created_at')
    const kept = ['told', 'older', 'first_seen_at', 'first_response_id']
    const last = ['last_seen_at', 'last_response_id']
    const all = [...this.told, ...kept, ...last]
    const where = `WHERE ${equals(this.key)}`
    const name = quoted(table.name)
    this.select = database
      .prepare(`SELECT ${columnList(all)} FROM ${name} ${where}`)
      .raw()
      .safeIntegers()
    this.insert = database.prepare(insertSql(table.name, [...this.key, ...all]))
    this.update = database.prepare(`UPDATE ${name} SET ${equals(all, ', ')} ${where}`)
    this.touch = database.prepare(`UPDATE ${name} SET ${equals(last, ', ')} ${where}`)
  }

  save(values: Record<string, Value>, stamp: Stamp): void {
    const key = this.key.map((name) => values[name] ?? null)
    const told: Record<string, Value> = {}
    for (const name of this.told) if (values[name] !== undefined) told[name] = values[name]
    const held = this.select.get(...key) as Value[] | undefined
    if (held === undefined) this.insertRow(key, mergeTelling(undefined, told, stamp, weakIn(told)))
    else this.mergeRow(key, held.map(fromSql), told, stamp)
  }

  private insertRow(key: Value[], row: StampedRow): void {
    const { at, responseId } = row.newest
    this.insert.run(...key, ...this.cells(key, row), at, responseId, at, responseId)
  }

  private mergeRow(key: Value[], held: Value[], told: Record<string, Value>, stamp: Stamp): void {
    const before = this.rowOf(held)
    const [firstAt, firstId] = held.slice(this.told.length + 2) as [number, string]
    const first = { at: firstAt, responseId: firstId }
    const isEarlier = compareStamps(stamp, first) < 0
    const after = mergeTelling(before, told, stamp, weakIn(told))
    if (after === before && !isEarlier) return
    const { at, responseId } = after.newest
    const cells = this.cells(key, after)
    const isSame = cells.every((cell, place) => cell === held[place])
    if (isSame && !isEarlier) return void this.touch.run(at, responseId, ...key)
    const earliest = isEarlier ? stamp : first
    this.update.run(...cells, earliest.at, earliest.responseId, at, responseId, ...key)
  }

  private rowOf(held: Value[]): StampedRow {
    const count = this.told.length
    const values: Record<string, Value> = {}
    for (let index = 0; index < count; index += 1) values[this.told[index]!] = held[index] ?? null
    const older = held[count + 1] as string | null
    return {
      values,
      newest: { at: held[count + 4] as number, responseId: held[count + 5] as string },
      told: new Set(this.mask.namesIn(held[count] as number)),
      older: older === null ? {} : (JSON.parse(older) as StampedRow['older']),
    }
  }

  /** A row as it is kept, up to its stamps. */
  private cells(key: Value[], { values, told, older }: StampedRow): Value[] {
    const cells = this.told.map((name) =>
      name === this.timeColumn
        ? (values[name] ?? timeOfId(String(key[0])))
        : (values[name] ?? null),
    )
    const isEmpty = Object.keys(older).length === 0
    return [...cells, this.mask.maskOf(told), isEmpty ? null : JSON.stringify(sorted(older))]
  }
}

const link = ['url', 'expires_at']

/** A link without its signature, as dumps hold that were cleaned, takes no place of one that has it. */
const weakIn = ({ url, expires_at }: Record<string, Value>): readonly string[] =>
  typeof url === 'string' && expires_at === null && !url.includes('?') ? link : []

/** One order of columns, so that the same content is the same text. */
const sorted = (older: StampedRow['older']): StampedRow['older'] =>
  Object.fromEntries(Object.entries(older).sort(([one], [other]) => (one < other ? -1 : 1)))
