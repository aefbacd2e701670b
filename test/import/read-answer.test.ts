import { describe, expect, it } from 'vitest'
import type { AnswerTime } from '../../src/model/answer-time.js'
import type { Told } from '../../src/import/piece.js'
import { readAnswer, type Answer, type FoundText } from '../../src/import/read-answer.js'
import { earliestTime } from '../../src/model/ids.js'
import { envelope, person, second, userId, wrapped } from './room.js'

const now = Date.UTC(2026, 10, 20) * 1000
const day = 24 * 3600 * 1e6
const fileAt = now - 9 * day

/** Nothing in it has a time. */
const people = { items: [person(1)], cursor: null }
const asked = { endpoint: 'get_user_followers', params: { user_id: userId(1) } } as const
const told = (at: number | null, more: Partial<Told> = {}): { told: Told } => ({
  told: { route: asked, at, clock: 'har', ...more },
})
const kept = { responseId: 'r_1', sha256: 'a'.repeat(64), clock: 'local' } as const
const stamped = (time_stamp: number) => ({
  ...envelope(asked.endpoint, asked.params, people),
  time_stamp,
})

const nothingHeld = { timeOf: () => undefined, isOnlyWalked: () => false }

function read(value: unknown, more: Partial<FoundText> = {}, target = nothingHeld): Answer {
  const bytes = Buffer.from(JSON.stringify(value))
  const found = readAnswer({ bytes, fileAt, now, origin: 'a.json', ...more }, target)
  if (found.kind !== 'answer') throw new Error(found.kind)
  return found.answer
}

describe('the time of an answer', () => {
  it.each<[string, unknown, Partial<FoundText>, [number, string]]>([
    ['of its file', people, {}, [fileAt, 'file']],
    ['of now, where its file is newer', people, { fileAt: now + day }, [now, 'file']],
    ['of its HAR', people, told(now - day), [now - day, 'har']],
    ['of a HAR whose clock is a day off', people, told(now + day), [now + day, 'har']],
    ['of no HAR that is more off', people, told(now + day + 1), [fileAt, 'file']],
    ['of the oldest HAR', people, told(earliestTime), [earliestTime, 'har']],
    ['of no older HAR', people, told(earliestTime - 1), [fileAt, 'file']],
    ['of no HAR that tells none', people, told(null), [fileAt, 'file']],
    ['of its envelope before its HAR', stamped(second), told(now), [second * 1e6, 'envelope']],
    ['of its HAR, where its envelope cannot be true', stamped(12), told(now), [now, 'har']],
    ['of a WARC of ours before all', stamped(second), told(now, { kept }), [now, 'local']],
    [
      'of its envelope before a WARC of ours that cannot be true',
      stamped(second),
      told(now + 2 * day, { kept }),
      [second * 1e6, 'envelope'],
    ],
    [
      'of the newest thing in it, at most a day from now',
      {
        items: [second + 1, second + 5, (now + 1.5 * day) / 1e6].map((at, n) =>
          wrapped(n, { posted_at: at }),
        ),
      },
      { told: { route: { endpoint: 'get_feed', params: {} }, at: null, clock: 'har' } },
      [(second + 5) * 1e6, 'page'],
    ],
  ])('is that %s', (_, value, more, expected) => {
    const { receivedAt, clock } = read(value, more)

    expect([receivedAt, clock]).toEqual(expected)
  })
})

describe('the id of an answer', () => {
  const idOf = (value: unknown, more: Partial<FoundText>) => read(value, more).responseId

  it('tells answers apart that only their HAR or WARC tells times of', () => {
    const ids = [now, now - 1, null, now + 2 * day].map((at) => idOf(people, told(at)))

    expect(new Set(ids).size).toBe(3)
    expect(ids[3]).toBe(ids[2])
  })

  it('is the same whoever tells of an answer that tells its time itself', () => {
    const ids = [told(now), told(now - 1), told(null)].map((more) => idOf(stamped(second), more))

    expect(new Set(ids).size).toBe(1)
  })
})

describe('an answer that is held', () => {
  const kindOf = (held: Pick<AnswerTime, 'at' | 'clock'>, isOnlyWalked = false) =>
    readAnswer(
      { bytes: Buffer.from(JSON.stringify(people)), fileAt, now, origin: 'a.json', ...told(now) },
      { timeOf: () => ({ ...held, origin: 'b.json' }), isOnlyWalked: () => isOnlyWalked },
    ).kind

  it.each<[string, Pick<AnswerTime, 'at' | 'clock'>, string]>([
    ['at an earlier time', { at: now - 1, clock: 'har' }, 'held'],
    ['at the same time', { at: now, clock: 'har' }, 'held'],
    ['at a later time', { at: now + 1, clock: 'har' }, 'answer'],
    ['by a better clock', { at: now + 1, clock: 'envelope' }, 'held'],
    ['by a worse clock', { at: now - 1, clock: 'file' }, 'answer'],
  ])('%s is read on only where that may be truer', (_, held, kind) => {
    expect(kindOf(held)).toBe(kind)
  })

  it('is read on where it was only walked', () => {
    expect(kindOf({ at: now, clock: 'har' }, true)).toBe('answer')
  })
})

describe('what is no answer', () => {
  it('is text in another encoding', () => {
    const bytes = Buffer.from('{"items":["\xff"]}', 'latin1')

    expect(readAnswer({ bytes, fileAt, now, origin: 'a.json' }, nothingHeld)).toMatchObject({
      kind: 'unreadable',
      problem: expect.stringContaining('no text in UTF-8') as string,
    })
  })
})
