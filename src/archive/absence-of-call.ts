import type Database from 'better-sqlite3'
import { absentObject, toAbsence } from '../model/asked-about.js'
import type { Absence, Params } from '../model/page.js'

/** A call, by its row of the ledger. */
export interface CallOfRow {
  responseId: string
  endpoint: string
  params: Params
}

/** Tells of a call why its object was not there; NULL where it does not say that. */
export type ReadAbsence = (call: CallOfRow) => Absence['reason'] | null

/** Looks it up in what the archive noted: not every call that failed ended its request. */
export function absenceReader(database: Database.Database): ReadAbsence {
  const select = database
    .prepare<[string, string, string], string>(
      'SELECT reason FROM absences WHERE entity_kind = ? AND entity_id = ? AND response_id = ?',
    )
    .pluck()
  return ({ responseId, endpoint, params }) => {
    const object = absentObject(endpoint, params)
    if (object === null) return null
    const reason = select.get(object.entity_kind, object.entity_id, responseId)
    return toAbsence(reason ?? null) ?? null
  }
}
