import { setTimeout as sleep } from 'node:timers/promises'
import { describe, expect, it } from 'vitest'
import { crawlWorld, openWorld, temporaryFolder } from './worlds.js'

describe('crawl with work beside it', () => {
  it('has the walk wait while it is held, and ends when both are over', async () => {
    const world = await openWorld({ posts: 12 })
    const seen: number[] = []

    const report = await crawlWorld(world, temporaryFolder(), {
      beside: async ({ hold, isOver }) => {
        hold(true)
        await sleep(200)
        seen.push(world.calls().calls)
        await sleep(300)
        seen.push(world.calls().calls)
        hold(false)
        while (!isOver()) await sleep(10)
      },
    })

    // A call that was under way when it was held comes to its end.
    expect(seen[1]).toBe(seen[0])
    expect(seen[0]).toBeLessThanOrEqual(2)
    expect(report).toMatchObject({
      outcome: 'done',
      requests_sent: world.fewestRequests().requests,
    })
  })

  it('ends the walk where the work breaks, and throws what it broke with', async () => {
    const world = await openWorld({ posts: 60 })

    const run = crawlWorld(world, temporaryFolder(), {
      beside: async () => {
        await sleep(20)
        throw new Error('broken')
      },
    })

    await expect(run).rejects.toThrow('broken')
    expect(world.calls().calls).toBeLessThan(world.fewestRequests().requests)
  })

  it('ends the work where the run is interrupted', async () => {
    const world = await openWorld({ posts: 60 })
    const stop = new AbortController()
    let isEnded = false

    const report = await crawlWorld(world, temporaryFolder(), {
      signal: stop.signal,
      beside: async ({ signal }) => {
        stop.abort()
        while (!signal.aborted) await sleep(1)
        isEnded = true
      },
    })

    expect([report.outcome, isEnded]).toEqual(['interrupted', true])
  })

  it('lets both spend from one budget', async () => {
    const world = await openWorld({ posts: 30 })

    const report = await crawlWorld(world, temporaryFolder(), {
      budgetUsd: 0.5,
      beside: async ({ spending, clock }) => {
        for (let call = 0; call < 4; call += 1) {
          const reservation = spending.reserve('get_post_detail', clock())
          if ('priceUsd' in reservation) spending.settle(reservation.priceUsd, 'yes', clock())
        }
      },
    })

    expect(report).toMatchObject({ outcome: 'budget', cost_usd: 0.5 })
    expect(world.calls().billed_usd).toBeCloseTo(0.3)
  })
})
