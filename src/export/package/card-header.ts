import type { Column } from '../../model/table.js'
import type { ExportedFile, FileFormat, Outgoing } from '../format.js'
import { filesOf, patternOfParts, wholeFileOf, type Dataset } from './dataset.js'
import { toPlainLine } from './escape.js'

const featureTypes: Record<Column['type'], string> = {
  text: 'string',
  json: 'string',
  int: 'int64',
  time: 'timestamp[us, tz=UTC]',
  real: 'float64',
  bool: 'bool',
  blob: 'binary',
}

/** The formats that `datasets` reads, the one that keeps most of a value first. */
const loadable = ['parquet', 'arrow', 'ndjson', 'csv'] as const

/** What `datasets` loads as one configuration. */
export interface Loaded {
  outgoing: Outgoing
  format: (typeof loadable)[number]
  files: readonly ExportedFile[]
}

/** The header of the card, as Hugging Face reads it: what is in which files, and its licence. */
export function toHeader(dataset: Dataset): Record<string, unknown> {
  const { naming, license, outgoing } = dataset
  const loaded = outgoing.flatMap((each) => toLoaded(dataset, each))
  return {
    license: license?.huggingFace ?? 'unknown',
    pretty_name: toPlainLine(naming.title),
    tags: ['social-media', 'video', 'sora', 'afterfeed'],
    size_categories: [sizeCategory(Math.max(0, ...outgoing.map((each) => each.rows)))],
    ...(loaded.length === 0
      ? { viewer: false }
      : {
          configs: loaded.map((each) => toConfig(dataset, each)),
          dataset_info: loaded.map(toInfo),
        }),
  }
}

/** How a table is loaded; of one without rows `datasets` can make nothing, and fails. */
export function toLoaded(dataset: Dataset, outgoing: Outgoing): Loaded[] {
  const of = (format: FileFormat) => filesOf(dataset, format, outgoing.table.name)
  const format = loadable.find((each) => of(each).length > 0)
  return format === undefined || outgoing.rows === 0
    ? []
    : [{ outgoing, format, files: of(format) }]
}

function toConfig(dataset: Dataset, { outgoing, format, files }: Loaded): Record<string, unknown> {
  const { name } = outgoing.table
  const isWhole = format !== 'parquet' || wholeFileOf(dataset, name) !== null
  return {
    config_name: name,
    ...(name === 'posts' ? { default: true } : {}),
    data_files: [
      { split: 'train', path: isWhole ? files[0]!.path : patternOfParts(dataset, name) },
    ],
    ...(format === 'csv' ? readingCsv : {}),
  }
}

/** Only nothing between two commas is NULL: a text such as `null` or `NA` stays one. */
const readingCsv = { keep_default_na: false, na_values: [''] }

/** Sizes in memory are left out: only `datasets` can tell them. */
function toInfo({ outgoing, format, files }: Loaded): Record<string, unknown> {
  const { table, columns, lists = [], rows } = outgoing
  const toFeature = ({ name, type }: Column) => ({
    name,
    dtype: format === 'csv' && type === 'time' ? 'string' : featureTypes[type],
  })
  return {
    config_name: table.name,
    features: [
      ...columns.map(toFeature),
      ...lists.map((each) => ({ name: each.name, list: each.columns.map(toFeature) })),
    ],
    splits: [{ name: 'train', num_examples: rows }],
    download_size: files.reduce((sum, each) => sum + each.bytes, 0),
  }
}

const sizes = ['1K', '10K', '100K', '1M', '10M', '100M', '1B', '10B', '100B', '1T']

/** As Hugging Face names sizes: `n<1K`, `1K<n<10K`, … */
export function sizeCategory(rows: number): string {
  const place = Math.max(0, Math.floor(Math.log10(Math.max(rows, 1))) - 2)
  if (place === 0) return 'n<1K'
  return place >= sizes.length ? 'n>1T' : `${sizes[place - 1]}<n<${sizes[place]}`
}
