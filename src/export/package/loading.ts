import type { Outgoing } from '../format.js'
import { toLoaded, type Loaded } from './card-header.js'
import { filesOf, wholeFileOf, type Dataset } from './dataset.js'

/** How one table is read, in lines for whoever has nothing but the package; nothing where no table is. */
export function toLoading(dataset: Dataset): string[] {
  const shown = toShown(dataset)
  const parts = [
    ...(shown === undefined ? [] : [inPython(dataset, shown), ...inDuckDb(dataset, shown)]),
    ...inSqlite(dataset),
    ...inNetworkx(dataset),
  ]
  if (parts.length === 0) return []
  return ['## How to load it', intro(dataset, shown), ...parts, ...onHub(shown)]
}

/** Posts, where they have rows; else the first table that has. */
function toShown(dataset: Dataset): Loaded | undefined {
  const loaded = dataset.outgoing.flatMap((each) => toLoaded(dataset, each))
  return loaded.find((each) => isPosts(each.outgoing)) ?? loaded[0]
}

const isPosts = ({ table }: Outgoing): boolean => table.name === 'posts'

function intro(dataset: Dataset, shown: Loaded | undefined): string {
  const here = 'From the folder of this package'
  if (shown === undefined) return `${here}:`
  const edges = dataset.outgoing.filter((each) => isEdges(dataset, each))
  return [
    `${here}; every table is read as \`${shown.outgoing.table.name}\` is here.`,
    ...(edges.length === 0 ? [] : ['Tables of edges are in `graph/`.']),
    ...(hasParts(dataset) ? ['A table in parts is a folder.'] : []),
    ...(dataset.options.by_month && shown.format === 'parquet'
      ? ['A table by month has one column more, the text `month`: `2025-10`, or `unknown`.']
      : []),
  ].join(' ')
}

const isEdges = (dataset: Dataset, { table }: Outgoing): boolean =>
  filesOf(dataset, 'parquet', table.name).some((each) => each.path.startsWith('graph/'))

const hasParts = (dataset: Dataset): boolean =>
  dataset.outgoing.some(
    ({ table: { name } }) =>
      filesOf(dataset, 'parquet', name).length > 0 && wholeFileOf(dataset, name) === null,
  )

/** The file of a table, or the folder of its parts. */
const pathOf = (dataset: Dataset, { format, files, outgoing }: Loaded): string =>
  format === 'parquet' && wholeFileOf(dataset, outgoing.table.name) === null
    ? files[0]!.path.split('/').slice(0, 2).join('/')
    : files[0]!.path

/** What keeps whole numbers whole and NULL apart from 0, whatever pandas does by itself. */
const exactly = 'dtype_backend="numpy_nullable"'

const calls: Record<Loaded['format'], readonly [module: string, call: (path: string) => string]> = {
  parquet: ['pandas', (path) => `pandas.read_parquet("${path}", ${exactly})`],
  arrow: ['pandas', (path) => `pandas.read_feather("${path}", ${exactly})`],
  ndjson: ['polars', (path) => `polars.read_ndjson("${path}", infer_schema_length=None)`],
  csv: [
    'pandas',
    (path) => `pandas.read_csv("${path}", ${exactly}, keep_default_na=False, na_values=[""])`,
  ],
}

function inPython(dataset: Dataset, shown: Loaded): string {
  const [module, call] = calls[shown.format]
  const { name } = shown.outgoing.table
  return block('python', `import ${module}\n\n${name} = ${call(pathOf(dataset, shown))}`)
}

function inDuckDb(dataset: Dataset, shown: Loaded): string[] {
  const path = pathOf(dataset, shown)
  const from = {
    parquet: path.endsWith('.parquet') ? `'${path}'` : `'${path}/**/*.parquet'`,
    ndjson: `'${path}'`,
    csv: `read_csv('${path}', allow_quoted_nulls = false)`,
    arrow: null,
  }[shown.format]
  return from === null ? [] : [block('sql', `-- DuckDB\nSELECT * FROM ${from} LIMIT 5;`)]
}

function inSqlite({ files, outgoing }: Dataset): string[] {
  const held = outgoing.filter((each) => each.rows > 0 && each.lists === undefined)
  const shown = held.find(isPosts) ?? held[0]
  if (shown === undefined || !files.some((each) => each.format === 'sqlite')) return []
  return [block('sh', `sqlite3 dataset.sqlite "SELECT * FROM ${shown.table.name} LIMIT 5"`)]
}

function inNetworkx({ files }: Dataset): string[] {
  const graph = files.find((each) => each.format === 'graphml')
  if (graph === undefined) return []
  return [block('python', `import networkx\n\ngraph = networkx.read_graphml("${graph.path}")`)]
}

const onHub = (shown: Loaded | undefined): string[] =>
  shown === undefined
    ? []
    : [
        `Uploaded to Hugging Face as it is, \`load_dataset("owner/name", "${shown.outgoing.table.name}")\` ` +
          'of `datasets` loads it; each table with rows is a configuration.',
      ]

const block = (language: string, code: string): string => `\`\`\`${language}\n${code}\n\`\`\``
