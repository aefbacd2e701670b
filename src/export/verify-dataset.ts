import { existsSync } from 'node:fs'
import { dirname, join } from 'node:path'
import { setImmediate } from 'node:timers/promises'
import type Database from 'better-sqlite3'
import { Snapshot } from '../archive/snapshot.js'
import type { Finding, VerifyProgress } from '../archive/verify.js'
import { withoutSignature } from '../model/signed-url.js'
import type { Column } from '../model/table.js'
import { exportedColumns, exportedTables } from '../model/tables.js'
import { readDigest } from './file-digest.js'
import { listFiles, readSums } from './former-export.js'
import { toIsoTime } from './iso-time.js'
import {
  cutOf,
  parquetOf,
  pathsOf,
  readManifest,
  type Manifest,
  type Resource,
} from './manifest.js'
import { digestOf } from './package/dataset.js'
import { descriptionNames, sumsName } from './package/write-package.js'
import { ReadBack, type PackagedTable } from './read-back.js'
import { ParquetRows } from './read-parquet.js'

/** What to verify. */
export interface VerifyDatasetOptions {
  /** The folder of the package. */
  datasetDir: string
  /** Path of the `archive.sqlite` that it was made from, to compare every value with. */
  archivePath?: string
  onProgress?: (progress: VerifyProgress) => void
  signal?: AbortSignal
}

/**
 * Checks a dataset package: the sum of every file, that no file is missing or unknown, columns and
 * types, counts, keys, foreign keys, and that all formats and, with an archive, that too hold the
 * same values. Parquet is read by another implementation than the one that wrote it.
 * @returns what does not hold; nothing if all does
 * @throws InputError if the folder holds no package of ours; the signal's reason when aborted
 */
export async function verifyDataset(options: VerifyDatasetOptions): Promise<Finding[]> {
  const manifest = await readManifest(options.datasetDir)
  const verification = new Verification(options, manifest)
  await verification.run()
  return verification.findings
}

class Verification {
  readonly findings: Finding[] = []
  readonly tables: PackagedTable[]

  constructor(
    readonly options: VerifyDatasetOptions,
    readonly manifest: Manifest,
  ) {
    const names = manifest.afterfeed.options.tables
    this.tables = exportedTables(true)
      .filter((each) => names.includes(each.name))
      .map((table) => ({ table, columns: exportedColumns(table) }))
  }

  async run(): Promise<void> {
    await this.#checkSums()
    await this.#checkCounts()
    const inParquet = this.tables.filter((each) => parquetOf(this.manifest, each.table.name))
    const read = await ReadBack.open()
    try {
      const whole = []
      for (const each of inParquet) if (await this.#readTable(read, each)) whole.push(each)
      for (const each of whole) this.#checkKeys(read.database, each, whole)
      this.#compare(read, whole)
    } finally {
      await read.close()
    }
  }

  #find(check: string, problem: string): void {
    this.findings.push({ check, problem })
  }

  async #step(progress: VerifyProgress): Promise<void> {
    this.options.onProgress?.(progress)
    await setImmediate()
    this.options.signal?.throwIfAborted()
  }

  async #checkSums(): Promise<void> {
    const { datasetDir } = this.options
    const sums = await readSums(datasetDir)
    const found = await listFiles(datasetDir)
    for (const path of found)
      if (path !== sumsName && !sums.has(path)) this.#find('files', `${path} is not in ${sumsName}`)
    const data = []
    let done = 0
    for (const [path, sha256] of sums) {
      await this.#step({ check: 'sums', done: (done += 1), total: sums.size })
      if (!descriptionNames.includes(path)) data.push({ path, sha256 })
      if (!found.includes(path)) this.#find('files', `${path} is missing`)
      else if ((await readDigest(join(datasetDir, path))).sha256 !== sha256)
        this.#find('sums', `${path} has another content than ${sumsName} says`)
    }
    for (const path of this.manifest.resources.flatMap(pathsOf))
      if (!sums.has(path)) this.#find('files', `${path} of the package is not in ${sumsName}`)
    if (digestOf(data) !== this.manifest.afterfeed.digest)
      this.#find('version', 'the version is not the digest of the data files')
  }

  /** Rows of text formats and Arrow; Parquet's are counted when they are read. */
  async #checkCounts(): Promise<void> {
    const { countRows } = await import('./count-rows.js')
    for (const resource of this.manifest.resources) {
      const [path] = pathsOf(resource)
      const place = join(this.options.datasetDir, path!)
      if (!existsSync(place)) continue
      const rows = await countRows(resource.format, place).catch((error: Error) => error.message)
      if (rows !== null && rows !== resource.rows)
        this.#find('counts', `${path} holds ${rows} rows, not ${resource.rows}`)
    }
  }

  /** True if a table was read whole. */
  async #readTable(read: ReadBack, each: PackagedTable): Promise<boolean> {
    const resource = parquetOf(this.manifest, each.table.name)!
    this.#checkFields(resource, each.columns)
    read.addTable(each)
    let rows = 0
    for (const path of pathsOf(resource)) {
      try {
        const place = join(this.options.datasetDir, path)
        if (!(await this.#hasColumns(place, path, each.columns))) return false
        let last = 0
        for await (const done of read.addRows(each, place)) {
          last = done
          await this.#step({ check: each.table.name, done: rows + done, total: resource.rows })
        }
        rows += last
      } catch (error) {
        this.options.signal?.throwIfAborted()
        this.#find('files', `${path} cannot be read: ${(error as Error).message}`)
        return false
      }
    }
    if (rows !== resource.rows)
      this.#find('counts', `${each.table.name} holds ${rows} rows, not ${resource.rows}`)
    return true
  }

  #checkFields({ name, schema }: Resource, columns: readonly Column[]): void {
    const said = schema?.fields.map((each) => each.name).join() ?? ''
    if (said !== columns.map((each) => each.name).join())
      this.#find('schema', `${name} is described with other columns than this program knows`)
  }

  async #hasColumns(place: string, path: string, columns: readonly Column[]): Promise<boolean> {
    const file = await ParquetRows.open(place)
    const found = file.columns.map(({ name, type, required }) => `${name} ${type} ${required}`)
    await file.close()
    const wanted = columns.map(
      ({ name, type, required }) =>
        `${name} ${type === 'json' ? 'text' : type} ${required === true}`,
    )
    if (found.join() === wanted.join()) return true
    const wrong = wanted.find((each, place) => each !== found[place]) ?? 'more columns'
    this.#find('schema', `${path} has other columns than the list of tables says, from ${wrong} on`)
    return false
  }

  #checkKeys(
    database: Database.Database,
    { table, columns }: PackagedTable,
    held: readonly PackagedTable[],
  ): void {
    const key = table.key.map((each) => `"${each}"`).join()
    const count = (sql: string) => database.prepare(sql).pluck().get() as number
    const twice = count(
      `SELECT count(*) FROM (SELECT 1 FROM "${table.name}" GROUP BY ${key} HAVING count(*) > 1)`,
    )
    if (twice > 0) this.#find('keys', `${twice} keys of ${table.name} occur more than once`)
    for (const { name, required, references } of columns) {
      const nulls = `SELECT count(*) FROM "${table.name}" WHERE "${name}" IS NULL`
      if (required && count(nulls) > 0)
        this.#find('keys', `${table.name}.${name} is NULL somewhere`)
      const [target, field] = references?.split('.') ?? []
      if (!target || !held.some((each) => each.table.name === target)) continue
      const lost = count(
        `SELECT count(*) FROM "${table.name}" WHERE "${name}" NOT IN (SELECT "${field}" FROM "${target}")`,
      )
      if (lost > 0)
        this.#find('references', `${lost} rows of ${table.name} whose ${name} is not in ${target}`)
    }
  }

  /** Compares what is in Parquet with `dataset.sqlite` and the archive; without Parquet those two. */
  #compare(read: ReadBack, whole: readonly PackagedTable[]): void {
    const { datasetDir, archivePath } = this.options
    const shown = join(datasetDir, 'dataset.sqlite')
    const hasShown = this.manifest.afterfeed.options.formats.includes('sqlite') && existsSync(shown)
    if (hasShown) this.#checkSqlite(read.database, shown)
    if (hasShown && whole.length > 0)
      this.#attached(read.database, shown, 'shown', (database) => {
        for (const each of whole)
          this.#compareTable(database, each, {
            ...{ one: `main."${each.table.name}"`, other: `shown."${each.table.name}"` },
            toOne: ({ name, type }) => (type === 'time' ? `iso_time("${name}")` : `"${name}"`),
            what: 'dataset.sqlite',
          })
      })
    if (archivePath === undefined) return
    if (whole.length > 0) this.#compareWithArchive(archivePath, read.path, whole, false)
    else if (hasShown) this.#compareWithArchive(archivePath, shown, this.tables, true)
  }

  #compareWithArchive(
    archivePath: string,
    path: string,
    tables: readonly PackagedTable[],
    isShown: boolean,
  ): void {
    const snapshot = new Snapshot(archivePath)
    const { options } = this.manifest.afterfeed
    // A file is attached outside of a transaction; the view is taken again with the next read.
    snapshot.database.exec('COMMIT')
    try {
      this.#attached(snapshot.database, path, 'read', (database) => {
        database.exec('BEGIN')
        snapshot.cutTo(cutOf(options))
        for (const each of tables) {
          const condition = snapshot.conditionOf(each.table)
          const where = condition === null ? '' : ` WHERE ${condition}`
          this.#compareTable(database, each, {
            one: `main."${each.table.name}"${where}`,
            other: `read."${each.table.name}"`,
            toOne: ({ name, type, signed }) => {
              if (signed && !options.with_signed_urls) return `bare_url("${name}")`
              return type === 'time' && isShown ? `iso_time("${name}")` : `"${name}"`
            },
            what: `the archive in ${dirname(archivePath)}`,
          })
        }
        database.exec('COMMIT')
      })
    } finally {
      snapshot.close()
    }
  }

  #checkSqlite(database: Database.Database, path: string): void {
    this.#attached(database, path, 'shown', () => {
      const check = (pragma: string) =>
        database.pragma(`shown.${pragma}`) as Record<string, string>[]
      for (const each of check('integrity_check(5)'))
        if (each['integrity_check'] !== 'ok')
          this.#find('files', `dataset.sqlite: ${each['integrity_check']}`)
      const lost = check('foreign_key_check').length
      if (lost > 0) this.#find('references', `${lost} rows of dataset.sqlite refer to nothing`)
    })
  }

  #attached(
    database: Database.Database,
    path: string,
    name: string,
    work: (database: Database.Database) => void,
  ): void {
    addFunctions(database)
    try {
      database.prepare(`ATTACH ? AS ${name}`).run(path)
      work(database)
    } catch (error) {
      this.#find('files', `${path} cannot be compared: ${(error as Error).message}`)
    }
    if (database.inTransaction) database.exec('ROLLBACK')
    const isAttached = database
      .prepare('SELECT 1 FROM pragma_database_list WHERE name = ?')
      .get(name)
    if (isAttached) database.exec(`DETACH ${name}`)
  }

  /** Every value of a table on both sides; tells the first key that differs. */
  #compareTable(
    database: Database.Database,
    { table, columns }: PackagedTable,
    sides: Sides,
  ): void {
    const { one, other, toOne, what } = sides
    const mine = `SELECT ${columns.map(toOne).join()} FROM ${one}`
    const theirs = `SELECT ${columns.map(({ name }) => `"${name}"`).join()} FROM ${other}`
    const differ = (from: string, less: string) =>
      database.prepare(`SELECT * FROM (${from} EXCEPT ${less}) LIMIT 1`).raw().get() as
        unknown[] | undefined
    const row = differ(mine, theirs) ?? differ(theirs, mine)
    if (row === undefined) return
    const key = table.key.map((each) => String(row[columns.findIndex(({ name }) => name === each)]))
    this.#find('values', `${table.name} is not the same in ${what}, e.g. ${key.join(' ')}`)
  }
}

interface Sides {
  one: string
  other: string
  toOne: (column: Column) => string
  what: string
}

/** What SQL cannot do: signatures off, times in words. */
function addFunctions(database: Database.Database): void {
  database.function('bare_url', { deterministic: true }, (url) =>
    typeof url === 'string' ? withoutSignature(url) : url,
  )
  database.function('iso_time', { deterministic: true, safeIntegers: true }, (time) =>
    typeof time === 'bigint' ? toIsoTime(time) : time,
  )
}
