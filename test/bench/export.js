/**
 * Measures the export: rows/s of `posts` to zstd Parquet against parquetjs-lite's writer,
 * hyparquet-writer, a plain loop of apache-arrow and parquet-wasm, and DuckDB's COPY from its own
 * table (the practical limit), on the same rows in the same run; the growth of peak memory; and all
 * tables at once, which uses all cores.
 * Runs on the built package: `npm run build && node --expose-gc test/bench/export.js`.
 * `--posts 5000000` measures time and peak memory of that many posts instead, format by format.
 * AFTERFEED_DIST names another build, AFTERFEED_ROWS another number of rows.
 */
import { execFileSync } from 'node:child_process'
import { mkdirSync, mkdtempSync, readdirSync, rmSync, statSync } from 'node:fs'
import { writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { dirname, join, resolve } from 'node:path'
import { fileURLToPath, pathToFileURL } from 'node:url'
import Database from 'better-sqlite3'

const here = fileURLToPath(import.meta.url)
const dist = process.env.AFTERFEED_DIST ?? fileURLToPath(new URL('../../dist', import.meta.url))
const load = (path) => import(pathToFileURL(join(resolve(dist), path)).href)
const { prepareSchema } = await load('archive/schema.js')
const { exportedColumns, tableOf } = await load('model/tables.js')

const large = Number(process.env.AFTERFEED_ROWS ?? 1_000_000)
const small = large / 10
const rounds = 3
/** parquetjs-lite writes only so many of the rows: its rate is the same all along. */
const theirRows = Math.min(large, 100_000)
const posts = tableOf('posts')
const vocabulary = (
  'a cinematic shot of the red fox running through fresh snow at dawn while neon rain falls over ' +
  '東京 street camera slowly pans 🦊 golden hour film grain hyper realistic macro lens soft bokeh ' +
  'old man laughs with his dog in the style of a documentary día café Straße'
).split(' ')

/** Deterministic numbers from 0 to 1. */
function randomFrom(seed) {
  let state = seed
  return () => (state = (Math.imul(state, 1664525) + 1013904223) >>> 0) / 2 ** 32
}

/** An archive with that many posts, mostly filled, texts of 100 to 300 characters. */
function makeArchive(path, rows) {
  mkdirSync(dirname(path))
  const database = new Database(path)
  prepareSchema(database, path)
  const marks = posts.columns.map(() => '?').join(', ')
  const insert = database.prepare(`INSERT INTO posts VALUES (${marks})`)
  const nextPost = postsFrom(randomFrom(7))
  database.transaction(() => {
    for (let place = 0; place < rows; place += 1) {
      const post = nextPost(place)
      insert.run(posts.columns.map((each) => post[each.name] ?? null))
    }
  })()
  database.close()
}

function postsFrom(random) {
  const whole = (limit) => Math.floor(random() * limit)
  const pick = (list) => list[whole(list.length)]
  const hex = (digits) => {
    let text = ''
    while (text.length < digits)
      text += whole(2 ** 32)
        .toString(16)
        .padStart(8, '0')
    return text.slice(0, digits)
  }
  const prose = () => {
    const length = 100 + whole(200)
    let text = pick(vocabulary)
    while (text.length < length) text += ` ${pick(vocabulary)}`
    return text
  }
  const authors = Array.from({ length: 10_000 }, () => `user-${hex(24)}`)
  const counts = posts.columns.filter((each) => each.group === 'counters' && each.type === 'int')
  return (place) => {
    const second = 1_760_000_000 + place * 7
    const id = `s_${second.toString(16)}${hex(24)}`
    const posted = second * 1e6 + whole(1e6)
    const seen = posted + 864e8 + whole(1e9)
    const text = prose()
    const isRemix = whole(2) === 1
    return {
      post_id: id,
      author_id: pick(authors),
      text,
      caption: text,
      emoji: pick(['🦊', '🎬', '🌧️']),
      discovery_phrase: text.slice(0, 30),
      source: 'sy',
      posted_at: posted,
      updated_at: posted + whole(1e12),
      posted_to_public: 1,
      share_setting: 'public',
      permalink: `https://sora.chatgpt.com/p/${id}`,
      preview_image_url: `https://ogimg.chatgpt.com/?postId=${id}&cache=${whole(1e6)}`,
      cover_photo_url: `https://videos.openai.com/az/vg-assets/task_${hex(24)}%2F${hex(32)}/thumb.webp?se=2025-11-01T00%3A00%3A00Z&sp=r&sv=2024-08-04&sr=b&sig=${hex(40)}`,
      parent_post_id: isRemix ? `s_${hex(32)}` : null,
      root_post_id: isRemix ? `s_${hex(32)}` : null,
      is_featured: 0,
      tombstoned_at: whole(20) === 0 ? seen : null,
      ...Object.fromEntries(counts.map((each) => [each.name, Math.floor(10 ** (random() * 6))])),
      summary_at: seen,
      full_at: seen,
      counters_at: seen,
      first_seen_at: seen,
      last_seen_at: seen + whole(1e11),
      first_response_id: `r_${hex(32)}`,
      last_response_id: `r_${hex(32)}`,
    }
  }
}

/** One export of `posts` to Parquet. */
async function writeOurs(archivePath, outDir) {
  const { exportDataset } = await load('export/index.js')
  const report = await exportDataset({
    archivePath,
    outDir,
    formats: ['parquet'],
    tables: ['posts'],
  })
  return report.files[0].rows
}

const theirTypes = {
  text: 'UTF8',
  json: 'UTF8',
  int: 'INT64',
  bool: 'BOOLEAN',
  real: 'DOUBLE',
  time: 'TIMESTAMP_MICROS',
}

/** The same rows and columns by parquetjs-lite's own writer, SNAPPY. */
async function writeTheirs(archivePath, outDir) {
  const { default: parquet } = await import('parquetjs-lite')
  const columns = exportedColumns(posts)
  const bools = columns.filter((each) => each.type === 'bool').map((each) => each.name)
  const fields = columns.map((each) => [
    each.name,
    { type: theirTypes[each.type], optional: !each.required, compression: 'SNAPPY' },
  ])
  mkdirSync(outDir)
  const schema = new parquet.ParquetSchema(Object.fromEntries(fields))
  const writer = await parquet.ParquetWriter.openFile(schema, join(outDir, 'posts.parquet'))
  writer.setRowGroupSize(5000)
  const database = new Database(archivePath, { readonly: true })
  const names = columns.map((each) => each.name).join(', ')
  let rows = 0
  const sql = `SELECT ${names} FROM posts ORDER BY post_id LIMIT ${theirRows}`
  for (const row of database.prepare(sql).iterate()) {
    for (const name of bools) if (row[name] !== null) row[name] = row[name] === 1
    await writer.appendRow(row)
    rows += 1
  }
  await writer.close()
  database.close()
  return rows
}

const rowsPerBatch = 5000

const hyparquetTypes = {
  text: { type: 'BYTE_ARRAY', converted_type: 'UTF8' },
  json: { type: 'BYTE_ARRAY', converted_type: 'UTF8' },
  int: { type: 'INT64' },
  bool: { type: 'BOOLEAN' },
  real: { type: 'DOUBLE' },
  time: {
    ...{ type: 'INT64', converted_type: 'TIMESTAMP_MICROS' },
    logical_type: { type: 'TIMESTAMP', isAdjustedToUTC: true, unit: 'MICROS' },
  },
}

/** The same rows and columns by hyparquet-writer, in row groups of ours, SNAPPY: Node 20 has no zstd. */
async function writeHyparquet(archivePath, outDir) {
  const { ParquetWriter, fileWriter } = await import('hyparquet-writer')
  const columns = exportedColumns(posts)
  const schema = [
    { name: 'root', num_children: columns.length },
    ...columns.map(({ name, type, required }) => ({
      ...{ name, repetition_type: required ? 'REQUIRED' : 'OPTIONAL' },
      ...hyparquetTypes[type],
    })),
  ]
  mkdirSync(outDir)
  const writer = new ParquetWriter({ writer: fileWriter(join(outDir, 'posts.parquet')), schema })
  const database = new Database(archivePath, { readonly: true })
  const names = columns.map((each) => each.name).join(', ')
  const sql = `SELECT ${names} FROM posts ORDER BY post_id`
  const emptyData = () => columns.map(() => [])
  let cells = emptyData()
  let rows = 0
  const flush = async () => {
    const columnData = columns.map(({ name }, place) => ({ name, data: cells[place] }))
    await writer.write({ columnData, rowGroupSize: rowsPerBatch })
    cells = emptyData()
  }
  for (const row of database.prepare(sql).raw().safeIntegers().iterate()) {
    for (const [place, { type }] of columns.entries())
      cells[place].push(type === 'bool' && row[place] !== null ? row[place] === 1n : row[place])
    rows += 1
    if (rows % rowsPerBatch === 0) await flush()
  }
  if (cells[0].length > 0) await flush()
  await writer.finish()
  database.close()
  return rows
}

/** What one writes first: rows as objects, Arrow's own builders, a batch after the other. */
async function writePlain(archivePath, outDir) {
  const arrow = await import('apache-arrow')
  const wasm = await import('parquet-wasm')
  const types = {
    ...{ text: new arrow.Utf8(), json: new arrow.Utf8(), int: new arrow.Int64() },
    ...{
      bool: new arrow.Bool(),
      real: new arrow.Float64(),
      time: new arrow.Int64(),
    },
  }
  const columns = exportedColumns(posts)
  const toTable = (rows) =>
    new arrow.Table(
      Object.fromEntries(
        columns.map(({ name, type }) => {
          const values = rows.map((row) =>
            type === 'bool' && row[name] !== null ? row[name] === 1n : row[name],
          )
          return [name, arrow.vectorFromArray(values, types[type])]
        }),
      ),
    )
  mkdirSync(outDir)
  const batches = new TransformStream()
  const writer = batches.writable.getWriter()
  const properties = new wasm.WriterPropertiesBuilder()
    .setCompression(wasm.Compression.ZSTD)
    .setMaxRowGroupSize(rowsPerBatch)
    .build()
  const done = wasm
    .transformParquetStream(batches.readable, properties)
    .then((stream) => writeFile(join(outDir, 'posts.parquet'), stream))
  const database = new Database(archivePath, { readonly: true })
  const names = columns.map((each) => each.name).join(', ')
  const sql = `SELECT ${names} FROM posts ORDER BY post_id`
  let page = []
  let rows = 0
  const flush = async () => {
    const table = wasm.Table.fromIPCStream(arrow.tableToIPC(toTable(page), 'stream'))
    await writer.write(table.recordBatch(0))
    rows += page.length
    page = []
  }
  for (const row of database.prepare(sql).safeIntegers().iterate()) {
    page.push(row)
    if (page.length === rowsPerBatch) await flush()
  }
  if (page.length > 0) await flush()
  await writer.close()
  await done
  database.close()
  return rows
}

/** DuckDB's COPY from its own table, which is filled before from our file; that is not measured. */
async function writeDuckDb(parquetPath, outDir) {
  const { DuckDBInstance } = await import('@duckdb/node-api')
  const connection = await (await DuckDBInstance.create(':memory:')).connect()
  mkdirSync(outDir)
  await connection.run(`CREATE TABLE posts AS SELECT * FROM read_parquet('${parquetPath}')`)
  const started = performance.now()
  const file = join(outDir, 'posts.parquet')
  await connection.run(`COPY posts TO '${file}' (FORMAT parquet, COMPRESSION zstd)`)
  const ms = performance.now() - started
  const [[rows]] = (await connection.runAndReadAll('SELECT count(*) FROM posts')).getRows()
  return { rows: Number(rows), ms }
}

/** Every table in these formats: reading, encoding and SQLite on all cores. */
async function writeFormats(archivePath, outDir, formats) {
  const { exportDataset } = await load('export/index.js')
  const report = await exportDataset({ archivePath, outDir, formats })
  return report.files.reduce((sum, each) => sum + each.rows, 0)
}

/** The formats of an export that names none. */
const writeAll = (archivePath, outDir) => writeFormats(archivePath, outDir, ['parquet', 'sqlite'])

const jobs = {
  ours: writeOurs,
  theirs: writeTheirs,
  hyparquet: writeHyparquet,
  plain: writePlain,
  duckdb: writeDuckDb,
  all: writeAll,
  ...Object.fromEntries(
    ['sqlite', 'csv', 'ndjson', 'arrow'].map((format) => [
      format,
      (archivePath, outDir) => writeFormats(archivePath, outDir, [format]),
    ]),
  ),
}

/** Runs one job in this process and prints its figures as JSON; the parent reads them. */
async function runJob(job, archivePath, outDir) {
  const started = performance.now()
  const done = await jobs[job](archivePath, outDir)
  const ms = performance.now() - started
  const { user, system } = process.cpuUsage()
  const cores = (user + system) / 1000 / ms
  const figures = typeof done === 'number' ? { rows: done, ms } : done
  console.log(JSON.stringify({ ...figures, cores, peakMb: process.resourceUsage().maxRSS / 1024 }))
}

function measure(folder, job, archivePath, isKept = false) {
  const outDir = join(folder, `out-${job}`)
  const output = execFileSync(process.execPath, [here, 'job', job, archivePath, outDir], {
    encoding: 'utf8',
    env: { ...process.env, AFTERFEED_DIST: dist },
  })
  const size = sizeOf(outDir)
  if (!isKept) rmSync(outDir, { recursive: true })
  return { ...JSON.parse(output), size }
}

/** Bytes of the files of `posts`, in parts or not, or of all tables in one file. */
function sizeOf(outDir) {
  const files = readdirSync(outDir, { recursive: true })
    .filter((path) => /(^|\/)posts\b.*\.\w+$|^dataset\.sqlite$/.test(path))
    .map((path) => statSync(join(outDir, path)).size)
  return files.reduce((sum, each) => sum + each, 0)
}

const median = (numbers) => [...numbers].sort((a, b) => a - b)[Math.floor(numbers.length / 2)]
const rate = ({ rows, ms }) => (rows / ms) * 1000
const thousands = (number) => Math.round(number).toLocaleString('en-US')
const megabytes = (bytes) => `${Math.round(bytes / 1e6)} MB`

/** Time and peak memory of so many posts in every format, one after the other. */
function measureMany(folder, rows) {
  const archivePath = join(folder, `${rows}`, 'archive.sqlite')
  makeArchive(archivePath, rows)
  return ['ours', 'sqlite', 'csv', 'ndjson', 'arrow'].map((job) => {
    const { ms, peakMb, size } = measure(folder, job, archivePath)
    const name = job === 'ours' ? 'parquet' : job
    return `export of ${thousands(rows)} posts to ${name}: ${(ms / 1000).toFixed(0)} s, ${thousands((rows / ms) * 1000)} rows/s, ${megabytes(size)}, peak memory ${peakMb.toFixed(0)} MB (target < 500 MB)`
  })
}

/** Measures and returns the lines to print. */
export async function benchExport() {
  const folder = mkdtempSync(join(tmpdir(), 'afterfeed-bench-export-'))
  const many = process.argv.indexOf('--posts')
  try {
    if (many > 0) return measureMany(folder, Number(process.argv[many + 1]))
    const [smallPath, largePath] = [small, large].map((rows) =>
      join(folder, `${rows}`, 'archive.sqlite'),
    )
    makeArchive(smallPath, small)
    makeArchive(largePath, large)
    const theirs = measure(folder, 'theirs', largePath)
    const hyparquet = measure(folder, 'hyparquet', largePath)
    const runs = Array.from({ length: rounds }, () => ({
      plain: measure(folder, 'plain', largePath),
      large: measure(folder, 'ours', largePath),
      small: measure(folder, 'ours', smallPath),
    }))
    const all = measure(folder, 'all', largePath)
    measure(folder, 'ours', largePath, true)
    const duckDb = measure(folder, 'duckdb', join(folder, 'out-ours', 'data', 'posts.parquet'))
    const rateOf = (job) => median(runs.map((each) => rate(each[job])))
    const [from, to] = ['small', 'large'].map((job) => median(runs.map((each) => each[job].peakMb)))
    const growth = (to / from - 1) * 100
    const plainMb = median(runs.map((each) => each.plain.peakMb))
    return [
      `export of ${thousands(large)} posts to Parquet (zstd): ${thousands(rateOf('large'))} rows/s, ${megabytes(runs[0].large.size)}`,
      `parquetjs-lite's writer (snappy, ${thousands(theirRows)} rows): ${thousands(rate(theirs))} rows/s`,
      `hyparquet-writer (snappy): ${thousands(rate(hyparquet))} rows/s, ${megabytes(hyparquet.size)}, ${hyparquet.peakMb.toFixed(0)} MB of memory`,
      `plain loop of apache-arrow and parquet-wasm (zstd): ${thousands(rateOf('plain'))} rows/s, ${megabytes(runs[0].plain.size)}, ${plainMb.toFixed(0)} MB of memory`,
      `DuckDB's COPY from its own table (zstd): ${thousands(rate(duckDb))} rows/s, ${megabytes(duckDb.size)}`,
      `export ÷ parquetjs-lite: ${(rateOf('large') / rate(theirs)).toFixed(1)} (target ≥ 6)`,
      `export ÷ hyparquet-writer: ${(rateOf('large') / rate(hyparquet)).toFixed(2)}`,
      `export ÷ plain loop: ${(rateOf('large') / rateOf('plain')).toFixed(2)} (target ≥ 1.3)`,
      `all tables to Parquet and SQLite: ${thousands(rate(all))} rows written a second, ${all.cores.toFixed(2)} cores busy, ${all.peakMb.toFixed(0)} MB`,
      `peak memory of export: ${from.toFixed(0)} MB at ${thousands(small)} rows, ${to.toFixed(0)} MB at ${thousands(large)} rows: ${growth >= 0 ? '+' : ''}${growth.toFixed(1)} % (target < 500 MB)`,
    ]
  } finally {
    rmSync(folder, { recursive: true, force: true })
  }
}

if (process.argv[1] === here) {
  const [command, ...rest] = process.argv.slice(2)
  if (command === 'job') await runJob(...rest)
  else for (const line of await benchExport()) console.log(line)
}
