import type Database from 'better-sqlite3'
import { timeOfId } from '../model/ids.js'
import { assetKey } from '../model/signed-url.js'
import type { Column, Group, Table, Value } from '../model/table.js'
import { saysNothingNew, toComparable } from './history.js'
import type { HistoryLog } from './history-log.js'
import { columnList, equals, fromSql, insertSql, quoted } from './sql.js'
import { compareStamps, type Stamp } from './stamp.js'
import { ToldMask, toldColumns } from './told-mask.js'

const groups: readonly Group[] = ['summary', 'full', 'counters']

/** A row as it is held. */
interface Held {
  cells: Value[]
  groupTimes: (number | null)[]
  first: Stamp
  last: Stamp
}

/** What one telling does to a held row. */
interface Change {
  cells: Value[]
  isChanged: boolean
  /** Columns whose change is an event: column, old, new, as histories compare them. */
  revised: { field: string; old: string | null; new: string | null }[]
  isObserved: boolean
}

/**
 * Writes users, posts and comments: per column the newest telling wins, whatever order answers come
 * in; what changed goes into `observations` and `revisions`.
 */
export class HistoryTable {
  private readonly columns: readonly Column[]
  private readonly mask: ToldMask
  private readonly kind: string
  private readonly keyName: string
  private readonly select: Database.Statement
  private readonly insert: Database.Statement
  private readonly update: Database.Statement
  private readonly touch: Database.Statement

  constructor(
    database: Database.Database,
    table: Table,
    private readonly log: HistoryLog,
  ) {
    this.columns = toldColumns(table)
    this.mask = new ToldMask(this.columns)
    this.kind = table.entity!
    this.keyName = table.key[0]!
    const times = groups.map((group) => `${group}_at`)
    const first = ['first_seen_at', 'first_response_id']
    const last = ['last_seen_at', 'last_response_id']
    const all = [...this.columns.map((each) => each.name), ...times, ...first, ...last]
    const name = quoted(table.name)
    const where = `WHERE ${quoted(this.keyName)} = ?`
    this.select = database
      .prepare(`SELECT ${columnList(all)} FROM ${name} ${where}`)
      .raw()
      .safeIntegers()
    this.insert = database.prepare(insertSql(table.name, [this.keyName, ...all]))
    this.update = database.prepare(`UPDATE ${name} SET ${equals(all, ', ')} ${where}`)
    this.touch = database.prepare(
      `UPDATE ${name} SET ${equals([...times, ...last], ', ')} ${where}`,
    )
  }

  save(values: Record<string, Value>, stamp: Stamp): void {
    const id = values[this.keyName] as string
    const told = this.columns.map(({ name }) => values[name])
    const held = this.read(id)
    if (held === undefined) this.insertRow(id, told, stamp)
    else if (compareStamps(stamp, held.last) > 0) this.mergeNewer(id, held, told, stamp)
    else this.mergeLate(id, held, told, stamp)
  }

  private read(id: string): Held | undefined {
    const row = this.select.get(id) as Value[] | undefined
    if (row === undefined) return undefined
    const cells = row.map(fromSql)
    const count = this.columns.length
    const [firstAt, firstId, lastAt, lastId] = cells.slice(count + groups.length)
    return {
      cells: cells.slice(0, count),
      groupTimes: cells.slice(count, count + groups.length) as (number | null)[],
      first: { at: firstAt as number, responseId: firstId as string },
      last: { at: lastAt as number, responseId: lastId as string },
    }
  }

  private insertRow(id: string, told: (Value | undefined)[], stamp: Stamp): void {
    const cells = this.columns.map((column, index) =>
      column.name === 'posted_at' ? (told[index] ?? timeOfId(id)) : (told[index] ?? null),
    )
    const { at, responseId } = stamp
    const times = this.groupTimes([null, null, null], told, at)
    this.insert.run(id, ...cells, ...times, at, responseId, at, responseId)
    this.log.addSighting(this.kind, id, stamp, this.maskOf(told))
    if (this.hasCounters(told)) this.log.addObservation(this.kind, id, stamp, this.counters(told))
  }

  private mergeNewer(id: string, held: Held, told: (Value | undefined)[], stamp: Stamp): void {
    const change = this.changeOf(id, held.cells, told)
    const times = this.groupTimes(held.groupTimes, told, stamp.at)
    const last = [stamp.at, stamp.responseId]
    const first = [held.first.at, held.first.responseId]
    if (change.isChanged) this.update.run(...change.cells, ...times, ...first, ...last, id)
    else this.touch.run(...times, ...last, id)
    this.log.addSighting(this.kind, id, stamp, this.maskOf(told))
    for (const revision of change.revised) this.log.addRevision(this.kind, id, stamp, revision)
    if (change.isObserved) this.log.addObservation(this.kind, id, stamp, this.counters(told))
  }

  private changeOf(id: string, held: readonly Value[], told: (Value | undefined)[]): Change {
    const change: Change = { cells: [...held], isChanged: false, revised: [], isObserved: false }
    told.forEach((value, index) => {
      const before = held[index] ?? null
      if (value === undefined || value === before) return
      const column = this.columns[index]!
      change.isChanged = true
      change.cells[index] = merged(column, before, value)
      if (column.group === 'counters') change.isObserved = true
      else if (!column.restless) this.revise(id, column, { before, value }, change)
    })
    return change
  }

  private revise(
    id: string,
    column: Column,
    { before, value }: { before: Value; value: Value },
    change: Change,
  ): void {
    const old = comparable(column, before)
    const now = comparable(column, value)
    if (old === now || (before === null && !this.wasTold(id, column))) return
    change.revised.push({ field: column.name, old, new: now })
  }

  private wasTold(id: string, column: Column): boolean {
    return this.log
      .sightingsOf(this.kind, id)
      .some(({ mask }) => this.mask.namesIn(mask).includes(column.name))
  }

  /** An answer older than the newest: every change it sits between is told anew. */
  private mergeLate(id: string, held: Held, told: (Value | undefined)[], stamp: Stamp): void {
    if (this.isKnownLate(id, held, told, stamp)) return
    const sightings = this.log.sightingsOf(this.kind, id)
    if (sightings.some((each) => each.responseId === stamp.responseId)) return
    const newerMasks = sightings.filter((each) => compareStamps(each, stamp) > 0)
    const newer = new Set(newerMasks.flatMap(({ mask }) => this.mask.namesIn(mask)))
    const cells = [...held.cells]
    told.forEach((value, index) => {
      const column = this.columns[index]!
      if (value === undefined) return
      if (column.merge) cells[index] = merged(column, cells[index] ?? null, value)
      else if (!newer.has(column.name)) cells[index] = value
    })
    const first = compareStamps(stamp, held.first) < 0 ? stamp : held.first
    this.update.run(
      ...cells,
      ...this.groupTimes(held.groupTimes, told, stamp.at),
      ...[first.at, first.responseId, held.last.at, held.last.responseId],
      id,
    )
    this.log.insertLate(
      { kind: this.kind, id, stamp, mask: this.maskOf(told) },
      {
        sightings: sightings.map(({ at, responseId, mask }) => ({
          at,
          responseId,
          ...this.split(mask),
        })),
        today: this.comparables(held.cells),
        telling: { ...stamp, fields: this.toldFields(told), counters: this.toldCounters(told) },
      },
    )
  }

  /**
   * Most late answers say what was said around them: where the newest one told every column that this
   * one tells, it is one more sighting and changes nothing.
   * @returns true if it was noted so, or was noted before
   */
  private isKnownLate(id: string, held: Held, told: (Value | undefined)[], stamp: Stamp): boolean {
    if (compareStamps(stamp, held.first) <= 0) return false
    const { kind, log } = this
    const [newest, own] = log.masksOf(kind, id, held.last.responseId, stamp.responseId)
    if (own !== undefined) return true
    const mask = this.maskOf(told)
    if (newest === undefined || !this.mask.isWithin(mask, newest)) return false
    if (
      told.some((value, index) => value !== undefined && this.columns[index]!.merge !== undefined)
    )
      return false
    const telling = {
      ...stamp,
      fields: this.toldFields(told),
      counters: this.toldCounters(told),
    }
    const changes = log.changesOf(kind, id)
    if (!saysNothingNew(telling, changes, this.comparables(held.cells))) return false
    log.addSighting(kind, id, stamp, mask)
    return true
  }

  private split(mask: number): { fields: string[]; counters: string[] } {
    const names = new Set(this.mask.namesIn(mask))
    const told = this.columns.filter(({ name }) => names.has(name))
    return {
      fields: told.filter(isField).map(({ name }) => name),
      counters: told.filter(isCounter).map(({ name }) => name),
    }
  }

  private comparables(cells: readonly Value[]): Map<string, string | null> {
    const entries = this.columns.map(
      (column, index) => [column.name, comparable(column, cells[index] ?? null)] as const,
    )
    return new Map(entries.filter((_, index) => isField(this.columns[index]!)))
  }

  private toldFields(told: readonly (Value | undefined)[]): Map<string, string | null> {
    const fields = new Map<string, string | null>()
    this.columns.forEach((column, index) => {
      const value = told[index]
      if (value !== undefined && isField(column)) fields.set(column.name, comparable(column, value))
    })
    return fields
  }

  private toldCounters(told: readonly (Value | undefined)[]): Map<string, string> {
    return new Map(
      Object.entries(this.counters(told)).map(([name, value]) => [name, String(value)]),
    )
  }

  private counters(told: readonly (Value | undefined)[]): Record<string, Value> {
    const counters: Record<string, Value> = {}
    this.columns.forEach((column, index) => {
      const value = told[index]
      if (value !== undefined && isCounter(column)) counters[column.name] = value
    })
    return counters
  }

  private hasCounters(told: readonly (Value | undefined)[]): boolean {
    return told.some((value, index) => value !== undefined && isCounter(this.columns[index]!))
  }

  private maskOf(told: readonly (Value | undefined)[]): number {
    return this.mask.maskOf(
      this.columns.filter((_, index) => told[index] !== undefined).map(({ name }) => name),
    )
  }

  private groupTimes(
    held: readonly (number | null)[],
    told: readonly (Value | undefined)[],
    at: number,
  ): (number | null)[] {
    return groups.map((group, index) => {
      const isTold = told.some(
        (value, i) => value !== undefined && this.columns[i]!.group === group,
      )
      const before = held[index] ?? null
      return isTold && (before === null || at > before) ? at : before
    })
  }
}

const isCounter = (column: Column): boolean => column.group === 'counters'

/** A column whose changes are kept as revisions. */
const isField = (column: Column): boolean => !isCounter(column) && !column.restless

const comparable = (column: Column, value: Value): string | null =>
  column.signed && typeof value === 'string' ? assetKey(value) : toComparable(value)

function merged(column: Column, before: Value, value: Value): Value {
  if (column.merge === 'earliest' && typeof before === 'number' && typeof value === 'number')
    return Math.min(before, value)
  return value
}
