import { readFile, stat } from 'node:fs/promises'
import { InputError } from '../model/errors.js'
import { earliestTime } from '../model/ids.js'
import { newestTimeIn, untimely } from '../model/page-time.js'
import type { Page, Params } from '../model/page.js'
import { parseJson } from '../model/parse-json.js'
import { readPage } from '../model/read-page.js'
import { accepted, recognise } from '../model/recognise.js'

/** A page found in a file. */
export interface FoundPage {
  endpoint: string
  params: Params
  body: string
  page: Page
  /** Microseconds since 1970, and whose clock told it. */
  receivedAt: number
  clock: 'envelope' | 'page' | 'file'
  upstreamRequestId: string | null
  /** It is a stretch of the list that its parameters name. */
  isList: boolean
}

/**
 * Reads a file that holds one answer, and finds out by its content of what. `now` is microseconds:
 * no answer is newer.
 * @throws InputError if the file is no page of ours
 */
export async function readDump(file: string, now: number): Promise<FoundPage> {
  const text = await readText(file)
  const recognised = recognise(parseText(text))
  if (!recognised.ok) throw new InputError(`${recognised.problem}. Expected: ${accepted}`)
  const { endpoint, params, isList } = recognised
  const { page, envelope } = readPage(endpoint, params, text)
  const dated = dateOf(envelope?.timeStamp ?? null, page, now) ?? (await dateOfFile(file, now))
  return {
    ...{ endpoint, params, body: text, page, ...dated },
    upstreamRequestId: envelope?.requestId ?? null,
    isList,
  }
}

async function readText(file: string): Promise<string> {
  let bytes: Buffer
  try {
    bytes = await readFile(file)
  } catch (error) {
    throw new InputError(`cannot be read: ${(error as Error).message}`)
  }
  try {
    return new TextDecoder('utf-8', { fatal: true }).decode(bytes)
  } catch {
    throw new InputError(`is no text in UTF-8. Expected: ${accepted}`)
  }
}

function parseText(text: string): unknown {
  try {
    return parseJson(text).value
  } catch (error) {
    throw new InputError(`is no JSON (${(error as Error).message}). Expected: ${accepted}`)
  }
}

type Dated = Pick<FoundPage, 'receivedAt' | 'clock'>

/** A clock may be a day off, no more. */
const dayMicros = 24 * 3600 * 1e6

/** When an answer was given: by its envelope, else by the newest time in it. */
function dateOf(timeStamp: number | null, page: Page, now: number): Dated | null {
  const latest = now + dayMicros
  const toldAt = timeStamp === null ? null : Math.round(timeStamp * 1e6)
  if (toldAt !== null && toldAt >= earliestTime && toldAt <= latest)
    return { receivedAt: toldAt, clock: 'envelope' }
  if (timeStamp !== null) page.anomalies.push(untimely(timeStamp))
  const newest = newestTimeIn(page, latest)
  return newest === null ? null : { receivedAt: newest, clock: 'page' }
}

async function dateOfFile(file: string, now: number): Promise<Dated> {
  const { mtimeMs } = await stat(file)
  return { receivedAt: Math.min(Math.round(mtimeMs * 1000), now), clock: 'file' }
}
