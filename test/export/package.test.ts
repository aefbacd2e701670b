import { createHash } from 'node:crypto'
import { existsSync, readFileSync, statSync } from 'node:fs'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { Ajv, type ValidateFunction } from 'ajv'
import addFormats from 'ajv-formats'
import { describe, expect, it } from 'vitest'
import { parse } from 'yaml'
import { exportDataset, formatNames, type ExportOptions } from '../../src/export/index.js'
import { sizeCategory } from '../../src/export/package/card-header.js'
import { toMarkdown } from '../../src/export/package/escape.js'
import { exportedColumns, exportedTables } from '../../src/model/tables.js'
import { unreadKeys } from '../../src/model/unread-keys.js'
import { hostileRows, makeArchive, temporaryFolder, type Fields } from './archives.js'
import { readMetadata } from './read-back.js'

const schemaPath = (name: string) =>
  fileURLToPath(new URL(`../schemas/${name}.schema.json`, import.meta.url))

const validators = new Map<string, ValidateFunction>()

function validatorOf(name: string): ValidateFunction {
  const ajv = new Ajv({ strict: false, allErrors: true })
  addFormats.default(ajv)
  ajv.addFormat('textarea', true)
  const schema = JSON.parse(readFileSync(schemaPath(name), 'utf8')) as { $schema?: string }
  // Version 1 names draft 4 of JSON Schema, of which it uses what draft 7 has too.
  delete schema.$schema
  return ajv.compile(schema)
}

/** What a value breaks of a schema; nothing if it fits. */
function broken(name: string, value: unknown): unknown[] {
  const validate = validators.get(name) ?? validatorOf(name)
  validators.set(name, validate)
  return validate(value) ? [] : validate.errors!
}

const hostile = () =>
  Object.fromEntries(exportedTables(true).map((each) => [each.name, hostileRows(each, 20)]))

const at = BigInt(Date.UTC(2025, 10, 5, 12)) * 1000n
const responses = [1, 2, 3].map((place) => ({
  ...{ response_id: `r_${place}`, endpoint: 'get_feed', outcome: 'page', billed: 'yes' },
  ...{
    origin: place === 3 ? 'feed.json' : 'network',
    cost_usd: 0.05,
    received_at: at - BigInt(place),
  },
}))
const evil = 'search:<script>alert(1)</script> | [x](javascript:alert(1)) `#`\n# h\u202E --- {{a}}'
const passes = [{ pass: 1, seeds: JSON.stringify(['feed', evil]) }]
const small: Record<string, Fields[]> = {
  responses,
  passes,
  users: [{ user_id: 'user-1' }],
  posts: [{ post_id: 's_1', recursive_reply_count: 4, remix_count: 2, posted_at: at }],
  comments: [{ comment_id: 'c_1', post_id: 's_1' }],
}

async function packaged(rows: Record<string, Fields[]>, options: Partial<ExportOptions> = {}) {
  const folder = temporaryFolder()
  const archivePath = makeArchive(folder, rows)
  const outDir = join(folder, 'out')
  const report = await exportDataset({ archivePath, outDir, ...options })
  const text = (path: string) => readFileSync(join(outDir, path), 'utf8')
  const json = <Described>(path: string) => JSON.parse(text(path)) as Described
  return {
    ...{ archivePath, outDir, report, text, at: (path: string) => join(outDir, path) },
    dataPackage: () => json<DataPackage>('datapackage.json'),
    croissant: () => json<Croissant>('croissant.json'),
  }
}

/** What is looked at in `datapackage.json`. */
interface DataPackage {
  created?: string
  version: string
  title: string
  description: string
  licenses?: { name: string }[]
  resources: {
    name: string
    path: string | string[]
    bytes: number
    hash?: string
    parts?: { path: string; hash: string }[]
    schema?: {
      fields: { name: string; description: string; unit?: string }[]
      primaryKey: string[]
      foreignKeys?: { fields: string[]; reference: { resource: string; fields: string[] } }[]
    }
  }[]
}

interface Reference {
  '@id': string
}

/** What is looked at in `croissant.json`. */
interface Croissant extends Record<string, unknown> {
  '@context': Record<string, unknown>
  'prov:wasGeneratedBy': { '@type': string }
  distribution: {
    '@type': string
    '@id': string
    contentUrl: string
    sha256: string
    includes: string
  }[]
  recordSet: {
    key: Reference | Reference[]
    field: {
      source: { fileObject?: Reference; fileSet?: Reference; extract: { column: string } }
      references?: Reference
    }[]
  }[]
}

/** What is looked at in the header of the card. */
interface CardHeader {
  viewer?: boolean
  configs: { config_name: string; data_files: { path: string }[] }[]
  dataset_info: {
    config_name: string
    splits: unknown
    download_size: number
    features: { name: string; dtype: string }[]
  }[]
}

const sha256 = (path: string) => createHash('sha256').update(readFileSync(path)).digest('hex')
const formats = formatNames

const layouts: Partial<ExportOptions>[] = [
  {},
  {
    ...{ formats, withLog: true, license: 'ODbL-1.0', creator: 'A: "B" <c>' },
    url: "https://x.org:80/d/(1);v=2/~*'!?a=%20b&c=@#d,e",
  },
  { byMonth: true, rowsPerPart: 7, license: 'CC0-1.0', title: '# *Title* <b>' },
  { formats: ['csv'], csvSafe: true },
  { formats: ['sqlite'] },
]

describe('datapackage.json', () => {
  it('fits Data Package v2 and the published profiles of v1, and tells the truth about every file', async () => {
    for (const options of layouts) {
      const { dataPackage, at: place, report } = await packaged(hostile(), options)
      const described = dataPackage()

      expect(broken('data-package-2.0', described), JSON.stringify(options)).toEqual([])
      expect(broken('data-package-1.0', described), JSON.stringify(options)).toEqual([])
      const names = described.resources.map((each) => each.name)
      expect(new Set(names).size).toBe(names.length)
      for (const resource of described.resources) {
        const paths = [resource.path].flat() as string[]
        expect(resource.bytes).toBe(
          paths.reduce((sum, each) => sum + statSync(place(each)).size, 0),
        )
        const tabular = { ...resource, profile: 'tabular-data-resource' }
        if (resource.schema) expect(broken('tabular-data-resource-1.0', tabular)).toEqual([])
        if (paths.length === 1) expect(resource.hash).toBe(`sha256:${sha256(place(paths[0]!))}`)
        for (const part of resource.parts ?? [])
          expect(part.hash).toBe(`sha256:${sha256(place(part.path))}`)
        for (const key of resource.schema?.foreignKeys ?? [])
          expect(names).toContain(key.reference.resource)
      }
      const data = report.files.filter((each) => each.format !== null).map((each) => each.path)
      expect(described.resources.flatMap((each) => each.path).sort()).toEqual(data.sort())
      expect(described.version).toBe(report.version)
    }
  })

  it.each([
    ['a field without a name', '"name": "post_id",', ''],
    ['a type that there is not', '"type": "datetime"', '"type": "instant"'],
    ['a constraint of another kind', '"required": true', '"required": "yes"'],
    ['a format that texts have not', '"type": "string",', '"type": "string", "format": "html",'],
    ['a key that is no name', '"primaryKey": [', '"primaryKey": [1, '],
    ['a reference of one name to a list', '"fields": ["user_id"]', '"fields": "user_id"'],
    ['a path out of the package', '"path": "data/', '"path": "../data/'],
    ['a digest that is none', '"hash": "sha256:', '"hash": "sha256-'],
  ])('would not fit with %s', async (_, right, wrong) => {
    const { text } = await packaged(small, {
      formats: ['parquet'],
      tables: ['posts', 'users', 'cameos'],
    })
    const described = text('datapackage.json').replace(/\[\s+("\w+")\s+\]/g, '[$1]')
    const spoiled = described.replace(right, wrong)

    expect(broken('data-package-2.0', JSON.parse(described))).toEqual([])
    expect(spoiled).not.toBe(described)
    expect(broken('data-package-2.0', JSON.parse(spoiled))).not.toEqual([])
  })

  it('names every column with type, meaning, unit, keys and foreign keys', async () => {
    const { resources } = (await packaged(hostile(), { withLog: true })).dataPackage()

    for (const table of exportedTables(true)) {
      const resource = resources.find((each) => each.name === table.name)
      expect(resource?.schema?.primaryKey).toEqual(table.key)
      expect(
        resource?.schema?.fields.map((each) => [each.name, each.description, each.unit]),
      ).toEqual(exportedColumns(table).map(({ name, about, unit }) => [name, about, unit]))
    }
    const cameos = resources.find((each) => each.name === 'cameos')
    expect(cameos?.schema?.foreignKeys).toEqual([
      { fields: ['user_id'], reference: { resource: 'users', fields: ['user_id'] } },
    ])
  })
})

describe('the naming of a package', () => {
  it.each<[Partial<ExportOptions>, string | RegExp]>([
    [{ title: '' }, '--title is empty'],
    [{ title: ' \u200b\n' }, '--title is empty'],
    [{ creator: '' }, '--creator is empty'],
    [{ url: 'https://' }, 'https:// is no address'],
    [{ url: 'https://x.org/a b' }, 'https://x.org/a b is no address'],
    [{ url: 'ftp://x.org' }, 'ftp://x.org is no address'],
    [{ url: 'https://x.org/ä' }, /ä is no address .*; it is spelt https:\/\/x.org\/%C3%A4$/],
    [{ url: 'https://exämple.org' }, '; it is spelt https://xn--exmple-cua.org/'],
    [{ url: 'https://x.org/a[1]' }, /is no address that begins with https:\/\/$/],
    [{ url: 'https://x.org/100%' }, /is no address that begins with https:\/\/$/],
    [{ url: 'https://x.org/a#b#c' }, /is no address that begins with https:\/\/$/],
    [{ url: 'https://me:secret@x.org/' }, /is no address that begins with https:\/\/$/],
    [{ name: 'A' }, 'A is no name'],
  ])('is refused where no description could carry it: %j', async (naming, words) => {
    await expect(packaged(small, naming)).rejects.toThrow(words)
  })
})

describe('data-dictionary.md', () => {
  it('tells of every column its type, meaning, unit and group, and what groups are', async () => {
    const { text } = await packaged(small)

    const dictionary = text('data-dictionary.md')
    expect(dictionary).toContain(
      '| `like_count` | integer (64 bit) | Likes. | unit: count, group `counters` |',
    )
    expect(dictionary).toContain('Per group the newest answer wins')
    for (const { name, columns } of exportedTables(false)) {
      const [, part = ''] = dictionary.split(`\n## ${name}\n`)
      for (const each of columns.filter((column) => !column.viewer && !column.internal))
        expect(part.split('\n## ')[0], name).toContain(`| \`${each.name}\` | `)
    }
  })
})

describe('what data-dictionary.md says', () => {
  const lineOf = (dictionary: string, table: string, column: string) =>
    dictionary
      .split(`\n## ${table}\n`)[1]!
      .split('\n')
      .find((each) => each.startsWith(`| \`${column}\` `))

  it('names what answers tell and no table holds, by choice or because nobody knows what it is', async () => {
    const dictionary = (await packaged({})).text('data-dictionary.md')
    const [, part = ''] = dictionary.split(
      'What answers tell and no table holds, by kind of object:',
    )

    const lines = part.split('\n## ')[0]!.trim().split('\n')
    expect(lines).toHaveLength(unreadKeys.length + 1)
    expect(lines[0]).toMatch(/^- They depend on the account that asked: `post\.is_owner`, .*\.$/)
    expect(lines.at(-1)).toMatch(
      /^- Nobody knows what they mean: .*`post\.rooms`, .*`profile\.work`, /,
    )
    const { text } = await packaged({}, { formats: ['warc'] })
    expect(text('data-dictionary.md')).not.toContain('no table holds')
  })

  it('is shown as it is meant, between backticks too', async () => {
    const dictionary = (await packaged({})).text('data-dictionary.md')

    expect(lineOf(dictionary, 'attachments', 'attachment_id')).toContain(
      '`<post id>-attachment-<n>`',
    )
    expect(dictionary.replace(/`[^`\n]*`/g, '')).not.toContain('<')
  })

  it('holds for every kind of object whose counters it tells of', async () => {
    const dictionary = (await packaged({})).text('data-dictionary.md')

    expect(lineOf(dictionary, 'observations', 'reply_count')).toContain(
      'Of a post or comment: direct comments or replies. Of a person: comments written.',
    )
    expect(lineOf(dictionary, 'posts', 'reply_count')).toContain('| Direct comments. |')
    expect(lineOf(dictionary, 'comments', 'reply_count')).toContain('| Direct replies. |')
    expect(lineOf(dictionary, 'users', 'reply_count')).toContain('| Comments written. |')
  })
})

describe('croissant.json', () => {
  it('has what Croissant 1.1 requires, and files, columns and keys that are there', async () => {
    for (const options of layouts) {
      const { croissant, at: place } = await packaged(hostile(), options)
      const described = croissant()

      expect(described['@type']).toBe('sc:Dataset')
      expect(described.conformsTo).toEqual([
        'http://mlcommons.org/croissant/1.1',
        'http://mlcommons.org/croissant/RAI/1.0',
      ])
      const required = 'description license name url creator datePublished distribution'.split(' ')
      for (const name of required) expect(described[name], name).toBeTruthy()
      for (const prefix of ['cr', 'sc', 'dct', 'rai', 'prov'])
        expect(described['@context'][prefix]).toMatch(/^http/)
      expect(
        Object.keys(described).filter((each) => each.startsWith('rai:')).length,
      ).toBeGreaterThan(5)
      expect(described['prov:wasGeneratedBy']['@type']).toBe('prov:Activity')
      const ids = idsIn(described)
      expect(new Set(ids).size).toBe(ids.length)
      for (const file of described.distribution.filter((e) => e['@type'] === 'cr:FileObject'))
        expect(file.sha256).toBe(sha256(place(file.contentUrl)))
      for (const set of described.recordSet) {
        for (const key of [set.key].flat()) expect(ids).toContain(key['@id'])
        for (const field of set.field) {
          const source = field.source.fileObject ?? field.source.fileSet
          expect(ids).toContain(source?.['@id'])
          if (field.references) expect(ids).toContain(field.references['@id'])
        }
      }
    }
  })

  it('names the columns that the Parquet files hold', async () => {
    const { croissant, at: place } = await packaged(small)

    for (const set of croissant().recordSet) {
      const { schema } = await readMetadata(place(set.field[0]!.source.fileObject!['@id']))
      expect(set.field.map((each) => each.source.extract.column)).toEqual(
        schema.slice(1).map((each) => each.name),
      )
    }
  })
})

describe('croissant.json of a package without Parquet', () => {
  it.each([
    [['ndjson', 'csv'], 'csv/posts.csv', 'text/csv'],
    [['ndjson', 'arrow'], 'ndjson/posts.ndjson', 'application/jsonlines'],
  ] as const)('tells its columns by another format: %j', async (given, path, format) => {
    const { croissant } = await packaged(small, { formats: given, tables: ['posts'] })

    const { distribution, recordSet } = croissant()
    expect(distribution.find((each) => each['@id'] === path)).toMatchObject({
      encodingFormat: format,
    })
    expect(new Set(recordSet[0]!.field.map((each) => each.source.fileObject?.['@id']))).toEqual(
      new Set([path]),
    )
  })
})

/** The files that a pattern means, where a `*` stands for signs of a kind: neither is a `**`. */
const matching = (pattern: string, sign: '.' | '[^/]', paths: readonly string[]) =>
  paths.filter((each) => new RegExp(`^${pattern.replace(/\*/g, `${sign}*`)}$`).test(each))

describe('the order that data-dictionary.md tells', () => {
  const entry = (response_id: string) => ({ response_id, position: 0n, post_id: 's_1' })
  const tables = ['posts', 'feed_entries']
  const orders = (dictionary: string) => dictionary.match(/in the order of .*$/gm)

  it('begins anew in each month where Parquet is laid out by month', async () => {
    const rows = { ...small, feed_entries: [entry('r_2')] }
    const byKey = 'in the order of `response_id`, `position`.'

    expect(orders((await packaged(rows, { tables })).text('data-dictionary.md'))).toEqual([
      'in the order of `post_id`.',
      byKey,
    ])
    const months = await packaged(rows, { tables, byMonth: true })
    expect(orders(months.text('data-dictionary.md'))).toEqual([
      'in the order of `post_id` (in Parquet within each month).',
      byKey,
    ])
    expect(months.text('data-dictionary.md')).toContain('lie below `month=unknown`')
  })

  it('begins anew with what an append added', async () => {
    const { outDir, text } = await packaged({ ...small, feed_entries: [entry('r_2')] }, { tables })
    const archivePath = makeArchive(temporaryFolder(), {
      ...small,
      feed_entries: [entry('r_1'), entry('r_2')],
    })
    await exportDataset({ archivePath, outDir, append: true })

    expect(orders(text('data-dictionary.md'))).toEqual([
      'in the order of `post_id`.',
      'in the order of `response_id`, `position` (in Parquet within what was added at once).',
    ])
  })
})

describe('patterns of parts', () => {
  it.each([{ rowsPerPart: 7 }, { rowsPerPart: 7, byMonth: true }])(
    'mean just the files of the table, to readers of Croissant and of Hugging Face: %j',
    async (options) => {
      const { croissant, dataPackage, text, report } = await packaged(hostile(), options)
      const paths = report.files.map((each) => each.path)
      const header = headerOf(text('README.md'))
      const inParts = dataPackage().resources.filter(({ path }) => Array.isArray(path))
      const { distribution } = croissant()

      expect(inParts.map((each) => each.name)).toContain('posts')
      for (const { name, path } of inParts) {
        const set = distribution.find((each) => each['@id'] === `${name}-parts`)
        const config = header.configs.find((each) => each.config_name === name)
        expect(matching(set!.includes, '.', paths)).toEqual(path)
        expect(matching(config!.data_files[0]!.path, '[^/]', paths)).toEqual(path)
      }
    },
  )
})

/** Every id that is given, not referred to. */
function idsIn(value: unknown): string[] {
  if (Array.isArray(value)) return value.flatMap(idsIn)
  if (typeof value !== 'object' || value === null) return []
  const { '@id': id, ...rest } = value as Record<string, unknown>
  delete rest['@context']
  const isGiven = typeof id === 'string' && Object.keys(rest).length > 0
  return [...(isGiven ? [id] : []), ...Object.values(rest).flatMap(idsIn)]
}

const headerOf = (card: string) => parse(card.split('---\n')[1]!) as CardHeader

/** Fields of a header that Hugging Face's documentation of cards and of the viewer names. */
const headerFields = (
  'language license license_name license_link pretty_name tags size_categories source_datasets ' +
  'task_categories task_ids annotations_creators configs dataset_info viewer'
).split(' ')

describe('README.md', () => {
  it('has a header with configs, features, sizes and licence that fit the files', async () => {
    const { text, at: place } = await packaged(hostile(), { license: 'CC-BY-4.0' })

    const header = headerOf(text('README.md'))
    expect(header).toMatchObject({ license: 'cc-by-4.0', size_categories: ['n<1K'] })
    expect(Object.keys(header).filter((each) => !headerFields.includes(each))).toEqual([])
    expect(header.configs.map((each) => each.config_name)).toEqual(
      exportedTables(false).map((each) => each.name),
    )
    for (const { data_files } of header.configs)
      expect(existsSync(place(data_files[0]!.path))).toBe(true)
    const posts = header.dataset_info.find((each) => each.config_name === 'posts')
    expect(posts?.splits).toEqual([{ name: 'train', num_examples: 20 }])
    expect(posts?.download_size).toBe(statSync(place('data/posts.parquet')).size)
    expect(posts?.features.find((each) => each.name === 'posted_at')?.dtype).toBe(
      'timestamp[us, tz=UTC]',
    )
  })

  it.each([
    [['sqlite', 'csv', 'ndjson', 'arrow', 'parquet'], 'data', 'parquet'],
    [['csv', 'ndjson', 'arrow'], 'arrow', 'arrow'],
    [['csv', 'ndjson'], 'ndjson', 'ndjson'],
    [['csv', 'sqlite'], 'csv', 'csv'],
  ] as const)(
    'configures each table with rows by the best of %j',
    async (given, folder, ending) => {
      const { text } = await packaged(small, {
        formats: given,
        tables: ['posts', 'users', 'media'],
      })

      const card = text('README.md')
      expect(headerOf(card).configs.map((each) => each.data_files[0]!.path)).toEqual([
        `${folder}/users.${ending}`,
        `${folder}/posts.${ending}`,
      ])
      expect(card).toContain('Tables without rows have no configuration')
    },
  )

  it('configures nothing, and wants no viewer, where nothing can be loaded', async () => {
    for (const [rows, format] of [[small, 'sqlite'] as const, [{}, 'parquet'] as const]) {
      const { text } = await packaged(rows, { formats: [format], tables: ['posts'] })

      const { viewer, configs, dataset_info } = headerOf(text('README.md'))
      expect({ viewer, configs, dataset_info }).toEqual({ viewer: false })
    }
  })

  it('tells what was measured, and marks what is open', async () => {
    const { text } = await packaged(small)

    const card = text('README.md')
    expect(card).toContain('3 answers of TikHub')
    expect(card).toContain('1 of them was imported from files')
    expect(card).toContain('2 calls were sent, 2 of them billed, for $0.10.')
    expect(card).toContain('| comments and replies | 4 | 1 | 25.0 % |')
    expect(card).toContain('| remixes | 2 | 0 | 0.0 % |')
    expect(card).toContain('Posts were posted from 2025-11-05T12:00:00Z')
    expect(card).toContain('**None has been chosen.**')
    expect(card).toContain('- [ ] Which licence?')
  })

  it('shows seeds and titles as they are: nothing in them is obeyed', async () => {
    const { text, dataPackage, croissant } = await packaged(small, { title: evil, creator: evil })

    for (const file of ['README.md', 'methods.md', 'data-dictionary.md']) {
      const body = text(file).replace(/^---\n[\s\S]*?\n---\n/, '')
      expect(body).not.toMatch(/<script|javascript:|\]\(javascript|\u202E|^# h/m)
    }
    expect(parse(text('README.md').split('---\n')[1]!).pretty_name).not.toContain('\n')
    expect(parse(text('CITATION.cff')).title).not.toMatch(/[\n\u202E]/)
    const line = 'search:<script>alert(1)</script> | [x](javascript:alert(1)) `#` # h --- {{a}}'
    expect([dataPackage().title, croissant().citeAs]).toEqual([
      line,
      `${line} (2025). ${line}. Version ${dataPackage().version}.`,
    ])
    expect(text('README.md')).toContain(`Seeds: \`feed\`, ${toMarkdown(evil)}.`)
  })

  it('names sizes as Hugging Face does', () => {
    expect([0, 999, 1000, 9999, 10_000, 1_000_000, 5e6].map(sizeCategory)).toEqual([
      ...['n<1K', 'n<1K', '1K<n<10K', '1K<n<10K', '10K<n<100K', '1M<n<10M', '1M<n<10M'],
    ])
  })
})

describe('CITATION.cff', () => {
  it('fits the Citation File Format 1.2', async () => {
    for (const options of layouts) {
      const { text } = await packaged(small, options)

      expect(broken('cff-1.2.0', parse(text('CITATION.cff'))), JSON.stringify(options)).toEqual([])
    }
  })
})

describe('who made it', () => {
  it('may be several, in their order, in each file, through an append too', async () => {
    const creator = ['Ann A.', 'Lab  of\nB']
    const { text, dataPackage, croissant, report, archivePath } = await packaged(small, { creator })
    const told = () => ({
      citation: (parse(text('CITATION.cff')) as { authors: unknown }).authors,
      package: (dataPackage() as { contributors?: unknown }).contributors,
      croissant: croissant()['creator'],
      cited: croissant()['citeAs'],
    })
    const before = told()
    await exportDataset({ archivePath, outDir: report.outDir, append: true })

    const names = ['Ann A.', 'Lab of B']
    expect(told()).toEqual(before)
    expect(before).toEqual({
      citation: names.map((name) => ({ name })),
      package: names.map((title) => ({ title, roles: ['creator'] })),
      croissant: names.map((name) => ({ '@type': 'sc:Organization', name })),
      cited: expect.stringMatching(/^Ann A\.; Lab of B \(2025\)\. Sora 2's/) as string,
    })
    expect(broken('cff-1.2.0', parse(text('CITATION.cff')))).toEqual([])
    expect(broken('data-package-2.0', dataPackage())).toEqual([])
    await expect(packaged(small, { creator: ['Ann', ' '] })).rejects.toThrow('--creator is empty')
  })
})

describe('descriptions of a part of the tables', () => {
  const described = async (options: Partial<ExportOptions>) => {
    const { dataPackage, croissant, text } = await packaged(small, options)
    const [, contents = ''] = text('README.md').split('## What is in it\n\n')
    return {
      description: dataPackage().description.split(', as told by')[0],
      contents: contents.split('\n\n')[0]!.split('\n').slice(2),
      coverage: text('README.md').match(/^\| (comments and replies|remixes) \|/gm) ?? [],
      methods: /The dataset holds [^.]+\./.exec(text('methods.md'))![0],
      inDictionary: text('data-dictionary.md').match(/^## .*$/gm) ?? [],
      answers: croissant()['rai:dataCollectionRawData'],
    }
  }

  it('tell of no table that was left out, not even that it were empty', async () => {
    expect(await described({ tables: ['posts'] })).toEqual({
      description: "Posts, threads, remixes and people of Sora 2's social feed: 1 post",
      contents: ['| `posts` | 1 | Videos, remixes included. |'],
      coverage: [],
      methods: 'The dataset holds 1 post.',
      inDictionary: ['## posts'],
      answers: 'The answers themselves are kept in the archive, not here.',
    })
  })

  it('tell of threads alone that they are all', async () => {
    expect(await described({ formats: ['threads'] })).toMatchObject({
      description: "Posts, threads, remixes and people of Sora 2's social feed: 1 thread",
      contents: ['| `threads` | 1 | Posts, each with its whole thread in one row. |'],
      coverage: ['| comments and replies |'],
      methods: 'The dataset holds 1 thread.',
      inDictionary: ['## threads'],
    })
  })

  it('tell of answers alone that there are no tables, and where they are', async () => {
    const answers = 'The answers themselves are in warc/answers-00000.warc.gz.'
    expect(await described({ formats: ['warc'] })).toEqual({
      description: "Posts, threads, remixes and people of Sora 2's social feed",
      contents: [],
      coverage: [],
      methods: 'The dataset holds the answers themselves, and no tables.',
      inDictionary: [],
      answers,
    })
  })

  it('tell of graphs alone which they are', async () => {
    const { text } = await packaged(small, { formats: ['graphml'], tables: ['remixes', 'cameos'] })

    expect(text('methods.md')).toContain(
      'The dataset holds graphs (graph/remixes.graphml, graph/cameos.graphml), and no tables.',
    )
    expect(text('README.md')).not.toContain('Every column is described')
  })

  it.each<[Partial<ExportOptions>, string[], boolean]>([
    [{}, ['Parquet, Arrow', 'SQLite'], true],
    [{ formats: ['csv'], csvSafe: true }, ['CSV', 'CSV, safe for spreadsheets'], true],
    [{ formats: ['arrow', 'graphml'] }, ['Parquet, Arrow', 'GraphML'], true],
    [{ formats: ['edges'], tables: ['remixes'] }, ['Parquet, Arrow'], false],
    [{ formats: ['ndjson'], profile: 'ids' }, ['NDJSON'], false],
    [{ formats: ['warc'] }, ['WARC, WACZ'], false],
  ])(
    'tell only what the formats in the package do with values: %j',
    async (options, names, has) => {
      const dictionary = (await packaged(small, options)).text('data-dictionary.md')

      expect(dictionary.match(/(?<=^- \*\*)[^*]+/gm)).toEqual(names)
      expect(dictionary.includes('`summary_at`, `full_at`')).toBe(has)
    },
  )

  it('say that links to media fetch nothing only where their signatures were taken off', async () => {
    const unsigned = 'Links to media are without their signatures'
    expect((await packaged(small)).text('README.md')).toContain(unsigned)
    expect((await packaged(small, { withSignedUrls: true })).text('README.md')).not.toContain(
      unsigned,
    )
  })
})

describe('numbers in descriptions', () => {
  const request = (request_id: number, state: string) => {
    const reason = state === 'skipped' ? 'option' : null
    return { request_id, endpoint: 'get_feed', request_key: `${request_id}`, state, reason }
  }

  it('count one as one', async () => {
    const { text, croissant } = await packaged(
      {
        ...{ responses: responses.slice(0, 1), passes, anomalies: [{}], drift: [{}] },
        requests: [request(1, 'pending'), request(2, 'failed'), request(3, 'skipped')],
        ...{ posts: [{ post_id: 's_1' }], remixes: [{ parent_post_id: 's_1' }] },
      },
      { formats: ['csv', 'graphml'], withLog: true },
    )

    for (const path of ['README.md', 'methods.md', 'data-dictionary.md', 'croissant.json'])
      expect(text(path), path).not.toMatch(/[^\d,.]1 ((?!was|has)[a-z]+s|were|are|have)\b/)
    expect(text('README.md')).toContain('`graph/remixes.graphml` (1 edge)')
    expect(text('README.md')).toContain('1 post has no known time of posting')
    expect(text('data-dictionary.md')).toContain('Which post remixes which. 1 row, in the order')
    expect(croissant()['prov:wasGeneratedBy']).toMatchObject({
      name: '1 answer collected, of them 0 imported',
    })
  })

  it('tell of data from others only where some was imported', async () => {
    const kinds = async (from: number, to: number) =>
      (await packaged({ responses: responses.slice(from, to) })).croissant()[
        'rai:dataCollectionType'
      ]

    expect(await kinds(0, 2)).toEqual(['Web API'])
    expect(await kinds(0, 3)).toEqual(['Web API', 'Secondary Data analysis'])
  })
})

describe('the other files', () => {
  it('are LICENSE only where one was chosen, and SHA256SUMS of all files', async () => {
    const chosen = await packaged(small, { license: 'cc-by-4.0' })
    const open = await packaged(small)

    expect(chosen.text('LICENSE')).toContain('https://creativecommons.org/licenses/by/4.0/')
    expect(existsSync(open.at('LICENSE'))).toBe(false)
    const lines = chosen.text('SHA256SUMS').trimEnd().split('\n')
    expect(lines).toEqual(
      chosen.report.files
        .filter((each) => each.path !== 'SHA256SUMS')
        .map(({ path }) => `${sha256(chosen.at(path))}  ${path}`)
        .sort((one, other) => (one.slice(66) < other.slice(66) ? -1 : 1)),
    )
    const byOpenDefinition = { 'PDDL-1.0': 'ODC-PDDL-1.0', 'ODC-By-1.0': 'ODC-BY-1.0' }
    for (const [license, name] of Object.entries(byOpenDefinition))
      expect((await packaged(small, { license })).dataPackage().licenses).toMatchObject([{ name }])
    await expect(packaged(small, { license: 'WTFPL' })).rejects.toThrow(
      /no licence WTFPL.*CC-BY-4.0/,
    )
  })

  it('hold no date but that of the newest answer', async () => {
    const { text } = await packaged(small)
    const year = String(new Date().getFullYear())

    for (const file of ['README.md', 'datapackage.json', 'croissant.json', 'CITATION.cff'])
      expect(text(file).match(new RegExp(`${year}-\\d\\d-\\d\\d`, 'g')) ?? []).toEqual([])
    expect(parse(text('CITATION.cff'))['date-released']).toBe('2025-11-05')
  })

  it('tell the first and the last day of the answers, in whatever order they came', async () => {
    const dayMicros = 86_400_000_000n
    const days = [1n, 4n, 0n, 2n]
    const { text, dataPackage, croissant } = await packaged({
      ...small,
      responses: days.map((day, place) => ({
        ...{ ...responses[0]!, response_id: `r_${place}` },
        received_at: at - day * dayMicros,
      })),
    })

    for (const file of ['README.md', 'methods.md'])
      expect(text(file)).toMatch(/(collected|dated) between 2025-11-01 and 2025-11-05/)
    const { 'rai:dataCollectionTimeframe': timeframe, 'prov:wasGeneratedBy': activity } =
      croissant()
    expect(timeframe).toEqual(['2025-11-01T12:00:00Z', '2025-11-05T12:00:00Z'])
    expect(activity).toMatchObject({
      'prov:startedAtTime': '2025-11-01T12:00:00Z',
      'prov:endedAtTime': '2025-11-05T12:00:00Z',
    })
    expect(dataPackage().created).toBe('2025-11-05T12:00:00Z')
    expect(parse(text('CITATION.cff'))['date-released']).toBe('2025-11-05')
  })

  it('are kept from being overwritten once somebody changed them', async () => {
    const folder = temporaryFolder()
    const options = { archivePath: makeArchive(folder, small), outDir: join(folder, 'out') }
    await exportDataset(options)
    const { appendFileSync } = await import('node:fs')
    appendFileSync(join(options.outDir, 'README.md'), 'my words')

    await expect(exportDataset(options)).rejects.toThrow('README.md')
    expect(readFileSync(join(options.outDir, 'README.md'), 'utf8')).toContain('my words')
  })
})
