import type { Column } from '../../model/table.js'
import { version } from '../../model/version.js'
import { isTableFormat, type TableFormat } from '../file-rows.js'
import {
  answerFormats,
  plainFormats,
  type ExportedFile,
  type FileFormat,
  type ListColumn,
  type Outgoing,
  type PackagedTable,
} from '../format.js'
import { filesOf, type Dataset } from './dataset.js'
import { mediaTypes } from './media-types.js'
import { holdingsOf } from './words.js'

const profile = 'https://datapackage.org/profiles/2.0'

/** How the types of columns are called in Table Schema. */
const fieldTypes: Record<Column['type'], string> = {
  text: 'string',
  json: 'string',
  int: 'integer',
  time: 'datetime',
  real: 'number',
  bool: 'boolean',
  blob: 'string',
}

/** A schema as Table Schema has it, as far as it is read again. */
export interface Schema extends Record<string, unknown> {
  fields: Field[]
  primaryKey: string[]
  foreignKeys?: unknown
}

/** A column in a schema, as far as it is read again. */
interface Field extends Record<string, unknown> {
  name: string
  type: string
  constraints?: unknown
  missingValues?: readonly string[]
}

/** The name of a table's resource in a format. */
export const resourceName = (table: string, format: FileFormat): string =>
  format === 'parquet' ? table : `${table}-${format}`

/** The name of the resource that is `dataset.sqlite`. */
export const sqliteResource = 'dataset-sqlite'

/** `datapackage.json` (Data Package v2): every file, every column, keys and foreign keys. */
export function toDataPackage(dataset: Dataset): Record<string, unknown> {
  const { naming, license, facts, options, digest, at, outgoing } = dataset
  return {
    $schema: `${profile}/datapackage.json`,
    name: naming.name,
    id: `urn:sha256:${digest}`,
    title: naming.title,
    description: describe(dataset),
    ...(naming.url === null ? {} : { homepage: naming.url }),
    version: dataset.version,
    ...(at === null ? {} : { created: at }),
    ...(naming.creators.length === 0
      ? {}
      : { contributors: naming.creators.map((title) => ({ title, roles: ['creator'] })) }),
    keywords: ['social media', 'video', 'sora', 'comments', 'remixes'],
    ...(license === null
      ? {}
      : { licenses: [{ name: license.openDefinition, path: license.url, title: license.title }] }),
    sources: [{ title: "Sora 2's social feed, as TikHub's Sora2 API relayed it" }],
    resources: [
      ...plainFormats
        .filter(isTableFormat)
        .flatMap((format) => outgoing.flatMap((each) => toResource(dataset, format, each))),
      ...dataset.files.filter((each) => each.format === 'graphml').map(toGraphResource),
      ...dataset.files.filter((each) => each.format === 'sqlite').map(toSqliteResource),
      ...answerFormats.flatMap((format) =>
        dataset.files.filter((each) => each.format === format).map(toAnswersResource),
      ),
    ],
    afterfeed: {
      ...{ version, options, answers: facts.answers.total, digest },
      ...(naming.notes === null ? {} : { notes: naming.notes }),
    },
  }
}

/** A sentence or two on what it is. */
export const describe = (dataset: Dataset): string => {
  const { at, options } = dataset
  const counts = holdingsOf(dataset, ['remix', 'remixes'])
  return (
    `Posts, threads, remixes and people of Sora 2's social feed` +
    (counts.length === 0 ? '' : `: ${counts.join(', ')}`) +
    (at === null ? '.' : `, as told by answers up to ${at}.`) +
    ` Profile: ${options.profile}.`
  )
}

function toResource(
  dataset: Dataset,
  format: TableFormat,
  outgoing: Outgoing,
): Record<string, unknown>[] {
  const files = filesOf(dataset, format, outgoing.table.name)
  if (files.length === 0) return []
  return [
    {
      name: resourceName(outgoing.table.name, format),
      type: 'table',
      ...toPaths(files),
      title: outgoing.table.name,
      description: outgoing.table.about,
      format,
      mediatype: mediaTypes[format],
      ...(format === 'csv' ? { encoding: 'utf-8', dialect } : {}),
      schema: toSchema(dataset.outgoing, format, outgoing),
      rows: outgoing.rows,
    },
  ]
}

const dialect = {
  $schema: `${profile}/tabledialect.json`,
  header: true,
  delimiter: ',',
  lineTerminator: '\r\n',
  quoteChar: '"',
  doubleQuote: true,
}

/** One file has a digest of its own; of several, each has one. */
function toPaths(files: readonly ExportedFile[]): Record<string, unknown> {
  const [only, ...more] = files
  const bytes = files.reduce((sum, each) => sum + each.bytes, 0)
  if (more.length === 0) return { path: only!.path, bytes, hash: `sha256:${only!.sha256}` }
  const parts = files.map(({ path, rows, bytes, sha256 }) => ({
    path,
    rows,
    bytes,
    hash: `sha256:${sha256}`,
  }))
  return { path: files.map((each) => each.path), bytes, parts }
}

const toGraphResource = (file: ExportedFile): Record<string, unknown> => ({
  name: resourceName(file.table!, 'graphml'),
  ...toPaths([file]),
  title: file.table,
  description: 'A directed graph; nodes that only an edge names are there with held = false.',
  format: 'graphml',
  mediatype: mediaTypes.graphml,
  encoding: 'utf-8',
  rows: file.rows,
})

const toSqliteResource = (file: ExportedFile): Record<string, unknown> => ({
  name: sqliteResource,
  ...toPaths([file]),
  title: 'All tables in one SQLite file',
  description: 'Times as ISO-8601 text in UTC, indexes, foreign keys where the target is held.',
  format: 'sqlite',
  mediatype: mediaTypes.sqlite,
  rows: file.rows,
})

/** A file with the answers themselves; its rows are the records in it. */
const toAnswersResource = (file: ExportedFile): Record<string, unknown> => ({
  name: `${/answers[-\d]*/.exec(file.path)![0]}-${file.format}`,
  ...toPaths([file]),
  title: 'The kept answers',
  description: 'Requests and answers, signatures and keys taken out; rows are records.',
  format: file.format,
  mediatype: mediaTypes[file.format!],
  rows: file.rows,
})

/** A table's schema; references lead to those of `outgoing`. */
export function toSchema(
  outgoing: readonly PackagedTable[],
  format: FileFormat,
  { table, columns, lists = [] }: Pick<Outgoing, 'table' | 'columns' | 'lists'>,
): Schema {
  const isExported = (name: string) => outgoing.some((each) => each.table.name === name)
  const foreignKeys = columns.flatMap((each) => {
    const [target, field] = each.references?.split('.') ?? []
    if (!target || !isExported(target)) return []
    return [
      {
        fields: [each.name],
        reference: { resource: resourceName(target, format), fields: [field] },
      },
    ]
  })
  return {
    $schema: `${profile}/tableschema.json`,
    fields: [
      ...columns.map((each) => ({ ...toField(each, table.key), ...toMissing(format, each) })),
      ...lists.map(toListField),
    ],
    primaryKey: [...table.key],
    ...(foreignKeys.length === 0 ? {} : { foreignKeys }),
  }
}

function toField(column: Column, key: readonly string[]): Field {
  const isKey = key.length === 1 && key[0] === column.name
  const constraints = {
    ...(column.required ? { required: true } : {}),
    ...(isKey ? { unique: true } : {}),
    ...(column.strength ? { enum: column.strength } : {}),
  }
  return {
    name: column.name,
    type: fieldTypes[column.type],
    description: column.about,
    ...(column.unit === undefined ? {} : { unit: column.unit }),
    ...(Object.keys(constraints).length === 0 ? {} : { constraints }),
  }
}

/** By default an empty text stands for none; it does not where NULL is told apart or can't be. */
const toMissing = (format: FileFormat, { type, required }: Column): Pick<Field, 'missingValues'> =>
  fieldTypes[type] === 'string' && (format !== 'csv' || required) ? { missingValues: [] } : {}

/** What the items of a list hold is told by a JSON schema, as Table Schema has it for arrays. */
const toListField = ({ name, about, columns }: ListColumn): Field => ({
  name,
  type: 'array',
  description: about,
  constraints: {
    required: true,
    jsonSchema: {
      type: 'array',
      items: {
        type: 'object',
        properties: Object.fromEntries(
          columns.map(({ name: item, about: description }) => [item, { description }]),
        ),
        required: columns.map((each) => each.name),
      },
    },
  },
})
