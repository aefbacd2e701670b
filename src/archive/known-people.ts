import type Database from 'better-sqlite3'
import { fold } from '../model/fold.js'
import type { Table } from '../model/table.js'
import { tables } from '../model/tables.js'
import { quoted } from './sql.js'

/** Every column that names a person by id. */
const personColumns = (tables as readonly Table[]).flatMap(({ name, columns }) =>
  columns
    .filter((each) => each.publish === 'person')
    .map((each) => ({ table: name, column: each.name })),
)

/** Handles and whose they are: now (0), or once (1); a mention tells one too. */
const handles = `
  SELECT folded(username) AS handle, user_id, 0 AS age FROM users WHERE username IS NOT NULL
  UNION ALL
  SELECT folded(value), revisions.entity_id, 1
  FROM revisions, json_each(json_array(old, new))
  WHERE entity_kind = 'user' AND field = 'username' AND value IS NOT NULL
  UNION ALL
  SELECT folded(value), user_id, 1 FROM text_facets
  WHERE user_id IS NOT NULL AND value LIKE '@%'`

const shownNames = `
  SELECT folded(display_name) AS name FROM users WHERE display_name IS NOT NULL
  UNION SELECT folded(public_figure_name) FROM users WHERE public_figure_name IS NOT NULL
  UNION SELECT folded(value) FROM revisions, json_each(json_array(old, new))
  WHERE entity_kind = 'user' AND field IN ('display_name', 'public_figure_name') AND value IS NOT NULL`

/**
 * Everybody whom an archive knows, in temporary tables on a snapshot's connection: ids with their
 * pseudonyms, handles (former ones too) with their ids, shown names. Handles and names are folded.
 */
export class KnownPeople {
  readonly #person: Database.Statement<[string], string | null>
  readonly #name: Database.Statement<[string, string], 1>
  readonly #id: Database.Statement<[string], 1>
  readonly #idOf: Database.Statement<[string], string>

  /** @throws Error if two people have one pseudonym */
  constructor(database: Database.Database, pseudonymOf: (userId: string) => string) {
    const toText = (value: unknown) => (typeof value === 'string' ? value : '')
    database.function('folded', { deterministic: true }, (value) => fold(toText(value)))
    database.function('pseudonym', { deterministic: true }, (id) => pseudonymOf(toText(id)))
    notePeople(database)
    noteNames(database)
    this.#person = database.prepare('SELECT user_id FROM temp.handles WHERE handle = ?')
    this.#person.pluck()
    this.#name = database.prepare(
      `SELECT 1 FROM temp.handles WHERE handle = ? UNION ALL
       SELECT 1 FROM temp.shown_names WHERE name = ? LIMIT 1`,
    )
    this.#id = database.prepare('SELECT 1 FROM temp.people WHERE user_id = ?')
    this.#idOf = database.prepare('SELECT user_id FROM temp.people WHERE pseudonym = ?')
    this.#idOf.pluck()
  }

  personOf(handle: string): string | null {
    return this.#person.get(handle) ?? null
  }

  isName(name: string): boolean {
    return this.#name.get(name, name) !== undefined
  }

  isPerson(userId: string): boolean {
    return this.#id.get(userId) !== undefined
  }

  /** The id behind a pseudonym; NULL if nobody's here. */
  idOf(pseudonym: string): string | null {
    return this.#idOf.get(pseudonym) ?? null
  }
}

function notePeople(database: Database.Database): void {
  database.exec('CREATE TEMP TABLE people (user_id TEXT PRIMARY KEY, pseudonym TEXT UNIQUE)')
  const everybody = personColumns
    .map(({ table, column }) => `SELECT ${quoted(column)} AS user_id FROM main.${quoted(table)}`)
    .join(' UNION ')
  database.exec(
    `INSERT INTO temp.people
     SELECT user_id, pseudonym(user_id) FROM (${everybody}) WHERE user_id IS NOT NULL`,
  )
}

/** A handle that several people have, or had, and nobody has now, is nobody's. */
function noteNames(database: Database.Database): void {
  database.exec('CREATE TEMP TABLE handles (handle TEXT PRIMARY KEY, user_id TEXT) WITHOUT ROWID')
  database.exec(
    `INSERT INTO temp.handles
     SELECT handle, CASE
       WHEN count(DISTINCT user_id) FILTER (WHERE age = 0) = 1 THEN max(user_id) FILTER (WHERE age = 0)
       WHEN count(DISTINCT user_id) = 1 THEN max(user_id) END
     FROM (${handles}) WHERE handle <> '' GROUP BY handle`,
  )
  database.exec('CREATE TEMP TABLE shown_names (name TEXT PRIMARY KEY) WITHOUT ROWID')
  database.exec(`INSERT INTO temp.shown_names SELECT name FROM (${shownNames}) WHERE name <> ''`)
}
