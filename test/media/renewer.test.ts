import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import { describe, expect, it, onTestFinished } from 'vitest'
import { ApiClient } from '../../src/api/client.js'
import { Pace } from '../../src/api/pace.js'
import { openSpending } from '../../src/api/spending.js'
import type { Billed } from '../../src/model/billed.js'
import { renewalOf } from '../../src/media/renew.js'
import { renew, type RenewalRoom } from '../../src/media/renewer.js'
import { newArchive } from '../archive/archives.js'
import { idOf } from './worlds.js'

const now = 1760500000_000000

/** What renewing takes, with an API that answers every call about the post asked for. */
async function openRoom(budgetUsd: number): Promise<{ room: RenewalRoom; asked: () => number }> {
  let asked = 0
  const server = createServer((_, response) => {
    asked += 1
    const data = { post: { id: idOf(1), text: 'sea' }, profile: null }
    response.end(JSON.stringify({ code: 200, router: '/r', params: {}, data }))
  })
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  const baseUrl = `http://127.0.0.1:${(server.address() as AddressInfo).port}`
  const client = new ApiClient({ baseUrl, apiKey: '', concurrency: 2, timeoutMs: 5000 })
  onTestFinished(async () => {
    await client.close()
    server.close()
  })
  const archive = newArchive()
  const begun = { seeds: [], config: {}, version: '0', startedAt: now }
  const room = {
    ...{ archive, client, baseUrl, clock: () => now, random: () => 0.5, retryBaseMs: 1 },
    pace: new Pace({ ratePerSecond: Infinity, concurrency: 2 }),
    spending: openSpending(archive.ledger, { budgetUsd }),
    runId: archive.runs.begin({ command: 'media', ...begun }),
    signal: new AbortController().signal,
    hardSignal: new AbortController().signal,
  }
  return { room, asked: () => asked }
}

const renewal = renewalOf({ owner_kind: 'post', owner_id: idOf(1) })!

describe('renew', () => {
  it.each<[Billed, string, number]>([
    ['no', 'answer', 1],
    ['yes', 'budget', 0],
  ])('waits for a call under way, which turns out billed: %s', async (billed, kind, calls) => {
    const { room, asked } = await openRoom(0.05)
    const { spending } = room
    spending.reserve('get_feed', now)
    let looks = 0
    const reserve: typeof spending.reserve = (endpoint, at) => {
      looks += 1
      if (looks === 3) spending.settle(0.05, billed, at)
      return spending.reserve(endpoint, at)
    }
    const settle: typeof spending.settle = (...call) => spending.settle(...call)

    const renewed = await renew({ ...room, spending: { reserve, settle } }, renewal)

    expect(renewed).toMatchObject({ kind })
    expect([looks, asked()]).toEqual([3, calls])
  })

  it('counts a call that is dropped under way as spent: it may be billed', async () => {
    const { room } = await openRoom(0.05)
    const dropping = new AbortController()
    const fetchPage: RenewalRoom['client']['fetchPage'] = (...call) => {
      dropping.abort()
      return room.client.fetchPage(...call)
    }

    const dropped = { ...room, client: { fetchPage }, hardSignal: dropping.signal }
    const renewed = await renew(dropped, renewal)

    expect(renewed).toEqual({ kind: 'interrupted' })
    expect(await renew(room, renewal)).toMatchObject({ kind: 'budget' })
  })
})
