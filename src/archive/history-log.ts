import type Database from 'better-sqlite3'
import { everyCounter } from '../model/counters.js'
import type { Value } from '../model/table.js'
import { thin, unfold, type Sighting, type Telling, type ThinHistory } from './history.js'
import { equals, fromSql, insertSql } from './sql.js'
import type { Stamp } from './stamp.js'

/** A sighting as it is kept: the columns told are a bit mask. */
export interface KeptSighting extends Stamp {
  mask: number
}

const ofEntity = ['entity_kind', 'entity_id']
const counterNames = everyCounter.map(({ name }) => name)

/** Reads and writes `sightings`, `observations` and `revisions`. */
export class HistoryLog {
  private readonly statements

  constructor(database: Database.Database) {
    const where = `WHERE ${equals(ofEntity)}`
    const named = [...ofEntity, 'response_id', 'observed_at']
    this.statements = {
      addSighting: database.prepare(insertSql('sightings', [...named, 'told'])),
      addRevision: database.prepare(insertSql('revisions', [...named, 'field', 'old', 'new'])),
      addObservation: database.prepare(insertSql('observations', [...named, ...counterNames])),
      sightings: database.prepare(`SELECT observed_at, response_id, told FROM sightings ${where}`),
      sighted: database.prepare(
        `SELECT response_id, told FROM sightings ${where} AND response_id IN (?, ?)`,
      ),
      revisions: database.prepare(
        `SELECT observed_at, response_id, field, old, new FROM revisions ${where}`,
      ),
      observations: database.prepare(`SELECT * FROM observations ${where}`).safeIntegers(),
      dropRevisions: database.prepare(`DELETE FROM revisions ${where}`),
      dropObservations: database.prepare(`DELETE FROM observations ${where}`),
    }
  }

  addSighting(kind: string, id: string, { at, responseId }: Stamp, mask: number): void {
    this.statements.addSighting.run(kind, id, responseId, at, mask)
  }

  addRevision(
    kind: string,
    id: string,
    { at, responseId }: Stamp,
    { field, old, new: now }: { field: string; old: string | null; new: string | null },
  ): void {
    this.statements.addRevision.run(kind, id, responseId, at, field, old, now)
  }

  addObservation(
    kind: string,
    id: string,
    { at, responseId }: Stamp,
    counters: Record<string, Value>,
  ): void {
    const cells = counterNames.map((name) => counters[name] ?? null)
    this.statements.addObservation.run(kind, id, responseId, at, ...cells)
  }

  /** All that told it, in no order. */
  sightingsOf(kind: string, id: string): KeptSighting[] {
    const rows = this.statements.sightings.all(kind, id) as {
      observed_at: number
      response_id: string
      told: number
    }[]
    return rows.map((row) => ({ at: row.observed_at, responseId: row.response_id, mask: row.told }))
  }

  /** Which columns these two answers told; undefined for one that told nothing of it. */
  masksOf(kind: string, id: string, one: string, other: string): (number | undefined)[] {
    const rows = this.statements.sighted.all(kind, id, one, other) as {
      response_id: string
      told: number
    }[]
    const maskOf = (responseId: string) => rows.find((row) => row.response_id === responseId)?.told
    return [maskOf(one), maskOf(other)]
  }

  /** Puts a late telling into its place and writes the changes on both sides of it anew. */
  insertLate(
    { kind, id, stamp, mask }: { kind: string; id: string; stamp: Stamp; mask: number },
    late: {
      sightings: Sighting[]
      today: ReadonlyMap<string, string | null>
      telling: Telling
    },
  ): void {
    const before = unfold(late.sightings, this.changesOf(kind, id), late.today)
    const after = thin([...before, late.telling])
    this.statements.dropRevisions.run(kind, id)
    this.statements.dropObservations.run(kind, id)
    for (const revision of after.revisions) this.addRevision(kind, id, revision, revision)
    for (const observation of after.observations) {
      const counters = [...observation.counters].map(([name, value]) => [name, BigInt(value)])
      this.addObservation(kind, id, observation, Object.fromEntries(counters))
    }
    this.addSighting(kind, id, stamp, mask)
  }

  /** What is kept of a history. */
  changesOf(kind: string, id: string): ThinHistory {
    const revisions = this.statements.revisions.all(kind, id) as {
      observed_at: number
      response_id: string
      field: string
      old: string | null
      new: string | null
    }[]
    const observations = this.statements.observations.all(kind, id) as Record<string, Value>[]
    return {
      revisions: revisions.map(({ observed_at, response_id, ...rest }) => ({
        at: observed_at,
        responseId: response_id,
        ...rest,
      })),
      observations: observations.map((row) => ({
        at: fromSql(row['observed_at']!) as number,
        responseId: row['response_id'] as string,
        counters: new Map(
          counterNames
            .filter((name) => row[name] !== null)
            .map((name) => [name, String(row[name])]),
        ),
      })),
    }
  }
}
