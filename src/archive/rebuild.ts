import { setImmediate } from 'node:timers/promises'
import type { Table } from '../model/table.js'
import { tables } from '../model/tables.js'
import { openArchive, type Archive, type Durability } from './archive.js'
import { correctTimes } from './correct-times.js'
import { countRowsOf } from './counts.js'
import type { KeptEntry } from './journal.js'
import { Replay } from './replay.js'
import { quoted } from './sql.js'
import { isStorageError, withStorageErrors } from './storage-error.js'

/** How a rebuild runs. */
export interface ReplayOptions {
  /** Microseconds since 1970. */
  clock: () => number
  /** Ends the rebuild; the next one goes on where it stopped. */
  signal?: AbortSignal | undefined
  onProgress?: ((progress: { done: number; total: number }) => void) | undefined
}

/** What to rebuild. */
export interface RebuildOptions extends ReplayOptions {
  archiveDir: string
  durability?: Durability
}

/** What a rebuild did. */
export interface RebuildReport {
  outcome: 'done' | 'interrupted'
  /** Entries of the journal that were replayed by this run, and that were left when it began. */
  entries: number
  total: number
  /** Rows in the tables that were filled again. */
  rows: number
}

const entriesAtATime = 100

/** The tables that a rebuild empties and fills again. */
export const derivedTables: readonly Table[] = tables.filter(({ derived }) => derived)

/**
 * Empties every derived table and fills it again from the kept answers, in the order in which they were
 * saved; nothing is asked of any API. Stopped anywhere, the same command goes on.
 * @throws ArchiveError if the archive cannot be used
 */
export function rebuild(options: RebuildOptions): Promise<RebuildReport> {
  const { archiveDir, durability } = options
  return withStorageErrors(archiveDir, async () => {
    const how = { ...(durability ? { durability } : {}), isForRebuild: true, mustExist: true }
    const archive = openArchive(archiveDir, how)
    try {
      correctTimes(archive)
      return await replayAll(archive, options)
    } finally {
      archive.close()
    }
  })
}

/**
 * Rebuilds where times of answers were corrected since the tables were filled. Aborted before it began,
 * it leaves the tables as they are.
 * @returns NULL if nothing was done
 */
export async function finishRebuild(
  archive: Archive,
  options: ReplayOptions,
): Promise<RebuildReport | null> {
  if (!archive.rebuilds.isUnfinished() || options.signal?.aborted) return null
  return replayAll(archive, options)
}

/** Has the times of the archive's own calls stand, at the end of what made calls, and rebuilds for it. */
export async function settleTimes(archive: Archive, options: ReplayOptions): Promise<void> {
  if (options.signal?.aborted || correctTimes(archive) === 0) return
  await finishRebuild(archive, options)
}

/** Empties and fills the derived tables of an open archive, or goes on doing so. */
export async function replayAll(archive: Archive, options: ReplayOptions): Promise<RebuildReport> {
  const { signal, onProgress } = options
  const state = archive.rebuilds
  const isEmptied = state.position() !== undefined || (await emptyTables(archive, options))
  let last = state.position() ?? 0
  const total = archive.journal.countAfter(last)
  const replay = new Replay(archive)
  let done = 0
  for (;;) {
    if (signal?.aborted) break
    const entries = archive.journal.after(last, entriesAtATime)
    if (entries.length === 0) break
    last = entries.at(-1)!.entry
    replayBatch(
      archive,
      entries,
      (each) => replay.replay(each),
      () => state.moveTo(last),
    )
    done += entries.length
    onProgress?.({ done, total })
    await setImmediate()
  }
  const isDone = isEmptied && done === total
  if (isDone) archive.transaction(() => state.end())
  const outcome = isDone ? 'done' : 'interrupted'
  return { outcome, entries: done, total, rows: derivedRows(archive) }
}

function derivedRows({ database }: Archive): number {
  const names = derivedTables.map(({ name }) => name)
  return Object.values(countRowsOf(database, names)).reduce((sum, count) => sum + count, 0)
}

/**
 * Empties one table after the other, so that a signal is heard in between. From the first one on the
 * rebuild is noted as due: stopped or killed, the next begins with those that are left.
 * @returns false if it was stopped
 */
async function emptyTables(archive: Archive, { clock, signal }: ReplayOptions): Promise<boolean> {
  for (const { name } of derivedTables) {
    if (signal?.aborted) return false
    archive.transaction(() => {
      archive.rebuilds.demand()
      archive.database.exec(`DELETE FROM ${quoted(name)}`)
    })
    await setImmediate()
  }
  archive.transaction(() => {
    archive.journal.retime()
    archive.rebuilds.begin(clock())
  })
  return true
}

/**
 * Replays entries in one transaction. Where the records of one cannot be saved, as they could not when
 * it came in, each has a transaction of its own inside.
 */
function replayBatch(
  archive: Archive,
  entries: readonly KeptEntry[],
  replay: (entry: KeptEntry) => void,
  note: () => void,
): void {
  const each = archive.database.transaction(replay)
  const run = (one: (entry: KeptEntry) => void) =>
    archive.transaction(() => {
      for (const entry of entries) one(entry)
      note()
    })
  try {
    run(replay)
  } catch (error) {
    if (isStorageError(error)) throw error
    run(each)
  }
}
