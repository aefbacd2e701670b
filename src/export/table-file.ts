import { join } from 'node:path'
import type { Row } from '../archive/snapshot.js'
import { readDigest } from './file-digest.js'
import type { Desk, ExportedFile, FileFormat, Outgoing } from './format.js'
import { OutFile } from './out-file.js'

/** What turns the rows of a table into the bytes of a file. */
export interface TableText {
  /** What stands before the first row. */
  head(): Uint8Array
  rows(page: readonly Row[]): Uint8Array
  /** What stands behind the last row. */
  tail(): Uint8Array
}

/** Writes one table to one file, a few rows at a time. */
export async function writeTableFile(
  { path, format, outgoing }: { path: string; format: FileFormat; outgoing: Outgoing },
  text: TableText,
  desk: Desk,
): Promise<ExportedFile> {
  const place = join(desk.folder, path)
  let rows = 0
  await OutFile.write(place, async (file) => {
    file.add(text.head())
    for await (const page of desk.readPages(outgoing)) {
      file.add(text.rows(page))
      rows += page.length
      await file.flush()
    }
    file.add(text.tail())
  })
  return { path, table: outgoing.table.name, format, rows, ...(await readDigest(place)) }
}
