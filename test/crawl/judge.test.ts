import { describe, expect, it } from 'vitest'
import type { CallOutcome } from '../../src/api/outcome.js'
import { Judge, type JudgedCall } from '../../src/crawl/judge.js'

const page: CallOutcome = {
  ...{ kind: 'page', billed: 'yes', problem: 'page' },
  parsed: { value: {}, isRounded: false, strays: [] },
}
const down: CallOutcome = {
  ...{ kind: 'retry', billed: 'unknown', problem: '503 Service unavailable.' },
  ...{ waitMs: null, usesTry: true, reason: 'no_answer' },
}
const bad: CallOutcome = { ...down, problem: '400 Please retry.', reason: 'bad_request' }
const tooFast: CallOutcome = { ...down, problem: '429', usesTry: false }

const call = (outcome: CallOutcome, more: Partial<JudgedCall> = {}): JudgedCall => ({
  ...{ requestId: 1, outcome, odd: null, restsInARow: 0 },
  ...more,
})

/** What the judge says to each of so many calls. */
const says = (count: number, judged: (index: number) => JudgedCall): (string | null)[] => {
  const judge = new Judge()
  return Array.from({ length: count }, (_, index) => judge.judge(judged(index)))
}

describe('Judge', () => {
  it('ends a run at the twentieth failure in a row, of one request or of many', () => {
    for (const requestId of [() => 1, (index: number) => index]) {
      const said = says(20, (index) => call(down, { requestId: requestId(index) }))

      expect(said.slice(0, 19)).toEqual(Array(19).fill(null))
      expect(said[19]).toMatch(/^20 failures in a row, the last: 503 Service unavailable\. See/)
    }
  })

  it('counts anew after an answer, and after one that says that something is not there', () => {
    const reason = 'not_found'
    const absent: CallOutcome = { kind: 'absent', billed: 'no', problem: '404', reason }

    for (const answer of [page, absent])
      expect(says(39, (index) => call(index === 19 ? answer : down))).toEqual(Array(39).fill(null))
  })

  it('counts the tries of a 400 once: it is about one object', () => {
    expect(says(76, (index) => call(bad, { requestId: Math.floor(index / 4) }))).toEqual(
      Array(76).fill(null),
    )
    expect(says(20, (index) => call(bad, { requestId: index }))[19]).toMatch(/^20 failures/)
  })

  it('counts an answer about something else as a failure', () => {
    expect(says(20, () => call(page, { odd: 'other_object' }))[19]).toMatch(
      /the last: other_object/,
    )
  })

  it('ends a run that was too fast twenty times in a row, whatever it waited', () => {
    expect(says(500, () => call(tooFast, { restsInARow: 19 }))).toEqual(Array(500).fill(null))
    expect(says(1, () => call(tooFast, { restsInARow: 20 }))[0]).toMatch(/too fast 20 times/)
  })

  it('knows whether the API has answered', () => {
    const judge = new Judge()
    judge.judge(call(down))
    expect(judge.hasAnswered).toBe(false)

    judge.judge(call(page))

    expect(judge.hasAnswered).toBe(true)
  })
})
