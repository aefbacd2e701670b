import type Database from 'better-sqlite3'
import type { Billed } from '../model/billed.js'
import type { AnswerTime } from '../model/answer-time.js'
import type { Params } from '../model/page.js'
import { canonicalParams } from '../model/params.js'
import type { Denylist } from './forget/denylist.js'
import { insertSql } from './sql.js'

/** A call about to be sent. */
export interface CallStart {
  /** The request of the frontier; NULL for a call outside of any walk. */
  requestId: number | null
  runId: number
  endpoint: string
  params: Params
  attempt: number
  baseUrl: string
  sentAt: number
  priceUsd: number
}

/** What came of a call. */
export interface CallEnd {
  receivedAt: number
  status: number | null
  headers: Record<string, string>
  durationMs: number
  billed: Billed
  costUsd: number
  upstreamRequestId: string | null
  /** `page`, or the problem. */
  outcome: string
  bodySha256: string | null
  bodyBytes: number | null
}

/** An answer that was not asked for by this archive. */
export interface ImportedAnswer {
  responseId: string
  runId: number
  endpoint: string
  params: Params
  receivedAt: number
  clock: AnswerTime['clock']
  origin: string
  upstreamRequestId: string | null
  /** `page`, or why it is kept without records; that of a call that found nothing may have no body. */
  outcome: string
  bodySha256: string | null
  bodyBytes: number | null
}

/** A kept answer, as far as reading it needs. */
export interface KeptAnswer {
  endpoint: string
  params: Params
  receivedAt: number
  clock: string
  outcome: string
  bodySha256: string | null
}

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

/** What was spent. */
export interface Spending {
  calls: number
  costUsd: number
}

const callsAtATime = 500

/** One text for the same parameters. */
const paramsText = (params: Params): string => JSON.stringify(canonicalParams(params))

/** The ledger of calls: a row before a call is sent, settled after; lost calls stay `unknown`. */
export class Ledger {
  private readonly statements
  private lastCall: number

  constructor(
    private readonly database: Database.Database,
    private readonly denylist: Denylist,
  ) {
    this.statements = {
      begin: database.prepare(
        insertSql('responses', [
          ...['response_id', 'request_id', 'run_id', 'endpoint', 'params', 'attempt'],
          ...['base_url', 'sent_at', 'billed', 'cost_usd', 'origin'],
        ]),
      ),
      settle: database.prepare(
        `UPDATE responses SET response_id = ?, received_at = ?, status = ?, headers = ?,
           duration_ms = ?, billed = ?, cost_usd = ?, upstream_request_id = ?, outcome = ?,
           body_sha256 = ?, body_bytes = ?, clock = 'local'
         WHERE response_id = ?`,
      ),
      import: database.prepare(
        insertSql('responses', [
          ...['response_id', 'run_id', 'endpoint', 'params', 'received_at', 'clock', 'origin'],
          ...['upstream_request_id', 'body_sha256', 'body_bytes', 'billed', 'outcome'],
        ]),
      ),
      has: database.prepare('SELECT 1 FROM responses WHERE response_id = ?').pluck(),
      isWalked: database
        .prepare(
          `SELECT 1 FROM responses
           WHERE response_id = ? AND request_id IS NOT NULL AND outcome IN ('page', 'no_data')`,
        )
        .pluck(),
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
      spending: database.prepare(
        `SELECT count(*) AS calls, total(CASE WHEN billed <> 'no' THEN cost_usd END) AS costUsd
         FROM responses WHERE origin = 'network' AND (run_id = :run OR :run IS NULL)`,
      ),
      billedSince: database
        .prepare(
          `SELECT count(*) FROM responses
           WHERE billed = 'yes' AND cost_usd > 0 AND origin = 'network' AND sent_at >= ?`,
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
      relabel: database.prepare('UPDATE responses SET outcome = ? WHERE response_id = ?'),
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
    this.lastCall = database.prepare('SELECT count(*) FROM responses').pluck().get() as number
  }

  /** Notes a call before it is sent; until it is settled it counts as possibly billed. */
  begin(call: CallStart): string {
    this.lastCall += 1
    const callId = `call-${call.runId}-${this.lastCall}`
    const params = this.denylist.maskParams(call.params)
    this.statements.begin.run(
      ...[callId, call.requestId, call.runId, call.endpoint, paramsText(params)],
      ...[call.attempt, call.baseUrl, call.sentAt, 'unknown', call.priceUsd, 'network'],
    )
    return callId
  }

  /** Settles a call under its final id. */
  settle(callId: string, responseId: string, end: CallEnd): void {
    this.statements.settle.run(
      ...[responseId, end.receivedAt, end.status, JSON.stringify(end.headers), end.durationMs],
      ...[end.billed, end.costUsd, end.upstreamRequestId, end.outcome],
      ...[end.bodySha256, end.bodyBytes, callId],
    )
  }

  /** Notes an answer that was brought in. */
  addImported(answer: ImportedAnswer): void {
    this.statements.import.run(
      ...[answer.responseId, answer.runId, answer.endpoint, paramsText(answer.params)],
      ...[answer.receivedAt, answer.clock, this.denylist.mask(answer.origin)],
      answer.upstreamRequestId,
      ...[answer.bodySha256, answer.bodyBytes, 'no', answer.outcome],
    )
  }

  has(responseId: string): boolean {
    return this.statements.has.get(responseId) === 1
  }

  /** True if a walk of the archive got an answer first, and it could be read. */
  isWalked(responseId: string): boolean {
    return this.statements.isWalked.get(responseId) === 1
  }

  /** True if the archive itself made this very call: its answer came at that instant. */
  hasCall({ endpoint, params, at }: { endpoint: string; params: Params; at: number }): boolean {
    return this.statements.hasCall.get(endpoint, paramsText(params), at) === 1
  }

  /** When a held answer was given, as far as is known; undefined if it is not held. */
  timeOf(responseId: string): AnswerTime | undefined {
    return this.statements.time.get(responseId) as AnswerTime | undefined
  }

  /** Notes a truer time of a held answer, and who told it. */
  restamp(responseId: string, told: TimeTold): void {
    const { at, clock, origin, runId, upstreamRequestId } = told
    const place = this.denylist.mask(origin)
    this.statements.restamp.run(at, clock, place, runId, upstreamRequestId, responseId)
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

  /** The answer to this very call that was imported, or got outside of any walk, if one is held. */
  heldAnswer(
    endpoint: string,
    params: Params,
  ): { responseId: string; bodySha256: string } | undefined {
    return this.statements.held.get(endpoint, paramsText(params)) as ReturnType<
      Ledger['heldAnswer']
    >
  }

  /** Paid calls sent since an instant in microseconds that were surely billed. */
  billedSince(at: number): number {
    return this.statements.billedSince.get(at) as number
  }

  /** An answer to this request that is kept without records because it could not be read. */
  unreadableAnswer(
    requestId: number,
  ): { responseId: string; at: number; bodySha256: string } | undefined {
    return this.statements.unreadable.get(requestId) as ReturnType<Ledger['unreadableAnswer']>
  }

  /** How many answers to this request were about something else. */
  otherObjects(requestId: number): number {
    return this.statements.others.get(requestId) as number
  }

  /** Notes anew what became of a call. */
  relabel(responseId: string, outcome: string): void {
    this.statements.relabel.run(outcome, responseId)
  }

  /** A kept answer, as far as reading it needs. */
  answer(responseId: string): KeptAnswer {
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
      Ledger['refusedAmong']
    >
  }

  /** What a run, or all runs, spent; calls without an answer count in full. */
  spending(runId: number | null): Spending {
    return this.statements.spending.get({ run: runId }) as Spending
  }
}
