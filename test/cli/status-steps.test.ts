import { join } from 'node:path'
import { beforeAll, describe, expect, it, vi } from 'vitest'
import { withProgress } from '../../src/cli/terminal.js'
import { buildProgram, root, run, temporaryFolder } from './program.js'

beforeAll(buildProgram, 120_000)

interface Step {
  event: string
  step: string
  done: number
  total: number
}

describe('status', () => {
  it('tells every step before it begins, and how many are to come', async () => {
    const archive = join(temporaryFolder(), 'archive')
    await run(['import', join(root, 'config/demo-drafts.json'), '--archive', archive, '--quiet'])

    const lists = ['--gaps', '--coverage']
    const { stderr } = await run(['status', ...lists, '--json', '--archive', archive])

    const steps = stderr
      .trim()
      .split('\n')
      .map((line) => JSON.parse(line) as Step)
    const [first] = steps
    const rows = steps.filter(({ total }) => total === first!.total)
    const known = [...'users posts assets requests'.split(' '), 'calls', 'links that end']
    expect(rows.map(({ done }) => done)).toEqual(Array.from({ length: first!.total }, (_, n) => n))
    expect(rows.map(({ step }) => step)).toEqual(expect.arrayContaining(known))
    expect(steps.slice(rows.length)).toEqual(
      [
        ['gaps', 0],
        ['coverage', 1],
        ['coverage of comments and replies', 1],
        ['coverage of remixes', 1],
        ['coverage of the feed', 1],
      ].map(([step, done]) => ({ event: 'progress', step, done, total: 2 })),
    )
  })
})

describe('withProgress on a terminal', () => {
  it('draws a step before work begins that lets nothing else run', async () => {
    const drawn: string[] = []
    const isTty = Object.getOwnPropertyDescriptor(process.stderr, 'isTTY')
    Object.defineProperty(process.stderr, 'isTTY', { value: true, configurable: true })
    const write = vi.spyOn(process.stderr, 'write').mockImplementation((text) => {
      drawn.push(String(text))
      return true
    })

    const seen = await withProgress('status', {} as never, (show) => {
      for (const [done, note] of ['one', 'two', 'three'].entries())
        show({ done, total: 3, note, fields: {}, isStep: true })
      return Promise.resolve(drawn.join(''))
    }).finally(() => {
      write.mockRestore()
      if (isTty) Object.defineProperty(process.stderr, 'isTTY', isTty)
      else Reflect.deleteProperty(process.stderr, 'isTTY')
    })

    expect(seen).toContain('2/3 three')
  })
})
