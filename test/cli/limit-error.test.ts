import { beforeAll, describe, expect, it } from 'vitest'
import { toLimitError } from '../../src/cli/limit-error.js'
import { InputError } from '../../src/model/errors.js'
import { buildProgram, run, temporaryFolder } from './program.js'

beforeAll(buildProgram)

describe('toLimitError', () => {
  it.each(['EMFILE', 'ENFILE'])('says of %s how to raise the limit', (code) => {
    const told = toLimitError(Object.assign(new Error('too many open files'), { code }))

    expect(told).toBeInstanceOf(InputError)
    expect((told as Error).message).toMatch(/too few files .*`ulimit -n 1024`.* \(too many open/)
  })

  it.each([new Error('x'), Object.assign(new Error('x'), { code: 'ENOENT' }), 'text', undefined])(
    'leaves %s as it is',
    (error) => {
      expect(toLimitError(error)).toBe(error)
    },
  )
})

describe('a command that may open few files', () => {
  it('ends in words, never as a bug, wherever the limit stops it', async () => {
    const archive = temporaryFolder()
    const args = ['import', 'config/demo-drafts.json', '--archive', archive]

    const all = await Promise.all(
      [50, 54, 64].map((most) => run(args, { shell: `ulimit -n ${most}`, cwd: process.cwd() })),
    )

    for (const { code, stderr } of all) {
      expect([0, 2]).toContain(code)
      expect(stderr).not.toContain('this is a bug')
    }
  })
})
