import type { Archive } from '../archive/archive.js'
import {
  addImportedPage,
  saveImportedPage,
  type ImportedPage,
  type Taken,
} from '../archive/save-imported-page.js'
import { isStorageError } from '../archive/storage-error.js'
import { unreadable } from '../model/oddity.js'

/** An answer to be saved, and who wants to know. */
export interface Waiting {
  imported: ImportedPage
  /** Told once it is saved, or was held. */
  settled: (result: { taken: Taken; isOdd: boolean }) => void
}

const mostAnswers = 64
const mostBytes = 8 * 2 ** 20

/**
 * Saves answers several at a time, each group in one transaction: a kill loses the group under way, and
 * the same import brings it again.
 */
export class AnswerGroup {
  private waiting: Waiting[] = []
  private bytes = 0

  constructor(private readonly archive: () => Archive) {}

  add(one: Waiting): void {
    this.waiting.push(one)
    this.bytes += one.imported.body.length
    if (this.waiting.length >= mostAnswers || this.bytes >= mostBytes) this.save()
  }

  /** Saves what waits. */
  save(): void {
    const group = this.waiting
    if (group.length === 0) return
    this.waiting = []
    this.bytes = 0
    const archive = this.archive()
    for (const [index, result] of saveTogether(archive, group).entries())
      group[index]!.settled(result)
  }
}

type Saved = Parameters<Waiting['settled']>[0]

function saveTogether(archive: Archive, group: readonly Waiting[]): Saved[] {
  const saveOne = ({ imported }: Waiting): Saved => ({
    taken: addImportedPage(archive, imported),
    isOdd: (imported.odd ?? null) !== null,
  })
  try {
    return archive.transaction(() => group.map(saveOne))
  } catch (error) {
    if (isStorageError(error)) throw error
    return group.map((each) => saveAlone(archive, each.imported))
  }
}

/** An answer whose records cannot be saved is kept without them. */
function saveAlone(archive: Archive, imported: ImportedPage): Saved {
  const odd = imported.odd ?? null
  try {
    const taken = saveImportedPage(archive, imported)
    return { taken, isOdd: odd !== null }
  } catch (error) {
    if (isStorageError(error) || odd !== null) throw error
    const problem = unreadable(`saving failed: ${(error as Error).message}`)
    const taken = saveImportedPage(archive, { ...imported, odd: problem })
    return { taken, isOdd: true }
  }
}
