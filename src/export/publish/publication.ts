import { archivePathIn } from '../../archive/archive-file.js'
import type { Cut } from '../../archive/cut.js'
import { readArchiveFacts, type ArchiveFacts, type OnFacts } from '../../archive/dataset-facts.js'
import type { Root } from '../../archive/roots.js'
import { KnownPeople } from '../../archive/known-people.js'
import { copySelected } from '../../archive/selected-copy.js'
import { Selection } from '../../archive/selection.js'
import { Snapshot } from '../../archive/snapshot.js'
import { makeRoom, removeRoom } from '../../archive/temporary-room.js'
import { findEndpoint } from '../../model/endpoints.js'
import { InputError } from '../../model/errors.js'
import type { Tombstones } from '../../model/profiles.js'
import { toRoomError } from '../folder-trouble.js'
import { requireHeldRoots } from '../known-seeds.js'
import type { ExportSeed } from '../options.js'
import { Pseudonyms } from './pseudonyms.js'
import { fullRewriter, publicRewriter, rewriteSeed } from './rows.js'
import { textRewriter } from './texts.js'

/** A published package does not tell what was searched for, and what is not public. */
export class UntoldSeeds extends InputError {
  constructor() {
    super('a published package does not tell its seeds whole; export anew, without --append')
  }
}

/** What is published, and how. */
export interface PublicationStart {
  archivePath: string
  cut: Cut
  tombstones: Tombstones
  /** NULL for the profile `full`, which has no pseudonyms. */
  key: Uint8Array | null
  signal?: AbortSignal | undefined
}

/**
 * An archive as a profile lets it be seen: a copy of its rows, chosen and rewritten, in a temporary
 * folder. Whatever is written or compared is read from the copy, so no format can let out more.
 */
export class Publication {
  private constructor(
    private readonly folder: string,
    private readonly source: Snapshot,
    private readonly selection: Selection,
    private readonly pseudonyms: Pseudonyms | null,
    private readonly roots: readonly Root[],
    /** Everybody in the source; NULL for the profile `full`. */
    readonly people: KnownPeople | null,
  ) {}

  /** Path of the copy's `archive.sqlite`. */
  get archivePath(): string {
    return archivePathIn(this.folder)
  }

  /**
   * Copies what a profile shows of a snapshot.
   * @throws InputError for a missing archive, or seeds of an earlier package that cannot be told
   */
  static async open(start: PublicationStart): Promise<Publication> {
    const folder = await makeRoom('afterfeed-publish-')
    try {
      return await Publication.#openIn(folder, start)
    } catch (error) {
      await removeRoom(folder)
      throw toRoomError(error)
    }
  }

  static async #openIn(folder: string, start: PublicationStart): Promise<Publication> {
    const { archivePath, cut, tombstones, key, signal } = start
    const source = new Snapshot(archivePath)
    try {
      const pseudonyms = key && new Pseudonyms(key)
      const people =
        pseudonyms && new KnownPeople(source.database, (userId) => pseudonyms.person(userId))
      const own = people === null ? cut : withIds(cut, people)
      source.cutTo(own)
      const selection = new Selection(source, { isPublic: pseudonyms !== null, tombstones })
      const made = new Publication(folder, source, selection, pseudonyms, own.roots ?? [], people)
      await made.#copy(signal)
      return made
    } catch (error) {
      source.close()
      throw error
    }
  }

  /** What the archive tells of itself, and the copy does not. */
  readArchiveFacts(onFacts: OnFacts): Promise<ArchiveFacts> {
    return readArchiveFacts(this.source.database, onFacts)
  }

  /** @throws InputError if the archive knows nothing any more of what an earlier package was made from */
  requireHeldRoots(): void {
    requireHeldRoots(this.source.database, this.roots)
  }

  /** Seeds as they may be told. */
  toSeeds(seeds: readonly ExportSeed[]): ExportSeed[] {
    if (this.pseudonyms === null) return [...seeds]
    const means = { pseudonyms: this.pseudonyms, isIn: this.#isIn }
    return seeds.map(({ seed, endpoint }) => {
      const shown = rewriteSeed(seed, means)
      return { seed: shown, endpoint, params: paramsOf(shown) }
    })
  }

  async close(): Promise<void> {
    this.source.close()
    await removeRoom(this.folder)
  }

  #copy(signal: AbortSignal | undefined): Promise<void> {
    const { pseudonyms, people, source: snapshot, selection, archivePath: path } = this
    if (pseudonyms === null || people === null)
      return copySelected({ snapshot, selection, path, signal, rewriterOf: fullRewriter })
    const rewriteText = textRewriter(people, pseudonyms)
    const means = { pseudonyms, rewriteText, isIn: this.#isIn }
    const rewriterOf = (table: Parameters<typeof publicRewriter>[0]) => publicRewriter(table, means)
    return copySelected({ snapshot, selection, path, signal, rewriterOf })
  }

  readonly #isIn = (kind: string, id: string): boolean => this.selection.isIn(kind, id)
}

/** What a seed that may be told says of the request it begins with. */
function paramsOf(seed: string): Record<string, string> {
  const [, kind = '', rest = ''] = /^([a-z]+):(.*)$/.exec(seed) ?? []
  if (rest === '' || rest === '*') return {}
  return kind === 'post' ? { post_id: rest } : { user_id: rest }
}

/** A cut as an earlier package tells it, with the ids behind its pseudonyms. */
function withIds(cut: Cut, people: KnownPeople): Cut {
  return cut.roots === undefined ? cut : { ...cut, roots: cut.roots.map((e) => toRoot(e, people)) }
}

function toRoot({ endpoint, params }: Root, people: KnownPeople): Root {
  const { user_id } = params
  if (user_id !== undefined)
    return { endpoint, params: { ...params, user_id: people.idOf(user_id) ?? user_id } }
  if (Object.keys(params).length === 0 && findEndpoint(endpoint)?.subject !== null)
    throw new UntoldSeeds()
  return { endpoint, params }
}
