import type { Desk } from './format.js'

const rowsPerPause = 256

/** Items, so many at a time; fewer at the end. */
export function* inChunks<Item>(items: Iterable<Item>, most: number): Generator<Item[]> {
  let chunk: Item[] = []
  for (const item of items) {
    if (chunk.push(item) < most) continue
    yield chunk
    chunk = []
  }
  if (chunk.length > 0) yield chunk
}

/** Rows a few at a time, which are in memory then; the signal is looked at in between. */
export async function* toPages<R>(
  rows: Iterable<R>,
  desk: Pick<Desk, 'pause'>,
  rowsPerPage = 32,
): AsyncGenerator<R[]> {
  let sincePause = 0
  for (const page of inChunks(rows, rowsPerPage)) {
    yield page
    sincePause += rowsPerPage
    if (sincePause < rowsPerPause) continue
    sincePause = 0
    await desk.pause()
  }
}
