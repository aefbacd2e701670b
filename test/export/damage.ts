import { createHash } from 'node:crypto'
import { copyFileSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs'
import { dirname, join } from 'node:path'
import { exportDataset, type ExportOptions } from '../../src/export/index.js'
import { digestOf, sumLines, versionOf } from '../../src/export/package/dataset.js'
import { descriptionNames } from '../../src/export/package/write-package.js'
import type { Manifest } from '../../src/export/manifest.js'
import { makeArchive, temporaryFolder, type Fields } from './archives.js'

/** Where each format keeps the table `tasks`. */
export const placeOfTasks = {
  parquet: 'data/tasks.parquet',
  sqlite: 'dataset.sqlite',
  csv: 'csv/tasks.csv',
  ndjson: 'ndjson/tasks.ndjson',
  arrow: 'arrow/tasks.arrow',
} as const

/** A format by its name. */
export type Format = keyof typeof placeOfTasks

/** Three tasks with a value of every kind that a cell may hold. */
export const tasks: Fields[] = [
  {
    task_id: 'task_1',
    status: 'done',
    prompt: 'one',
    title: '',
    progress_pct: 0.5,
    created_at: 1n,
  },
  {
    task_id: 'task_2',
    status: '🦊',
    prompt: null,
    title: 'two',
    created_at: 9_007_199_254_740_993n,
  },
  {
    task_id: 'task_3',
    status: null,
    prompt: 'three',
    title: 'x',
    progress_pct: 1,
    created_at: null,
  },
]

const withChange = (place: number, change: Fields): Fields[] =>
  tasks.map((each, at) => (at === place ? { ...each, ...change } : each))

/** What may be wrong with rows, and where it is found. */
export const wrongRows: readonly [string, Fields[], string][] = [
  ['a changed text', withChange(2, { prompt: 'threE' }), 'prompt of row 3: task_3'],
  ['a changed real number', withChange(0, { progress_pct: 0.25 }), 'progress_pct of row 1: task_1'],
  [
    'a microsecond',
    withChange(1, { created_at: 9_007_199_254_740_992n }),
    'created_at of row 2: task_2',
  ],
  ['NULL for empty text', withChange(0, { title: null }), 'title of row 1: task_1'],
  ['empty text for NULL', withChange(1, { prompt: '' }), 'prompt of row 2: task_2'],
  ['a missing row', tasks.slice(1), 'row 1 is task_2, and should be task_1'],
  ['a missing last row', tasks.slice(0, 2), 'row 3 is missing: task_3'],
  ['a row too many', [...tasks, { task_id: 'task_4' }], 'row 4 is too many: task_4'],
  [
    'two columns that changed places',
    tasks.map((each) => ({ ...each, prompt: each['title']!, title: each['prompt']! })),
    'prompt of row 1: task_1',
  ],
]

/** Puts the file that an export of these rows would write in the place of a package's own. */
export async function putRows(
  datasetDir: string,
  format: Format,
  rows: Fields[],
  options: Partial<ExportOptions>,
): Promise<void> {
  const folder = temporaryFolder()
  const outDir = join(folder, 'out')
  await exportDataset({ archivePath: makeArchive(folder, { tasks: rows }), outDir, ...options })
  copyFileSync(join(outDir, placeOfTasks[format]), join(datasetDir, placeOfTasks[format]))
  reseal(datasetDir, { path: placeOfTasks[format], rows: rows.length })
}

/** Changes bytes of a package's file. */
export function putBytes(datasetDir: string, path: string, change: (text: string) => string): void {
  const text = readFileSync(join(datasetDir, path), 'latin1')
  const changed = change(text)
  if (changed === text) throw new Error(`nothing to change in ${path}`)
  writeFileSync(join(datasetDir, path), changed, 'latin1')
  reseal(datasetDir)
}

/** Changes a file that describes a package, and nothing but its sum with it. */
export function putDescription(
  datasetDir: string,
  path: string,
  change: (text: string) => string,
): void {
  const place = join(datasetDir, path)
  const text = readFileSync(place, 'utf8')
  const changed = change(text)
  if (changed === text) throw new Error(`nothing to change in ${path}`)
  writeFileSync(place, changed)
  const sums = readFileSync(join(datasetDir, 'SHA256SUMS'), 'utf8')
  const sum = createHash('sha256').update(changed).digest('hex')
  writeFileSync(
    join(datasetDir, 'SHA256SUMS'),
    sums.replace(new RegExp(`^.{64}  ${path}$`, 'm'), `${sum}  ${path}`),
  )
}

/** Takes a file out of a package, and out of all that tells of it but the options of the export. */
export function takeOut(datasetDir: string, path: string): void {
  const change = (name: string, to: (text: string) => string) =>
    writeFileSync(join(datasetDir, name), to(readFileSync(join(datasetDir, name), 'utf8')))
  rmSync(join(datasetDir, path))
  change('SHA256SUMS', (text) => text.replace(new RegExp(`^.{64}  ${path}\n`, 'm'), ''))
  change('datapackage.json', (text) => {
    const manifest = JSON.parse(text) as Manifest
    manifest.resources = manifest.resources.filter((each) => each.path !== path)
    return JSON.stringify(manifest)
  })
  change('croissant.json', (text) => {
    const described = JSON.parse(text) as { distribution: { contentUrl?: string }[] }
    described.distribution = described.distribution.filter((each) => each.contentUrl !== path)
    return JSON.stringify(described)
  })
  reseal(datasetDir)
}

/** Makes all sums, counts and the version of a package right again, as whoever forges it would. */
export function reseal(datasetDir: string, changed?: { path: string; rows: number }): void {
  const path = join(datasetDir, 'datapackage.json')
  const manifest = JSON.parse(readFileSync(path, 'utf8')) as Manifest
  for (const each of manifest.resources) if (each.path === changed?.path) each.rows = changed.rows
  const sumsPath = join(datasetDir, 'SHA256SUMS')
  const names = readFileSync(sumsPath, 'utf8')
    .trimEnd()
    .split('\n')
    .map((line) => line.slice(66))
  const sumOf = (name: string) => ({
    path: name,
    sha256: createHash('sha256')
      .update(readFileSync(join(datasetDir, name)))
      .digest('hex'),
  })
  const data = names.filter((name) => !descriptionNames.includes(name))
  const digest = digestOf(data.map(sumOf))
  for (const each of manifest.resources)
    if (typeof each.path === 'string') {
      each.bytes = statSync(join(datasetDir, each.path)).size
      each.hash = `sha256:${sumOf(each.path).sha256}`
    }
  manifest.afterfeed.digest = digest
  writeFileSync(
    path,
    JSON.stringify({ ...manifest, id: `urn:sha256:${digest}`, version: versionOf(digest) }),
  )
  resealCroissant(datasetDir, manifest)
  writeFileSync(sumsPath, sumLines(names.map(sumOf)).join(''))
}

function resealCroissant(datasetDir: string, { resources }: Manifest): void {
  const path = join(datasetDir, 'croissant.json')
  const described = JSON.parse(readFileSync(path, 'utf8')) as {
    distribution: { contentUrl: string; contentSize: string; sha256: string }[]
  }
  for (const file of described.distribution) {
    const told = resources.find((each) => each.path === file.contentUrl)
    if (!told) continue
    file.contentSize = `${told.bytes} B`
    file.sha256 = told.hash!.slice('sha256:'.length)
  }
  writeFileSync(path, JSON.stringify(described))
}

/** Where an archive is, as findings say it. */
export const archiveName = (archivePath: string): string => `the archive in ${dirname(archivePath)}`
