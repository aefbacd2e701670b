import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest'
import { Pace } from '../../src/api/pace.js'

beforeEach(() => {
  vi.useFakeTimers()
})

afterEach(() => {
  vi.useRealTimers()
})

/** When each of many calls starts, in milliseconds since the first; all wait from the beginning. */
async function startsOf(
  options: { ratePerSecond: number; concurrency: number },
  { calls, lastsMs, forMs }: { calls: number; lastsMs: number; forMs: number },
): Promise<number[]> {
  const pace = new Pace(options)
  const starts: number[] = []
  const begin = Date.now()
  const call = async () => {
    starts.push(Date.now() - begin)
    await new Promise((resolve) => setTimeout(resolve, lastsMs))
  }
  for (let turn = 0; turn < calls; turn += 1) void pace.run('reads', call)
  await vi.advanceTimersByTimeAsync(forMs)
  return starts
}

/** The most starts in any window of that many milliseconds. */
const mostWithin = (starts: readonly number[], windowMs: number): number =>
  Math.max(
    ...starts.map((start) => starts.filter((at) => at >= start && at < start + windowMs).length),
  )

describe('Pace', () => {
  it.each([1, 5, 20])('starts at most %d calls in any second, and nearly as many', async (rate) => {
    const forMs = 10_000

    const options = { ratePerSecond: rate, concurrency: 50 }
    const starts = await startsOf(options, { calls: rate * 20, lastsMs: 30, forMs })

    expect(mostWithin(starts, 1000)).toBe(rate)
    expect(starts.length).toBeGreaterThanOrEqual(0.9 * rate * (forMs / 1000))
  })

  it('sets no timer longer than timers run, however slow the pace', async () => {
    const waits: number[] = []
    // No spy of vitest: it would put the false timer back after the real one.
    const { setTimeout: set } = globalThis
    const noted = (work: () => void, ms = 0) => {
      waits.push(ms)
      return set(work, ms)
    }
    globalThis.setTimeout = Object.assign(noted, set)
    const options = { ratePerSecond: 1e-9, concurrency: 2 }

    const starts = await startsOf(options, { calls: 3, lastsMs: 1, forMs: 50 })
    globalThis.setTimeout = set

    expect(starts).toEqual([0])
    expect(Math.max(...waits)).toBe(2 ** 31 - 1)
  })

  it('lets no two bursts touch: the second is any second, not one by the clock', async () => {
    const pace = new Pace({ ratePerSecond: 5, concurrency: 50 })
    const starts: number[] = []
    const begin = Date.now()
    const call = async () => void starts.push(Date.now() - begin)

    void pace.run('reads', call)
    await vi.advanceTimersByTimeAsync(900)
    for (let turn = 0; turn < 20; turn += 1) void pace.run('reads', call)
    await vi.advanceTimersByTimeAsync(10_000)

    expect(starts).toHaveLength(21)
    expect(mostWithin(starts, 1000)).toBe(5)
  })

  it('spaces calls by more than a second below one a second', async () => {
    const options = { ratePerSecond: 0.4, concurrency: 4 }

    const starts = await startsOf(options, { calls: 10, lastsMs: 1, forMs: 10_001 })

    const gaps = starts.slice(1).map((start, index) => start - starts[index]!)
    expect(Math.min(...gaps)).toBeGreaterThanOrEqual(2500)
    expect(starts.length).toBeGreaterThanOrEqual(4)
  })

  it('goes on where the clock is set back after calls that nothing waited behind', async () => {
    const pace = new Pace({ ratePerSecond: 1, concurrency: 1 })
    const call = vi.fn(async () => undefined)
    const now = Date.now()
    void pace.run('reads', call)
    await vi.advanceTimersByTimeAsync(5000)

    vi.setSystemTime(now + 172_800_000)
    void pace.run('reads', call)
    await vi.advanceTimersByTimeAsync(500)
    vi.setSystemTime(now + 6000)
    void pace.run('reads', call)
    await vi.advanceTimersByTimeAsync(10_000)

    expect(call).toHaveBeenCalledTimes(3)
  })

  it('never has more under way than asked for', async () => {
    const pace = new Pace({ ratePerSecond: Infinity, concurrency: 3 })
    const underWay = { now: 0, most: 0 }
    const call = async () => {
      underWay.now += 1
      underWay.most = Math.max(underWay.most, underWay.now)
      await new Promise((resolve) => setTimeout(resolve, 10))
      underWay.now -= 1
    }

    const all = Promise.all(Array.from({ length: 20 }, () => pace.run('reads', call)))
    await vi.runAllTimersAsync()
    await all

    expect(underWay).toEqual({ now: 0, most: 3 })
  })

  it('waits for nothing without a limit', async () => {
    const options = { ratePerSecond: Infinity, concurrency: 1000 }

    const starts = await startsOf(options, { calls: 500, lastsMs: 1, forMs: 0 })

    expect(starts).toEqual(Array.from({ length: 500 }, () => 0))
  })

  it('keeps to a rate that is no whole number', async () => {
    const options = { ratePerSecond: 2.5, concurrency: 4 }

    const starts = await startsOf(options, { calls: 40, lastsMs: 1, forMs: 10_000 })

    expect(mostWithin(starts, 2000)).toBe(5)
    expect(starts.length).toBeGreaterThanOrEqual(0.9 * 25)
  })

  it('drops what waits once it is ended; what is under way goes on', async () => {
    const pace = new Pace({ ratePerSecond: 5, concurrency: 1 })
    const call = (name: string) => async () => {
      await new Promise((resolve) => setTimeout(resolve, 10))
      return name
    }

    const given = Promise.all([
      pace.run('reads', call('under way')),
      pace.run('reads', call('waiting')),
    ])
    await vi.advanceTimersByTimeAsync(1)
    pace.end()
    await vi.runAllTimersAsync()

    expect(await given).toEqual(['under way', undefined])
  })

  it('gives back what the call gives, and what it throws', async () => {
    const pace = new Pace({ ratePerSecond: 5, concurrency: 1 })

    const given = pace.run('reads', async () => 'answer')
    const thrown = pace.run('reads', () => Promise.reject(new Error('a bug')))
    const caught = expect(thrown).rejects.toThrow('a bug')
    await vi.runAllTimersAsync()

    expect(await given).toBe('answer')
    await caught
  })
})

describe('a class that was asked too fast', () => {
  const options = { ratePerSecond: 8, concurrency: 50 }

  it('rests until then, and no other class with it', () => {
    const pace = new Pace(options)

    pace.rest('reads', 5_000_000, 1_000_000)

    expect(pace.busy(4_999_999)).toEqual(['reads'])
    expect(pace.busy(5_000_000)).toEqual([])
  })

  it('drops what waits for its turn', async () => {
    const pace = new Pace({ ratePerSecond: 1, concurrency: 50 })
    const first = pace.run('reads', async () => 'asked')
    const second = pace.run('reads', async () => 'asked')
    const other = pace.run('task_status', async () => 'asked')
    await vi.advanceTimersByTimeAsync(10)

    pace.rest('reads', 5_000_000, 1_000_000)

    expect(await Promise.all([first, second, other])).toEqual(['asked', undefined, 'asked'])
  })

  it('goes half as fast after that, and as fast as before once calls go well', async () => {
    const pace = new Pace(options)
    const startsIn = async (ms: number): Promise<number> => {
      let starts = 0
      for (let turn = 0; turn < 100; turn += 1)
        void pace.run('reads', async () => void (starts += 1))
      await vi.advanceTimersByTimeAsync(ms)
      pace.end()
      await vi.advanceTimersByTimeAsync(2000)
      return starts
    }
    const goWell = (calls: number) => {
      for (let call = 0; call < calls; call += 1) pace.goWell('reads')
      return startsIn(5100)
    }

    const before = await goWell(10)
    pace.rest('reads', 2, 1)
    const slower = await goWell(9)
    pace.rest('reads', 4, 3)
    const after = [await startsIn(5100), await goWell(9), await goWell(1), await goWell(10)]

    expect({ before, slower, after }).toEqual({ before: 40, slower: 20, after: [10, 10, 20, 40] })
  })

  it('counts one rest for all calls that were under way', () => {
    const pace = new Pace(options)

    for (const now of [10, 11, 12]) pace.rest('reads', now + 1000, now)
    const first = pace.restsInARow('reads')
    pace.rest('reads', 9000, 5000)

    expect([first, pace.restsInARow('reads')]).toEqual([1, 2])
    pace.goWell('reads')
    expect(pace.restsInARow('reads')).toBe(0)
  })
})

describe('classes of endpoints', () => {
  it.each(['task_status', 'uploads', 'account'] as const)(
    'are asked once a second at most where TikHub allows no more: %s',
    async (rateClass) => {
      const pace = new Pace({ ratePerSecond: 50, concurrency: 50 })
      let starts = 0
      for (let turn = 0; turn < 20; turn += 1)
        void pace.run(rateClass, async () => void (starts += 1))

      await vi.advanceTimersByTimeAsync(5500)

      expect(starts).toBe(6)
    },
  )
})

describe('a machine whose clock is set back', () => {
  it('does not make calls wait as long', async () => {
    const pace = new Pace({ ratePerSecond: 2, concurrency: 50 })
    let starts = 0
    for (let turn = 0; turn < 40; turn += 1) void pace.run('reads', async () => void (starts += 1))
    await vi.advanceTimersByTimeAsync(3000)
    const before = starts

    vi.setSystemTime(Date.now() - 3_600_000)
    await vi.advanceTimersByTimeAsync(10_000)

    expect(before).toBeGreaterThanOrEqual(6)
    expect(starts - before).toBeGreaterThanOrEqual(16)
    pace.end()
  })

  it('goes on, and no faster, where it is set back all the time', async () => {
    const pace = new Pace({ ratePerSecond: 2, concurrency: 50 })
    const starts: number[] = []
    const hand = setInterval(() => vi.setSystemTime(Date.now() - 1000), 100)
    const call = async () => void starts.push(performance.now())
    for (let turn = 0; turn < 40; turn += 1) void pace.run('reads', call)

    await vi.advanceTimersByTimeAsync(20_000)

    clearInterval(hand)
    expect(starts.length).toBeGreaterThanOrEqual(16)
    expect(mostWithin(starts, 1000)).toBe(2)
    pace.end()
  })
})

describe('a class with as many waiting as can go soon', () => {
  it('is busy, so that others need not wait behind it', async () => {
    const pace = new Pace({ ratePerSecond: 10, concurrency: 4 })
    const call = async () => undefined
    void pace.run('task_status', call)
    await vi.advanceTimersByTimeAsync(1)
    const afterOne = pace.busy(0)

    void pace.run('task_status', call)
    void pace.run('reads', call)

    expect([afterOne, pace.busy(0)]).toEqual([[], ['task_status']])
    await vi.advanceTimersByTimeAsync(2000)
    expect(pace.busy(0)).toEqual([])
  })

  it('is busy sooner after a rest', async () => {
    const pace = new Pace({ ratePerSecond: 10, concurrency: 4 })
    const busyWith = (calls: number): string[] => {
      const underWay = () => new Promise(() => undefined)
      for (let turn = 0; turn < calls; turn += 1) void pace.run('reads', underWay)
      return pace.busy(1)
    }
    busyWith(4)

    const before = [busyWith(3), busyWith(1)]
    pace.rest('reads', 1, 0)

    expect([...before, busyWith(0), busyWith(1)]).toEqual([[], ['reads'], [], ['reads']])
    pace.end()
  })
})
