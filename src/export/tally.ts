import type { ExportProgress, Lane, LaneProgress } from './lane.js'

/** How far all lanes are together: rows read of all jobs, whichever lane does them. */
export class Tally {
  readonly #readBy = new Map<Lane, number>()
  #done = 0
  #total = 0

  constructor(private readonly onProgress: (progress: ExportProgress) => void) {}

  /** Rows that are still to be read. */
  expect(rows: number): void {
    this.#total += rows
  }

  /** What a lane tells of the job that it does. */
  tell(lane: Lane, { read, ...progress }: LaneProgress): void {
    this.#readBy.set(lane, read)
    const reading = [...this.#readBy.values()].reduce((sum, each) => sum + each, 0)
    const done = Math.min(this.#done + reading, this.#total)
    this.onProgress({ ...progress, done, total: this.#total })
  }

  /** A lane has ended a job of so many rows. */
  end(lane: Lane, rows: number): void {
    this.#readBy.delete(lane)
    this.#done += rows
  }
}
