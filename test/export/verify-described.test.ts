import { describe, expect, it } from 'vitest'
import { verifyDataset, type ExportOptions } from '../../src/export/index.js'
import type { Manifest } from '../../src/export/manifest.js'
import { versionOf } from '../../src/export/package/dataset.js'
import { InputError } from '../../src/model/errors.js'
import { exportRows } from './archives.js'
import { putDescription, takeOut } from './damage.js'

const rows = {
  users: [{ user_id: 'user-1' }],
  posts: [{ post_id: 's_1' }, { post_id: 's_2' }, { post_id: 's_3' }],
  cameos: [{ owner_kind: 'post', owner_id: 's_1', user_id: 'user-1' }],
}

/** A package with a file that describes it wrongly, and a sum that is right. */
async function described(
  path: 'datapackage.json' | 'croissant.json',
  change: (text: string) => string,
  options: Partial<ExportOptions> = {},
): Promise<string> {
  const tables = ['users', 'posts', 'cameos']
  const { outDir } = await exportRows(rows, { tables, formats: ['parquet'], ...options })
  putDescription(outDir, path, change)
  return outDir
}

/** Changes what is told of the posts. */
const ofPosts = (change: (posts: Record<string, unknown>) => void) => (text: string) => {
  const manifest = JSON.parse(text) as { resources: Record<string, unknown>[] }
  change(manifest.resources.find((each) => each['name'] === 'posts')!)
  return JSON.stringify(manifest)
}

const ofOptions = (change: (options: Record<string, unknown>) => void) => (text: string) => {
  const manifest = JSON.parse(text) as { afterfeed: { options: Record<string, unknown> } }
  change(manifest.afterfeed.options)
  return JSON.stringify(manifest)
}

const zeros = '0'.repeat(64)
const isElse = 'datapackage.json tells another size or digest of data/posts.parquet'
const columnsOf = (name: string) =>
  `${name} is described with other columns than this program knows`

describe('verifyDataset, where all data and sums are right', () => {
  it.each<[string, (text: string) => string, string, string]>([
    ['another size', ofPosts((each) => (each['bytes'] = 1)), 'sums', isElse],
    ['another digest', ofPosts((each) => (each['hash'] = `sha256:${zeros}`)), 'sums', isElse],
    [
      'another file',
      ofPosts((each) => (each['path'] = 'data/users.parquet')),
      'files',
      'datapackage.json does not tell of data/posts.parquet',
    ],
    [
      'another constraint',
      (text) => text.replace('"required": true', '"required": false'),
      'schema',
      columnsOf('users'),
    ],
    [
      'a reference elsewhere',
      (text) => text.replace('"resource": "users"', '"resource": "posts"'),
      'schema',
      columnsOf('cameos'),
    ],
    [
      'another version',
      (text) => text.replace('"version": "1.0.0+', '"version": "2.0.0+'),
      'version',
      'datapackage.json names another version than its digest',
    ],
    [
      'another id',
      (text) => text.replace(/urn:sha256:\w+/, `urn:sha256:${zeros}`),
      'version',
      'datapackage.json names another version than its digest',
    ],
    [
      'the version of other files',
      (text) => {
        const manifest = JSON.parse(text) as Manifest
        manifest.afterfeed.digest = zeros
        return JSON.stringify({
          ...manifest,
          ...{ id: `urn:sha256:${zeros}`, version: versionOf(zeros) },
        })
      },
      'version',
      'the version is not the digest of the data files',
    ],
  ])('finds %s in datapackage.json', async (_, change, check, problem) => {
    const datasetDir = await described('datapackage.json', change)
    expect(await verifyDataset({ datasetDir })).toContainEqual({ check, problem })
  })

  it.each([
    ['data/posts.parquet', 'posts'],
    ['csv/cameos.csv', 'cameos-csv'],
    ['dataset.sqlite', 'dataset-sqlite'],
    ['graph/cameos.parquet', 'cameo_edges'],
    ['graph/cameos.graphml', 'cameo_edges-graphml'],
    ['data/threads.parquet', 'threads'],
    ['wacz/answers.wacz', 'wacz'],
  ])('finds that %s is nowhere told of, and was asked for', async (path, name) => {
    const formats = ['parquet', 'sqlite', 'csv', 'edges', 'graphml', 'threads', 'wacz'] as const
    const datasetDir = await described('datapackage.json', (text) => `${text}\n`, { formats })
    takeOut(datasetDir, path)

    expect(await verifyDataset({ datasetDir })).toEqual([
      {
        check: 'files',
        problem: `datapackage.json does not tell of ${name}, which its options ask for`,
      },
    ])
  })

  it.each<[string, Record<string, string[]>, string[]]>([
    ['tables', { tables: ['users', 'cameos'] }, ['posts']],
    ['formats', { formats: ['sqlite'] }, ['users', 'posts', 'cameos']],
  ])('finds what other %s among the options would leave unread', async (_, other, names) => {
    const change = ofOptions((each) => Object.assign(each, other))
    const formats = ['parquet', 'sqlite'] as const
    const datasetDir = await described('datapackage.json', change, { formats })

    expect(await verifyDataset({ datasetDir })).toEqual(
      expect.arrayContaining(
        names.map((name) => ({
          check: 'files',
          problem: `datapackage.json tells of ${name}, which its options do not ask for`,
        })),
      ),
    )
  })

  it('finds a second description of a table, which nothing would be compared with', async () => {
    const datasetDir = await described('datapackage.json', (text) => {
      const manifest = JSON.parse(text) as { resources: { name: string }[] }
      const users = manifest.resources.find((each) => each.name === 'users')!
      manifest.resources.find((each) => each.name === 'posts')!.name = users.name
      return JSON.stringify(manifest)
    })

    expect(await verifyDataset({ datasetDir })).toContainEqual({
      check: 'files',
      problem: 'datapackage.json tells more than once of users',
    })
  })

  it.each([
    ['posts', 'posts holds 3 rows, not 4'],
    ['users-csv', 'csv/users.csv holds 1 rows, not 2'],
    ['dataset-sqlite', 'dataset.sqlite holds 5 rows, not 6'],
    ['threads', 'threads holds 3 rows, not as many as the tables say'],
    ['cameo_edges', 'cameo_edges holds 1 rows, not as many as the tables say'],
    ['cameo_edges-graphml', 'graph/cameos.graphml holds 1 edges, not 2'],
    ['answers-wacz', /^wacz\/answers\.wacz holds \d+ records, not \d+$/],
  ])('finds %s said to hold one more than it does', async (name, problem) => {
    const formats = ['parquet', 'sqlite', 'csv', 'edges', 'graphml', 'threads', 'wacz'] as const
    const datasetDir = await described(
      'datapackage.json',
      (text) => {
        const manifest = JSON.parse(text) as { resources: { name: string; rows: number }[] }
        manifest.resources.find((each) => each.name === name)!.rows += 1
        return JSON.stringify(manifest)
      },
      { formats },
    )

    expect(await verifyDataset({ datasetDir })).toEqual([
      {
        check: 'counts',
        problem: typeof problem === 'string' ? problem : expect.stringMatching(problem),
      },
    ])
  })

  it('finds parts that are not as many bytes and rows as all', async () => {
    const parts = { rowsPerPart: 1 }
    for (const name of ['bytes', 'rows']) {
      const change = ofPosts((each) => (each[name] = 7))
      const datasetDir = await described('datapackage.json', change, parts)
      expect(await verifyDataset({ datasetDir })).toContainEqual({
        check: 'counts',
        problem: 'the parts of posts have other rows or bytes than it has',
      })
    }
  })

  it('finds parts that hold other rows than is told of each, though the sum is right', async () => {
    const change = ofPosts((each) => {
      const [one, other] = each['parts'] as { rows: number }[]
      one!.rows += 1
      other!.rows -= 1
    })
    const datasetDir = await described('datapackage.json', change, { rowsPerPart: 1 })

    expect(await verifyDataset({ datasetDir })).toEqual([
      { check: 'counts', problem: 'data/posts/part-00000.parquet holds 1 rows, not 2' },
      { check: 'counts', problem: 'data/posts/part-00001.parquet holds 1 rows, not 0' },
    ])
  })

  it('finds threads without the posts that they are made of', async () => {
    const change = ofOptions((each) => (each['tables'] = ['users', 'cameos']))
    const formats = ['parquet', 'threads'] as const
    const datasetDir = await described('datapackage.json', change, { formats })
    expect(await verifyDataset({ datasetDir })).toContainEqual({
      check: 'schema',
      problem: 'threads are there without posts, of which they are made',
    })
  })

  it.each<[string, (text: string) => string, string, string | RegExp]>([
    [
      'another digest',
      (text) => text.replace(/"sha256": "\w+"/, `"sha256": "${zeros}"`),
      'sums',
      'croissant.json tells another size or digest of data/users.parquet',
    ],
    [
      'another size',
      (text) => text.replace(/"contentSize": "/, '"contentSize": "9'),
      'sums',
      'croissant.json tells another size or digest of data/users.parquet',
    ],
    [
      'a file that is not there',
      (text) => text.replace('"contentUrl": "data/posts.parquet"', '"contentUrl": "data/x"'),
      'files',
      'croissant.json tells of data/x, which is no file of the package',
    ],
    ['no JSON', (text) => text.slice(1), 'files', /^croissant\.json cannot be read: /],
  ])('finds %s in croissant.json', async (_, change, check, problem) => {
    const datasetDir = await described('croissant.json', change)
    expect(await verifyDataset({ datasetDir })).toContainEqual({
      check,
      problem: typeof problem === 'string' ? problem : expect.stringMatching(problem),
    })
  })

  it.each([
    ['options.formats', ofOptions((each) => delete each['formats'])],
    ['options.tables', ofOptions((each) => (each['tables'] = 7))],
    ['options.since', ofOptions((each) => (each['since'] = 'soon'))],
    ['options.seeds', ofOptions((each) => (each['seeds'] = 'feed'))],
    ['path', ofPosts((each) => (each['path'] = '../../etc/passwd'))],
    ['path', ofPosts((each) => (each['path'] = '/etc/passwd'))],
    ['rows', ofPosts((each) => (each['rows'] = null))],
    ['all of it', () => '[]'],
    ['JSON', () => '{'],
  ])('refuses a datapackage.json of other %s, which no export wrote', async (where, change) => {
    const datasetDir = await described('datapackage.json', change)
    const refused = verifyDataset({ datasetDir })
    await expect(refused).rejects.toThrow(InputError)
    await expect(refused).rejects.toThrow('datapackage.json is not as export writes it')
    await expect(refused).rejects.toThrow(where)
  })
})
