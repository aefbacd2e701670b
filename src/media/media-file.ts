import type { Waiting } from './order.js'
import type { KnownOwner } from './renew.js'

/** A file that is wanted and not saved yet. */
export interface MediaFile extends Waiting {
  /** By which the run knows it. */
  number: number
  assetKey: string
  variant: string
  owners: KnownOwner[]
  /** Nobody has told its size. */
  isGuessed: boolean
  /** Tries of this run, with the link that it has. */
  tries: number
  /** Tries that the archive does not know of yet. */
  untoldTries: number
  /** A link that the server took no more. */
  refusedUrl: string | null
}

/** A file to which nothing has happened yet. */
export const toMediaFile = (
  file: Omit<MediaFile, 'tries' | 'untoldTries' | 'refusedUrl'>,
): MediaFile => ({ ...file, tries: 0, untoldTries: 0, refusedUrl: null })
