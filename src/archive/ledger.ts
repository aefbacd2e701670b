import type Database from 'better-sqlite3'
import type { Billed } from '../model/billed.js'
import type { Params } from '../model/page.js'
import { canonicalParams } from '../model/params.js'
import { insertSql } from './sql.js'

/** A call about to be sent. */
export interface CallStart {
  requestId: number
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
  clock: string
  origin: string
  upstreamRequestId: string | null
  bodySha256: string
  bodyBytes: number
}

/** What was spent. */
export interface Spending {
  calls: number
  costUsd: number
}

/** One text for the same parameters. */
const paramsText = (params: Params): string => JSON.stringify(canonicalParams(params))

/** The ledger of calls: a row before a call is sent, settled after; lost calls stay `unknown`. */
export class Ledger {
  private readonly statements
  private lastCall: number

  constructor(private readonly database: Database.Database) {
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
      spending: database.prepare(
        `SELECT count(*) AS calls, total(CASE WHEN billed <> 'no' THEN cost_usd END) AS costUsd
         FROM responses WHERE origin = 'network' AND (run_id = :run OR :run IS NULL)`,
      ),
      held: database
        .prepare(
          `SELECT body_sha256 FROM responses
           WHERE endpoint = ? AND params = ? AND origin <> 'network' AND outcome = 'page'
           ORDER BY received_at DESC, response_id DESC LIMIT 1`,
        )
        .pluck(),
    }
    this.lastCall = database.prepare('SELECT count(*) FROM responses').pluck().get() as number
  }

  /** Notes a call before it is sent; until it is settled it counts as possibly billed. */
  begin(call: CallStart): string {
    this.lastCall += 1
    const callId = `call-${call.runId}-${this.lastCall}`
    this.statements.begin.run(
      ...[callId, call.requestId, call.runId, call.endpoint, paramsText(call.params)],
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
      ...[answer.receivedAt, answer.clock, answer.origin, answer.upstreamRequestId],
      ...[answer.bodySha256, answer.bodyBytes, 'no', 'page'],
    )
  }

  has(responseId: string): boolean {
    return this.statements.has.get(responseId) === 1
  }

  /** Digest of the body of an imported answer to this very call, if one is held. */
  heldAnswer(endpoint: string, params: Params): string | undefined {
    return this.statements.held.get(endpoint, paramsText(params)) as string | undefined
  }

  /** What a run, or all runs, spent; calls without an answer count in full. */
  spending(runId: number | null): Spending {
    return this.statements.spending.get({ run: runId }) as Spending
  }
}
