import { beforeAll, describe, expect, it } from 'vitest'
import { buildProgram, run, temporaryFolder } from './program.js'

beforeAll(buildProgram)

describe('a mistake on the command line', () => {
  it.each([
    [['crawl', 'feed', '--api-key', 'x'], 'the key comes from TIKHUB_API_KEY or the config file'],
    [['crawl', 'feed', '--KEY', 'x'], 'the key comes from TIKHUB_API_KEY or the config file'],
    [['--archive', 'x', 'status'], 'options come after the command'],
    [['trace', 's_1'], 'a table comes first: afterfeed trace posts s_…'],
    [['status', 'x'], 'folders are named by options: --archive DIR'],
    [
      ['export', '--out', 'x', '--format', 'csv,', 'sqlite'],
      "a list is one word, a,b without spaces, in PowerShell 'a,b' in quotes",
    ],
  ])('of %j ends with 2, and the way out is told', async (args, hint) => {
    const { code, stderr } = await run(args, { cwd: temporaryFolder() })

    expect(code).toBe(2)
    expect(stderr).toMatch(/^error: /)
    expect(stderr).toContain(hint)
  })

  it('of a name says no more than what is near', async () => {
    const { stderr } = await run(['status', '--gap'])

    expect(stderr).toBe(
      "error: unknown option '--gap'\n(Did you mean --gaps?)\n(see `afterfeed --help`, or `afterfeed COMMAND --help`)\n",
    )
  })
})
