import type { Archive } from '../archive/archive.js'
import { storeMedia, type MediaLog } from '../archive/media-store.js'
import type { OtherArchive, OtherEntry } from '../archive/other-archive.js'
import { addImportedAbsence } from '../archive/save-imported-page.js'
import { findEndpoint } from '../model/endpoints.js'
import { oddityOf } from '../model/oddity.js'
import { readPage } from '../model/read-page.js'
import type { AnswerGroup } from './answer-group.js'
import type { Answer } from './read-answer.js'
import { videoTypeOf } from './video-type.js'

/** What merging needs of the import. */
export interface Merging {
  archive: () => Archive
  group: AnswerGroup
  runId: () => number
  /** The other archive, as the ledger names it. */
  origin: string
  isHeld: (responseId: string) => boolean
  isAborted: () => boolean
  held: (endpoint: string) => void
  take: (answer: Answer, origin: string) => void
  progress: () => Promise<void>
}

const isPaged = (endpoint: string): boolean => {
  const known = findEndpoint(endpoint)
  return known ? known.paged || known.subject === null : endpoint === 'native_drafts'
}

/** Brings the answers of another archive in, and what it found missing. */
export async function mergeEntries(other: OtherArchive, merging: Merging): Promise<void> {
  for (const entry of other.entries(isPaged)) {
    if (merging.isAborted()) return
    if (entry === null) continue
    await merging.progress()
    if (merging.isHeld(entry.responseId)) {
      if (entry.kind === 'answer') merging.held(entry.endpoint)
    } else if (entry.kind === 'absence') mergeAbsence(entry, merging)
    else mergeAnswer(entry, merging)
  }
}

function mergeAnswer(entry: OtherEntry, { take, origin }: Merging): void {
  const { endpoint, params, responseId } = entry
  const body = entry.body!
  const read = readPage(endpoint, params, body.toString())
  const odd = oddityOf(endpoint, params, read)
  take({ ...entry, body, page: read.page, odd }, `${origin}#${responseId}`)
}

function mergeAbsence(entry: OtherEntry, { archive, group, runId, origin }: Merging): void {
  group.save()
  const own = archive()
  const { responseId, reason } = entry
  own.transaction(() =>
    addImportedAbsence(own, {
      ...entry,
      runId,
      reason: reason!,
      origin: `${origin}#${responseId}`,
    }),
  )
}

/** Copies the files of another archive that are not held, each checked against its digest. */
export async function mergeMedia(
  other: OtherArchive,
  merging: Pick<Merging, 'archive' | 'isAborted'> & {
    log: () => MediaLog
    isSynced: boolean
    copied: (isNew: boolean) => void
    damaged: (assetKey: string) => void
  },
): Promise<void> {
  for (const { open, ...media } of other.media()) {
    if (merging.isAborted()) return
    if (merging.log().isHeld(media.asset_key)) {
      merging.copied(false)
      continue
    }
    const extension = /\.(\w+)$/.exec(media.path)![1]!
    const kindOf = (head: Buffer) => videoTypeOf(head) ?? { extension, contentType: null }
    const stored = await storeMedia(merging.archive().dir, open(), {
      kindOf: (head) => ({ ...kindOf(head), extension }),
      isSynced: merging.isSynced,
    })
    if (stored === null || stored.sha256 !== media.sha256) merging.damaged(media.asset_key)
    else merging.copied(merging.log().save({ ...media, path: stored.path }))
  }
}
