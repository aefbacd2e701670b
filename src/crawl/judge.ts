import type { CallOutcome } from '../api/outcome.js'
import type { OddReason } from '../model/reasons.js'

/** What came of a call, as far as the run is concerned. */
export interface JudgedCall {
  requestId: number
  outcome: CallOutcome
  /** The answer was kept without records. */
  odd: OddReason | null
  /** How often in a row calls of its class came too fast. */
  restsInARow: number
}

/** Failures in a row, whatever is asked, after which a run ends instead of burning the frontier. */
const failuresInARowLimit = 20

/** Watches the calls of a run, and says when it must end. */
export class Judge {
  /** The API has answered a call of this run. */
  hasAnswered = false
  private failuresInARow = 0
  /** A 400 is about one object: its tries count once. */
  private readonly badRequests = new Set<number>()

  /** What a call means for the run. @returns why the run ends; NULL if it goes on */
  judge(call: JudgedCall): string | null {
    const { outcome } = call
    if (isAnswer(call)) return this.goOn()
    if (outcome.kind === 'refused') return `${withoutDot(outcome.problem)}. ${outcome.advice}`
    if (outcome.kind === 'retry' && !outcome.usesTry) return tooFast(call.restsInARow)
    if (this.isNews(call)) this.failuresInARow += 1
    return this.failuresInARow < failuresInARowLimit ? null : tooMany(call.odd ?? outcome.problem)
  }

  private goOn(): null {
    this.hasAnswered = true
    this.failuresInARow = 0
    this.badRequests.clear()
    return null
  }

  private isNews({ requestId, outcome }: JudgedCall): boolean {
    if (outcome.kind !== 'retry' || outcome.reason !== 'bad_request') return true
    const isNews = !this.badRequests.has(requestId)
    this.badRequests.add(requestId)
    return isNews
  }
}

const isAnswer = ({ outcome, odd }: JudgedCall): boolean =>
  odd === null && (outcome.kind === 'page' || outcome.kind === 'absent')

const tooMany = (last: string): string =>
  `${failuresInARowLimit} failures in a row, the last: ${withoutDot(last)}. ` +
  'See whether the API is well (`afterfeed doctor`), then run the same command'

const withoutDot = (text: string): string => text.replace(/\.$/, '')

const tooFast = (restsInARow: number): string | null =>
  restsInARow < failuresInARowLimit
    ? null
    : `the API refused calls as too fast ${failuresInARowLimit} times in a row, with ever longer waits. ` +
      'Run the same command later, with a lower --rate'
