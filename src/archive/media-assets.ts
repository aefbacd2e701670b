import type Database from 'better-sqlite3'
import { exportedKey } from './media-store.js'

/** State of a file. */
export type MediaState = 'wanted' | 'saved' | 'lost' | 'failed' | 'refused'

/** A file as an owner names it, with what is noted of it. */
export interface AssetRow {
  owner_kind: 'post' | 'comment' | 'generation' | 'user'
  owner_id: string
  variant: string
  asset_key: string
  url: string
  expires_at: number | null
  size_bytes: number | null
  last_seen_at: number
  last_response_id: string
  /** NULL: nothing is noted yet; so are the ones behind it. */
  state: MediaState | null
  reason: string | null
  deadline_at: number | null
  ended_at: number | null
  bytes: number | null
}

const columns = `owner_kind, owner_id, variant, asset_key, url, expires_at,
  size_bytes, last_seen_at, last_response_id, state, reason, deadline_at, ended_at, bytes`

const rowsAtATime = 2000

interface OwnerOfRow {
  owner_kind: string
  owner_id: string
}

const heldVideos = `
  SELECT substr(asset_key, ${exportedKey('').length + 1}) AS generation_id FROM media
  WHERE state = 'saved' AND asset_key GLOB '${exportedKey('*')}'
  UNION
  SELECT owner_id FROM assets JOIN media USING (asset_key)
  WHERE owner_kind = 'generation' AND variant = 'url' AND state = 'saved' AND attempts = 0`

/** Reads which files objects have; owner by owner. */
export class MediaAssets {
  private readonly statements

  constructor(database: Database.Database) {
    const from = 'FROM assets LEFT JOIN media USING (asset_key)'
    this.statements = {
      next: database.prepare(
        `SELECT ${columns} ${from}
         WHERE url IS NOT NULL AND (owner_kind, owner_id) > (:owner_kind, :owner_id)
         ORDER BY owner_kind, owner_id LIMIT ${rowsAtATime}`,
      ),
      of: database.prepare(
        `SELECT ${columns} ${from} WHERE owner_kind = ? AND owner_id = ? AND url IS NOT NULL`,
      ),
      // Left to itself, SQLite would go through the whole index of the key, for its order.
      since: database.prepare(
        'SELECT DISTINCT owner_kind, owner_id FROM assets NOT INDEXED WHERE rowid > ? ORDER BY 1, 2',
      ),
      last: database.prepare('SELECT max(rowid) FROM assets').pluck(),
      place: database.prepare('SELECT min(rowid) FROM assets WHERE asset_key = ?').pluck(),
      placeOfOwner: database
        .prepare('SELECT min(rowid) FROM assets WHERE owner_kind = ? AND owner_id = ?')
        .pluck(),
      keyAt: database.prepare('SELECT asset_key FROM assets WHERE rowid = ?').pluck(),
      ownerAt: database.prepare('SELECT owner_kind, owner_id FROM assets WHERE rowid = ?'),
      links: database.prepare(
        `SELECT url, expires_at AS deadline FROM assets
         WHERE asset_key = ? AND url IS NOT NULL
         ORDER BY expires_at DESC NULLS LAST, last_seen_at DESC`,
      ),
      announced: database
        .prepare(
          `SELECT size_bytes FROM assets WHERE asset_key = ? AND size_bytes IS NOT NULL
           ORDER BY last_seen_at DESC LIMIT 1`,
        )
        .pluck(),
      heldVideos: database
        .prepare(
          `WITH held AS (${heldVideos})
           SELECT 'generation ' || generation_id FROM held
           UNION ALL
           SELECT owner_kind || ' ' || owner_id FROM attachments JOIN held USING (generation_id)`,
        )
        .pluck(),
      sizes: database.prepare(
        `SELECT variant, count(*) AS files, total(bytes) AS bytes FROM media
         JOIN assets USING (asset_key) WHERE state = 'saved' GROUP BY variant`,
      ),
    }
  }

  /** The files of every owner, all of one owner together, a few hundred owners at a time. */
  *owners(): Generator<AssetRow[][]> {
    let last: OwnerOfRow = { owner_kind: '', owner_id: '' }
    for (;;) {
      const rows = this.statements.next.all(last) as AssetRow[]
      const groups = grouped(rows)
      const isEnd = rows.length < rowsAtATime
      // The last owner of a stretch may have more.
      const whole = isEnd || groups.length === 1 ? groups : groups.slice(0, -1)
      const lastOwner = whole.at(-1)?.[0]
      if (lastOwner !== undefined) yield whole.map((group) => (isEnd ? group : this.allOf(group)))
      if (isEnd || lastOwner === undefined) return
      last = lastOwner
    }
  }

  private allOf(group: AssetRow[]): AssetRow[] {
    return group.length === rowsAtATime ? this.of(group[0]!) : group
  }

  /** The place of the file that came last. */
  lastPlace(): number {
    return (this.statements.last.get() as number | null) ?? 0
  }

  /** A number from 1 on that stands for a file, whoever names it: that of the first row that does. */
  placeOf(assetKey: string): number {
    return this.statements.place.get(assetKey) as number
  }

  /** The key of the file with that place. */
  keyAt(place: number): string {
    return this.statements.keyAt.get(place) as string
  }

  /** A number from 1 on that stands for an owner: that of the first of its rows. */
  placeOfOwner({ owner_kind, owner_id }: OwnerOfRow): number {
    return this.statements.placeOfOwner.get(owner_kind, owner_id) as number
  }

  /** The owner with that place. */
  ownerAt(place: number): Pick<AssetRow, 'owner_kind' | 'owner_id'> {
    return this.statements.ownerAt.get(place) as ReturnType<MediaAssets['ownerAt']>
  }

  /** The owners of files that came after a place; `place` is where to go on. */
  ownersSince(place: number): { owners: AssetRow[][]; place: number } {
    const last = this.lastPlace()
    const owners = this.statements.since.all(place) as Pick<AssetRow, 'owner_kind' | 'owner_id'>[]
    return { owners: owners.map((each) => this.of(each)), place: last }
  }

  /** The files of one owner. */
  of({ owner_kind, owner_id }: Pick<AssetRow, 'owner_kind' | 'owner_id'>): AssetRow[] {
    return this.statements.of.all(owner_kind, owner_id) as AssetRow[]
  }

  /** The links of a file, the one that lasts longest first. */
  links(assetKey: string): { url: string; deadline: number | null }[] {
    return this.statements.links.all(assetKey) as ReturnType<MediaAssets['links']>
  }

  /** Size of a file as announced last. */
  announced(assetKey: string): number | null {
    return (this.statements.announced.get(assetKey) as number | undefined) ?? null
  }

  /** Owners (`post s_…`) whose video is held from somewhere else: the official export of the app. */
  ownersWithHeldVideo(): ReadonlySet<string> {
    return new Set(this.statements.heldVideos.all() as string[])
  }

  /** How many files of each variant are saved, and their bytes. */
  savedSizes(): { variant: string; files: number; bytes: number }[] {
    return this.statements.sizes.all() as ReturnType<MediaAssets['savedSizes']>
  }
}

function grouped(rows: readonly AssetRow[]): AssetRow[][] {
  const groups: AssetRow[][] = []
  for (const row of rows) {
    const last = groups.at(-1)
    const owner = last?.[0]
    if (owner?.owner_id === row.owner_id && owner.owner_kind === row.owner_kind) last!.push(row)
    else groups.push([row])
  }
  return groups
}
