import type { Desk } from './format.js'

const rowsPerPause = 256

/** Rows a few at a time, which are in memory then; the signal is looked at in between. */
export async function* toPages<R>(
  rows: Iterable<R>,
  desk: Pick<Desk, 'pause'>,
  rowsPerPage = 32,
): AsyncGenerator<R[]> {
  let page: R[] = []
  let sincePause = 0
  for (const row of rows) {
    if (page.push(row) < rowsPerPage) continue
    yield page
    page = []
    sincePause += rowsPerPage
    if (sincePause < rowsPerPause) continue
    sincePause = 0
    await desk.pause()
  }
  if (page.length > 0) yield page
}
