import { existsSync } from 'node:fs'
import { join } from 'node:path'
import { setTimeout as wait } from 'node:timers/promises'
import Database from 'better-sqlite3'
import { beforeAll, describe, expect, it } from 'vitest'
import { buildProgram, root, run, start, temporaryFolder } from './program.js'

beforeAll(buildProgram, 120_000)

/** An archive at which a reader is for ever inside one statement of SQLite. */
async function endlessArchive(): Promise<string> {
  const archive = join(temporaryFolder(), 'archive')
  await run(['import', join(root, 'config/demo-drafts.json'), '--archive', archive])
  const database = new Database(join(archive, 'archive.sqlite'))
  const columns = database.prepare(`SELECT name FROM pragma_table_info('drift')`).pluck().all()
  database.exec(
    `DROP TABLE drift;
     CREATE VIEW drift (${columns.join(', ')}) AS
     WITH RECURSIVE all_of (n) AS (SELECT 1 UNION ALL SELECT n + 1 FROM all_of)
     SELECT ${columns.map(() => 'n').join(', ')} FROM all_of WHERE n < 0`,
  )
  database.close()
  return archive
}

describe('a command that only reads', () => {
  it.each([
    { command: 'status', signal: 'SIGINT' },
    { command: 'status', signal: 'SIGTERM' },
    { command: 'verify', signal: 'SIGINT' },
  ] as const)('$command ends at $signal, in a long statement too', async ({ command, signal }) => {
    const archive = await endlessArchive()
    const { process, ended } = start([command, '--archive', archive])
    while (!existsSync(join(archive, 'archive.sqlite-shm'))) await wait(5)

    process.kill(signal)
    await ended

    expect(process.signalCode).toBe(signal)
  })
})
