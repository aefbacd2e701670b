import { spawnSync } from 'node:child_process'
import { mkdirSync, readdirSync, statSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { beforeAll, describe, expect, it } from 'vitest'
import { buildProgram, main, root, run, temporaryFolder } from './program.js'

/** A small disk of its own needs a mount namespace, which not every machine grants. */
const hasSmallDisks =
  spawnSync('unshare', ['-rm', 'mount', '-t', 'tmpfs', 'x', '/mnt']).status === 0

/** A folder with an archive that holds one dump. */
async function newArchive(): Promise<string> {
  const archive = join(temporaryFolder(), 'archive')
  await run(['import', join(root, 'config/demo-drafts.json'), '--archive', archive])
  return archive
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
