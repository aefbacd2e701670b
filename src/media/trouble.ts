import { retryAfterMs } from '../api/outcome.js'

/** What went wrong with a download, by its consequence. */
export interface Trouble {
  /**
   * `again`: worth another try; `failed`: it is not; `refused`: it must not be kept or asked for;
   * `expired`, `forbidden`: only a fresh signature helps; `gone`: nothing does; `slow`: it gives way
   * to files that can be whole in time.
   */
  consequence: 'again' | 'failed' | 'refused' | 'expired' | 'forbidden' | 'gone' | 'slow'
  /** One word. */
  reason: string
  /** One sentence. */
  problem: string
  /** As the server asks for. */
  waitMs?: number | null
  /** Bytes of the file, where they are the trouble. */
  bytes?: number
  /** Bytes a second, where they are the trouble. */
  rate?: number
}

/** Trouble as an error: thrown while a file is received. */
export class MediaError extends Error {
  constructor(readonly trouble: Trouble) {
    super(trouble.problem)
  }
}

/** What broke a connection; its `syscall` may be one of the file system too. */
export class NetworkError extends Error {
  constructor(override readonly cause: unknown) {
    super(cause instanceof Error ? cause.message : String(cause))
  }
}

/** An error to throw. */
export const trouble = (
  consequence: Trouble['consequence'],
  reason: string,
  problem: string,
  more: Pick<Trouble, 'waitMs' | 'bytes' | 'rate'> = {},
): MediaError => new MediaError({ consequence, reason, problem, ...more })

/** What a status that brings no file means; `body` is the beginning of what came with it. */
export function troubleOfStatus(
  status: number,
  { body, retryAfter, now }: { body: string; retryAfter: string | undefined; now: number },
): Trouble {
  const problem = `the server answered ${status}${codeIn(body)}`
  if (status === 404 || status === 410) return { consequence: 'gone', reason: 'gone', problem }
  if (status === 403) {
    const isTime = /time frame|expir/i.test(body)
    const reason = isTime ? 'expired' : 'forbidden'
    return { consequence: reason, reason, problem }
  }
  const isPassing = status >= 500 || status === 408 || status === 425 || status === 429
  return {
    consequence: isPassing ? 'again' : 'failed',
    reason: `status_${status}`,
    problem,
    waitMs: retryAfterMs(retryAfter, now / 1000),
  }
}

/** Azure names its error in the body. */
const codeIn = (body: string): string => {
  const code = /<Code>([A-Za-z]{1,60})<\/Code>/.exec(body)?.[1]
  return code === undefined ? '' : ` (${code})`
}

const stalled = new Set(['UND_ERR_HEADERS_TIMEOUT', 'UND_ERR_BODY_TIMEOUT'])

/** Calls of the file system: what fails in them is no fault of a server. */
const ofDisk = new Set([
  ...['open', 'read', 'write', 'writev', 'fsync', 'fdatasync', 'ftruncate', 'close', 'rename'],
  ...['unlink', 'mkdir', 'stat', 'scandir', 'copyfile'],
])

/** True for an error of the file system. */
const isDiskError = (error: unknown): boolean =>
  error instanceof Error && 'syscall' in error && ofDisk.has(String(error.syscall))

/**
 * What an error while asking or receiving means; `hasBegun`: the answer had begun. NULL: it is none of
 * the network, but a bug or trouble with the disk.
 */
export function troubleOfError(thrown: unknown, hasBegun: boolean): Trouble | null {
  const error = thrown instanceof NetworkError ? thrown.cause : thrown
  if (error instanceof MediaError) return error.trouble
  if (!(error instanceof Error) || (error === thrown && isDiskError(error))) return null
  const code = 'code' in error ? String(error.code) : ''
  const inner = error.cause
  if (inner instanceof MediaError) return inner.trouble
  const isOfNetwork =
    /^(UND_ERR|HPE_|E[A-Z]+$|EAI_|CERT|ERR_(TLS|SSL|STREAM_PREMATURE)|DEPTH_|UNABLE_|SELF_)/.test(
      code,
    )
  if (!isOfNetwork && !['AbortError', 'HTTPParserError'].includes(error.name)) return null
  const problem = `${code || error.name}: ${error.message}`.slice(0, 300)
  if (stalled.has(code)) return { consequence: 'again', reason: 'stalled', problem }
  return { consequence: 'again', reason: hasBegun ? 'cut' : 'no_answer', problem }
}
