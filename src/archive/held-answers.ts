import type Database from 'better-sqlite3'
import type { Params } from '../model/page.js'
import { paramsText } from '../model/params.js'

/** A kept answer, as far as reading it needs. */
export interface KeptAnswer {
  endpoint: string
  params: Params
  receivedAt: number
  clock: string
  outcome: string
  bodySha256: string | null
}

/** The answers that are held, as rows of the ledger tell of them. */
export class HeldAnswers {
  private readonly statements

  constructor(database: Database.Database) {
    this.statements = {
      isWalked: database
        .prepare(
          `SELECT 1 FROM responses
           WHERE response_id = ? AND request_id IS NOT NULL AND outcome IN ('page', 'no_data')`,
        )
        .pluck(),
      held: database.prepare(
        `SELECT response_id AS responseId, body_sha256 AS bodySha256 FROM responses
           WHERE endpoint = ? AND params = ? AND request_id IS NULL AND outcome = 'page'
             AND body_sha256 IS NOT NULL
           ORDER BY received_at DESC, response_id DESC LIMIT 1`,
      ),
      unreadable: database.prepare(
        `SELECT response_id AS responseId, received_at AS at, body_sha256 AS bodySha256
         FROM responses
         WHERE request_id = ? AND outcome = 'unreadable' AND response_id GLOB 'r_*'
         ORDER BY received_at DESC LIMIT 1`,
      ),
      others: database
        .prepare(
          `SELECT count(*) FROM responses
           WHERE request_id = ? AND outcome = 'other_object'`,
        )
        .pluck(),
      answer: database.prepare(
        `SELECT endpoint, params, received_at AS receivedAt, clock, outcome,
                body_sha256 AS bodySha256
         FROM responses WHERE response_id = ?`,
      ),
      refused: database.prepare(
        `SELECT request_id AS requestId, last.response_id AS responseId, last.received_at AS at
         FROM requests JOIN responses AS last USING (request_id)
         WHERE requests.state = 'failed' AND requests.reason = 'bad_request'
           AND requests.endpoint IN (SELECT value FROM json_each(?))
           AND last.received_at = requests.finished_at`,
      ),
    }
  }

  /** True if a walk of the archive got an answer first, and it could be read. */
  isWalked(responseId: string): boolean {
    return this.statements.isWalked.get(responseId) === 1
  }

  /** The answer to this very call that was imported, or got outside of any walk, if one is held. */
  toCall(endpoint: string, params: Params): { responseId: string; bodySha256: string } | undefined {
    return this.statements.held.get(endpoint, paramsText(params)) as ReturnType<
      HeldAnswers['toCall']
    >
  }

  /** An answer to this request that is kept without records because it could not be read. */
  unreadable(
    requestId: number,
  ): { responseId: string; at: number; bodySha256: string } | undefined {
    return this.statements.unreadable.get(requestId) as ReturnType<HeldAnswers['unreadable']>
  }

  /** How many answers to this request were about something else. */
  otherObjects(requestId: number): number {
    return this.statements.others.get(requestId) as number
  }

  /** A kept answer, as far as reading it needs. */
  of(responseId: string): KeptAnswer {
    const row = this.statements.answer.get(responseId) as Omit<KeptAnswer, 'params'> & {
      params: string
    }
    return { ...row, params: JSON.parse(row.params) as Params }
  }

  /** Failed requests of these endpoints that got a 400 at every try. */
  refusedAmong(
    endpoints: readonly string[],
  ): { requestId: number; responseId: string; at: number }[] {
    return this.statements.refused.all(JSON.stringify(endpoints)) as ReturnType<
      HeldAnswers['refusedAmong']
    >
  }
}
