import { existsSync, mkdirSync, readdirSync, readFileSync, statSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { setImmediate } from 'node:timers/promises'
import Database from 'better-sqlite3'
import { describe, expect, it } from 'vitest'
import { exportDataset, type ExportOptions } from '../../../src/export/index.js'
import { openKey } from '../../../src/export/publish/key-file.js'
import { makeArchive, temporaryFolder, type Fields } from '../archives.js'
import { filesWith, filesWithWhole, readWhole } from './search.js'
import { comment, post, publishable, secrets, user, world } from './world.js'

interface Made {
  folder: string
  archivePath: string
  outDir: string
}

function make(rows: Record<string, Fields[]> = world): Made {
  const folder = temporaryFolder()
  mkdirSync(join(folder, 'archive'))
  const archivePath = makeArchive(join(folder, 'archive'), rows)
  return { folder, archivePath, outDir: join(folder, 'out') }
}

async function publish(made: Made, options: Partial<ExportOptions> = {}): Promise<string> {
  const { archivePath, outDir } = made
  await exportDataset({ archivePath, outDir, profile: 'research', ...options })
  return options.outDir ?? outDir
}

function select(outDir: string, sql: string): unknown[] {
  const database = new Database(join(outDir, 'dataset.sqlite'), { readonly: true })
  const rows = database.prepare(sql).raw().all()
  database.close()
  return rows.map((row) => ((row as unknown[]).length === 1 ? (row as unknown[])[0] : row))
}

const everything = { formats: publishable, withLog: true } as const

const withoutThreads = publishable.filter((each) => each !== 'threads')

describe('a published dataset', () => {
  it.each(['research', 'ids'] as const)(
    'holds no id, handle, name, signature, key or private word of the source (%s)',
    async (profile) => {
      const options = profile === 'ids' ? { formats: withoutThreads } : everything
      const files = await readWhole(await publish(make(), { profile, ...options }))

      const { ids, handles, names, signatures, places, objects } = secrets
      const mentions = handles.flatMap((each) => [`@${each}`, `%40${each}`, `&#64;${each}`])
      expect(filesWith(files, ids)).toEqual([])
      expect(filesWith(files, [...mentions, ...signatures, ...secrets.private])).toEqual([])
      expect(filesWith(files, objects)).toEqual([])
      expect(
        filesWithWhole(files, [...names, ...handles.filter((each) => each !== 'sora')]),
      ).toEqual([])
      const data = new Map([...files].filter(([path]) => !/\.(md|json|cff)$/.test(path)))
      expect(filesWith(data, places)).toEqual([])
    },
  )

  it('is found guilty by the same search when it is not published', async () => {
    const files = await readWhole(await publish(make(), { profile: 'full', ...everything }))

    for (const each of [...secrets.ids, ...secrets.private])
      expect(filesWith(files, [each]), each).not.toEqual([])
    expect(filesWithWhole(files, secrets.names)).not.toEqual([])
  })

  it('gives people the same pseudonyms in all tables and texts', async () => {
    const outDir = await publish(make())

    const [[id, handle]] = select(
      outDir,
      `SELECT author_id, username FROM posts JOIN users ON author_id = user_id WHERE post_id = '${post(1)}'`,
    ) as [[string, string]]
    expect(id).toBe(`user-${handle}`)
    expect(select(outDir, 'SELECT follower_id FROM follows')).toEqual([id])
    expect(select(outDir, 'SELECT user_id, value FROM text_facets')).toEqual([[id, `@${handle}`]])
    expect(select(outDir, `SELECT text FROM posts WHERE post_id = '${post(1)}'`)[0]).toContain(
      `hi @${handle},`,
    )
    expect(select(outDir, `SELECT old FROM revisions WHERE field = 'text'`)).toEqual([
      `was @${handle}`,
    ])
  })

  it('keeps its foreign keys, and leaves nothing that leads to what was left out', async () => {
    const outDir = await publish(make())

    expect(select(outDir, 'PRAGMA foreign_key_check')).toEqual([])
    expect(select(outDir, 'SELECT post_id FROM posts ORDER BY 1')).toEqual(
      [1, 2, 3, 4, 8].map(post),
    )
    expect(select(outDir, 'SELECT comment_id FROM comments ORDER BY 1')).toEqual(
      [1, 2, 3, 6].map(comment),
    )
    expect(select(outDir, `SELECT parent_post_id FROM posts WHERE post_id = '${post(3)}'`)).toEqual(
      [null],
    )
    expect(
      select(outDir, 'SELECT count(*) FROM remixes UNION ALL SELECT count(*) FROM users'),
    ).toEqual([1, 8])
  })

  it('names a person who only reposted something public, by a pseudonym wherever it says so', async () => {
    const outDir = await publish(make())

    const told = select(
      outDir,
      `SELECT reposts.owner_id, reposts.user_id = reposter_user_id, users.username = substr(reposts.user_id, 6)
       FROM reposts JOIN feed_entries ON post_id = owner_id JOIN users USING (user_id)
       WHERE reposter_user_id IS NOT NULL`,
    )
    expect(told).toEqual([[post(8), 1, 1]])
    expect(select(outDir, 'SELECT count(*) FROM reposts')).toEqual([1])
  })

  it('shares pseudonyms with the next release, and with none under another key', async () => {
    const made = make()
    const people = (outDir: string) => select(outDir, 'SELECT user_id FROM users ORDER BY 1')

    const first = people(await publish(made))
    const again = people(await publish(made, { outDir: join(made.folder, 'again') }))
    const other = people(
      await publish(made, {
        outDir: join(made.folder, 'other'),
        pseudonymKey: join(made.folder, 'other.key'),
      }),
    )

    expect(again).toEqual(first)
    expect(other.filter((each) => first.includes(each))).toEqual([])
  })

  it('has the same bytes from the same archive and key', async () => {
    const made = make()
    const sums = (outDir: string) => readFileSync(join(outDir, 'SHA256SUMS'), 'utf8')

    const first = sums(await publish(made, everything))
    const again = sums(await publish(made, { ...everything, outDir: join(made.folder, 'again') }))

    expect(again).toBe(first)
  })

  it('takes dates as a cut', async () => {
    const outDir = await publish(make(), { since: 1_760_544_196_886_898 })

    expect(select(outDir, 'SELECT count(*) FROM posts')).toEqual([0])
  })
})

describe('the key of pseudonyms', () => {
  it('lies beside the archive, for its owner alone, and nowhere else', async () => {
    const made = make()
    const outDir = await publish(made, everything)

    const path = join(made.folder, 'archive.pseudonym-key')
    const key = readFileSync(path, 'utf8').trim()
    expect(key).toMatch(/^[0-9a-f]{64}$/)
    expect(statSync(path).mode & 0o777).toBe(0o600)
    const bytes = Buffer.from(key, 'hex').toString('latin1')
    expect(filesWith(await readWhole(outDir), [key, bytes])).toEqual([])
    expect(filesWith(await readWhole(join(made.folder, 'archive')), [key, bytes])).toEqual([])
  })

  it.each(['archive/key', 'out/key'])('is refused inside %s', async (path) => {
    const made = make()

    const promise = publish(made, { pseudonymKey: join(made.folder, path) })

    await expect(promise).rejects.toThrow('go along with its copies')
    expect(existsSync(made.outDir)).toBe(false)
  })

  it('is not made for an archive that is not there', async () => {
    const made = make()
    const archivePath = join(made.folder, 'nowhere', 'archive.sqlite')

    const promise = exportDataset({ archivePath, outDir: made.outDir, profile: 'research' })

    await expect(promise).rejects.toThrow('there is no archive')
    expect(existsSync(join(made.folder, 'nowhere.pseudonym-key'))).toBe(false)
    expect(existsSync(made.outDir)).toBe(false)
  })

  it('is one for all exports that begin at once, and is never there in part', async () => {
    const folder = temporaryFolder()
    const path = join(folder, 'a.pseudonym-key')
    const sizes = new Set<number>()

    const making = Promise.all(Array.from({ length: 20 }, () => openKey(path)))
    for (let keys = null; keys === null;) {
      keys = await Promise.race([making, setImmediate(null)])
      if (existsSync(path)) sizes.add(statSync(path).size)
    }

    expect(new Set((await making).map((each) => each.toString('hex'))).size).toBe(1)
    expect([...sizes]).toEqual([65])
    expect(readdirSync(folder)).toEqual(['a.pseudonym-key'])
  })

  it('is refused if it is none', async () => {
    const made = make()
    const pseudonymKey = join(made.folder, 'no.key')
    writeFileSync(pseudonymKey, 'abc')

    await expect(publish(made, { pseudonymKey })).rejects.toThrow('holds no key')
  })

  it('is refused where it cannot be made', async () => {
    const made = make()
    const pseudonymKey = join(made.folder, 'nowhere', 'a.key')

    await expect(publish(made, { pseudonymKey })).rejects.toThrow('cannot make the key')
    expect(existsSync(made.outDir)).toBe(false)
  })
})

describe('deleted posts and comments', () => {
  const rows = async (options: Partial<ExportOptions>) => {
    const outDir = await publish(make(), options)
    return {
      post: select(outDir, `SELECT text FROM posts WHERE post_id = '${post(4)}'`),
      comment: select(outDir, `SELECT text FROM comments WHERE comment_id = '${comment(6)}'`),
      below: select(outDir, `SELECT text FROM comments WHERE comment_id = '${comment(3)}'`),
      videos: select(outDir, `SELECT count(*) FROM attachments WHERE owner_id = '${post(4)}'`),
      files: select(outDir, `SELECT count(*) FROM assets WHERE owner_id = '${post(4)}'`),
      cast: select(outDir, `SELECT count(*) FROM cameos WHERE owner_id = '${post(4)}'`),
    }
  }
  const text = expect.stringMatching(/^by user-/) as string

  it.each([
    ['research', 'keep', { post: [text], comment: ['x'], below: 1, rest: 1 }],
    ['research', 'blank', { post: [null], comment: [null], below: 1, rest: 0 }],
    ['research', 'drop', { post: [], comment: [], below: 0, rest: 0 }],
    ['full', 'keep', { post: [text], comment: ['x'], below: 1, rest: 1 }],
    ['full', 'blank', { post: [null], comment: [null], below: 1, rest: 0 }],
    ['full', 'drop', { post: [], comment: [], below: 0, rest: 0 }],
  ] as const)('in %s are treated as asked: %s', async (profile, tombstones, expected) => {
    const { below, rest } = expected
    const found = await rows({ profile, tombstones })

    expect(found).toEqual({
      ...{ post: expected.post, comment: expected.comment },
      below: below === 1 ? ['under a deleted one'] : [],
      ...{ videos: [rest], files: [rest], cast: [rest] },
    })
  })

  it('stay as held for oneself, and lose their words in public, where nothing is asked', async () => {
    expect((await rows({ profile: 'full' })).post).toEqual([text])
    expect((await rows({ profile: 'research' })).post).toEqual([null])
  })
})

describe('options of a published dataset', () => {
  it.each([
    [{ profile: 'research', withSignedUrls: true }, 'for yourself'],
    [{ profile: 'ids', withLog: true }, 'ids and edges only'],
    [{ profile: 'ids', formats: ['threads'] }, 'no words and no times'],
    [{ profile: 'research', tables: ['tasks'] }, 'no table tasks'],
    [{ profile: 'ids', tables: ['media'] }, 'no table media'],
  ] as const)('are refused where they make no sense: %j', async (options, message) => {
    await expect(publish(make(), options)).rejects.toThrow(message)
  })

  it('name the profile and what became of deleted posts', async () => {
    const outDir = await publish(make(), { tombstones: 'drop' })

    const { afterfeed } = JSON.parse(readFileSync(join(outDir, 'datapackage.json'), 'utf8')) as {
      afterfeed: { options: Record<string, unknown> }
    }
    expect(afterfeed.options).toMatchObject({ profile: 'research', tombstones: 'drop' })
  })

  it.each([
    [{ profile: 'full' }, 'profile'],
    [{ profile: 'research', tombstones: 'keep' }, 'tombstones'],
  ] as const)('cannot be others in an append: %j', async (options, name) => {
    const made = make()
    await publish(made)
    const before = readdirSync(made.outDir)

    await expect(publish(made, { ...options, append: true })).rejects.toThrow(`made with ${name}`)
    expect(readdirSync(made.outDir)).toEqual(before)
  })

  it('hold on to their seeds through an append, whether it names them or not', async () => {
    const seedOf = (id: string) => ({
      seeds: [{ seed: `user:${id}`, endpoint: 'get_user_profile', params: { user_id: id } }],
    })
    const made = make()
    await publish(made, seedOf(user(1)))
    const { archivePath, outDir } = made
    const sums = () => readFileSync(join(outDir, 'SHA256SUMS'), 'utf8')
    const before = sums()

    await exportDataset({ archivePath, outDir, append: true })
    expect(sums()).toBe(before)
    await publish(made, { ...seedOf(user(1)), append: true })
    expect(sums()).toBe(before)
    const other = publish(made, { ...seedOf(user(2)), append: true })
    await expect(other).rejects.toThrow('made from other seeds')
  })

  it('hold on through an append, the key too', async () => {
    const made = make()
    await publish(made)
    const { archivePath, outDir, folder } = made
    const sums = () => readFileSync(join(outDir, 'SHA256SUMS'), 'utf8')
    const before = sums()

    await exportDataset({ archivePath, outDir, append: true })
    expect(sums()).toBe(before)
    const other = { append: true, pseudonymKey: join(folder, 'other.key') }
    await expect(publish(made, other)).rejects.toThrow('there is no key')
    expect(existsSync(other.pseudonymKey)).toBe(false)
    writeFileSync(other.pseudonymKey, 'ab'.repeat(32))
    await expect(publish(made, other)).rejects.toThrow('another key')
  })
})
