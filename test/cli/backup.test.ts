import { spawnSync } from 'node:child_process'
import { existsSync, mkdirSync, readdirSync, statSync, writeFileSync } from 'node:fs'
import { open } from 'node:fs/promises'
import { join } from 'node:path'
import { setTimeout as wait } from 'node:timers/promises'
import Database from 'better-sqlite3'
import { beforeAll, describe, expect, it } from 'vitest'
import { buildProgram, main, root, run, start, temporaryFolder } from './program.js'

/** A small disk of its own needs a mount namespace, which not every machine grants. */
const hasSmallDisks =
  spawnSync('unshare', ['-rm', 'mount', '-t', 'tmpfs', 'x', '/mnt']).status === 0

/** A folder with an archive that holds one dump. */
async function newArchive(): Promise<string> {
  const archive = join(temporaryFolder(), 'archive')
  await run(['import', join(root, 'config/demo-drafts.json'), '--archive', archive])
  return archive
}

/** Rows of which SQLite checks one in a fifth of a second or so, a page each: an hour of it. */
function addSlowChecks(archive: string): void {
  const database = new Database(join(archive, 'archive.sqlite'))
  const slow = `length(replace(hex(zeroblob(2000000 + length(x))), '0', '00')) > 0`
  database.pragma('ignore_check_constraints = ON')
  database.exec(
    `CREATE TABLE slow (x CHECK (${slow}));
     WITH RECURSIVE n(n) AS (SELECT 1 UNION ALL SELECT n + 1 FROM n LIMIT 20000)
     INSERT INTO slow SELECT zeroblob(3000) FROM n`,
  )
  database.close()
}

const rowsOf = async (archive: string): Promise<unknown> => {
  const { stdout } = await run(['status', '--archive', archive, '--json'])
  return (JSON.parse(stdout) as { rows: unknown }).rows
}

beforeAll(buildProgram)

describe('afterfeed backup', () => {
  it('ends with 0, tells what it copied, and the copy is an archive', async () => {
    const archive = await newArchive()
    const to = join(temporaryFolder(), 'new', 'backup')

    const { code, stdout, stderr } = await run(['backup', to, '--archive', archive, '--json'])

    const rows = await rowsOf(archive)
    expect(code).toBe(0)
    expect(JSON.parse(stdout)).toEqual({
      path: join(to, 'archive.sqlite'),
      bytes: statSync(join(to, 'archive.sqlite')).size,
      rows,
      media_files: 0,
      media_missing_files: 0,
      media_missing: [],
    })
    expect(JSON.parse(stderr.split('\n')[0]!)).toMatchObject({
      event: 'progress',
      step: 'database',
    })
    expect(await rowsOf(to)).toEqual(rows)
  })

  it('ends with 2 where an archive is already, and says what to do', async () => {
    const archive = await newArchive()
    const to = join(temporaryFolder(), 'backup')
    await run(['backup', to, '--archive', archive])

    const { code, stdout, stderr } = await run(['backup', to, '--archive', archive])

    expect({ code, stdout }).toEqual({ code: 2, stdout: '' })
    expect(stderr).toBe(
      `afterfeed: ${to} holds an archive already, and a backup replaces none: name a new folder\n`,
    )
  })

  it('ends with 2 for a folder in the archive', async () => {
    const archive = await newArchive()

    const { code, stderr } = await run(['backup', join(archive, 'x'), '--archive', archive])

    expect(code).toBe(2)
    expect(stderr).toMatch(/is the archive itself or inside it: name a folder elsewhere\n$/)
  })

  it('ends with 2 for a file', async () => {
    const archive = await newArchive()
    const file = join(temporaryFolder(), 'file')
    writeFileSync(file, '')

    const { code, stderr } = await run(['backup', file, '--archive', archive])

    expect(code).toBe(2)
    expect(stderr).toMatch(/^afterfeed: cannot make the folder /)
  })

  it('ends with 2 for a damaged archive, and keeps no copy', async () => {
    const archive = await newArchive()
    const file = await open(join(archive, 'archive.sqlite'), 'r+')
    await file.write(Buffer.alloc(4096, 7), 0, 4096, 8 * 4096)
    await file.close()
    const to = join(temporaryFolder(), 'backup')

    const { code, stderr } = await run(['backup', to, '--archive', archive, '--quiet'])

    expect(code).toBe(2)
    expect(stderr).toMatch(
      /^afterfeed: the copy does not pass SQLite's check, so the archive is damaged/,
    )
    expect(readdirSync(to)).toEqual(['writer.lock'])
  })

  it.each([
    { signal: 'SIGINT', code: 130 },
    { signal: 'SIGTERM', code: 143 },
  ] as const)('ends with $code at $signal in its check, however long that is', async (given) => {
    const archive = await newArchive()
    addSlowChecks(archive)
    const to = join(temporaryFolder(), 'backup')
    const backup = start(['backup', to, '--archive', archive, '--json'])
    await backup.line('stderr', (line) => line.includes('"check"'))

    backup.process.kill(given.signal)
    const { code, stdout } = await backup.ended

    expect({ code, stdout }).toEqual({ code: given.code, stdout: '' })
    expect(readdirSync(to)).toEqual(['writer.lock'])
  })

  it('says how to go on where it was stopped', async () => {
    const archive = await newArchive()
    addSlowChecks(archive)
    const to = join(temporaryFolder(), 'backup')
    const backup = start(['backup', to, '--archive', archive])
    while (!existsSync(join(to, 'archive.sqlite.partial'))) await wait(5)

    backup.process.kill('SIGINT')
    const { stdout, stderr } = await backup.ended

    expect(stdout).toBe('')
    expect(stderr).toContain(`Run \`afterfeed backup ${to} --archive ${archive}\` again`)
  })

  it.skipIf(!hasSmallDisks)(
    'ends with 2 on a full disk, and leaves nothing half there',
    async () => {
      const archive = await newArchive()
      const disk = join(temporaryFolder(), 'disk')
      mkdirSync(disk)
      const script =
        'mount -t tmpfs -o size=64k x "$1" && ' +
        '{ "$2" "$3" backup "$1/backup" --archive "$4"; code=$?; ls "$1/backup"; exit $code; }'
      const args = ['-rm', 'sh', '-c', script, 'sh', disk, process.execPath, main, archive]

      const { status, stdout, stderr } = spawnSync('unshare', args, { encoding: 'utf8' })

      expect({ status, stdout }).toEqual({ status: 2, stdout: 'writer.lock\n' })
      expect(stderr).toContain('no space is left')
      expect(readdirSync(archive)).toContain('archive.sqlite')
    },
  )
})
