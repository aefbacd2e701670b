import { backoffMs } from '../api/outcome.js'
import type { MediaAssets } from '../archive/media-assets.js'
import { download, type DownloadRoom } from './download.js'
import type { FileEnds } from './file-ends.js'
import type { Links } from './links.js'
import type { MediaFile } from './media-file.js'
import type { Renewals } from './renewals.js'
import type { Schedule } from './schedule.js'
import type { Trouble } from './trouble.js'

/** What saving files needs of their run. */
export interface SavingRoom {
  assets: MediaAssets
  links: Links
  schedule: Schedule
  ends: FileEnds
  renewals: Renewals
  downloads: DownloadRoom
  retryBaseMs: number
  random: () => number
  /** Aborted: nothing more is begun, and downloads are broken off. */
  signal: AbortSignal
  /** A file that waited may be tried again. */
  onPauseOver: () => void
  onBytes: () => void
}

const triesLimit = 3

/** The downloads of a run: each file's tries, and what follows of its troubles. */
export class FileSaves {
  receivedBytes = 0
  /** Files that wait for their next try. */
  pausing = 0
  /** Bytes that are still to come, of every file under way. */
  private readonly coming = new Set<{ left: number }>()

  constructor(private readonly room: SavingRoom) {}

  /** Files that are being downloaded. */
  get underWay(): number {
    return this.coming.size
  }

  get bytesUnderWay(): number {
    let bytes = 0
    for (const { left } of this.coming) bytes += left
    return bytes
  }

  /** Downloads a file by its best link, and does what follows of how it went. */
  async save(file: MediaFile): Promise<void> {
    const { assetKey } = file
    const { assets, links, ends, downloads } = this.room
    const newest = links.best(assetKey)
    if (newest === undefined)
      return ends.end(file, 'lost', { reason: 'not_told', problem: 'no answer names it' })
    file.tries += 1
    file.untoldTries += 1
    const announced = assets.announced(assetKey)
    const coming = { left: file.bytes }
    const onBytes = (bytes: number) => {
      coming.left = Math.max(0, coming.left - bytes)
      this.receivedBytes += bytes
      this.room.onBytes()
    }
    this.coming.add(coming)
    const target = { ...newest, assetKey, announced, onBytes }
    const result = await download(downloads, target).finally(() => this.coming.delete(coming))
    if ('file' in result) {
      ends.save(file, result.file, result.isReceived)
      this.room.renewals.goWell(file)
      await result.forget()
    } else this.takeTrouble(file, result.trouble, newest.url)
  }

  private takeTrouble(file: MediaFile, trouble: Trouble, url: string): void {
    if (this.room.signal.aborted) return
    const { consequence } = trouble
    const { ends, renewals, schedule } = this.room
    switch (consequence) {
      case 'again':
        if (file.tries < triesLimit) return this.pause(file, trouble)
        return ends.end(file, 'failed', trouble)
      case 'slow':
        file.tries -= 1
        file.ownRate = trouble.rate ?? 0
        return schedule.add(file)
      case 'failed':
      case 'refused':
        return ends.end(file, consequence, trouble)
      case 'gone':
        return ends.end(file, 'lost', trouble)
      case 'expired':
      case 'forbidden':
        file.refusedUrl = url
        file.deadline = 0
        if (renewals.isBack(file)) return
        if (renewals.isPaidFor(file)) return renewals.endPaidFor(file, trouble)
        if (renewals.mayRenew(file)) return schedule.add(file)
        return renewals.giveUp(file, trouble)
    }
  }

  /** Has a file wait before its next try. */
  private pause(file: MediaFile, trouble: Trouble): void {
    const { retryBaseMs, random, schedule, signal, onPauseOver } = this.room
    const waitMs = trouble.waitMs ?? backoffMs(file.tries, random(), retryBaseMs)
    this.pausing += 1
    const goOn = () => {
      clearTimeout(timer)
      signal.removeEventListener('abort', goOn)
      this.pausing -= 1
      schedule.add(file)
      onPauseOver()
    }
    const timer = setTimeout(goOn, waitMs)
    signal.addEventListener('abort', goOn, { once: true })
  }
}
