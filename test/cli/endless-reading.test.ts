import { existsSync } from 'node:fs'
import { join } from 'node:path'
import { setTimeout as wait } from 'node:timers/promises'
import Database from 'better-sqlite3'
import { beforeAll, describe, expect, it } from 'vitest'
import { buildProgram, root, run, start, temporaryFolder } from './program.js'

beforeAll(buildProgram, 120_000)

const endless = `WITH RECURSIVE all_of (n) AS (SELECT 1 UNION ALL SELECT n + 1 FROM all_of)`

/** An archive at which a reader is for ever inside one statement of SQLite. */
async function endlessArchive(toEndless: (database: Database.Database) => string): Promise<string> {
  const archive = join(temporaryFolder(), 'archive')
  await run(['import', join(root, 'config/demo-drafts.json'), '--archive', archive])
  const database = new Database(join(archive, 'archive.sqlite'))
  database.exec(toEndless(database))
  database.close()
  return archive
}

/** Such a table in the place of one that readers count. */
function endlessTable(database: Database.Database): string {
  const columns = database.prepare(`SELECT name FROM pragma_table_info('drift')`).pluck().all()
  return `DROP TABLE drift;
    CREATE VIEW drift (${columns.join(', ')}) AS
    ${endless} SELECT ${columns.map(() => 'n').join(', ')} FROM all_of WHERE n < 0`
}

/** Such work behind what a walk, also one that is only planned, begins with. */
const endlessPass = (): string =>
  `CREATE VIEW endless AS ${endless} SELECT n FROM all_of WHERE n < 0;
   CREATE TRIGGER slow BEFORE INSERT ON passes BEGIN SELECT count(*) FROM endless; END`

describe('a command that only reads', () => {
  it.each([
    { command: ['status'], of: endlessTable, signal: 'SIGINT' },
    { command: ['status'], of: endlessTable, signal: 'SIGTERM' },
    { command: ['verify'], of: endlessTable, signal: 'SIGINT' },
    { command: ['crawl', 'feed', '--dry-run'], of: endlessPass, signal: 'SIGINT' },
    { command: ['crawl', '@gaps', '--dry-run'], of: endlessPass, signal: 'SIGTERM' },
  ] as const)('$command ends at $signal, in a long statement too', async (given) => {
    const { command, of, signal } = given
    const archive = await endlessArchive(of)
    const { process, ended } = start([...command, '--archive', archive])
    while (!existsSync(join(archive, 'archive.sqlite-shm'))) await wait(5)

    process.kill(signal)
    await ended

    expect(process.signalCode).toBe(signal)
  })
})
