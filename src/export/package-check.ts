import { setImmediate } from 'node:timers/promises'
import type { Finding, VerifyProgress } from '../archive/verify.js'
import { exportedColumns, exportedTables } from '../model/tables.js'
import { toRoomError } from './folder-trouble.js'
import type { PackagedTable } from './format.js'
import type { Manifest } from './manifest.js'
import { describedFor } from './publish/notes.js'

/** What every check of a package is given: the package, and where to say what does not hold. */
export class PackageCheck {
  readonly findings: Finding[] = []
  /** The tables that the package says it holds, as far as they are known. */
  readonly tables: readonly PackagedTable[]

  constructor(
    readonly folder: string,
    readonly manifest: Manifest,
    readonly watch: { onProgress?: (progress: VerifyProgress) => void; signal?: AbortSignal },
  ) {
    const { tables, profile } = manifest.afterfeed.options
    this.tables = exportedTables(true, profile)
      .filter((each) => tables.includes(each.name))
      .map((table) => ({ table, columns: describedFor(exportedColumns(table, profile), profile) }))
  }

  /** Notes something that does not hold, once. */
  find(check: string, problem: string): void {
    const isKnown = this.findings.some((each) => each.check === check && each.problem === problem)
    if (!isKnown) this.findings.push({ check, problem })
  }

  /**
   * Notes that a file cannot be read.
   * @throws the signal's reason when it is because of that; InputError where what is read finds no room
   */
  findUnreadable(path: string, error: unknown): void {
    this.watch.signal?.throwIfAborted()
    const trouble = toRoomError(error)
    if (trouble !== error) throw trouble
    this.find('files', `${path} cannot be read: ${(error as Error).message}`)
  }

  /** Tells how far it is, lets others run, and throws the signal's reason when aborted. */
  async step(progress: VerifyProgress): Promise<void> {
    this.watch.onProgress?.(progress)
    await this.pause()
  }

  /** Lets others run, and throws the signal's reason when aborted. */
  async pause(): Promise<void> {
    await setImmediate()
    this.watch.signal?.throwIfAborted()
  }
}
