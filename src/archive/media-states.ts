import type Database from 'better-sqlite3'
import type { MediaState } from './media-assets.js'
import type { SavedMedia } from './media-store.js'

/** Files that are not saved for one reason, and what is said of one of them. */
export interface MediaReason {
  state: MediaState
  reason: string | null
  files: number
  example: string | null
}

/** A file that is not saved, and why. */
export interface UnsavedMedia {
  asset_key: string
  state: Exclude<MediaState, 'saved'>
  reason: string | null
  error: string | null
  deadline_at: number | null
  /** NULL while it is wanted. */
  ended_at: number | null
  /** As far as it is known. */
  bytes: number | null
  /** Downloads tried since the last note. */
  attempts: number
}

const recentFiles = 200
/** Fewer files tell no rate. */
const leastToTell = 20

/** Keeps the state of every file that was wanted. */
export class MediaStates {
  private readonly statements

  constructor(database: Database.Database) {
    this.statements = {
      want: database.prepare(
        `INSERT INTO media (asset_key, state, deadline_at, attempts) VALUES (?, 'wanted', ?, 0)
         ON CONFLICT DO UPDATE SET state = 'wanted', deadline_at = excluded.deadline_at,
           reason = NULL, error = NULL, ended_at = NULL, bytes = NULL
         WHERE state <> 'saved'`,
      ),
      end: database.prepare(
        `UPDATE media SET state = :state, reason = :reason, error = :error, bytes = :bytes,
           deadline_at = :deadline_at, ended_at = :ended_at,
           attempts = coalesce(attempts, 0) + :attempts
         WHERE asset_key = :asset_key AND state <> 'saved'`,
      ),
      save: database.prepare(
        `UPDATE media SET state = 'saved', sha256 = :sha256, bytes = :bytes, path = :path,
           content_type = :content_type, saved_at = :saved_at,
           attempts = coalesce(attempts, 0) + :attempts,
           reason = NULL, error = NULL, ended_at = NULL
         WHERE asset_key = :asset_key`,
      ),
      counts: database.prepare('SELECT state, count(*) AS files FROM media GROUP BY state'),
      reasons: database.prepare(
        `SELECT state, reason, count(*) AS files, min(error) AS example FROM media
         WHERE state IN ('lost', 'failed', 'refused')
         GROUP BY state, reason ORDER BY files DESC, state, reason`,
      ),
      savedBytes: database
        .prepare(
          `SELECT total(bytes) FROM
             (SELECT max(bytes) AS bytes FROM media WHERE state = 'saved' GROUP BY sha256)`,
        )
        .pluck(),
      recent: database.prepare(
        `SELECT count(*) AS files, total(bytes) AS bytes, max(saved_at) - min(saved_at) AS micros
         FROM (SELECT bytes, saved_at FROM media WHERE state = 'saved' AND attempts > 0
               ORDER BY saved_at DESC LIMIT ${recentFiles})`,
      ),
    }
  }

  /** Notes that a file is to be saved, and until when its link works. */
  want(assetKey: string, deadline: number | null): void {
    this.statements.want.run(assetKey, deadline)
  }

  /** Notes what became of a file that is not saved; one that is stays so. */
  end(media: UnsavedMedia): void {
    this.statements.end.run(media)
  }

  /** Notes a file that lies under its name now. */
  save(media: SavedMedia & { attempts: number }): void {
    this.statements.save.run(media)
  }

  /** Files by state. */
  counts(): Record<MediaState, number> {
    const none = { wanted: 0, saved: 0, lost: 0, failed: 0, refused: 0 }
    const rows = this.statements.counts.all() as { state: MediaState; files: number }[]
    return rows.reduce((counts, { state, files }) => ({ ...counts, [state]: files }), none)
  }

  /** How many files are not saved, and why; of each reason one sentence. */
  reasons(): MediaReason[] {
    return this.statements.reasons.all() as MediaReason[]
  }

  /** Bytes of all that is saved, each content once. */
  savedBytes(): number {
    return this.statements.savedBytes.get() as number
  }

  /** Bytes a second of the last downloads; NULL where there are too few. */
  recentRate(): number | null {
    const { files, bytes, micros } = this.statements.recent.get() as Record<string, number>
    return files! < leastToTell || !micros ? null : (bytes! / micros) * 1e6
  }
}
