import { copyFileSync, cpSync, existsSync, mkdirSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import Database from 'better-sqlite3'
import { describe, expect, it } from 'vitest'
import { openArchive, openForReading } from '../../src/archive/archive.js'
import { archivePathIn } from '../../src/archive/archive-file.js'
import { planForget } from '../../src/archive/forget/plan.js'
import { MediaLog } from '../../src/archive/media-store.js'
import { rebuild } from '../../src/archive/rebuild.js'
import { schemaVersion } from '../../src/archive/schema.js'
import { verifyArchive } from '../../src/archive/verify.js'
import { crawlWorld, noon, openWorld, rowsOf, valuesOf } from '../crawl/worlds.js'
import { importAnswer, temporaryFolder, toVersion3 } from './archives.js'
import { copyOf, forgetIn, goneWith, rowsIn, tracesOf } from './forgotten-world.js'

const clock = () => noon * 1000

/** What a `kill -9` at this instant leaves of an archive. */
function killedAt(dir: string): string {
  const copy = temporaryFolder()
  for (const name of ['archive.sqlite', 'archive.sqlite-wal'])
    if (existsSync(join(dir, name))) copyFileSync(join(dir, name), join(copy, name))
  if (existsSync(join(dir, 'media')))
    cpSync(join(dir, 'media'), join(copy, 'media'), { recursive: true })
  return copy
}

async function smallWorld(posts = 4) {
  const simulator = await openWorld({ posts, comments: 4, users: 6, seed: 2 })
  const dir = temporaryFolder()
  await crawlWorld(simulator, dir)
  const truth = simulator.truth()
  const user = truth.posts.find(
    ({ reply_count, author_id }) => reply_count > 0 && author_id,
  )!.author_id!
  const gone = goneWith(truth, { users: [user] })
  return { simulator, dir, user, gone }
}

describe('a forget that is stopped', () => {
  it('goes on from any place with the same command; until then the archive is refused', async () => {
    const { dir, user, gone } = await smallWorld()
    const done = copyOf(dir)
    const stops: { step: string; copy: string }[] = []

    await forgetIn(done, [`user:${user}`], {
      onProgress: ({ step }) => stops.push({ step, copy: killedAt(done) }),
    })

    const steps = new Set(stops.map(({ step }) => step))
    expect([...steps]).toEqual(['answers', 'logs', 'files', 'tables', 'media', 'compact', 'search'])
    expect(stops.length).toBeGreaterThan(8)
    for (const { copy } of stops) {
      expect(() => openForReading(copy)).toThrow(/a forget in .* is under way.*afterfeed forget/)
      expect(await verifyArchive({ archiveDir: copy })).toContainEqual({
        ...{ check: 'forget', problem: 'a forget is unfinished: run `afterfeed forget`' },
      })
      const report = await forgetIn(copy, [])
      expect(report.outcome).toBe('done')
      expect(tracesOf(copy, gone)).toEqual([])
      expect(rowsIn(copy)).toEqual(rowsIn(done))
      expect(await verifyArchive({ archiveDir: copy })).toEqual([])
    }
  })

  it('ends when it is asked to, and what was named is denied already', async () => {
    const { simulator, dir, user, gone } = await smallWorld()
    const controller = new AbortController()

    const report = await forgetIn(dir, [`user:${user}`], {
      signal: controller.signal,
      onProgress: ({ step }) => step === 'tables' && controller.abort(),
    })

    expect(report.outcome).toBe('interrupted')
    await expect(rebuild({ archiveDir: dir, clock })).rejects.toThrow(/a forget in/)
    await expect(crawlWorld(simulator, dir)).rejects.toThrow(/a forget in/)
    expect(await forgetIn(dir, [`user:${user}`])).toMatchObject({
      outcome: 'done',
      found_again: [],
    })
    expect(tracesOf(dir, gone)).toEqual([])
  })

  it.each(['logs', 'search'])('ends in the middle of %s', async (stop) => {
    const { dir, user, gone } = await smallWorld()
    const controller = new AbortController()
    const told: number[] = []

    const stopped = await forgetIn(dir, [`user:${user}`], {
      signal: controller.signal,
      onProgress({ step, done, total }) {
        if (step !== stop || done === 0) return
        told.push(total)
        controller.abort()
      },
    })

    expect({ outcome: stopped.outcome, told: told.length }).toEqual({
      ...{ outcome: 'interrupted', told: 1 },
    })
    expect(await forgetIn(dir, [])).toMatchObject({ outcome: 'done', found_again: [] })
    expect(tracesOf(dir, gone)).toEqual([])
  })

  it('takes others along that are named before it is done', async () => {
    const { simulator, dir, user } = await smallWorld(12)
    const truth = simulator.truth()
    const other = truth.posts.find(
      ({ author_id }) => author_id !== null && author_id !== user,
    )!.author_id!
    const gone = goneWith(truth, { users: [user, other] })
    const controller = new AbortController()
    await forgetIn(dir, [`user:${user}`], {
      signal: controller.signal,
      onProgress: ({ step, done }) => step === 'tables' && done > 0 && controller.abort(),
    })

    expect(valuesOf(dir, 'SELECT entry FROM rebuilds')).toEqual([100n])

    await forgetIn(dir, [`user:${other}`])

    expect(tracesOf(dir, gone)).toEqual([])
    expect(await verifyArchive({ archiveDir: dir })).toEqual([])
  })

  it('says what to do while another program keeps what was there alive by reading it', async () => {
    const { dir, user, gone } = await smallWorld()
    const reader = new Database(archivePathIn(dir), { readonly: true })
    reader.exec('BEGIN')
    reader.prepare('SELECT count(*) FROM posts').get()

    const refused = forgetIn(dir, [`user:${user}`])

    await expect(refused).rejects.toThrow(/another program reads the archive.*afterfeed forget/s)
    reader.close()
    expect(await forgetIn(dir, [])).toMatchObject({ outcome: 'done' })
    expect(tracesOf(dir, gone)).toEqual([])
  })
})

describe('forget', () => {
  const person = (n: number) => ({ user_id: `user-${n}`, username: `name${n}`, created_at: 1 })
  const postId = (n: number) => `s_68ef1920000081910000000000000${String(n).padStart(3, '0')}`

  function archiveOf(...data: unknown[]): string {
    const dir = temporaryFolder()
    const archive = openArchive(dir)
    for (const [index, each] of data.entries())
      importAnswer(archive, {
        ...{ endpoint: 'get_feed', params: {}, receivedAt: index + 1 },
        body: JSON.stringify(each),
      })
    archive.close()
    return dir
  }
  const item = (n: number, by: number, more: object = {}) => ({
    post: { id: postId(n), shared_by: `user-${by}`, text: `text ${n}`, ...more },
    profile: person(by),
  })

  it('finds a person by the handle, and by those of former days', async () => {
    const dir = archiveOf(
      { items: [item(1, 1)] },
      { items: [{ ...item(2, 1), profile: { ...person(1), username: 'renamed' } }] },
      { items: [item(3, 2, { text: '@name1 @renamed @other' })] },
    )

    await forgetIn(dir, ['user:@Renamed'])

    expect(rowsOf(dir, 'SELECT post_id, text FROM posts')).toEqual([
      { post_id: postId(3), text: '@█████ @███████ @other' },
    ])
    expect(valuesOf(dir, 'SELECT user_id FROM users')).toEqual(['user-2'])
  })

  it.each([
    ['whatever letters it is written in', 'Name.One', 'user:@name.ONE'],
    ['written with an @ in the answer', '@Name.One', 'user:@name.one'],
    ['written with a wide @ in the answer', '＠Name.One', 'user:@name.one'],
  ])('finds a person by the handle %s', async (_, username, seed) => {
    const dir = archiveOf({ items: [{ ...item(1, 1), profile: { ...person(1), username } }] })

    const plan = planForget(dir, [seed])
    const report = await forgetIn(dir, [seed])

    expect(plan).toMatchObject({ users: 1, posts: 1 })
    expect(report).toMatchObject({ outcome: 'done', users: 1, posts: 1, found_again: [] })
    expect(valuesOf(dir, 'SELECT user_id FROM users')).toEqual([])
    expect(valuesOf(dir, 'SELECT post_id FROM posts')).toEqual([])
  })

  it.each(['answers', 'logs', 'media'])(
    'goes on from %s without whoever has a handle that is gone with its former owner',
    async (stop) => {
      const renamed = { ...item(2, 1), profile: { ...person(1), username: 'new.name' } }
      const taken = { ...item(3, 2), profile: { ...person(2), username: 'name1' } }
      const dir = archiveOf({ items: [item(1, 1)] }, { items: [renamed] }, { items: [taken] })
      const seeds = ['user:user-1', 'user:@new.name']
      const controller = new AbortController()
      const { signal } = controller
      const onProgress = ({ step }: { step: string }) => step === stop && controller.abort()

      const stopped = await forgetIn(dir, seeds, { signal, onProgress })
      const report = await forgetIn(dir, seeds)

      expect(stopped.outcome).toBe('interrupted')
      expect(report).toMatchObject({ outcome: 'done', subjects: 2, unknown_handles: 0, users: 1 })
      expect(valuesOf(dir, 'SELECT user_id FROM users')).toEqual(['user-2'])
      expect(valuesOf(dir, 'SELECT post_id FROM posts')).toEqual([postId(3)])
    },
  )

  it('finds who had the handle once, but not while somebody else has it', async () => {
    const renamed = { ...item(2, 1), profile: { ...person(1), username: 'new.name' } }
    const taken = { ...item(3, 2), profile: { ...person(2), username: 'name1' } }
    const free = archiveOf({ items: [item(1, 1)] }, { items: [renamed] })
    const reused = archiveOf({ items: [item(1, 1)] }, { items: [renamed] }, { items: [taken] })

    await forgetIn(free, ['user:@name1'])
    await forgetIn(reused, ['user:@name1'])

    expect(valuesOf(free, 'SELECT user_id FROM users')).toEqual([])
    expect(valuesOf(reused, 'SELECT user_id FROM users')).toEqual(['user-1'])
  })

  it('takes a comment out by itself, and keeps the replies to it', async () => {
    const comment = (n: number) => postId(n).slice(2)
    const told = (n: number, by: number, ...path: string[]) => ({
      post: { ...item(n, by).post, id: comment(n), parent_post_id: path[0], parent_path: path },
      profile: person(by),
    })
    const dir = archiveOf({ items: [item(1, 2)] })
    const archive = openArchive(dir)
    const items = [
      told(11, 1, postId(1)),
      told(12, 2, comment(11), postId(1)),
      told(13, 1, postId(1)),
    ]
    importAnswer(archive, {
      ...{ endpoint: 'get_post_comments', params: { post_id: postId(1) }, receivedAt: 9 },
      body: JSON.stringify({ children: { items, cursor: null } }),
    })
    archive.close()

    await forgetIn(dir, [`comment:${comment(11)}`])

    expect(
      rowsOf(dir, 'SELECT comment_id, post_id, parent_comment_id, depth FROM comments ORDER BY 1'),
    ).toEqual([
      { comment_id: comment(12), post_id: postId(1), parent_comment_id: null, depth: 2n },
      { comment_id: comment(13), post_id: postId(1), parent_comment_id: null, depth: 1n },
    ])
    expect(valuesOf(dir, 'SELECT user_id FROM users ORDER BY 1')).toEqual(['user-1', 'user-2'])
  })

  it('keeps a file that a post of others shows, too', async () => {
    const showing = (file: string) => ({
      attachments: [{ encodings: { md: { path: `https://videos.openai.com/a/${file}.mp4` } } }],
    })
    const items = [item(1, 1, showing('both')), item(2, 2, showing('both'))]
    const dir = archiveOf({ items: [...items, item(3, 1, showing('theirs'))] })
    const database = new Database(archivePathIn(dir))
    const keys = database.prepare('SELECT DISTINCT asset_key FROM assets ORDER BY 1').pluck().all()
    mkdirSync(join(dir, 'media'), { recursive: true })
    for (const [n, key] of keys.entries()) {
      writeFileSync(join(dir, `media/${n}.mp4`), 'x')
      database
        .prepare(`INSERT INTO media (asset_key, state, path, bytes) VALUES (?, 'saved', ?, 1)`)
        .run(key, `media/${n}.mp4`)
    }
    database.close()

    await forgetIn(dir, ['user:user-1'])

    expect(keys).toEqual([expect.stringContaining('both'), expect.stringContaining('theirs')])
    expect(valuesOf(dir, 'SELECT asset_key FROM media')).toEqual([keys[0]])
    expect([0, 1].map((n) => existsSync(join(dir, `media/${n}.mp4`)))).toEqual([true, false])
  })

  it('takes the video of an export with the post that it became, and takes none in again', async () => {
    const generation = (n: number) => `gen_01k7z067p3000000000000000${n}`
    const video = [{ id: `${postId(1)}-attachment-0`, generation_id: generation(1) }]
    const dir = archiveOf({ items: [item(1, 1, { attachments: video }), item(2, 2)] })
    const database = new Database(archivePathIn(dir))
    const insert = database.prepare(
      `INSERT INTO media (asset_key, state, path, bytes) VALUES (?, 'saved', ?, 1)`,
    )
    for (const n of [1, 2]) {
      mkdirSync(join(dir, 'media'), { recursive: true })
      writeFileSync(join(dir, `media/${n}.mp4`), 'x')
      insert.run(`export/${generation(n)}`, `media/${n}.mp4`)
    }
    database.close()

    await forgetIn(dir, [`post:${postId(1)}`])

    const archive = openArchive(dir)
    const log = new MediaLog(archive)
    const keys = [`export/${generation(1)}`, `export/${generation(2)}`, 'a file of nobody']
    const denied = keys.map((key) => log.isDenied(key))
    archive.close()
    expect(denied).toEqual([true, false, true])
    expect(valuesOf(dir, 'SELECT asset_key FROM media')).toEqual([`export/${generation(2)}`])
    expect([1, 2].map((n) => existsSync(join(dir, `media/${n}.mp4`)))).toEqual([false, true])
  })

  it('looks into answers of which the tables say nothing', async () => {
    const dir = archiveOf({ items: [item(2, 2)] })
    const archive = openArchive(dir)
    const body = JSON.stringify({ unknown: [{ deep: item(9, 1) }], by: 'user-1' })
    importAnswer(archive, { endpoint: 'get_post_detail', params: {}, body, receivedAt: 9 })
    archive.close()

    const report = await forgetIn(dir, ['user:user-1'])

    expect(report).toMatchObject({ outcome: 'done', answers_rewritten: 1 })
    expect(
      tracesOf(dir, {
        ids: new Set(['user-1', postId(9)]),
        answered: new Set(),
        handles: ['name1'],
        words: ['text 9'],
      }),
    ).toEqual([])
  })

  it('goes over the answers again for what a later one shows to be theirs', async () => {
    const dir = archiveOf({ items: [item(2, 2)] })
    const archive = openArchive(dir)
    for (let n = 20; n < 40; n += 1) {
      const items = [{ id: postId(n).slice(2), posted_by: 'user-2', text: `below ${n}` }]
      const about = { endpoint: 'get_post_comments', params: { post_id: postId(9) } }
      importAnswer(archive, {
        ...about,
        body: JSON.stringify({ items, cursor: `${n}` }),
        receivedAt: n,
      })
    }
    const body = JSON.stringify({ unknown: [item(9, 1)] })
    importAnswer(archive, { endpoint: 'get_post_detail', params: {}, body, receivedAt: 50 })
    archive.close()

    await forgetIn(dir, ['user:user-1'])

    expect(valuesOf(dir, 'SELECT comment_id FROM comments')).toEqual([])
    const ids = Array.from({ length: 20 }, (_, n) => postId(20 + n))
    expect(
      tracesOf(dir, {
        ids: new Set([...ids, postId(9)]),
        answered: new Set(),
        handles: [],
        words: [],
      }),
    ).toEqual([])
  })

  it('says where a name is found again, and goes over all of it once more when asked to', async () => {
    const dir = archiveOf({ items: [item(2, 2)] })
    const leaver = `user-${'1'.repeat(24)}`
    const database = new Database(archivePathIn(dir))
    const put = database.prepare('UPDATE responses SET base_url = ?')
    put.run(`for ${leaver}`)

    const report = await forgetIn(dir, [`user:${leaver}`])
    put.run('r-1')
    const again = await forgetIn(dir, [])
    database.close()

    expect(report.outcome).toBe('failures')
    expect(report.found_again).toContain('the column base_url of the table responses')
    expect(report.found_again[0]).toMatch(/archive\.sqlite, near byte \d+$/)
    expect(again).toMatchObject({ outcome: 'done', found_again: [] })
  })

  it('looks into every file of the folder but those in `media`', async () => {
    const dir = archiveOf({ items: [item(2, 2)] })
    const leaver = `user-${'1'.repeat(24)}`
    mkdirSync(join(dir, 'media', 'sha256'), { recursive: true })
    for (const name of ['media-notes.txt', 'media/sha256/x.mp4'])
      writeFileSync(join(dir, name), leaver)

    const report = await forgetIn(dir, [`user:${leaver}`])

    expect(report.found_again).toEqual([`${join(dir, 'media-notes.txt')}, near byte 0`])
  })

  it('counts first, and changes nothing', async () => {
    const dir = archiveOf({ items: [item(1, 1), item(2, 2), item(3, 1)] })
    const before = rowsIn(dir)

    const plan = planForget(dir, ['user:user-1'])

    expect(plan).toMatchObject({ users: 1, posts: 2, comments: 0, answers: 1, media_files: 0 })
    expect(rowsIn(dir)).toEqual(before)
    expect(rowsOf(dir, 'SELECT * FROM denylist')).toEqual([])
    expect(await verifyArchive({ archiveDir: dir })).toEqual([])
  })

  it.each([
    ['their id', 'user-1 wrote.'],
    ['a post of theirs', `about ${postId(1)}`],
    ['a post once told to be theirs', `about ${postId(4)}`],
    ['their handle, in any letters', 'Mail (RENAMED).'],
    ['a handle of theirs of former days', 'Mail (NAME1).'],
    ['the handle that they had between', 'Mail of between'],
  ])('refuses a reason with %s, and changes nothing', async (_, reason) => {
    const named = (username: string) => ({ ...item(3, 1), profile: { ...person(1), username } })
    const dir = archiveOf(
      { items: [item(1, 1), item(2, 2), item(4, 1)] },
      { items: [named('between'), item(4, 2)] },
      { items: [named('renamed')] },
    )
    const before = rowsIn(dir)

    const forgetting = forgetIn(dir, ['user:user-1'], { reason })

    await expect(forgetting).rejects.toThrow(/^the reason names whom it is given for/)
    expect(rowsIn(dir)).toEqual(before)
    expect(rowsOf(dir, 'SELECT * FROM denylist')).toEqual([])
    expect(await verifyArchive({ archiveDir: dir })).toEqual([])
  })

  it('refuses a reason with a handle in another script', async () => {
    const korean = { ...item(1, 1), profile: { ...person(1), username: '민지.k' } }
    const dir = archiveOf({ items: [korean] })

    const forgetting = forgetIn(dir, ['user:user-1'], { reason: 'mail of 민지.k, by phone' })

    await expect(forgetting).rejects.toThrow(/^the reason names whom it is given for/)
  })

  it('denies whom the archive does not hold yet', async () => {
    const dir = archiveOf({ items: [item(2, 2)] })
    const before = rowsIn(dir)

    const report = await forgetIn(dir, ['user:user-1'], { reason: 'mail of 2026-02-03' })

    expect(report).toMatchObject({ outcome: 'done', users: 0, posts: 0, answers_rewritten: 0 })
    expect(rowsIn(dir)).toEqual(before)
    expect(rowsOf(dir, 'SELECT kind, reason FROM forgotten')).toEqual([
      { kind: 'user', reason: 'mail of 2026-02-03' },
    ])
  })

  it('tells of handles that nobody has in the archive', async () => {
    const dir = archiveOf({ items: [item(1, 1, { text: '@nobody' })] })
    const seeds = ['user:@nobody', 'user:@NAME1', 'user:user-9']

    expect(planForget(dir, seeds)).toMatchObject({ unknown_handles: 1 })
    expect(await forgetIn(dir, seeds)).toMatchObject({ users: 1, unknown_handles: 1 })
  })

  it.each([
    ['feed', /feed names nothing that can be forgotten\. Give one of: user:/],
    ['user:bob', /names nothing/],
    ['post:s_1', /names nothing/],
    ['comment:user-1', /names nothing/],
  ])('refuses %s, and changes nothing', async (seed, message) => {
    const dir = archiveOf({ items: [item(2, 2)] })

    await expect(async () => forgetIn(dir, [seed])).rejects.toThrow(message)

    expect(rowsOf(dir, 'SELECT * FROM forgotten')).toEqual([])
  })

  it('wants to be told whom, where nobody is forgotten', async () => {
    const dir = archiveOf({ items: [item(2, 2)] })

    await expect(forgetIn(dir, [])).rejects.toThrow(/name whom or what to forget/)
  })

  it('goes on in an archive that an earlier version made', async () => {
    const dir = archiveOf({ items: [item(1, 1), item(2, 2)] })
    toVersion3(dir)
    const database = new Database(archivePathIn(dir))
    for (const name of [
      'forgotten',
      'denylist',
      'forget_keys',
      'rewritten',
      'forgetting',
      'forgetting_names',
    ])
      database.exec(`DROP TABLE ${name}`)
    database.exec('DROP INDEX journal_imported_too')
    database.pragma('user_version = 2')
    database.close()

    await forgetIn(dir, ['user:user-1'])

    expect(valuesOf(dir, 'SELECT post_id FROM posts')).toEqual([postId(2)])
    expect(valuesOf(dir, 'PRAGMA user_version')).toEqual([BigInt(schemaVersion)])
  })
})
