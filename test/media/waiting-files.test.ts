import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { WaitingFiles, type NamedFile } from '../../src/media/waiting-files.js'
import { uses } from '../../src/media/wanted.js'
import { inTurn } from './in-turn.js'

const named = (more: Partial<NamedFile>): NamedFile => ({
  ...{ deadline: 5, use: 'playable', bytes: 100, isOfDraft: false, renewer: 0 },
  ...more,
})

/** The files of a list, each at the place that goes with it. */
function waitingFiles(files: readonly (readonly [number, NamedFile])[]): WaitingFiles {
  const waiting = new WaitingFiles()
  for (const [place, file] of files) waiting.add(place, file)
  return waiting
}

describe('WaitingFiles', () => {
  it('gives all files back in turn, like the objects they were', () => {
    const file = fc.record({
      deadline: fc.option(fc.integer({ min: 0, max: 2e15 })),
      use: fc.constantFrom(...uses),
      bytes: fc.integer({ min: 0, max: 2 ** 40 }),
      isOfDraft: fc.boolean(),
      renewer: fc.integer({ min: 0, max: 2 ** 32 - 1 }),
    })
    fc.assert(
      fc.property(fc.array(file, { maxLength: 50 }), (files) => {
        const waiting = waitingFiles(files.map((each, at) => [1 + at * 1000, each]))

        expect(waiting.size).toBe(files.length)
        expect([...waiting.inTurn()]).toEqual(inTurn(files))
      }),
    )
  })

  it.each<[string, Partial<NamedFile>[], Partial<NamedFile>]>([
    ['the link that lasts longest', [{ deadline: 5 }, { deadline: 9 }], { deadline: 9 }],
    ['it also where it came first', [{ deadline: 9 }, { deadline: 5 }], { deadline: 9 }],
    ['a link that tells no end', [{ deadline: 9 }, { deadline: null }], { deadline: null }],
    ['a draft among the owners', [{}, { isOfDraft: true }], { isOfDraft: true }],
    ['the first owner whom a call renews', [{}, { renewer: 2 }, { renewer: 3 }], { renewer: 2 }],
    ['size and use as the first owner tells them', [{}, { bytes: 7, use: 'rest' }], {}],
  ])('counts a file once, with %s', (_, owners, expected) => {
    const waiting = waitingFiles(owners.map((each) => [7, named(each)]))

    expect([waiting.size, ...waiting.inTurn()]).toEqual([1, named(expected)])
  })

  it('sorts anew after another file came', () => {
    const waiting = waitingFiles([[1, named({ deadline: 5 })]])
    const before = [...waiting.inTurn()].length

    waiting.add(2, named({ deadline: 3 }))

    const deadlines = [...waiting.inTurn()].map(({ deadline }) => deadline)
    expect([before, deadlines]).toEqual([1, [3, 5]])
  })
})
