import { join } from 'node:path'
import Database from 'better-sqlite3'
import { DuckDBInstance, DuckDBTimestampTZValue, type DuckDBValue } from '@duckdb/node-api'
import { asyncBufferFromFile, parquetMetadataAsync, parquetReadObjects } from 'hyparquet'
import { compressors } from 'hyparquet-compressors'
import type { Column, Table, Value } from '../../src/model/table.js'
import { exportedColumns } from '../../src/model/tables.js'

/** Where the Parquet file of a table is. */
export const parquetPath = (outDir: string, table: string): string =>
  join(outDir, 'data', `${table}.parquet`)

/** The rows of a query, as DuckDB gives them. */
export async function runDuckDb(sql: string): Promise<DuckDBValue[][]> {
  const instance = await DuckDBInstance.create(':memory:')
  const connection = await instance.connect()
  try {
    return (await connection.runAndReadAll(sql)).getRows()
  } finally {
    connection.closeSync()
    instance.closeSync()
  }
}

/** The rows of a Parquet file, read by DuckDB, in SQLite's values (times in microseconds). */
export async function readWithDuckDb(
  path: string,
  columns: readonly string[] = ['*'],
): Promise<Value[][]> {
  const rows = await runDuckDb(`SELECT ${columns.join()} FROM read_parquet('${path}')`)
  return rows.map((row) => row.map(fromDuckDb))
}

function fromDuckDb(value: DuckDBValue): Value {
  if (value instanceof DuckDBTimestampTZValue) return value.micros
  if (typeof value === 'boolean') return value ? 1n : 0n
  return value as Value
}

/** Names and types of a Parquet file's columns, as DuckDB tells them. */
export async function describeWithDuckDb(path: string): Promise<[string, string][]> {
  const rows = await runDuckDb(`DESCRIBE SELECT * FROM read_parquet('${path}')`)
  return rows.map(([name, type]) => [name as string, type as string])
}

/** The rows of a Parquet file, read by hyparquet, in SQLite's values (times in microseconds). */
export async function readWithHyparquet(path: string, table: Table): Promise<Value[][]> {
  const file = await asyncBufferFromFile(path)
  const rows = await parquetReadObjects({
    file,
    compressors,
    parsers: { timestampFromMicroseconds: (micros: bigint) => micros },
  })
  const columns = exportedColumns(table)
  return rows.map((row) => columns.map((each) => fromHyparquet(row[each.name])))
}

const fromHyparquet = (value: unknown): Value =>
  typeof value === 'boolean' ? (value ? 1n : 0n) : ((value ?? null) as Value)

/** The footer of a Parquet file, as hyparquet tells it. */
export const readMetadata = async (path: string) =>
  parquetMetadataAsync(await asyncBufferFromFile(path))

/** The rows of a table in `dataset.sqlite`, in the order of its key. */
export function readDatasetRows(outDir: string, table: Table): Value[][] {
  return inDataset(outDir, (database) => {
    const sql = `SELECT * FROM "${table.name}" ORDER BY ${table.key.join()}`
    return database.prepare(sql).raw().safeIntegers().all() as Value[][]
  })
}

/** Runs something on an open `dataset.sqlite`. */
export function inDataset<T>(outDir: string, run: (database: Database.Database) => T): T {
  const database = new Database(join(outDir, 'dataset.sqlite'), { readonly: true })
  try {
    return run(database)
  } finally {
    database.close()
  }
}

/** What `dataset.sqlite` promises for a cell of the archive; times by an own, slow calculation. */
export function inDatasetForm(column: Column, value: Value): Value {
  if (column.type !== 'time' || typeof value !== 'bigint') return value
  const micros = ((value % 1_000_000n) + 1_000_000n) % 1_000_000n
  const instant = new Date(Number((value - micros) / 1000n)).toISOString()
  return instant.replace('.000Z', `.${String(micros).padStart(6, '0')}Z`)
}
