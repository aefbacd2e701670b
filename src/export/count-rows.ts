import { createReadStream } from 'node:fs'
import { RecordBatchReader } from 'apache-arrow'

const quote = 0x22
const lineEnd = 0x0a

/** Ends of lines; in CSV those inside of quotes are none. */
async function countLines(path: string, hasQuotes: boolean): Promise<number> {
  let lines = 0
  let isQuoted = false
  for await (const bytes of createReadStream(path) as AsyncIterable<Buffer>)
    for (const byte of bytes) {
      if (hasQuotes && byte === quote) isQuoted = !isQuoted
      else if (byte === lineEnd && !isQuoted) lines += 1
    }
  return lines
}

async function countArrow(path: string): Promise<number> {
  let rows = 0
  const reader = await RecordBatchReader.from(createReadStream(path))
  for await (const batch of reader) rows += batch.numRows
  return rows
}

/** The rows of a file, counted by its format; NULL for formats that are counted elsewhere. */
export async function countRows(format: string, path: string): Promise<number | null> {
  if (format === 'csv') return (await countLines(path, true)) - 1
  if (format === 'ndjson') return countLines(path, false)
  if (format === 'arrow') return countArrow(path)
  return null
}
