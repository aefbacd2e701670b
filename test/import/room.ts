import { mkdirSync, writeFileSync } from 'node:fs'
import { dirname, join } from 'node:path'
import Database from 'better-sqlite3'
import { importFiles, type ImportOptions, type ImportReport } from '../../src/import/index.js'
import { endpointOf, type EndpointName } from '../../src/model/endpoints.js'
import { tables } from '../../src/model/tables.js'
import { temporaryFolder } from '../temporary-folder.js'

export { temporaryFolder }

/** The second of the times in these answers. */
export const second = 0x68f0a1b2

const hex = (n: number): string => `${second.toString(16)}00008191${String(n).padStart(16, '0')}`
export const postId = (n: number): string => `s_${hex(n)}`
export const commentId = (n: number): string => hex(n)
export const userId = (n: number): string => `user-${String(n).padStart(24, '0')}`
export const generationId = (n: number): string => `gen_01k7z067p3${String(n).padStart(16, '0')}`
export const taskId = (n: number): string => `task_01k7z067p3${String(n).padStart(16, '0')}`

/** A profile with its name. */
export const person = (n: number) => ({ user_id: userId(n), username: `name${n}` })

/** A post with its author. */
export const wrapped = (n: number, more: object = {}) => ({
  post: { id: postId(n), shared_by: userId(1), text: `text ${n}`, tombstoned_at: null, ...more },
  profile: person(1),
})

/** An answer in TikHub's envelope, `n` seconds after all others. */
export const envelope = (name: EndpointName, params: object, data: unknown, n = 0) => ({
  ...{ code: 200, request_id: `request-${n}`, time_stamp: second + 1000 + n },
  ...{ router: endpointOf(name).path, params, data },
})

/** A detail of a post in TikHub's envelope. */
export const detail = (n: number) =>
  envelope('get_post_detail', { post_id: postId(n) }, wrapped(n), n)

/** A room with files, and an archive beside them that is not there yet. */
export function openRoom() {
  const folder = temporaryFolder()
  const archiveDir = join(folder, 'archive')
  return {
    folder,
    archiveDir,
    put(name: string, content: unknown): string {
      const path = join(folder, name)
      mkdirSync(dirname(path), { recursive: true })
      const isRaw = typeof content === 'string' || content instanceof Uint8Array
      writeFileSync(path, isRaw ? content : JSON.stringify(content))
      return path
    },
    take: (files: string | string[], options: Partial<ImportOptions> = {}): Promise<ImportReport> =>
      importFiles({ archiveDir, files: [files].flat(), durability: 'normal', ...options }),
    rows(sql: string): unknown[] {
      const database = new Database(join(archiveDir, 'archive.sqlite'), { readonly: true })
      try {
        return database.prepare(sql).all()
      } finally {
        database.close()
      }
    },
  }
}

export type Room = ReturnType<typeof openRoom>

/** Texts of the posts held, in order. */
export const textsIn = (room: Room): unknown[] =>
  room.rows('SELECT text FROM posts ORDER BY post_id').map((row) => (row as { text: string }).text)

/** Origins of the answers held, in order. */
export const originsIn = (room: Room): unknown[] =>
  room
    .rows('SELECT origin FROM responses ORDER BY rowid')
    .map((row) => (row as { origin: string }).origin)

/** Every table, as it is held. */
export const dumpOf = (room: Room): Record<string, unknown[]> =>
  Object.fromEntries(
    tables.map(({ name }) => [name, room.rows(`SELECT * FROM ${name} ORDER BY 1, 2`)]),
  )
