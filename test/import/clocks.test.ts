import { utimesSync } from 'node:fs'
import { afterEach, describe, expect, it } from 'vitest'
import { openForReading } from '../../src/archive/archive.js'
import { rebuild } from '../../src/archive/rebuild.js'
import { dumpDerived } from '../archive/archives.js'
import { envelope, openRoom, person, second, userId, wrapped, type Room } from './room.js'

const clock = () => Date.UTC(2026, 10, 20) * 1000

/** Nothing in it has a time: its file's, or its HAR's, is all there is. */
const people = { items: [person(1), person(2)], cursor: null }

const touch = (path: string, seconds: number): string => {
  utimesSync(path, seconds, seconds)
  return path
}

const tablesOf = (room: Room): string => {
  const database = openForReading(room.archiveDir)
  try {
    return dumpDerived(database)
  } finally {
    database.close()
  }
}

const seenAt = (room: Room) =>
  room.rows('SELECT DISTINCT first_seen_at, last_seen_at FROM users ORDER BY 1')

const timesIn = (room: Room) => room.rows('SELECT received_at, clock, origin FROM responses')

const har = (text: string, startedDateTime: string) => ({
  log: {
    entries: [
      {
        startedDateTime,
        request: { url: 'https://x/y' },
        response: { status: 200, content: { text } },
      },
    ],
  },
})

describe('the time of an entry of a HAR', () => {
  const { TZ: zone } = process.env
  afterEach(() => {
    if (zone === undefined) delete process.env['TZ']
    else process.env['TZ'] = zone
  })

  it.each([
    ['2026-02-03T04:05:06.789Z', '2026-02-03T04:05:06.789Z'],
    ['2026-02-03T05:05:06.789+01:00', '2026-02-03T04:05:06.789Z'],
    ['2026-02-03T04:05:06.789000', '2026-02-03T04:05:06.789Z'],
    ['2026-02-03T04:05:06', '2026-02-03T04:05:06Z'],
    ['2026-02-03 04:05:06.789000', '2026-02-03T04:05:06.789Z'],
    ['2026-02-03 05:05:06+01:00', '2026-02-03T04:05:06Z'],
  ])('is the same on machines in any zone: %s', async (written, meant) => {
    process.env['TZ'] = 'America/New_York'
    const room = openRoom()

    await room.take(room.put('x.har', har(JSON.stringify(people), written)), { clock })

    const at = Date.parse(meant) * 1000
    expect(timesIn(room)).toMatchObject([{ received_at: at, clock: 'har' }])
  })
})

describe('an answer that is imported with two times', () => {
  it('has that of the older file, whichever came first', async () => {
    const [room, reverse] = [openRoom(), openRoom()]
    const put = ({ put }: Room): [string, string] => [
      touch(put('old.json', people), second + 10),
      touch(put('new.json', people), second + 20),
    ]
    const [old, recent] = put(room)
    const [reverseOld, reverseRecent] = put(reverse)

    await room.take(recent, { clock })
    const corrected = await room.take(old, { clock })
    await reverse.take(reverseOld, { clock })
    const held = await reverse.take(reverseRecent, { clock })

    expect(corrected).toMatchObject({ pages: 0, held: 1, corrected: 1, rebuilt: true })
    expect(held).toMatchObject({ pages: 0, held: 1, corrected: 0, rebuilt: false })
    const at = (second + 10) * 1e6
    expect(timesIn(room)).toEqual([{ received_at: at, clock: 'file', origin: 'old.json' }])
    expect(seenAt(room)).toEqual([{ first_seen_at: at, last_seen_at: at }])
    expect(room.rows('SELECT at FROM journal')).toEqual([{ at }])
    expect(tablesOf(reverse)).toBe(tablesOf(room))
  })

  it('has that of its HAR before that of its file, though its own is none that can be true', async () => {
    const [room, reverse] = [openRoom(), openRoom()]
    const untimely = { ...envelope('get_user_followers', { user_id: userId(3) }, people) }
    untimely.time_stamp = 12
    const text = JSON.stringify(untimely)
    const put = ({ put }: Room): string[] => [
      put('a.har', har(text, '2025-11-03T00:00:00Z')),
      touch(put('a.json', text), second + 10),
    ]
    const files = put(room)
    const reverseFiles = put(reverse).reverse()

    for (const file of files) await room.take(file, { clock })
    for (const file of reverseFiles) await reverse.take(file, { clock })

    const at = Date.UTC(2025, 10, 3) * 1000
    expect(timesIn(reverse)).toEqual([{ received_at: at, clock: 'har', origin: 'a.har#entries/0' }])
    expect(tablesOf(reverse)).toBe(tablesOf(room))
    expect(room.rows('SELECT json_pointer FROM anomalies')).toEqual([
      { json_pointer: '/time_stamp' },
    ])
  })

  it('has the time of its envelope once that can be true, and no anomaly any more', async () => {
    const room = openRoom()
    const file = room.put('a.json', envelope('get_post_detail', {}, wrapped(1)))
    const early = () => (second - 30 * 24 * 3600) * 1e6

    await room.take(file, { clock: early })
    const before = room.rows('SELECT json_pointer FROM anomalies')
    const report = await room.take(file, { clock })

    expect(before).toEqual([{ json_pointer: '/time_stamp' }])
    expect(report).toMatchObject({ corrected: 1, rebuilt: true })
    expect(timesIn(room)).toMatchObject([{ received_at: (second + 1000) * 1e6, clock: 'envelope' }])
    expect(room.rows('SELECT * FROM anomalies')).toEqual([])
  })

  it('tells through another archive too that its own time cannot be true', async () => {
    const [room, other] = [openRoom(), openRoom()]
    const untimely = { ...envelope('get_post_detail', {}, wrapped(1)), time_stamp: 12 }
    const file = touch(room.put('a.json', untimely), second + 10)

    await room.take(file, { clock })
    await other.take(room.archiveDir, { clock })

    expect(tablesOf(other)).toBe(tablesOf(room))
    expect(other.rows('SELECT json_pointer FROM anomalies')).toEqual([
      { json_pointer: '/time_stamp' },
    ])
  })

  it('in one import is corrected too', async () => {
    const room = openRoom()
    const recent = touch(room.put('a.json', people), second + 20)
    const old = touch(room.put('b.json', people), second + 10)

    const report = await room.take([recent, old], { clock })

    expect(report).toMatchObject({ pages: 1, held: 1, corrected: 1, rebuilt: true })
    expect(seenAt(room)).toMatchObject([{ first_seen_at: (second + 10) * 1e6 }])
  })

  it('counts drift once, as it would from the beginning', async () => {
    const room = openRoom()
    const strange = { ...people, planet: 'Mars' }
    const recent = touch(room.put('a.json', strange), second + 20)
    const old = touch(room.put('b.json', strange), second + 10)

    await room.take(recent, { clock })
    await room.take(old, { clock })

    expect(room.rows('SELECT answers, first_seen_at FROM drift')).toEqual([
      { answers: 1, first_seen_at: (second + 10) * 1e6 },
    ])
  })
})

describe('an import that corrected times and was stopped', () => {
  /** More answers than a rebuild takes at a time, and an older copy of one of them. */
  const fill = async (room: Room): Promise<string> => {
    const details = Array.from({ length: 130 }, (_, n) =>
      JSON.stringify(envelope('get_post_detail', { post_id: `p${n}` }, wrapped(n + 1), n)),
    )
    await room.take(room.put('all.ndjson', details.join('\n')), { clock })
    await room.take(touch(room.put('new.json', people), second + 20), { clock })
    return touch(room.put('old.json', people), second + 10)
  }

  const stopAt = (what: 'rebuild' | 'answers') => {
    const controller = new AbortController()
    const onProgress = ({ rebuild }: { rebuild?: object }) => {
      if ((rebuild !== undefined) === (what === 'rebuild')) controller.abort()
    }
    return { signal: controller.signal, onProgress, clock }
  }

  it.each(['rebuild', 'answers'] as const)(
    'in the midst of %s refuses to be read, and the same import goes on',
    async (what) => {
      const [room, straight] = [openRoom(), openRoom()]
      const old = await fill(room)
      await straight.take(await fill(straight), { clock })

      const stopped = await room.take(old, stopAt(what))
      const read = () => openForReading(room.archiveDir)
      expect(read).toThrow(/Run `afterfeed rebuild` to finish it/)
      const again = await room.take(old, { clock })

      expect(stopped).toMatchObject({ outcome: 'interrupted', corrected: 1, rebuilt: false })
      expect(again).toMatchObject({ outcome: 'done', held: 1, corrected: 0 })
      expect(tablesOf(room)).toBe(tablesOf(straight))
    },
  )

  it('goes on with a rebuild as well', async () => {
    const [room, straight] = [openRoom(), openRoom()]
    const old = await fill(room)
    await straight.take(await fill(straight), { clock })
    await room.take(old, stopAt('rebuild'))

    const report = await rebuild({ archiveDir: room.archiveDir, durability: 'normal', clock })

    expect(report.outcome).toBe('done')
    expect(tablesOf(room)).toBe(tablesOf(straight))
  })
})
