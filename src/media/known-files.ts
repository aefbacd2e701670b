import type { MediaAssets } from '../archive/media-assets.js'
import { Column } from './column.js'
import { toMediaFile, type MediaFile } from './media-file.js'
import type { Waiting } from './order.js'
import { renewerOf, type KnownOwner, type Stale } from './renew.js'
import type { Sizes } from './sizes.js'
import { TurnColumns } from './turn-columns.js'

/** A file as it is taken up: of one owner, and never tried. */
export interface FreshFile extends Waiting {
  variant: string
  owner: KnownOwner
  isGuessed: boolean
}

/**
 * Every file that a run took up, known by a number, from 1 on: in some 40 bytes each, so that millions
 * fit. What else a file is lies in the archive. Whole are kept only those to which something happened:
 * that are under way, were tried, or have more owners than one.
 */
export class KnownFiles {
  /** How many there are. */
  size = 0
  /** Number of a file by its place in the archive. */
  private readonly numbers = new Column(Uint32Array)
  private readonly places = new Column(Uint32Array)
  private readonly turns = new TurnColumns()
  private readonly variants = new Column(Uint8Array)
  private readonly variantNames: string[] = []
  private readonly guessed = new Column(Uint8Array)
  private readonly owners = new Column(Uint32Array)
  private readonly renewers = new Column(Uint32Array)
  private readonly kept = new Map<number, MediaFile>()

  constructor(private readonly assets: Pick<MediaAssets, 'keyAt' | 'ownerAt'>) {}

  /** Adds the file at a place. @returns its number */
  add(place: number, file: FreshFile): number {
    const number = (this.size += 1)
    this.numbers.set(place, number)
    this.places.set(number, place)
    this.owners.set(number, file.owner.place)
    this.note(number, { ...file, owners: [file.owner] })
    return number
  }

  /** The number of the file at a place; 0: none was added. */
  numberAt(place: number): number {
    return this.numbers.at(place)
  }

  /** All about a file; one that is not kept is read from the archive, and made anew each time. */
  whole(number: number): MediaFile {
    return this.kept.get(number) ?? this.read(number)
  }

  /** Keeps a file whole, as it is now. */
  keep(file: MediaFile): void {
    this.kept.set(file.number, file)
    this.note(file.number, file)
  }

  /** True for a file that is kept whole. */
  isKept(number: number): boolean {
    return this.kept.has(number)
  }

  /** Keeps a file whole no longer: nothing is done about it any more. */
  drop(number: number): void {
    this.kept.delete(number)
  }

  /** A file as far as its turn is concerned. */
  waiting(number: number): Waiting {
    return this.kept.get(number) ?? this.turns.at(number)
  }

  deadline(number: number): number | null {
    return this.turns.deadline(number)
  }

  bytes(number: number): number {
    return this.turns.bytes(number)
  }

  /** Place of the first owner whose links a call renews; 0: no call does. */
  renewer(number: number): number {
    return this.renewers.at(number)
  }

  /** A file as far as a call for a fresh link is concerned. */
  stale(number: number): Stale {
    return { renewer: this.renewer(number), use: this.turns.use(number) }
  }

  /** Guesses the size of a file anew if nobody has told it. */
  guess(number: number, sizes: Sizes): void {
    if (this.guessed.at(number) === 0) return
    const bytes = sizes.guess(this.variant(number))
    this.turns.setBytes(number, bytes)
    const kept = this.kept.get(number)
    if (kept !== undefined) kept.bytes = bytes
  }

  /** Sorts numbers in turn, in place; files that are alike stay as they are. */
  sort(numbers: number[]): number[] {
    return this.turns.sort(numbers)
  }

  private note(number: number, file: Omit<FreshFile, 'owner'> & Pick<MediaFile, 'owners'>): void {
    this.turns.set(number, file)
    this.variants.set(number, this.variantNumber(file.variant))
    this.guessed.set(number, Number(file.isGuessed))
    this.renewers.set(number, renewerOf(file))
  }

  private read(number: number): MediaFile {
    const place = this.owners.at(number)
    return toMediaFile({
      ...{ number, variant: this.variant(number), isGuessed: this.guessed.at(number) === 1 },
      ...this.turns.at(number),
      assetKey: this.assets.keyAt(this.places.at(number)),
      owners: [{ ...this.assets.ownerAt(place), place }],
    })
  }

  private variant(number: number): string {
    return this.variantNames[this.variants.at(number)]!
  }

  /** There are few variants. */
  private variantNumber(name: string): number {
    const known = this.variantNames.indexOf(name)
    return known < 0 ? this.variantNames.push(name) - 1 : known
  }
}
