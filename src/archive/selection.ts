import type Database from 'better-sqlite3'
import type { Tombstones } from '../model/profiles.js'
import type { Table } from '../model/table.js'
import { everyCondition, publicCondition, type Stays } from './selection-rules.js'
import { findGone, findLeftOut, findPublic, isNoted } from './selection-sets.js'
import type { Snapshot } from './snapshot.js'

/** What is taken from an archive. */
export interface Taking {
  /** Only what is known to be public, and the people named there. */
  isPublic: boolean
  tombstones: Tombstones
}

/**
 * The rows of a snapshot that are taken, noted in temporary tables on its connection. A row stays only
 * if all that it leads to stays.
 */
export class Selection {
  readonly #database: Database.Database
  readonly #isIn: Database.Statement<[string, string], 1>

  constructor(
    private readonly snapshot: Snapshot,
    private readonly taking: Taking,
  ) {
    this.#database = snapshot.database
    findGone(this.#database)
    if (taking.isPublic) findPublic(snapshot, taking)
    else findLeftOut(this.#database, taking)
    this.#isIn = this.#database.prepare(`SELECT 1 WHERE ${this.#stays('?', '?')}`)
    this.#isIn.pluck()
  }

  /** The condition that a row of a table is taken; NULL if all are. */
  conditionOf(table: Table): string | null {
    const { isPublic, tombstones } = this.taking
    const all = [
      this.snapshot.conditionOf(table),
      isPublic ? publicCondition(table, this.#stays) : everyCondition(table, this.#stays),
      tombstones === 'blank' ? this.#notBlank(table) : null,
    ].filter((each) => each !== null)
    return all.length === 0 ? null : all.join(' AND ')
  }

  /** SQL that is 1 for the rows of a table that stay without their words. */
  blankOf({ entity, key }: Table): string {
    const isBlanked = this.taking.tombstones === 'blank' && ['post', 'comment'].includes(entity!)
    return isBlanked ? isGone(`'${entity}'`, key[0]!) : '0'
  }

  /** True if an object is taken. */
  isIn(kind: string, id: string): boolean {
    return this.#isIn.get(kind, id) !== undefined
  }

  readonly #stays: Stays = (kind, id) =>
    this.taking.isPublic ? isNoted('public', kind, id) : `NOT ${isNoted('left_out', kind, id)}`

  #notBlank({ name }: Table): string | null {
    if (contents.includes(name)) return `NOT ${isGone('owner_kind', 'owner_id')}`
    if (name === 'generations') return `NOT ${isGone("'generation'", 'generation_id')}`
    if (name === 'media')
      return `NOT EXISTS (SELECT 1 FROM assets WHERE assets.asset_key = media.asset_key
                          AND ${isGone('owner_kind', 'owner_id')})`
    return name === 'revisions' ? `NOT (${isGone('entity_kind', 'entity_id')})` : null
  }
}

/** Tables of what stands in a post or comment. */
const contents: readonly string[] = ['attachments', 'assets', 'cameos', 'text_facets']

const isGone = (kind: string, id: string): string => isNoted('gone', kind, id)
