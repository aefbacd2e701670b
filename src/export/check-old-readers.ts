import { join } from 'node:path'
import type { Row } from '../archive/snapshot.js'
import type { Value } from '../model/table.js'
import type { FoundColumn } from './file-rows.js'
import { pathsOf } from './manifest.js'
import type { PackageCheck } from './package-check.js'
import { ParquetRows } from './read-parquet.js'

type OldRow = Readonly<Record<string, unknown>>

/**
 * Has parquetjs-lite, the witness for old readers, read each Parquet file of a package that was made
 * for them, and compares every value with what hyparquet reads, which is compared with the tables.
 * Files with lists are left out: no old reader knows lists.
 */
export async function checkOldReaders(check: PackageCheck): Promise<void> {
  for (const resource of check.manifest.resources)
    if (resource.format === 'parquet')
      for (const path of pathsOf(resource)) await checkFile(check, path, resource.rows)
}

async function checkFile(check: PackageCheck, path: string, total: number): Promise<void> {
  const place = join(check.folder, path)
  // What hyparquet cannot read is told where the tables are checked.
  const file = await ParquetRows.open(place).catch(() => null)
  if (file === null) return
  const onRows = (done: number) =>
    check.step({ check: 'old readers', done, total: Math.max(done, total) })
  try {
    if (file.hasLists) return
    const difference = await findDifference(file, place, onRows)
    if (difference !== null) check.find('old readers', `${path} is read otherwise: ${difference}`)
  } catch (error) {
    check.watch.signal?.throwIfAborted()
    const reason = error instanceof Error ? error.message : String(error)
    check.find('old readers', `${path} cannot be read by parquetjs-lite: ${reason}`)
  } finally {
    await file.close()
  }
}

async function findDifference(
  file: ParquetRows,
  place: string,
  onRows: (done: number) => Promise<void>,
): Promise<string | null> {
  const { default: parquetjs } = await import('parquetjs-lite')
  const reader = await parquetjs.ParquetReader.openFile(place)
  try {
    const cursor = reader.getCursor()
    let before = 0
    for await (const page of file.readPages()) {
      const old = (await cursor.nextRowGroup()) ?? []
      const wrong = page.findIndex((row, at) => !isSame(file.columns, row, old[at]))
      if (wrong >= 0) return `row ${before + wrong + 1}`
      if (old.length !== page.length) return `${old.length} rows instead of ${page.length}`
      before += page.length
      await onRows(before)
    }
    return (await cursor.nextRowGroup()) === null ? null : `more than ${before} rows`
  } finally {
    await reader.close()
  }
}

const isSame = (columns: readonly FoundColumn[], row: Row, old: OldRow | undefined): boolean =>
  old !== undefined &&
  columns.every(({ name, type }, at) => forOldReaders(type, row[at]!) === toValue(old[name]))

/** A value as that reader has it: times as JavaScript's dates, which end at milliseconds. */
const forOldReaders = (type: string | undefined, value: Value): Value =>
  type === 'time' && typeof value === 'bigint' ? value / 1000n : value

function toValue(came: unknown): Value {
  if (came instanceof Date) return BigInt(came.getTime())
  return typeof came === 'boolean' ? (came ? 1n : 0n) : ((came ?? null) as Value)
}
