import { writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { tableFromArrays, tableToIPC } from 'apache-arrow'
import {
  Compression,
  Table,
  WriterPropertiesBuilder,
  WriterVersion,
  writeParquet,
} from 'parquet-wasm'
import { describe, expect, it } from 'vitest'
import { verifyDataset } from '../../src/export/index.js'
import { exportRows } from './archives.js'
import { placeOfTasks, putRows, tasks } from './damage.js'

const path = placeOfTasks.parquet

/** A package for old readers with three tasks. */
async function packaged(): Promise<string> {
  return (await exportRows({ tasks }, { formats: ['parquet'], parquet: 'compat' })).outDir
}

/** What old readers are said to make of it. */
const found = async (datasetDir: string): Promise<string[]> =>
  (await verifyDataset({ datasetDir }))
    .filter(({ check }) => check === 'old readers')
    .map(({ problem }) => problem)

describe('verifyDataset of a package for old readers', () => {
  it('finds nothing in it as it was written', async () => {
    expect(await found(await packaged())).toEqual([])
  })

  it('finds a file that only newer readers can read', async () => {
    const datasetDir = await packaged()
    await putRows(datasetDir, 'parquet', tasks, { formats: ['parquet'] })

    expect(await found(datasetDir)).toEqual([
      `${path} cannot be read by parquetjs-lite: invalid compression method: ZSTD`,
    ])
  })

  it('finds the row that an old reader reads otherwise', async () => {
    const datasetDir = await packaged()
    // Integers without a sign have one for parquetjs-lite.
    const columns = { task_id: new BigUint64Array([1n, 2n ** 63n, 3n]) }
    writeFileSync(join(datasetDir, path), plainParquet(columns))

    expect(await found(datasetDir)).toEqual([`${path} is read otherwise: row 2`])
  })
})

function plainParquet(columns: Record<string, BigUint64Array>): Uint8Array {
  const properties = new WriterPropertiesBuilder()
    .setWriterVersion(WriterVersion.V1)
    .setCompression(Compression.SNAPPY)
    .setDictionaryEnabled(false)
    .build()
  const table = Table.fromIPCStream(tableToIPC(tableFromArrays(columns), 'stream'))
  return writeParquet(table, properties)
}
