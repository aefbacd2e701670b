import { exportedKey, storeMedia } from '../archive/media-store.js'
import { ArchiveError } from '../model/errors.js'
import type { Input } from './inputs.js'
import type { Piece } from './piece.js'
import { problemOf } from './read-source.js'
import type { FileReport, Tally } from './report.js'
import type { Target } from './target.js'
import { videoKindOf } from './video-kind.js'

/** A video of the official export, and where it was found. */
type Video = Extract<Piece, { kind: 'video' }> & { input: Input; file: FileReport }

/** What saving videos needs of the import. */
export interface VideoImport {
  target: Target
  tally: Tally
  clock: () => number
  isSynced: boolean
}

/** Videos that were found; they are saved behind all answers, since these tell whose they are. */
export class Videos {
  private readonly found: Video[] = []

  constructor(private readonly options: VideoImport) {}

  add(video: Video): void {
    this.options.tally.found('video')
    this.found.push(video)
  }

  /** Saves them, one after the other; what is none is told. */
  async save({ isAborted, saved }: { isAborted: () => boolean; saved: () => void }): Promise<void> {
    for (const video of this.found) {
      if (isAborted()) return
      this.options.tally.goOn(video.file)
      try {
        await this.saveOne(video)
      } catch (error) {
        if (error instanceof ArchiveError) throw error
        this.options.tally.bad(video.input.name, video.place, problemOf(error))
      }
      saved()
    }
  }

  private async saveOne({ generationId, place, input, open }: Video): Promise<void> {
    const { target, tally, clock, isSynced } = this.options
    const { dir } = target.open()
    const media = target.media()
    if (media.isDenied(exportedKey(generationId))) return tally.skipped('forgotten')
    const assetKey = media.keyOfGeneration(generationId) ?? exportedKey(generationId)
    if (media.isHeld(assetKey)) return tally.media(false)
    const stored = await storeMedia(dir, await open(), { kindOf: videoKindOf, isSynced })
    if (stored === null)
      return tally.bad(input.name, place, 'is no video or picture: its first bytes are of neither')
    target.begin()
    const { sha256, bytes, path, kind } = stored
    const file = { asset_key: assetKey, sha256, bytes, content_type: kind.contentType, path }
    tally.media(media.save({ ...file, saved_at: clock() }))
  }
}
