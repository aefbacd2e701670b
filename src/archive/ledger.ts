import type Database from 'better-sqlite3'
import type { Billed } from '../model/billed.js'
import type { AnswerTime } from '../model/answer-time.js'
import type { Params } from '../model/page.js'
import { paramsText } from '../model/params.js'
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

/** The ledger of calls: a row before a call is sent, settled after; lost calls stay `unknown`. */
export class Ledger {
  private readonly statements
  private lastCall: number

  constructor(
    database: Database.Database,
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
      spentUsd: database
        .prepare(`SELECT total(cost_usd) FROM responses WHERE billed <> 'no'`)
        .pluck(),
      billedSince: database
        .prepare(
          `SELECT count(*) FROM responses
           WHERE billed = 'yes' AND cost_usd > 0 AND sent_at >= ?`,
        )
        .pluck(),
      relabel: database.prepare('UPDATE responses SET outcome = ? WHERE response_id = ?'),
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
    const { upstreamRequestId: id } = answer
    this.statements.import.run(
      ...[answer.responseId, answer.runId, answer.endpoint, paramsText(answer.params)],
      ...[answer.receivedAt, answer.clock, this.denylist.maskPlace(answer.origin)],
      id === null ? null : this.denylist.mask(id),
      ...[answer.bodySha256, answer.bodyBytes, 'no', answer.outcome],
    )
  }

  has(responseId: string): boolean {
    return this.statements.has.get(responseId) === 1
  }

  /** Paid calls sent since an instant in microseconds that were surely billed. */
  billedSince(at: number): number {
    return this.statements.billedSince.get(at) as number
  }

  /** Notes anew what became of a call. */
  relabel(responseId: string, outcome: string): void {
    this.statements.relabel.run(outcome, responseId)
  }

  /** What all runs spent; calls without an answer count in full. */
  spentUsd(): number {
    return this.statements.spentUsd.get() as number
  }
}
