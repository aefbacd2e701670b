import Database from 'better-sqlite3'
import { describe, expect, it } from 'vitest'
import { openArchive } from '../../src/archive/archive.js'
import { archivePathIn } from '../../src/archive/archive-file.js'
import { rebuild } from '../../src/archive/rebuild.js'
import { schemaVersion } from '../../src/archive/schema.js'
import { toldColumns } from '../../src/archive/told-mask.js'
import type { Table } from '../../src/model/table.js'
import { tables } from '../../src/model/tables.js'
import {
  addedSince3,
  columnsOf,
  importAnswer,
  frozenVersions,
  openVersion,
  temporaryFolder,
  toVersion,
  toVersion3,
} from './archives.js'

const user = 'user-ada'
const post = 's_68ef24d8000081910000000000000004'
const task = 'task_01k7dttf0xfx3t7zhhzycjq8e3'
const told = { id: post, post_locations: ['public'], tombstoned_at: null }
const feed = { items: [{ post: told, reposter_profile: { user_id: user } }], cursor: null }

const answers: [endpoint: string, params: Record<string, string>, data: object][] = [
  ['get_user_profile', { user_id: user }, { user_id: user, view_count: 7, character_count: 2 }],
  ['get_task_status', { task_id: task }, { id: task, status: 'failed', failure_reason: 'words' }],
  ['get_feed', {}, feed],
]

function archiveOf(): string {
  const dir = temporaryFolder()
  const archive = openArchive(dir, { durability: 'normal' })
  answers.forEach(([endpoint, params, data], index) => {
    const receivedAt = 1760500000_000000 + index
    importAnswer(archive, { endpoint, params, body: JSON.stringify(data), receivedAt })
  })
  archive.close()
  return dir
}

function onArchive<Told>(dir: string, tell: (database: Database.Database) => Told): Told {
  const archive = openArchive(dir, { durability: 'normal' })
  try {
    return tell(archive.database)
  } finally {
    archive.close()
  }
}

const tellSince3 = (dir: string) =>
  onArchive(dir, (database) => ({
    version: database.pragma('user_version', { simple: true }),
    users: columnsOf(database, 'users', ['view_count', 'character_count']),
    observations: columnsOf(database, 'observations', ['view_count', 'character_count']),
    tasks: columnsOf(database, 'tasks', ['status', 'failure_reason']),
  }))

const tellSince4 = (dir: string) =>
  onArchive(dir, (database) => ({
    feed: columnsOf(database, 'feed_entries', ['post_id', 'reposter_user_id']),
    reposts: columnsOf(database, 'reposts', ['owner_kind', 'owner_id', 'user_id']),
    posts: columnsOf(database, 'posts', ['post_locations']),
  }))

describe('an archive of version 3', () => {
  it('has the columns that came since, empty until a rebuild tells them', async () => {
    const dir = archiveOf()
    const told = tellSince3(dir)
    toVersion3(dir)

    const opened = tellSince3(dir)
    await rebuild({ archiveDir: dir, durability: 'normal', clock: () => 1 })

    expect(opened).toEqual({
      version: schemaVersion,
      users: [[null, null]],
      observations: [[7n, null]],
      tasks: [['failed', null]],
    })
    expect(tellSince3(dir)).toEqual(told)
    expect(told).toEqual({
      version: schemaVersion,
      users: [[7n, 2n]],
      observations: [[7n, 2n]],
      tasks: [['failed', 'words']],
    })
  })

  it('has every column that came since', () => {
    const dir = archiveOf()
    toVersion3(dir)
    openArchive(dir, { durability: 'normal' }).close()

    expect(namesIn(dir)).toEqual(
      expect.arrayContaining(addedSince3.map((name) => expect.stringContaining(name) as string)),
    )
  })
})

describe('an archive of version 4', () => {
  it('has what came since, empty until a rebuild tells it', async () => {
    const dir = archiveOf()
    const told = tellSince4(dir)
    toVersion(dir, 4)

    const opened = tellSince4(dir)
    await rebuild({ archiveDir: dir, durability: 'normal', clock: () => 1 })

    expect(opened).toEqual({ feed: [[post, null]], reposts: [], posts: [[null]] })
    expect(tellSince4(dir)).toEqual(told)
    expect(told).toEqual({
      feed: [[post, user]],
      reposts: [['post', post, user]],
      posts: [['["public"]']],
    })
  })
})

/** Every column of an archive with its type, and every index with its columns. */
function namesIn(dir: string): unknown[] {
  const database = new Database(archivePathIn(dir), { readonly: true })
  const sql = `SELECT m.name || '.' || c.name || ' ' || c.type || c."notnull"
    FROM sqlite_schema m, pragma_table_info(m.name) c WHERE m.type = 'table'
    UNION ALL SELECT sql FROM sqlite_schema WHERE type = 'index' ORDER BY 1`
  const names = database.prepare(sql).pluck().all()
  database.close()
  return names
}

describe('an archive of an earlier version', () => {
  it.each<[number, (dir: string) => void]>([
    [3, toVersion3],
    ...frozenVersions.map((each): [number, (dir: string) => void] => [
      each,
      (dir) => toVersion(dir, each),
    ]),
  ])('ends up, from version %i on, with the very columns that a new one has', (_, toEarlier) => {
    const [dir, fresh] = [archiveOf(), archiveOf()]
    toEarlier(dir)
    openArchive(dir, { durability: 'normal' }).close()

    expect(namesIn(dir)).toEqual(namesIn(fresh))
  })

  it.each(frozenVersions)(
    'finds each column that answers tell by the bit of version %i',
    (from) => {
      const database = openVersion(from)
      const namesOf = (table: string) =>
        database.prepare('SELECT name FROM pragma_table_info(?)').pluck().all(table)
      const masked = (tables as readonly Table[]).filter(({ kind }) => kind === 'entity')

      const wrong = masked.filter((table) => {
        const now = toldColumns(table).map(({ name }) => name)
        const before = namesOf(table.name).filter((name) => now.includes(name as string))
        return before.join() !== now.slice(0, before.length).join()
      })

      expect(wrong.map(({ name }) => name)).toEqual([])
    },
  )

  it('lies here in a frozen form, the newest one too', () => {
    expect(frozenVersions.at(-1)).toBe(schemaVersion)
  })
})
