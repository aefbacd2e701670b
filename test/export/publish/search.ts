import { readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { DuckDBInstance } from '@duckdb/node-api'
import { tableFromIPC } from 'apache-arrow'

/**
 * All that a package holds, as one text a file: bytes as they lie, and what Parquet and Arrow hold once
 * they are unpacked, by readers that the product does not use. It knows nothing of the gate.
 */
export async function readWhole(folder: string): Promise<Map<string, string>> {
  const found = new Map<string, string>()
  const files = readdirSync(folder, { recursive: true, withFileTypes: true })
  for (const each of files.filter((entry) => entry.isFile())) {
    const path = join(each.parentPath, each.name)
    const bytes = readFileSync(path)
    const unpacked = path.endsWith('.parquet')
      ? await unpackParquet(path)
      : path.endsWith('.arrow')
        ? JSON.stringify(tableFromIPC(bytes).toArray(), asText)
        : ''
    found.set(path, `${bytes.toString('utf8')}\n${bytes.toString('latin1')}\n${unpacked}`)
  }
  return found
}

const asText = (_name: string, value: unknown): unknown =>
  typeof value === 'bigint' ? String(value) : value

async function unpackParquet(path: string): Promise<string> {
  const connection = await (await DuckDBInstance.create()).connect()
  const read = await connection.runAndReadAll(`SELECT * FROM read_parquet('${path}')`)
  return read
    .getRows()
    .map((row) => row.map((cell) => `\n${String(cell)}\n`).join(''))
    .join('')
}

/** The files in which one of the texts stands; letters of either size. */
export const filesWith = (files: ReadonlyMap<string, string>, texts: readonly string[]): string[] =>
  [...files].flatMap(([path, text]) => {
    const small = text.toLowerCase()
    return texts
      .filter((each) => small.includes(each.toLowerCase()))
      .map((each) => `${each} in ${path}`)
  })

/** The files in which one of the texts stands by itself: a field, a cell, a line. */
export const filesWithWhole = (
  files: ReadonlyMap<string, string>,
  texts: readonly string[],
): string[] =>
  [...files].flatMap(([path, text]) => {
    const small = text.toLowerCase()
    return texts
      .flatMap((each) => [`"${each}"`, `\n${each}\n`, `: ${each}\n`, `>${each}<`])
      .filter((form) => small.includes(form.toLowerCase()))
      .map((form) => `${JSON.stringify(form)} in ${path}`)
  })
