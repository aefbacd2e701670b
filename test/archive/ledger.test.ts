import { describe, expect, it } from 'vitest'
import type { Archive } from '../../src/archive/archive.js'
import type { Billed } from '../../src/model/billed.js'
import { importAnswer, newArchive } from './archives.js'

const midnight = Date.UTC(2026, 1, 3) * 1000

/** Makes a call; one that is not settled was never seen to end. */
function call(archive: Archive, at: number, billed: Billed | null, priceUsd = 0.05): void {
  const what = { requestId: null, runId: 1, endpoint: 'get_feed', params: {}, attempt: 1 } as const
  const callId = archive.ledger.begin({ ...what, baseUrl: 'https://a.b', sentAt: at, priceUsd })
  if (billed !== null)
    archive.ledger.settle(callId, callId, {
      ...{ receivedAt: at + 1, status: 200, headers: {}, durationMs: 1, billed },
      ...{ costUsd: billed === 'no' ? 0 : priceUsd, upstreamRequestId: null, outcome: 'page' },
      ...{ bodySha256: null, bodyBytes: null },
    })
}

/** Calls of every kind, and an import. */
function filledArchive(): Archive {
  const archive = newArchive()
  call(archive, midnight - 1, 'yes')
  call(archive, midnight, 'yes')
  call(archive, midnight + 1, 'yes', 0.1)
  call(archive, midnight + 2, 'yes', 0)
  for (const billed of ['no', 'unknown', null] as const) call(archive, midnight + 3, billed)
  const body = '{"code":200,"data":{"items":[],"cursor":null}}'
  importAnswer(archive, { endpoint: 'get_feed', params: {}, body, receivedAt: midnight + 4 })
  return archive
}

describe('Ledger.billedSince', () => {
  it('counts the calls of a day that cost something and were surely billed', () => {
    expect(filledArchive().ledger.billedSince(midnight)).toBe(2)
  })
})

describe('Ledger.spentUsd', () => {
  it('sums what was billed, and in full what may have been, whether or not its end was seen', () => {
    expect(filledArchive().ledger.spentUsd()).toBeCloseTo(0.05 + 0.05 + 0.1 + 0.05 + 0.05, 9)
  })
})
