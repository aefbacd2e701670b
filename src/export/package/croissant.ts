import { counted } from '../../model/counted.js'
import type { Column } from '../../model/table.js'
import { version } from '../../model/version.js'
import type { ExportedFile, ListColumn, Outgoing } from '../format.js'
import { describe } from './data-package.js'
import { dayOf, filesOf, patternOfParts, instantOf, wholeFileOf, type Dataset } from './dataset.js'
import { mediaTypes } from './media-types.js'
import { biasesOf, limitsOf } from './caveats.js'
import { answersAt, collection, personal, uses } from './words.js'

const cr = (names: string): Record<string, string> =>
  Object.fromEntries(names.split(' ').map((name) => [name, `cr:${name}`]))

/** The context that Croissant 1.1 recommends (its appendix 1), and W3C's for provenance. */
const context = {
  '@language': 'en',
  '@vocab': 'http://schema.org/',
  sc: 'http://schema.org/',
  cr: 'http://mlcommons.org/croissant/',
  rai: 'http://mlcommons.org/croissant/RAI/',
  dct: 'http://purl.org/dc/terms/',
  prov: 'http://www.w3.org/ns/prov#',
  'prov:startedAtTime': { '@type': 'http://www.w3.org/2001/XMLSchema#dateTime' },
  'prov:endedAtTime': { '@type': 'http://www.w3.org/2001/XMLSchema#dateTime' },
  conformsTo: 'dct:conformsTo',
  data: { '@id': 'cr:data', '@type': '@json' },
  dataType: { '@id': 'cr:dataType', '@type': '@vocab' },
  examples: { '@id': 'cr:examples', '@type': '@json' },
  ...cr(
    'annotation arrayShape citeAs column containedIn equivalentProperty excludes extract field ' +
      'fileProperty fileObject fileSet format includes isArray isLiveDataset jsonPath key md5 ' +
      'parentField recordSet references regex readLines sdVersion separator source subField ' +
      'transform unArchive value',
  ),
}

const dataTypes: Record<Column['type'], string> = {
  text: 'sc:Text',
  json: 'sc:Text',
  int: 'cr:Int64',
  time: 'sc:DateTime',
  real: 'cr:Float64',
  bool: 'sc:Boolean',
  blob: 'sc:Text',
}

/** What a file is, as readers of Croissant know it. */
const encodingFormats = {
  ...mediaTypes,
  parquet: 'application/x-parquet',
  ndjson: 'application/jsonlines',
}

/** `croissant.json` (Croissant 1.1) with its part on responsible AI and provenance by PROV-O. */
export function toCroissant(dataset: Dataset): Record<string, unknown> {
  const { naming, license, at, digest, files, outgoing } = dataset
  return {
    '@context': context,
    '@type': 'sc:Dataset',
    conformsTo: ['http://mlcommons.org/croissant/1.1', 'http://mlcommons.org/croissant/RAI/1.0'],
    name: naming.name,
    alternateName: naming.title,
    description: describe(dataset),
    license: license?.url ?? { '@type': 'sc:CreativeWork', name: 'No licence has been chosen.' },
    url: naming.url ?? `urn:sha256:${digest}`,
    creator: toCreator(naming.creators),
    datePublished: dayOf(at ?? '1970-01-01'),
    ...(at === null ? {} : { dateModified: at }),
    version: dataset.version,
    keywords: ['social media', 'video', 'sora', 'comments', 'remixes'],
    isLiveDataset: false,
    citeAs: toCitedAs(dataset),
    ...provenance(dataset),
    ...responsibility(dataset),
    distribution: [...files.map(toFileObject), ...outgoing.flatMap((e) => toFileSet(dataset, e))],
    recordSet: outgoing.flatMap((each) => toRecordSet(dataset, each)),
  }
}

function toCreator(creators: readonly string[]): unknown {
  const named = creators.length === 0 ? ['not named yet'] : creators
  const [first, ...more] = named.map((name) => ({ '@type': 'sc:Organization', name }))
  return more.length === 0 ? first : [first, ...more]
}

/** Who, when, what, where, as lists of references have it; what is not known is left out. */
function toCitedAs({ naming: { creators, title, url }, at, version }: Dataset): string {
  const year = at === null ? '' : ` (${at.slice(0, 4)})`
  const by = creators.length === 0 ? '' : `${creators.join('; ')}${year}. `
  return `${by}${title}. Version ${version}.${url === null ? '' : ` ${url}`}`
}

function provenance({ facts }: Dataset): Record<string, unknown> {
  const [from, to] = [instantOf(facts.answers.oldest_at), instantOf(facts.answers.newest_at)]
  return {
    'prov:wasDerivedFrom': {
      '@type': 'prov:Entity',
      name: "Answers of TikHub's Sora2 API and of the Sora app",
    },
    'prov:wasGeneratedBy': {
      '@type': 'prov:Activity',
      name: `${counted(facts.answers.total, 'answer')} collected, of them ${facts.answers.imported} imported`,
      ...(from === null ? {} : { 'prov:startedAtTime': from }),
      ...(to === null ? {} : { 'prov:endedAtTime': to }),
      'prov:wasAssociatedWith': {
        '@type': 'prov:SoftwareAgent',
        name: `afterfeed ${version}`,
      },
    },
  }
}

function responsibility(dataset: Dataset): Record<string, unknown> {
  const { oldest_at, newest_at, imported } = dataset.facts.answers
  const timeframe = [oldest_at, newest_at].flatMap((each) => instantOf(each) ?? [])
  return {
    'rai:dataCollection': collection(dataset).join(' '),
    'rai:dataCollectionType': ['Web API', ...(imported === 0 ? [] : ['Secondary Data analysis'])],
    'rai:dataCollectionTimeframe': timeframe,
    'rai:dataCollectionRawData': answersAt(dataset),
    'rai:dataCollectionMissingData': 'NULL is unknown, never 0; see the coverage in README.md.',
    'rai:dataBiases': biasesOf(dataset),
    'rai:dataLimitations': limitsOf(dataset),
    'rai:personalSensitiveInformation': personal(dataset),
    'rai:dataUseCases': uses,
    'rai:dataReleaseMaintenancePlan':
      'Its version is its digest: another content is another version.',
  }
}

const toFileObject = (file: ExportedFile): Record<string, unknown> => ({
  '@type': 'cr:FileObject',
  '@id': file.path,
  name: file.path,
  contentUrl: file.path,
  contentSize: `${file.bytes} B`,
  encodingFormat: file.format === null ? undefined : encodingFormats[file.format],
  sha256: file.sha256,
})

const hasParts = (dataset: Dataset, table: string): boolean =>
  filesOf(dataset, 'parquet', table).length > 0 && wholeFileOf(dataset, table) === null

const toFileSet = (dataset: Dataset, { table }: Outgoing): Record<string, unknown>[] =>
  hasParts(dataset, table.name)
    ? [
        {
          '@type': 'cr:FileSet',
          '@id': `${table.name}-parts`,
          name: `${table.name}-parts`,
          encodingFormat: encodingFormats.parquet,
          includes: patternOfParts(dataset, table.name),
        },
      ]
    : []

/** Where a table's rows are read from; NULL if only formats hold them that Croissant has no words for. */
function sourceOf(dataset: Dataset, table: string): Record<string, unknown> | null {
  if (hasParts(dataset, table)) return { fileSet: { '@id': `${table}-parts` } }
  for (const format of ['parquet', 'csv', 'ndjson'] as const) {
    const [file] = filesOf(dataset, format, table)
    if (file) return { fileObject: { '@id': file.path } }
  }
  return null
}

function toRecordSet(
  dataset: Dataset,
  { table, columns, lists = [] }: Outgoing,
): Record<string, unknown>[] {
  const source = sourceOf(dataset, table.name)
  if (source === null) return []
  const idOf = (column: string) => ({ '@id': `${table.name}/${column}` })
  const isHeld = (target: string) =>
    dataset.outgoing.some((each) => each.table.name === target) &&
    sourceOf(dataset, target) !== null
  const [first, ...more] = table.key.map(idOf)
  return [
    {
      '@type': 'cr:RecordSet',
      '@id': table.name,
      name: table.name,
      description: table.about,
      key: more.length === 0 ? first : [first, ...more],
      field: [
        ...columns.map((each) => {
          const [target, field] = each.references?.split('.') ?? []
          return {
            '@type': 'cr:Field',
            ...idOf(each.name),
            name: each.name,
            description: each.unit ? `${each.about} Unit: ${each.unit}.` : each.about,
            dataType: dataTypes[each.type],
            source: { ...source, extract: { column: each.name } },
            ...(target && isHeld(target) ? { references: { '@id': `${target}/${field}` } } : {}),
          }
        }),
        ...lists.map((each) => toListField(table.name, source, each)),
      ],
    },
  ]
}

/** A field of lists, and the fields of their items. */
function toListField(
  table: string,
  source: Record<string, unknown>,
  { name, about, columns }: ListColumn,
): Record<string, unknown> {
  const id = `${table}/${name}`
  const extract = { column: name }
  return {
    '@type': 'cr:Field',
    '@id': id,
    name,
    description: about,
    isArray: true,
    arrayShape: '-1',
    source: { ...source, extract },
    subField: columns.map((each) => ({
      '@type': 'cr:Field',
      '@id': `${id}/${each.name}`,
      name: each.name,
      description: each.unit ? `${each.about} Unit: ${each.unit}.` : each.about,
      dataType: dataTypes[each.type],
      source: { ...source, extract, transform: { jsonPath: each.name } },
    })),
  }
}
