import { execFileSync } from 'node:child_process'
import { readdirSync, readFileSync, statSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { pathToFileURL } from 'node:url'
import { beforeAll, describe, expect, it, onTestFinished } from 'vitest'
import { exportDataset, formatNames, verifyDataset } from '../../src/export/index.js'
import { ParquetThread } from '../../src/export/parquet-thread.js'
import { exportedTables } from '../../src/model/tables.js'
import { buildFolder, buildProgram, root } from '../cli/build.js'
import { hostileRows, makeArchive, temporaryFolder } from './archives.js'

beforeAll(buildProgram)

/** Runs an export of the build in a process of its own, which must end by itself. */
function exportInProcess(options: object, abortAtRows: number): string {
  const script = `
    const { exportDataset } = await import(${JSON.stringify(pathToFileURL(join(buildFolder, 'export/index.js')).href)})
    const abort = new AbortController()
    const onProgress = ({ rows }) => rows >= ${abortAtRows} && abort.abort(new Error('stopped'))
    const options = { ...${JSON.stringify(options)}, onProgress, signal: abort.signal }
    const end = await exportDataset(options).then(() => 'done', (error) => error.message)
    process.stdout.write(end)`
  const flags = ['--input-type=module', '--eval', script]
  return execFileSync(process.execPath, flags, { encoding: 'utf8', cwd: root, timeout: 120_000 })
}

const read = (outDir: string, name: string) => readFileSync(join(outDir, 'data', name))

describe('the thread that encodes Parquet', () => {
  it('writes the same bytes as without it, and ends, also when stopped', async () => {
    const folder = temporaryFolder()
    const tables = exportedTables(true)
    const rows = Object.fromEntries(tables.map((each) => [each.name, hostileRows(each, 9)]))
    const posts = Array.from({ length: 11_000 }, (_, place) => ({ post_id: `s_${place}` }))
    const archivePath = makeArchive(folder, { ...rows, posts })
    const options = { archivePath, withLog: true, formats: ['parquet' as const] }
    const [here, there, stopped] = ['here', 'there', 'stopped'].map((each) => join(folder, each))

    await exportDataset({ ...options, outDir: here! })
    const done = exportInProcess({ ...options, outDir: there }, Infinity)
    const aborted = exportInProcess({ ...options, outDir: stopped }, 10_000)

    expect([done, aborted]).toEqual(['done', 'stopped'])
    for (const { name } of tables)
      expect(read(there!, `${name}.parquet`).equals(read(here!, `${name}.parquet`)), name).toBe(
        true,
      )
    expect(readdirSync(folder)).not.toContain('stopped')
    expect(readdirSync(join(buildFolder, 'export'))).toContain('parquet-worker.js')
  })
})

describe('ParquetThread', () => {
  it('hands over a batch of one long row, and copies all others', async () => {
    const worker = join(temporaryFolder(), 'worker.mjs')
    writeFileSync(
      worker,
      `import { parentPort } from 'node:worker_threads'
      parentPort.on('message', () => parentPort.postMessage({ kind: 'done' }))`,
    )
    const thread = new ParquetThread(pathToFileURL(worker))
    onTestFinished(() => thread.end())
    const stream = thread.start({ rowsPerGroup: 1, kind: 'zstd' }, () => undefined)
    const huge = 49 * 1024 * 1024
    const batches = [new Uint8Array(7), new Uint8Array(huge), new Uint8Array(huge + 1).subarray(1)]

    for (const batch of batches) await stream.write(batch)
    await stream.close()

    expect(batches.map(({ length }) => length)).toEqual([7, 0, huge])
  })
})

describe('the threads that write tables at the same time', () => {
  const large = () =>
    Array.from({ length: 24_000 }, (_, place) => ({
      post_id: `s_${String(place).padStart(6, '0')}`,
      text: `${place} `.repeat(120),
    }))

  it('write the same bytes as one thread does, and end when stopped', async () => {
    const folder = temporaryFolder()
    const archivePath = makeArchive(folder, { posts: large(), users: [{ user_id: 'user-1' }] })
    const formats = formatNames
    const options = { archivePath, formats, rowsPerPart: 10_000 }
    // Smaller archives are written by one thread.
    expect(statSync(archivePath).size).toBeGreaterThan(16 * 1024 * 1024)
    const [here, there, stopped] = ['here', 'there', 'stopped'].map((each) => join(folder, each))

    await exportDataset({ ...options, outDir: here! })
    const done = exportInProcess({ ...options, outDir: there }, Infinity)
    const aborted = exportInProcess({ ...options, outDir: stopped }, 20_000)

    const sums = (outDir: string) => readFileSync(join(outDir, 'SHA256SUMS'), 'utf8')
    expect([done, aborted]).toEqual(['done', 'stopped'])
    expect(sums(there!)).toBe(sums(here!))
    expect(readdirSync(folder)).not.toContain('stopped')
  })

  it('see one instant of the archive while another connection goes on writing', async () => {
    const folder = temporaryFolder()
    const archivePath = makeArchive(folder, { posts: large() })
    const outDir = join(folder, 'out')
    const formats = ['parquet', 'sqlite', 'csv'] as const

    const written = Number(writeWhileExporting({ archivePath, outDir, formats }))

    expect(written).toBeGreaterThan(1)
    expect(await verifyDataset({ datasetDir: outDir })).toEqual([])
  })
})

/** Adds posts, and changes one, every few milliseconds while the export runs; tells how often. */
function writeWhileExporting(options: object): string {
  const url = JSON.stringify(pathToFileURL(join(buildFolder, 'export/index.js')).href)
  const script = `
    const { exportDataset } = await import(${url})
    const { default: Database } = await import('better-sqlite3')
    const options = ${JSON.stringify(options)}
    const database = new Database(options.archivePath)
    const columns = database.pragma('table_info(posts)')
    const row = (id) => columns.map(({ name, notnull }) => name === 'post_id' ? id : notnull ? 0 : null)
    const insert = database.prepare('INSERT INTO posts VALUES (' + columns.map(() => '?') + ')')
    let written = 0
    const timer = setInterval(() => {
      insert.run(row('s_new_' + written))
      database.exec("UPDATE posts SET text = '" + written + "' WHERE post_id = 's_000000'")
      written += 1
    }, 5)
    await exportDataset(options)
    clearInterval(timer)
    process.stdout.write(String(written))`
  const flags = ['--input-type=module', '--eval', script]
  return execFileSync(process.execPath, flags, { encoding: 'utf8', cwd: root, timeout: 120_000 })
}
