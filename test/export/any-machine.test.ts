import { cpSync, mkdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { beforeAll, describe, expect, it } from 'vitest'
import { formatNames } from '../../src/export/index.js'
import { buildProgram, run, temporaryFolder } from '../cli/program.js'
import { importPages } from './imported.js'

beforeAll(buildProgram, 120_000)

/** The sums of all files that `afterfeed export` writes of a copy, in a folder of that name. */
async function sumsIn(name: string, archiveDir: string, shell: string): Promise<string> {
  const cwd = join(temporaryFolder(), name)
  mkdirSync(cwd)
  cpSync(archiveDir, join(cwd, `archive ${name}`), { recursive: true })
  const out = `out ${name}`
  const args = ['--archive', `archive ${name}`, '--out', out, '--format', formatNames.join()]

  const { code, stderr } = await run(['export', ...args, '--with-log'], { cwd, shell })

  expect({ code, stderr }).toEqual({ code: 0, stderr: '' })
  return readFileSync(join(cwd, out, 'SHA256SUMS'), 'utf8')
}

describe('afterfeed export', () => {
  it('writes the same bytes in any time zone and language, folder, and with any rights', async () => {
    const { archiveDir } = await importPages()
    const plain = 'umask 022; export TZ=America/St_Johns LC_ALL=C'
    const other = 'umask 077; unset HOME; export TZ=Asia/Kathmandu LC_ALL=tr_TR.UTF-8 2>/dev/null'

    const sums = await sumsIn('plain', archiveDir, plain)

    expect(await sumsIn('İ 100%41 #1?&[x] ü 日本', archiveDir, other)).toBe(sums)
  }, 60_000)
})
