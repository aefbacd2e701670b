import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { firstPage } from '../../src/archive/list-of-request.js'
import { replayAll, settleTimes } from '../../src/archive/rebuild.js'
import { saveCalledPage } from '../../src/archive/save-call.js'
import { savePage, type CallOver } from '../../src/archive/save-page.js'
import { readPage } from '../../src/model/read-page.js'
import { noLimits } from '../../src/model/walk-plan.js'
import {
  dumpDerived,
  importAnswer,
  newArchive,
  onNewArchive,
  rowsOf,
  type Answer,
} from './archives.js'
import type { Value } from '../../src/model/table.js'
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

describe('the link of a file', () => {
  const id = 's_68ef1920000081910000000000000001'
  const file = 'https://videos.openai.com/vg-assets/a/b.mp4'
  const signed = (day: number) => `${file}?se=2026-02-0${day}T00%3A00%3A00Z&sp=r&sig=abc`
  const told = (receivedAt: number, path: string, size: number): Answer => ({
    endpoint: 'get_post_detail',
    params: { post_id: id },
    body: JSON.stringify({ post: { id, attachments: [{ encodings: { md: { path, size } } }] } }),
    receivedAt,
  })
  const linkAfter = (answers: readonly Answer[]) =>
    onNewArchive((archive) => {
      for (const answer of answers) importAnswer(archive, answer)
      const [{ url, expires_at, size_bytes }] = rowsOf(archive.database, 'assets') as [
        Record<string, Value>,
      ]
      return { url, isEnding: expires_at !== null, size: Number(size_bytes) }
    })

  it('is the newest with a signature, in whatever order cleaned answers come', () => {
    const answers = [
      ...[told(1, signed(1), 10), told(2, file, 20), told(3, signed(3), 30)],
      told(5, file, 50),
    ]

    fc.assert(
      fc.property(fc.shuffledSubarray(answers, { minLength: answers.length }), (shuffled) => {
        expect(linkAfter(shuffled)).toEqual({ url: signed(3), isEnding: true, size: 50 })
      }),
      { numRuns: 40 },
    )
  })

  it('is one without a signature as long as none with one was told', () => {
    expect(linkAfter([told(2, file, 20)])).toEqual({ url: file, isEnding: false, size: 20 })
    expect(linkAfter([told(2, file, 20), told(1, signed(1), 10)])).toEqual({
      ...{ url: signed(1), isEnding: true, size: 20 },
    })
  })
})

describe('saveCalledPage of an answer that was imported', () => {
  it('counts no page of its list again, nor does a rebuild', async () => {
    const postId = 's_68ef1920000081910000000000000001'
    const params = { post_id: postId }
    const body = JSON.stringify({ children: { items: [{ id: 'a'.repeat(32) }], cursor: 'c' } })
    const endpoint = 'get_post_comments' as const
    const archive = newArchive()
    importAnswer(archive, { endpoint, params, body, receivedAt: 5 })
    const before = dumpDerived(archive.database)
    const baseUrl = 'http://x'
    const start = { requestId: null, runId: 1, endpoint, params, attempt: 1, baseUrl, sentAt: 8 }
    const callId = archive.ledger.begin({ ...start, priceUsd: 0.01 })

    const { page } = readPage(endpoint, params, body)
    saveCalledPage(archive, { callId, endpoint, params, body, page, odd: null, end: end(9) })
    const called = dumpDerived(archive.database)
    await settleTimes(archive, { clock: () => 10 })

    expect(called).toBe(before)
    expect(rowsOf(archive.database, 'listings')).toMatchObject([
      { pages: 1n, items: 1n, first_page_at: 9n },
    ])
    expect(archive.ledger.spentUsd()).toBe(0.01)
  })
})

describe('saveCalledPage of an answer that a walk got', () => {
  it('notes its list as imported, once', async () => {
    const endpoint = 'get_post_comments' as const
    const params = { post_id: 's_68ef1920000081910000000000000001' }
    const body = JSON.stringify({ children: { items: [{ id: 'a'.repeat(32) }], cursor: 'c' } })
    const { page } = readPage(endpoint, params, body)
    const archive = newArchive()
    archive.frontier.add(firstPage(endpoint, params.post_id, seed), noLimits, 1)
    const [request] = archive.frontier.ready(2, 1)
    const begin = (requestId: number | null, sentAt: number): string =>
      archive.ledger.begin({
        ...{ requestId, runId: 1, endpoint, params, attempt: 1, baseUrl: 'http://x', sentAt },
        priceUsd: 0.01,
      })
    const call = (at: number): void => {
      const callId = begin(null, at)
      saveCalledPage(archive, { callId, endpoint, params, body, page, odd: null, end: end(at) })
    }

    const walked = { callId: begin(1, 3), request: request!, body, page, limits: noLimits }
    savePage(archive, { ...walked, end: end(4) })
    call(6)
    call(8)
    const told = dumpDerived(archive.database)
    await replayAll(archive, { clock: () => 10 })

    expect(rowsOf(archive.database, 'listings')).toMatchObject([
      { pass: 0n, pages: 1n, items: 1n, first_page_at: 4n },
      { pass: 1n, pages: 1n, items: 1n, first_page_at: 4n },
    ])
    expect(dumpDerived(archive.database)).toBe(told)
  })
})

const seed = { pass: 1, parentRequestId: null, depth: 0 }

const end = (receivedAt: number): CallOver => ({
  ...{ receivedAt, status: 200, headers: {}, durationMs: 1, billed: 'yes', costUsd: 0.01 },
  ...{ upstreamRequestId: null, outcome: 'page' },
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
