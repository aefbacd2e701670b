import type Database from 'better-sqlite3'
import type { AnswerTime } from '../model/answer-time.js'
import type { Params } from '../model/page.js'
import { paramsText } from '../model/params.js'
import type { Denylist } from './forget/denylist.js'

/** When an answer was given, as one tells who holds it, and with whose run that came in. */
export interface TimeTold extends AnswerTime {
  runId: number | null
  upstreamRequestId: string | null
}

/** A call whose answer was held already, and so has a row beside that of the answer. */
export interface SecondCall {
  callId: string
  endpoint: string
  params: Params
  bodySha256: string
  receivedAt: number
  runId: number
  upstreamRequestId: string | null
}

const callsAtATime = 500

/** When the held answers were given, and who told it. */
export class AnswerTimes {
  private readonly statements

  constructor(
    database: Database.Database,
    private readonly denylist: Denylist,
  ) {
    this.statements = {
      hasCall: database
        .prepare(
          `SELECT 1 FROM responses
           WHERE endpoint = ? AND params = ? AND received_at = ? AND origin = 'network'`,
        )
        .pluck(),
      time: database.prepare(
        `SELECT received_at AS at, coalesce(clock, 'local') AS clock, origin
         FROM responses WHERE response_id = ?`,
      ),
      restamp: database.prepare(
        `UPDATE responses SET received_at = ?, clock = ?, origin = ?, run_id = ?,
           upstream_request_id = ? WHERE response_id = ?`,
      ),
      secondCalls: database.prepare(
        `SELECT response_id AS callId, endpoint, params, body_sha256 AS bodySha256,
                received_at AS receivedAt, run_id AS runId,
                upstream_request_id AS upstreamRequestId
         FROM responses
         WHERE response_id > ? AND response_id < 'call.' AND outcome IN ('page', 'no_data')
           AND body_sha256 IS NOT NULL ORDER BY response_id LIMIT ?`,
      ),
    }
  }

  /** True if the archive itself made this very call: its answer came at that instant. */
  hasCall({ endpoint, params, at }: { endpoint: string; params: Params; at: number }): boolean {
    return this.statements.hasCall.get(endpoint, paramsText(params), at) === 1
  }

  /** When a held answer was given, as far as is known; undefined if it is not held. */
  of(responseId: string): AnswerTime | undefined {
    return this.statements.time.get(responseId) as AnswerTime | undefined
  }

  /** Notes a truer time of a held answer, and who told it. */
  restamp(responseId: string, told: TimeTold): void {
    const { at, clock, origin, runId, upstreamRequestId } = told
    const place = this.denylist.maskPlace(origin)
    const id = upstreamRequestId === null ? null : this.denylist.mask(upstreamRequestId)
    this.statements.restamp.run(at, clock, place, runId, id, responseId)
  }

  /** Calls that were answered with a page that was held already, a stretch at a time. */
  *secondCalls(): Generator<SecondCall[]> {
    for (let last = 'call-'; ;) {
      const rows = this.statements.secondCalls.all(last, callsAtATime) as (Omit<
        SecondCall,
        'params'
      > & { params: string })[]
      if (rows.length === 0) return
      yield rows.map((row) => ({ ...row, params: JSON.parse(row.params) as Params }))
      last = rows.at(-1)!.callId
    }
  }
}
