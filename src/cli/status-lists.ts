import type Database from 'better-sqlite3'
import { plain, toColumns } from './terminal.js'

/** A list that `status` shows on demand, under the flag of the same name. */
export interface StatusList {
  flag: string
  about: string
  /** Shown where the list is empty. */
  nothing: string
  /** The rows for `--json`, and the same as text. */
  read: (database: Database.Database) => Promise<{ rows: readonly object[]; text: string }>
}

/** Every list that `status` shows on demand. */
export const statusLists: readonly StatusList[] = [
  {
    flag: 'failed',
    about: 'lists the requests that failed',
    nothing: 'No request failed.',
    read: async (database) => {
      const { readFailed } = await import('../archive/status.js')
      const rows = readFailed(database)
      const lines = rows.map(
        ({ request_key, reason, error }) => `${plain(request_key)}: ${reason} (${plain(error)})`,
      )
      return { rows, text: lines.join('\n') }
    },
  },
  {
    flag: 'drift',
    about: 'lists keys and types that answers were not known to hold',
    nothing: 'Answers hold nothing that they are not known to hold.',
    read: async (database) => {
      const { readDrift } = await import('../archive/drift-log.js')
      const rows = readDrift(database)
      const cells = rows.map((row) => [
        ...[row.endpoint, plain(row.place), row.type, row.answers],
        plain(row.example).slice(0, 60),
      ])
      const text = toColumns([['endpoint', 'place', 'type', 'answers', 'e.g.'], ...cells])
      return { rows, text }
    },
  },
]
