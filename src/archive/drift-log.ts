import type Database from 'better-sqlite3'
import type { Page } from '../model/page.js'
import type { Stamp } from './stamp.js'

/** Counts what answers hold beyond what they are known to hold, with the earliest example. */
export class DriftLog {
  private readonly count: Database.Statement

  constructor(database: Database.Database) {
    const earlier =
      '(excluded.first_seen_at, excluded.first_response_id) < (first_seen_at, first_response_id)'
    const first = (name: string) =>
      `${name} = CASE WHEN ${earlier} THEN excluded.${name} ELSE ${name} END`
    this.count = database.prepare(
      `INSERT INTO drift (endpoint, place, type, answers, first_seen_at, first_response_id, example)
       VALUES (?, ?, ?, 1, ?, ?, ?)
       ON CONFLICT (endpoint, place, type) DO UPDATE SET answers = answers + 1,
         ${first('example')}, ${first('first_seen_at')}, ${first('first_response_id')}`,
    )
  }

  /** Notes the drift of one answer. */
  save({ endpoint, strays }: NonNullable<Page['drift']>, { at, responseId }: Stamp): void {
    for (const { place, type, example } of strays)
      this.count.run(endpoint, place, type, at, responseId, example)
  }
}

/** A key or type that answers are not known to hold. */
export interface Drift {
  endpoint: string
  place: string
  type: string
  answers: number
  first_seen_at: number
  first_response_id: string
  example: string | null
}

/** All drift, the most frequent first. */
export const readDrift = (database: Database.Database): Drift[] =>
  database
    .prepare('SELECT * FROM drift ORDER BY answers DESC, endpoint, place, type')
    .all() as Drift[]
