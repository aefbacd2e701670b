import type { Value } from '../model/table.js'
import { compareStamps, type Stamp } from './stamp.js'

/**
 * The history of one post, comment or user as pure data. Values are compared as text (`null`: told as
 * empty), files by their asset key. An absent column was not told.
 */
export interface Telling extends Stamp {
  fields: ReadonlyMap<string, string | null>
  counters: ReadonlyMap<string, string>
}

/** A change of a field: the answer that showed it, what was told before, what it told. */
export interface Revision extends Stamp {
  field: string
  old: string | null
  new: string | null
}

/** Counters as one answer told them, where one differs from what was told before. */
export interface Observation extends Stamp {
  counters: ReadonlyMap<string, string>
}

/** What is kept of a history: the changes only. */
export interface ThinHistory {
  revisions: Revision[]
  observations: Observation[]
}

/** Which answer told which columns. */
export interface Sighting extends Stamp {
  fields: readonly string[]
  counters: readonly string[]
}

/** Keeps of a complete history what changed, in order of time. */
export function thin(tellings: readonly Telling[]): ThinHistory {
  const fields = new Map<string, string | null>()
  const counters = new Map<string, string>()
  const history: ThinHistory = { revisions: [], observations: [] }
  for (const telling of [...tellings].sort(compareStamps)) {
    const stamp = { at: telling.at, responseId: telling.responseId }
    for (const [field, value] of telling.fields) {
      const old = fields.get(field)
      if (old !== undefined && old !== value)
        history.revisions.push({ ...stamp, field, old, new: value })
      fields.set(field, value)
    }
    let isNews = false
    for (const [name, value] of telling.counters) {
      isNews ||= counters.get(name) !== value
      counters.set(name, value)
    }
    if (isNews) history.observations.push({ ...stamp, counters: telling.counters })
  }
  return history
}

/**
 * The complete history again, from the changes kept, the sightings and the values of today: between
 * two changes every sighting told the same.
 */
export function unfold(
  sightings: readonly Sighting[],
  { revisions, observations }: ThinHistory,
  today: ReadonlyMap<string, string | null>,
): Telling[] {
  const fields = firstValues(revisions, today)
  const counters = new Map<string, string>()
  const revised = new Map(revisions.map((each) => [`${each.responseId} ${each.field}`, each.new]))
  const observed = new Map(observations.map((each) => [each.responseId, each.counters]))
  return [...sightings].sort(compareStamps).map(({ at, responseId, ...told }) => {
    for (const field of told.fields) {
      const change = revised.get(`${responseId} ${field}`)
      if (change !== undefined) fields.set(field, change)
    }
    for (const [name, value] of observed.get(responseId) ?? []) counters.set(name, value)
    return {
      at,
      responseId,
      fields: new Map(told.fields.map((field) => [field, fields.get(field) ?? null])),
      counters: new Map(told.counters.map((name) => [name, counters.get(name) ?? ''])),
    }
  })
}

/**
 * True if a late telling says just what was told around it, so that no change is told anew: `today` are
 * the values of today. There is something older than it.
 */
export function saysNothingNew(
  telling: Telling,
  { revisions, observations }: ThinHistory,
  today: ReadonlyMap<string, string | null>,
): boolean {
  for (const [field, value] of telling.fields) {
    const changes = revisions.filter((each) => each.field === field).sort(compareStamps)
    const before = changes.findLast((each) => compareStamps(each, telling) < 0)
    const after = changes.find((each) => compareStamps(each, telling) > 0)
    if ((before ? before.new : after ? after.old : (today.get(field) ?? null)) !== value)
      return false
  }
  const older = observations.filter((each) => compareStamps(each, telling) < 0).sort(compareStamps)
  for (const [name, value] of telling.counters)
    if (older.findLast(({ counters }) => counters.has(name))?.counters.get(name) !== value)
      return false
  return true
}

/** What each field was at first: what its first revision replaced, or what it is today. */
function firstValues(
  revisions: readonly Revision[],
  today: ReadonlyMap<string, string | null>,
): Map<string, string | null> {
  const first = new Map(today)
  for (const revision of [...revisions].sort(compareStamps).reverse())
    first.set(revision.field, revision.old)
  return first
}

/** A value as histories compare it. */
export const toComparable = (value: Value): string | null => (value === null ? null : String(value))
