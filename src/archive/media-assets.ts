import type Database from 'better-sqlite3'

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

const heldVideos = `
  SELECT substr(asset_key, 8) AS generation_id FROM media
  WHERE state = 'saved' AND asset_key >= 'export/' AND asset_key < 'export0'
  UNION
  SELECT owner_id FROM assets JOIN media USING (asset_key)
  WHERE owner_kind = 'generation' AND variant = 'url' AND state = 'saved' AND attempts = 0`

/** Reads which files objects have; owner by owner. */
export class MediaAssets {
  private readonly statements

  constructor(database: Database.Database) {
    const from = 'FROM assets LEFT JOIN media USING (asset_key)'
    const order = 'ORDER BY owner_kind, owner_id'
    this.statements = {
      all: database.prepare(`SELECT ${columns} ${from} WHERE url IS NOT NULL ${order}`),
      of: database.prepare(
        `SELECT ${columns} ${from} WHERE owner_kind = ? AND owner_id = ? AND url IS NOT NULL`,
      ),
      since: database.prepare(
        'SELECT DISTINCT owner_kind, owner_id FROM assets WHERE rowid > ? ORDER BY 1, 2',
      ),
      last: database.prepare('SELECT max(rowid) FROM assets').pluck(),
      newest: database.prepare(
        `SELECT url, expires_at AS deadline, size_bytes AS announced FROM assets
         WHERE asset_key = ? AND url IS NOT NULL
         ORDER BY expires_at DESC NULLS LAST, last_seen_at DESC LIMIT 1`,
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

  /** The files of every owner, all of one owner together. */
  *owners(): Generator<AssetRow[]> {
    yield* grouped(this.statements.all.iterate() as IterableIterator<AssetRow>)
  }

  /** The owners of files that came after a place; `place` is where to go on. */
  ownersSince(place: number): { owners: AssetRow[][]; place: number } {
    const last = (this.statements.last.get() as number | null) ?? 0
    const owners = this.statements.since.all(place) as Pick<AssetRow, 'owner_kind' | 'owner_id'>[]
    return { owners: owners.map((each) => this.of(each)), place: last }
  }

  /** The files of one owner. */
  of({ owner_kind, owner_id }: Pick<AssetRow, 'owner_kind' | 'owner_id'>): AssetRow[] {
    return this.statements.of.all(owner_kind, owner_id) as AssetRow[]
  }

  /** The newest signature of a file, and its size as announced. */
  newest(
    assetKey: string,
  ): { url: string; deadline: number | null; announced: number | null } | undefined {
    const newest = this.statements.newest.get(assetKey) as
      { url: string; deadline: number | null } | undefined
    if (newest === undefined) return undefined
    const announced = this.statements.announced.get(assetKey) as number | undefined
    return { ...newest, announced: announced ?? null }
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

function* grouped(rows: Iterable<AssetRow>): Generator<AssetRow[]> {
  let group: AssetRow[] = []
  for (const row of rows) {
    const first = group[0]
    if (first && (first.owner_id !== row.owner_id || first.owner_kind !== row.owner_kind)) {
      yield group
      group = []
    }
    group.push(row)
  }
  if (group.length > 0) yield group
}
