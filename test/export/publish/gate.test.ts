import {
  appendFileSync,
  cpSync,
  existsSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  readlinkSync,
  writeFileSync,
} from 'node:fs'
import { join } from 'node:path'
import Database from 'better-sqlite3'
import { describe, expect, it, onTestFinished, vi } from 'vitest'
import { KnownPeople } from '../../../src/archive/known-people.js'
import { Snapshot } from '../../../src/archive/snapshot.js'
import { exportDataset, PublishError } from '../../../src/export/index.js'
import { checkPublished } from '../../../src/export/publish/gate.js'
import { readers, readLines } from '../../../src/export/publish/gate-readers.js'
import { rules } from '../../../src/export/publish/rows.js'
import type { Publish } from '../../../src/model/table.js'
import { makeArchive, temporaryFolder, type Fields } from '../archives.js'
import { post, publishable, secrets, user, world } from './world.js'

async function publish(rows: Record<string, Fields[]> = world, secret?: string): Promise<string> {
  const folder = temporaryFolder()
  mkdirSync(join(folder, 'archive'))
  const archivePath = makeArchive(join(folder, 'archive'), rows)
  const outDir = join(folder, 'out')
  const all = { formats: publishable, withLog: true, profile: 'research' as const }
  await exportDataset({ archivePath, outDir, ...all, secrets: secret ? [secret] : [] }).finally(
    () => (lastOut = outDir),
  )
  return outDir
}

let lastOut = ''

async function findings(outDir: string): Promise<string> {
  const source = new Snapshot(join(outDir, '../archive/archive.sqlite'))
  const people = new KnownPeople(source.database, (id) => `${id}!`)
  try {
    await checkPublished({ folder: outDir, people, secrets: ['THE-API-KEY'] })
    return ''
  } catch (error) {
    return (error as Error).message
  } finally {
    source.close()
  }
}

/** Puts a rule out of force until the test ends. */
function disable(rule: Publish): void {
  const before = rules[rule]
  rules[rule] = (value) => value
  onTestFinished(() => void (rules[rule] = before))
}

/** Rules without which ids, names or words of the source would get out; `post` and `comment` lead to ids that look like all others. */
const caught: Publish[] = [
  'id',
  'person',
  'object',
  'handle',
  'text',
  'glyph',
  'word',
  'answer',
  'file',
  'list',
  'change',
  'seeds',
  'settings',
  'origin',
  'place',
]

describe('the gate', () => {
  it.each(caught)('refuses an export in which the rule `%s` does not work', async (rule) => {
    disable(rule)

    const error = await publish().then(
      () => null,
      (reason: unknown) => reason as PublishError,
    )

    expect(error).toBeInstanceOf(PublishError)
    expect(existsSync(lastOut)).toBe(false)
    for (const each of [...secrets.ids, ...secrets.handles.map((handle) => `@${handle}`)])
      expect(error!.message).not.toContain(each)
  })

  it('leaves a former export as it was', async () => {
    const outDir = await publish()
    const archivePath = join(outDir, '../archive/archive.sqlite')
    disable('person')

    const again = exportDataset({ archivePath, outDir, profile: 'research' })

    await expect(again).rejects.toThrow('cameos.user_id, row 1: the id of a person')
    expect(await findings(outDir)).toBe('')
  })

  const line = `,,,,,"${user(1)}"\r\n`
  it.each<[string, string, (outDir: string) => void]>([
    [
      'an id in CSV',
      'csv/follows.csv',
      (out) => appendFileSync(join(out, 'csv/follows.csv'), line),
    ],
    [
      'a name in NDJSON',
      'ndjson/posts.ndjson, posts.text',
      (out) => appendFileSync(join(out, 'ndjson/posts.ndjson'), '{"text":"Old \\u0041lice"}\n'),
    ],
    [
      'a handle in NDJSON',
      'a mention',
      (out) => appendFileSync(join(out, 'ndjson/posts.ndjson'), '{"text":"gm \\u0040alice"}\n'),
    ],
    [
      'a row of SQLite',
      'dataset.sqlite, posts.text, row',
      (out) => change(out, `UPDATE posts SET text = 'carol-c'`),
    ],
    [
      'a row that SQLite deleted',
      'dataset.sqlite: the id of a person',
      (out) =>
        change(
          out,
          `INSERT INTO passes (pass, started_at, seeds) VALUES (9, 'x', '${user(1)}'); DELETE FROM passes WHERE pass = 9`,
        ),
    ],
    [
      'a signature',
      'a URL signature',
      (out) => change(out, `UPDATE posts SET text = 'x?se=2026-01-01&sp=r'`),
    ],
    [
      'the key',
      'README.md: a secret',
      (out) => appendFileSync(join(out, 'README.md'), 'THE-API-KEY'),
    ],
    [
      'a mention in the card',
      'README.md: the handle of a person',
      (out) => appendFileSync(join(out, 'README.md'), 'by &#64;Alice.'),
    ],
    [
      'a mention in a description',
      'datapackage.json: the handle',
      (out) => writeFileSync(join(out, 'datapackage.json'), '{"title":"of @bob.b"}'),
    ],
    [
      'a column that is not published',
      'posts.permalink',
      (out) => appendFileSync(join(out, 'ndjson/posts.ndjson'), '{"permalink":"x"}\n'),
    ],
    [
      'a text in a file of another kind',
      'graph.graphml: the name',
      (out) => writeFileSync(join(out, 'graph.graphml'), '<a><data key="d">Carol</data></a>'),
    ],
  ])('finds %s', async (_what, place, tamper) => {
    const outDir = await publish()
    expect(await findings(outDir)).toBe('')

    tamper(outDir)

    expect(await findings(outDir)).toContain(place)
  })

  it.each(['parquet', 'arrow', 'csv', 'ndjson', 'sqlite'] as const)(
    'unpacks %s',
    async (format) => {
      const outDir = await publish()
      const archivePath = join(outDir, '../archive/archive.sqlite')
      const full = join(outDir, '../full')
      await exportDataset({ archivePath, outDir: full, formats: [format], tables: ['follows'] })
      const [folder] = format === 'parquet' ? ['data'] : [format]
      const path = format === 'sqlite' ? 'dataset.sqlite' : `${folder}/follows.${format}`

      cpSync(join(full, path), join(outDir, path))

      expect(await findings(outDir)).toContain(
        `${path}, follows.follower_id, row 1: the id of a person`,
      )
    },
  )

  it.each([
    ['threads', 'data/threads.parquet', 'data/threads.parquet, comments.text, row 1'],
    ['edges', 'graph/follows.parquet', 'graph/follows.parquet, follows.source, row 1'],
    ['graphml', 'graph/follows.graphml', 'graph/follows.graphml: the name or handle of a person'],
  ] as const)('looks into what is made of several tables: %s', async (format, path, place) => {
    const outDir = await publish()
    const archivePath = join(outDir, '../archive/archive.sqlite')
    const full = join(outDir, '../full')
    await exportDataset({ archivePath, outDir: full, formats: [format] })

    cpSync(join(full, path), join(outDir, path))

    expect(await findings(outDir)).toContain(place)
  })

  it('refuses no export because somebody is called by an ordinary word', async () => {
    const words =
      'sora type id json string vocab post posts mention public feed video url other null name true network ' +
      `0 3 10 17 1.5 -1 2025-10-15T16:03:16.886897Z ${post(1)}`
    const rows: Record<string, Fields[]> = {
      ...world,
      users: words.split(' ').map((username, n) => ({
        user_id: user(1000 + n),
        username,
        display_name: username.toUpperCase(),
      })),
    }

    const outDir = await publish(rows)
    expect(await findings(outDir)).toBe('')
    expect(readFileSync(join(outDir, 'graph/remixes.graphml'), 'utf8')).toContain('>3</data>')
  })

  it('refuses no export because of what somebody writes', async () => {
    const text =
      '@p_0123456789abcdefabcd @p_ sig=&sig=12345678 se=2026-01-01 %40 \u200b@\u200b x@y.z [name] "@",\r\n\'@'
    const posts = ['[link]', text, `${text}\n---\n<b>|\x60`, '@'].map((each, n) => ({
      post_id: post(n),
      posted_to_public: 1,
      text: each,
    }))

    expect(await findings(await publish({ ...world, posts, comments: [] }))).toBe('')
  })
})

function change(outDir: string, sql: string): void {
  const database = new Database(join(outDir, 'dataset.sqlite'))
  database.pragma('secure_delete = OFF')
  database.exec(sql)
  database.close()
}

const openFiles = (): string[] =>
  readdirSync('/proc/self/fd').flatMap((each) => {
    try {
      return [readlinkSync(join('/proc/self/fd', each))]
    } catch {
      return []
    }
  })

describe.runIf(existsSync('/proc/self/fd'))('what reads finished files', () => {
  const stop = (): never => {
    throw new Error('enough')
  }
  const takeLines = async (path: string): Promise<void> => {
    for await (const line of readLines(path)) if (line !== '') stop()
  }

  it.each([
    ['posts.csv', (path: string) => readers['csv']!(path, 'posts', stop)],
    ['posts.ndjson', (path: string) => readers['ndjson']!(path, 'posts', stop)],
    ['graph.graphml', takeLines],
  ])('closes %s where it is not read to its end', async (name, read) => {
    const path = join(temporaryFolder(), name)
    const line = name.endsWith('csv') ? '"text"\r\n' : '{"text":"text"}\n'
    writeFileSync(path, line.repeat(100_000))

    await expect(read(path)).rejects.toThrow('enough')

    await vi.waitFor(() => expect(openFiles()).not.toContain(path), 60_000)
  })
})
