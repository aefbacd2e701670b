import type Database from 'better-sqlite3'
import { toColumns } from './terminal.js'

/** A list that `status` shows on demand, under the flag of the same name. */
export interface StatusList {
  flag: string
  about: string
  /** Shown where the list is empty. */
  nothing: string
  /** The rows for `--json`, and the same as text. */
  read: (database: Database.Database) => Promise<{ rows: readonly object[]; text: string }>
}

/** Texts of answers may hold anything; a terminal gets one line of them. */
const plain = (text: string | null): string =>
  // eslint-disable-next-line no-control-regex
  (text ?? '').replace(/[\u0000-\u001f\u007f-\u009f\u2028\u2029]/g, ' ')

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
