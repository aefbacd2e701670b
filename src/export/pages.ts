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

/** Rows a few at a time, which are in memory then; `pause` is told now and then how many there were. */
export async function* toPages<R>(
  rows: Iterable<R>,
  pause: (done: number) => Promise<void>,
  rowsPerPage = 32,
): AsyncGenerator<R[]> {
  let done = 0
  let nextPause = rowsPerPause
  for (const page of inChunks(rows, rowsPerPage)) {
    yield page
    done += page.length
    if (done < nextPause) continue
    nextPause = done + rowsPerPause
    await pause(done)
  }
}
