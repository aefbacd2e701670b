import type { ServerResponse } from 'node:http'
import type { Socket } from 'node:net'
import { setTimeout as wait } from 'node:timers/promises'
import { fileBytes, sha256 } from './file-bytes.js'
import type { HostedFile, Turn } from './hostile-media.js'

/** A state in which a file is on the server. */
export interface Version {
  bytes: Buffer
  etag: string | null
  lastModified: string
}

const dates = ['Tue, 03 Feb 2026 07:10:31 GMT', 'Wed, 04 Feb 2026 07:10:31 GMT']

/** The file as it is first (0), or as it is changed on the server: other bytes, the same length. */
export function versionOf(file: HostedFile, version: number): Version {
  const bytes =
    version === 0 ? file.bytes : fileBytes(file.kind, file.bytes.length, file.seed + 7777)
  return { bytes, etag: `"${sha256(bytes).slice(0, 16)}"`, lastModified: dates[version]! }
}

/** How an answer departs from an honest one. */
export interface Manner {
  version?: number
  /** The connection ends after so many bytes. */
  cutAt?: number
  /** If-Range is not looked at. */
  isDeaf?: boolean
  /** Range is not looked at. */
  isRangeless?: boolean
  /** Neither tag nor date. */
  isNameless?: boolean
  /** A date, but no tag. */
  isDated?: boolean
  /** A weak tag alone. */
  isWeak?: boolean
  /** The first so many bytes come one by one. */
  bits?: number
}

/** Answers as the standard says (200, 206 to what is unchanged, 416), but for the manner. */
export function sendHonestly(turn: Turn, manner: Manner = {}): void | Promise<void> {
  const { response, file } = turn
  const version = versionOf(file, manner.version ?? 0)
  const names = namesOf(version, manner)
  const size = version.bytes.length
  const from = rangeFor(turn, names, manner)
  if (from !== null && from >= size)
    return void response.writeHead(416, { 'content-range': `bytes */${size}` }).end()
  const body = version.bytes.subarray(from ?? 0)
  const headers = {
    ...{ 'content-type': file.contentType, 'accept-ranges': 'bytes', ...names },
    ...(from !== null && { 'content-range': `bytes ${from}-${size - 1}/${size}` }),
  }
  const status = from === null ? 200 : 206
  const whole = { ...headers, 'content-length': String(body.length) }
  if (manner.cutAt !== undefined)
    return cutOff(response, body.subarray(0, manner.cutAt), whole, status)
  if (manner.bits !== undefined) return inBits(turn, { status, headers: whole, body }, manner.bits)
  if (turn.paceBytesPerMs > 0) return paced(turn, { status, headers: whole, body })
  sendOnly(turn, status, headers, body)
}

function namesOf({ etag, lastModified }: Version, manner: Manner): Record<string, string> {
  if (manner.isNameless) return {}
  if (manner.isDated) return { 'last-modified': lastModified }
  if (manner.isWeak) return { etag: `W/${etag}` }
  return { etag: etag!, 'last-modified': lastModified }
}

/** Where an honest server starts; null: the whole file. */
function rangeFor(turn: Turn, names: Record<string, string>, manner: Manner): number | null {
  if (turn.from === null || manner.isRangeless) return null
  const condition = turn.headers['if-range']
  if (condition === undefined || manner.isDeaf) return turn.from
  const isSame =
    !String(condition).startsWith('W/') && Object.values(names).includes(String(condition))
  return isSame ? turn.from : null
}

/** An answer with an honest length. */
export function sendOnly(
  { response, file }: Pick<Turn, 'response' | 'file'>,
  status: number,
  headers: Record<string, string>,
  body: Buffer,
): void {
  const length = String(body.length)
  response
    .writeHead(status, { 'content-type': file.contentType, 'content-length': length, ...headers })
    .end(body)
}

/** Sends these bytes under those headers; then the connection ends. */
export function cutOff(
  response: ServerResponse,
  bytes: Buffer,
  headers: Record<string, string>,
  status = 200,
): void {
  response.writeHead(status, { connection: 'close', ...headers })
  response.flushHeaders()
  const end = (): void => void setTimeout(() => response.destroy(), 40)
  if (bytes.length === 0) end()
  else response.write(bytes, end)
}

/** Sends in chunks, without a length; the connection ends after `cutAt` bytes. */
export async function pour(
  { response, file }: Turn,
  { chunk, cutAt = Infinity }: { chunk: number; cutAt?: number },
): Promise<void> {
  response.writeHead(200, { 'content-type': file.contentType })
  for (let at = 0; at < Math.min(cutAt, file.bytes.length); at += chunk) {
    response.write(file.bytes.subarray(at, Math.min(at + chunk, cutAt)))
    await wait(1)
  }
  if (cutAt < file.bytes.length) response.destroy()
  else response.end()
}

/** A byte at a time. */
export async function drip({ response, file }: Turn, { everyMs }: { everyMs: number }) {
  const length = String(file.bytes.length)
  response.writeHead(200, { 'content-type': file.contentType, 'content-length': length })
  for (const byte of file.bytes) {
    if (response.destroyed) return
    response.write(Buffer.from([byte]))
    await wait(everyMs, undefined, { ref: false })
  }
  response.end()
}

interface Answer {
  status: number
  headers: Record<string, string>
  body: Buffer
}

async function inBits({ response }: Turn, { status, headers, body }: Answer, bits: number) {
  response.writeHead(status, headers)
  for (const byte of body.subarray(0, bits)) {
    response.write(Buffer.from([byte]))
    await wait(1)
  }
  response.end(body.subarray(bits))
}

async function paced(turn: Turn, { status, headers, body }: Answer): Promise<void> {
  const { response, paceBytesPerMs } = turn
  const began = performance.now()
  response.writeHead(status, headers)
  for (let at = 0; at < body.length && !response.destroyed;) {
    const due = Math.floor((performance.now() - began + 4) * paceBytesPerMs)
    if (due > at) response.write(body.subarray(at, due))
    at = Math.max(at, Math.min(due, body.length))
    turn.sent(at)
    await wait(4)
  }
  response.end()
}

/** As recorded (`samples/error_azure_expired_403.xml`). */
const refusal = `<?xml version="1.0" encoding="utf-8"?><Error><Code>AuthenticationFailed</Code><Message>Server failed to authenticate the request. Make sure the value of Authorization header is formed correctly including the signature.
RequestId:00000000-0000-0000-0000-000000000000
Time:2026-02-06T00:05:01.9093129Z</Message><AuthenticationErrorDetail>Signature not valid in the specified time frame: Start [Tue, 03 Feb 2026 07:10:31 GMT] - Expiry [Fri, 06 Feb 2026 00:00:00 GMT] - Current [Fri, 06 Feb 2026 00:05:01 GMT]</AuthenticationErrorDetail></Error>`

/** Azure's refusal of a signature past its time. */
export function expire({ response }: Turn): void {
  response
    .writeHead(403, {
      'content-type': 'application/xml',
      'x-ms-error-code': 'AuthenticationFailed',
      'content-length': String(refusal.length),
    })
    .end(refusal)
}

/** Ends a connection that was answered past the server. */
export const finish = (socket: Socket): void => void socket.end('\r\n')
