import type Database from 'better-sqlite3'
import { timeOfId } from '../model/ids.js'
import type { Column, Table, Value } from '../model/table.js'
import {
  comparable,
  groups,
  HistoryColumns,
  isCounter,
  merged,
  type ToldCells,
} from './history-columns.js'
import { saysNothingNew, type Telling } from './history.js'
import type { HistoryLog } from './history-log.js'
import { columnList, equals, fromSql, insertSql, quoted } from './sql.js'
import { compareStamps, type Stamp } from './stamp.js'

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
  private readonly columns: HistoryColumns
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
    this.columns = new HistoryColumns(table)
    this.kind = table.entity!
    this.keyName = table.key[0]!
    const times = groups.map((group) => `${group}_at`)
    const first = ['first_seen_at', 'first_response_id']
    const last = ['last_seen_at', 'last_response_id']
    const all = [...this.columns.all.map((each) => each.name), ...times, ...first, ...last]
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
    const told = this.columns.all.map(({ name }) => values[name])
    const held = this.read(id)
    if (held === undefined) this.insertRow(id, told, stamp)
    else if (compareStamps(stamp, held.last) > 0) this.mergeNewer(id, held, told, stamp)
    else this.mergeLate(id, held, told, stamp)
  }

  private read(id: string): Held | undefined {
    const row = this.select.get(id) as Value[] | undefined
    if (row === undefined) return undefined
    const cells = row.map(fromSql)
    const count = this.columns.all.length
    const [firstAt, firstId, lastAt, lastId] = cells.slice(count + groups.length)
    return {
      cells: cells.slice(0, count),
      groupTimes: cells.slice(count, count + groups.length) as (number | null)[],
      first: { at: firstAt as number, responseId: firstId as string },
      last: { at: lastAt as number, responseId: lastId as string },
    }
  }

  private insertRow(id: string, told: ToldCells, stamp: Stamp): void {
    const cells = this.columns.all.map((column, index) =>
      column.name === 'posted_at' ? (told[index] ?? timeOfId(id)) : (told[index] ?? null),
    )
    const { at, responseId } = stamp
    const times = this.columns.groupTimes([null, null, null], told, at)
    this.insert.run(id, ...cells, ...times, at, responseId, at, responseId)
    this.log.addSighting(this.kind, id, stamp, this.columns.maskOf(told))
    if (this.columns.hasCounters(told))
      this.log.addObservation(this.kind, id, stamp, this.columns.counters(told))
  }

  private mergeNewer(id: string, held: Held, told: ToldCells, stamp: Stamp): void {
    const change = this.changeOf(id, held.cells, told)
    const times = this.columns.groupTimes(held.groupTimes, told, stamp.at)
    const last = [stamp.at, stamp.responseId]
    const first = [held.first.at, held.first.responseId]
    if (change.isChanged) this.update.run(...change.cells, ...times, ...first, ...last, id)
    else this.touch.run(...times, ...last, id)
    this.log.addSighting(this.kind, id, stamp, this.columns.maskOf(told))
    for (const revision of change.revised) this.log.addRevision(this.kind, id, stamp, revision)
    if (change.isObserved)
      this.log.addObservation(this.kind, id, stamp, this.columns.counters(told))
  }

  private changeOf(id: string, held: readonly Value[], told: ToldCells): Change {
    const change: Change = { cells: [...held], isChanged: false, revised: [], isObserved: false }
    told.forEach((value, index) => {
      const before = held[index] ?? null
      if (value === undefined || value === before) return
      const column = this.columns.all[index]!
      change.isChanged = true
      change.cells[index] = merged(column, before, value)
      if (isCounter(column)) change.isObserved = true
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
      .some(({ mask }) => this.columns.mask.namesIn(mask).includes(column.name))
  }

  /** An answer older than the newest: every change it sits between is told anew. */
  private mergeLate(id: string, held: Held, told: ToldCells, stamp: Stamp): void {
    if (this.isKnownLate(id, held, told, stamp)) return
    const sightings = this.log.sightingsOf(this.kind, id)
    if (sightings.some((each) => each.responseId === stamp.responseId)) return
    const newerMasks = sightings.filter((each) => compareStamps(each, stamp) > 0)
    const newer = new Set(newerMasks.flatMap(({ mask }) => this.columns.mask.namesIn(mask)))
    const cells = [...held.cells]
    told.forEach((value, index) => {
      const column = this.columns.all[index]!
      if (value === undefined) return
      if (column.merge) cells[index] = merged(column, cells[index] ?? null, value)
      else if (!newer.has(column.name)) cells[index] = value
    })
    const first = compareStamps(stamp, held.first) < 0 ? stamp : held.first
    this.update.run(
      ...cells,
      ...this.columns.groupTimes(held.groupTimes, told, stamp.at),
      ...[first.at, first.responseId, held.last.at, held.last.responseId],
      id,
    )
    this.log.insertLate(
      { kind: this.kind, id, stamp, mask: this.columns.maskOf(told) },
      {
        sightings: sightings.map(({ at, responseId, mask }) => ({
          at,
          responseId,
          ...this.columns.split(mask),
        })),
        today: this.columns.comparables(held.cells),
        telling: this.tellingOf(told, stamp),
      },
    )
  }

  /**
   * Most late answers say what was said around them: where the newest one told every column that this
   * one tells, it is one more sighting and changes nothing.
   * @returns true if it was noted so, or was noted before
   */
  private isKnownLate(id: string, held: Held, told: ToldCells, stamp: Stamp): boolean {
    if (compareStamps(stamp, held.first) <= 0) return false
    const { kind, log } = this
    const [newest, own] = log.masksOf(kind, id, held.last.responseId, stamp.responseId)
    if (own !== undefined) return true
    const mask = this.columns.maskOf(told)
    if (newest === undefined || !this.columns.mask.isWithin(mask, newest)) return false
    if (this.columns.hasMerged(told)) return false
    const telling = this.tellingOf(told, stamp)
    const changes = log.changesOf(kind, id)
    if (!saysNothingNew(telling, changes, this.columns.comparables(held.cells))) return false
    log.addSighting(kind, id, stamp, mask)
    return true
  }

  private tellingOf(told: ToldCells, stamp: Stamp): Telling {
    const { columns } = this
    return { ...stamp, fields: columns.toldFields(told), counters: columns.toldCounters(told) }
  }
}
