import type { WARCRecord } from 'warcio'
import { clocks } from '../model/answer-time.js'
import { absentObject, toAbsence } from '../model/asked-about.js'
import { knownParams } from '../model/known-params.js'
import type { Params } from '../model/page.js'
import { warcFields } from '../model/warc-fields.js'
import type { ToldAbsence } from './piece.js'

/** What came of a call, held until its row of the ledger follows. */
export interface Came {
  recordId: string
  body: Buffer
  /** Its digest as it was kept. */
  sha256: string
}

/**
 * What the `metadata` record of a WARC of ours says of a call that found nothing; NULL for any other
 * record, and for one that no export of ours wrote.
 */
export function toToldAbsence(
  record: WARCRecord,
  block: Buffer,
  { at, came }: { at: number | null; came: Came | null },
): ToldAbsence | null {
  const reason = toAbsence(record.warcHeader(warcFields.absence) ?? null)
  const row = reason === undefined ? null : parseRow(block)
  if (reason === undefined || row === null || at === null) return null
  const { endpoint, params } = row
  if (absentObject(endpoint, params) === null) return null
  const ofIt = came?.recordId === record.warcHeader('WARC-Refers-To') ? came : null
  return {
    ...{ ...row, reason, at, bodySha256: ofIt?.sha256 ?? null },
    keptAs: /^e_.+/.exec(record.warcHeader(warcFields.responseId) ?? '')?.[0] ?? null,
    body: ofIt?.body ?? null,
  }
}

type LedgerRow = Pick<ToldAbsence, 'endpoint' | 'params' | 'clock' | 'upstreamRequestId'>

function parseRow(block: Buffer): LedgerRow | null {
  try {
    const row = JSON.parse(block.toString()) as Record<string, unknown>
    const { endpoint, upstream_request_id: id } = row
    const params = toParams(JSON.parse(String(row['params'])))
    if (typeof endpoint !== 'string' || params === null) return null
    const clock = clocks.find((each) => each === row['clock']) ?? 'local'
    const upstreamRequestId = typeof id === 'string' ? id : null
    return { endpoint, params: knownParams(endpoint, params), clock, upstreamRequestId }
  } catch {
    return null
  }
}

function toParams(value: unknown): Params | null {
  if (typeof value !== 'object' || value === null || Array.isArray(value)) return null
  const isText = Object.values(value).every((each) => typeof each === 'string')
  return isText ? (value as Params) : null
}
