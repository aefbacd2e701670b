import type { Column } from '../../model/table.js'
import type { Outgoing } from '../format.js'
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

/** The header of the card, as Hugging Face reads it: what is in which files, and its licence. */
export function toHeader(dataset: Dataset): Record<string, unknown> {
  const { naming, license, outgoing } = dataset
  const inParquet = outgoing.filter(
    (each) => filesOf(dataset, 'parquet', each.table.name).length > 0,
  )
  return {
    license: license?.huggingFace ?? 'unknown',
    pretty_name: toPlainLine(naming.title),
    tags: ['social-media', 'video', 'sora', 'afterfeed'],
    size_categories: [sizeCategory(Math.max(0, ...outgoing.map((each) => each.rows)))],
    ...(inParquet.length === 0
      ? {}
      : {
          configs: inParquet.map((each) => toConfig(dataset, each)),
          dataset_info: inParquet.map((each) => toInfo(dataset, each)),
        }),
  }
}

function toConfig(dataset: Dataset, { table }: Outgoing): Record<string, unknown> {
  const whole = wholeFileOf(dataset, table.name)
  return {
    config_name: table.name,
    ...(table.name === 'posts' ? { default: true } : {}),
    data_files: [
      {
        split: 'train',
        path: whole?.path ?? patternOfParts(dataset, table.name),
      },
    ],
  }
}

function toInfo(
  dataset: Dataset,
  { table, columns, lists = [], rows }: Outgoing,
): Record<string, unknown> {
  const bytes = filesOf(dataset, 'parquet', table.name).reduce((sum, each) => sum + each.bytes, 0)
  return {
    config_name: table.name,
    features: [
      ...columns.map(toFeature),
      ...lists.map((each) => ({ name: each.name, list: each.columns.map(toFeature) })),
    ],
    splits: [{ name: 'train', num_bytes: bytes, num_examples: rows }],
    download_size: bytes,
    dataset_size: bytes,
  }
}

const toFeature = ({ name, type }: Column) => ({ name, dtype: featureTypes[type] })

const sizes = ['1K', '10K', '100K', '1M', '10M', '100M', '1B', '10B', '100B', '1T']

/** As Hugging Face names sizes: `n<1K`, `1K<n<10K`, … */
export function sizeCategory(rows: number): string {
  const place = Math.max(0, Math.floor(Math.log10(Math.max(rows, 1))) - 2)
  if (place === 0) return 'n<1K'
  return place >= sizes.length ? 'n>1T' : `${sizes[place - 1]}<n<${sizes[place]}`
}
