import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import {
  dumpDerived,
  importAnswer,
  newArchive,
  onNewArchive,
  rowsOf,
  type Answer,
} from './archives.js'
import { anyAnswers } from './wire.js'

const dumpOf = (answers: readonly Answer[]): string =>
  onNewArchive((archive) => {
    for (const answer of answers) importAnswer(archive, answer)
    return dumpDerived(archive.database)
  })

const inAnyOrder = anyAnswers.chain((answers) =>
  fc.tuple(fc.constant(answers), fc.shuffledSubarray(answers, { minLength: answers.length })),
)

describe('saveImportedPage', () => {
  it('makes the same rows of the same answers, byte for byte, in whatever order they come', () => {
    fc.assert(
      fc.property(inAnyOrder, ([answers, shuffled]) => {
        const straight = dumpOf(answers)

        const otherwise = dumpOf(shuffled)

        expect(otherwise).toBe(straight)
      }),
      { numRuns: 60 },
    )
  })

  it('changes nothing where the same answer comes again', () => {
    fc.assert(
      fc.property(anyAnswers, fc.nat(), (answers, which) => {
        const [once, twice, taken] = onNewArchive((archive) => {
          for (const answer of answers) importAnswer(archive, answer)
          const before = dumpDerived(archive.database)
          const again = importAnswer(archive, answers[which % answers.length]!)
          return [before, dumpDerived(archive.database), again]
        })

        expect(taken).toBe('held')
        expect(twice).toBe(once)
      }),
      { numRuns: 30 },
    )
  })
})

describe('a list whose imported pages overlap', () => {
  const postId = 's_68ef1920000081910000000000000001'
  const page = (at: number, ...ids: string[]): Answer => ({
    endpoint: 'get_post_comments',
    params: { post_id: postId },
    body: JSON.stringify({ children: { items: ids.map((id) => ({ id })), cursor: `${at}` } }),
    receivedAt: at,
  })
  const id = (n: number): string => n.toString(16).padStart(32, '0')

  it.each([
    ['the long page first', [page(1, id(1), id(2)), page(2, id(2))]],
    ['the short page first', [page(2, id(2)), page(1, id(1), id(2))]],
  ])('is told the same: %s', (_, answers) => {
    const archive = newArchive()

    for (const answer of answers) importAnswer(archive, answer)

    expect(rowsOf(archive.database, 'listings')).toEqual([
      {
        listing_key: `0 get_post_comments ${postId}`,
        endpoint: 'get_post_comments',
        subject: postId,
        pass: 0n,
        pages: 2n,
        items: 2n,
        stale_pages: 0n,
        announced_below: null,
        known_run: 0n,
        announced: null,
        first_page_at: 1n,
        ended_at: null,
        end_reason: null,
      },
    ])
  })
})
