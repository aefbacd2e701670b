import { storeMedia } from '../archive/media-store.js'
import {
  openOther,
  OtherArchiveError,
  type OtherArchive,
  type OtherEntry,
} from '../archive/other-archive.js'
import { ForeignFileError } from '../archive/schema.js'
import { believesEnvelope, isTruer } from '../model/answer-time.js'
import { knownParams } from '../model/known-params.js'
import { oddityOf } from '../model/oddity.js'
import { untimely } from '../model/page-time.js'
import { readPage } from '../model/read-page.js'
import { redactBytes, redactParams } from '../model/redact.js'
import { responseIdOf, sha256 } from '../model/response-id.js'
import type { AnswerGroup } from './answer-group.js'
import { foreignDatabase } from './foreign.js'
import type { Input } from './inputs.js'
import type { Tally } from './report.js'
import type { PieceTaker } from './take-pieces.js'
import type { Target } from './target.js'

/** What merging needs of the import. */
export interface Merging {
  /** The other archive. */
  input: Input
  /** The folder of the one that is imported into. */
  ownDir: string
  target: Target
  group: AnswerGroup
  taker: PieceTaker
  tally: Tally
  /** Taken out of every answer before it is kept. */
  secrets: readonly string[]
  isSynced: boolean
  isAborted: () => boolean
  progress: () => Promise<void>
}

/** Brings in what another archive holds: answers, what it found missing, files. One that cannot be read is told. */
export async function mergeArchive(merging: Merging): Promise<void> {
  const { input, ownDir, group, tally } = merging
  let other: OtherArchive | undefined
  try {
    other = openOther(input.path, ownDir)
    tally.found('archive')
    await mergeEntries(other, merging)
    group.save()
    await mergeMedia(other, merging)
  } catch (error) {
    if (error instanceof ForeignFileError) return tellForeign(merging)
    if (!(error instanceof OtherArchiveError)) throw error
    tally.bad(input.name, '', error.message)
  } finally {
    other?.close()
  }
}

/** In a folder there may lie anything: there it is only counted. */
function tellForeign({ input, tally }: Merging): void {
  if (input.isNamed) tally.bad(input.name, '', foreignDatabase.problem)
  else tally.skipped(foreignDatabase.reason)
}

async function mergeEntries(other: OtherArchive, merging: Merging): Promise<void> {
  const { target, tally, secrets } = merging
  if (other.hasDenylist()) tally.denied(other.passOnDenylist(target.open()))
  for (const entry of other.entries()) {
    if (merging.isAborted()) return
    if (entry === null) continue
    await merging.progress()
    const clean = withoutSecrets(entry, secrets)
    if (clean.kind === 'absence') mergeAbsence(clean, merging)
    else mergeAnswer(clean, merging)
  }
}

/** An entry without the secrets of whoever imports it, and with those parameters alone that are kept. */
function withoutSecrets(entry: OtherEntry, secrets: readonly string[]): OtherEntry {
  const { endpoint, params } = entry
  const body = entry.body && redactBytes(entry.body, secrets)
  return cleaned(entry, { params: knownParams(endpoint, params), body })
}

/**
 * An entry of which something was taken out. An answer is known by what is left of it, as it would be
 * had it come in by itself; one that was rewritten before keeps its name.
 */
function cleaned(entry: OtherEntry, left: Pick<OtherEntry, 'params' | 'body'>): OtherEntry {
  const { kind, responseId } = entry
  if (left.params === entry.params && left.body === entry.body) return entry
  if (kind === 'absence') return { ...entry, ...left }
  const [known, told] = idsOf(entry)
  const [clean, cleanTold] = idsOf({ ...entry, ...left })
  const ids = new Map([
    [known, clean],
    [told, cleanTold],
  ])
  return { ...entry, ...left, responseId: ids.get(responseId) ?? responseId }
}

/** The ids that an answer can have: by its content alone, and with a time told beside it. */
function idsOf({ endpoint, params, body, receivedAt: toldAt }: OtherEntry): [string, string] {
  const content = { endpoint, params, bodySha256: sha256(body!) }
  return [responseIdOf(content), responseIdOf({ ...content, toldAt })]
}

function mergeAnswer(entry: OtherEntry, merging: Merging): void {
  const { input, target, taker } = merging
  const { endpoint, params, responseId, clock, receivedAt: at, isAgain } = entry
  const origin = `${input.origin}#${responseId}`
  const held = target.timeOf(responseId)
  const isTrue = held !== undefined && !isTruer({ at, clock, origin }, held)
  if (isTrue && (isAgain || !target.isOnlyWalked(responseId))) {
    if (!isAgain) taker.noteHeld(endpoint)
    return
  }
  const body = entry.body!
  const read = readPage(endpoint, params, body.toString())
  const left = { params, body: redactParams(body, read.envelope?.params ?? {}) }
  if (left.body !== body) return mergeAnswer(cleaned(entry, left), merging)
  const odd = oddityOf(endpoint, params, read)
  const timeStamp = read.envelope?.timeStamp ?? null
  if (timeStamp !== null && !believesEnvelope(clock)) read.page.anomalies.push(untimely(timeStamp))
  taker.takeAnswer({ ...entry, body, page: read.page, odd }, origin)
}

const mergeAbsence = (entry: OtherEntry, { input, taker }: Merging): void =>
  taker.noteAbsence({
    ...{ ...entry, reason: entry.reason! },
    origin: `${input.origin}#${entry.responseId}`,
  })

/** Copies the files of another archive that are not held, each checked against its digest. */
async function mergeMedia(
  other: OtherArchive,
  { input, target, tally, isSynced, isAborted }: Merging,
): Promise<void> {
  for (const { open, ...media } of other.media()) {
    if (isAborted()) return
    const log = target.media()
    if (log.isDenied(media.asset_key)) continue
    if (log.isHeld(media.asset_key)) {
      tally.media(false)
      continue
    }
    const extension = /\.(\w+)$/.exec(media.path)![1]!
    const kindOf = () => ({ extension })
    const stored = await storeMedia(target.open().dir, open(), { kindOf, isSynced })
    if (stored?.sha256 !== media.sha256)
      tally.bad(input.name, `#${media.asset_key}`, 'is not what its digest says')
    else tally.media(log.save({ ...media, path: stored.path }))
  }
}
