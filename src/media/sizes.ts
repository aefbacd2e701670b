import { usualSize } from './variants.js'

/** So few files say little of the size of others. */
const leastToTell = 5

/** How large files are, by experience. */
export class Sizes {
  private readonly known = new Map<string, { files: number; bytes: number }>()

  /** Learns how large files of a variant are. */
  learn(variant: string, bytes: number, files = 1): void {
    const known = this.known.get(variant) ?? { files: 0, bytes: 0 }
    this.known.set(variant, { files: known.files + files, bytes: known.bytes + bytes })
  }

  /** Bytes of a file whose size nobody has told. */
  guess(variant: string): number {
    const known = this.known.get(variant)
    return known === undefined || known.files < leastToTell
      ? usualSize(variant)
      : Math.round(known.bytes / known.files)
  }
}
