import { expect, it } from 'vitest'
import { temporaryFolder } from './runs.js'
import { crawlByStillClock } from './still-clock.js'
import { detail, failure, openScripted, postSeeds, success, type Call } from './scripted-api.js'

/** The most calls that arrived within any second. */
function mostInASecond(calls: readonly Call[]): number {
  const times = calls.map(({ atMs }) => atMs).sort((one, other) => one - other)
  const from = (start: number) => times.filter((at) => at >= start && at < start + 1000)
  return Math.max(...times.map((start) => from(start).length))
}

/** Part 8: pace. */
export function pacePromises(): void {
  it.each([
    { rate: 10, calls: 32, concurrency: 8, waitMs: 1 },
    { rate: 25, calls: 80, concurrency: 16, waitMs: 200 },
    { rate: 2.5, calls: 8, concurrency: 4, waitMs: 1 },
  ])('keeps to $rate calls a second, and uses them', async (given) => {
    const { rate, calls: count, concurrency, waitMs } = given
    const api = await openScripted((call) => ({ ...detail(call), waitMs }))

    await crawlByStillClock(api, temporaryFolder(), {
      seeds: postSeeds(count),
      ...{ ratePerSecond: rate, concurrency },
    })

    const { calls } = api
    const seconds = (calls.at(-1)!.atMs - calls[0]!.atMs) / 1000
    expect(calls).toHaveLength(count)
    expect(mostInASecond(calls)).toBeLessThanOrEqual(Math.ceil(rate))
    expect((count - 1) / seconds).toBeGreaterThanOrEqual(0.9 * rate)
  })

  it('keeps to it where one run follows the other', async () => {
    const api = await openScripted((call) => detail(call))
    const options = { seeds: postSeeds(30), ratePerSecond: 10, maxRequests: 10 }

    await crawlByStillClock(api, temporaryFolder(), options, options)

    expect(api.calls).toHaveLength(20)
    expect(mostInASecond(api.calls)).toBeLessThanOrEqual(10)
  })

  it('asks for the state of tasks once a second, and for the rest meanwhile', async () => {
    const api = await openScripted((call) =>
      call.endpoint === 'get_task_status'
        ? { body: success({ id: call.params['task_id'], status: 'queued', progress_pct: 0 }) }
        : detail(call),
    )
    const tasks = ['w', 'x', 'y'].map((end) => `task:task_01k8qjg7nvf2ds7sgx3h8dbny${end}`)

    await crawlByStillClock(api, temporaryFolder(), {
      seeds: [...postSeeds(1), ...tasks, ...postSeeds(9)],
    })

    const { calls } = api
    const ofTasks = calls.filter(({ endpoint }) => endpoint === 'get_task_status')
    const others = calls.filter(({ endpoint }) => endpoint !== 'get_task_status')
    expect(ofTasks).toHaveLength(3)
    expect(mostInASecond(ofTasks)).toBe(1)
    expect(others.at(-1)!.atMs).toBeLessThan(ofTasks[1]!.atMs)
  })

  it('goes slower after a 429, and recovers', async () => {
    const api = await openScripted((call) =>
      call.index === 20 ? failure(429, 'slow') : detail(call),
    )

    const options = { seeds: postSeeds(140), ratePerSecond: 20 }
    const [report] = await crawlByStillClock(api, temporaryFolder(), options)

    const { calls } = api
    const refusedAt = calls[20]!.atMs
    const soonAfter = calls.filter(({ atMs }) => atMs > refusedAt && atMs <= refusedAt + 1000)
    expect(report).toMatchObject({ outcome: 'done', posts: 140 })
    expect(soonAfter.length).toBeLessThanOrEqual(10)
    expect(calls.at(-1)!.atMs - calls.at(-20)!.atMs).toBeLessThan(1500)
  })
}
