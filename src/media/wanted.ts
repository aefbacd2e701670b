import type { AssetRow } from '../archive/media-assets.js'
import { isPlayable, type OwnerKind } from './variants.js'

/** What a file is for: `playable` goes before `thumbnail`, that before `rest`, where time is short. */
export const uses = ['playable', 'thumbnail', 'rest'] as const

/** What a file is for. */
export type Use = (typeof uses)[number]

/** A row that names a file that is wanted, and what for. */
export interface WantedRow {
  row: AssetRow
  use: Use
}

/** What to want. */
export interface Wish {
  /** Of each list of variants the first that an owner has. */
  choices: readonly (readonly string[])[]
  owners: ReadonlySet<OwnerKind>
}

/** The files that are wanted of one owner; `rows` are all of its own. A video that is held is wanted no more. */
export function wantedOf(rows: readonly AssetRow[], wish: Wish, isVideoHeld = false): WantedRow[] {
  const first = rows[0]
  if (first === undefined || !wish.owners.has(first.owner_kind)) return []
  const current = currentByVariant(rows)
  const chosen = wish.choices.flatMap((choice) => {
    const variant = choice.find((each) => current.has(each))
    return variant === undefined ? [] : [current.get(variant)!]
  })
  const wanted = isVideoHeld ? chosen.filter(({ variant }) => !isPlayable(variant)) : chosen
  const firstVideo = wanted.find(({ variant }) => isPlayable(variant))
  return once(wanted).map((row) => ({ row, use: useOf(row, firstVideo) }))
}

/** Of several files under one variant the one that was told last. */
function currentByVariant(rows: readonly AssetRow[]): ReadonlyMap<string, AssetRow> {
  const current = new Map<string, AssetRow>()
  for (const row of rows) {
    const known = current.get(row.variant)
    if (known === undefined || isLater(row, known)) current.set(row.variant, row)
  }
  return current
}

const isLater = (one: AssetRow, other: AssetRow): boolean => {
  if (one.last_seen_at !== other.last_seen_at) return one.last_seen_at > other.last_seen_at
  if (one.last_response_id !== other.last_response_id)
    return one.last_response_id > other.last_response_id
  return one.asset_key > other.asset_key
}

function once(rows: readonly AssetRow[]): AssetRow[] {
  const keys = new Set<string>()
  return rows.filter(({ asset_key }) => !keys.has(asset_key) && keys.add(asset_key))
}

const useOf = (row: AssetRow, firstVideo: AssetRow | undefined): Use => {
  if (row.asset_key === firstVideo?.asset_key) return 'playable'
  return row.variant === 'thumbnail' ? 'thumbnail' : 'rest'
}

/** Reasons of a loss that a fresh signature, or a paid call for one, may mend. */
const mendable = new Set(['expired', 'too_late'])

/** Refusals by the address alone, or by what its name leads to: settings and names change. */
const lookedAtAgain = new Set(['form', 'scheme', 'host', 'port', 'credentials', 'private_address'])

/** True if a run is to take a file up, by what is noted of it so far. */
export function isTakenUp(row: AssetRow, largestBytes: number): boolean {
  switch (row.state) {
    case null:
    case 'wanted':
    case 'failed':
      return true
    case 'saved':
      return false
    case 'lost':
      return isFresh(row) || mendable.has(row.reason ?? '')
    case 'refused':
      if (row.reason === 'too_large') return isFresh(row) || (row.bytes ?? 0) <= largestBytes
      return isFresh(row) || lookedAtAgain.has(row.reason ?? '')
  }
}

/** The signature is newer than the one that was tried. */
export function isFresh({ expires_at, deadline_at, last_seen_at, ended_at }: AssetRow): boolean {
  if (expires_at !== null) return deadline_at === null || expires_at > deadline_at
  return ended_at !== null && last_seen_at > ended_at
}
