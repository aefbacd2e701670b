import { readdirSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import Database from 'better-sqlite3'
import { beforeAll, describe, expect, it, onTestFinished } from 'vitest'
import { openArchive } from '../../src/archive/archive.js'
import { rebuild } from '../../src/archive/rebuild.js'
import { openSimulator, type Simulator, type SimulatorOptions } from '../../src/simulator/index.js'
import { buildProgram, root, run, temporaryFolder } from './program.js'
import { smallDisk } from './small-disk.js'

const key = 'sim-secret-key-4711'

async function openApi(options: Partial<SimulatorOptions> = {}): Promise<Simulator> {
  const simulator = await openSimulator({ clock: () => Date.now(), posts: 6, key, ...options })
  onTestFinished(() => simulator.close())
  return simulator
}

function rowsOf(archive: string, sql: string): unknown[] {
  const database = new Database(join(archive, 'archive.sqlite'), { readonly: true })
  try {
    return database.prepare(sql).all()
  } finally {
    database.close()
  }
}

const png = Buffer.from('89504e470d0a1a0a0000000d49484452', 'hex')

beforeAll(buildProgram)

describe('afterfeed call', () => {
  it('lists the 17 endpoints with prices and parameters', async () => {
    const { code, stdout } = await run(['call'])

    expect(code).toBe(0)
    expect(stdout.trim().split('\n')).toHaveLength(17)
    expect(stdout).toMatch(/^get_post_detail +\$0\.05 +One post.*post_id .*one of these/m)
    expect(stdout).toMatch(/^create_video +\$0\.1 .*Deprecated/m)
    expect(stdout).toContain('orientation (portrait or landscape, default portrait)')
    expect(stdout).toContain('eager_views (What was watched, as JSON text, default {"views":[]})')
  })

  it('prints the answer without key and signatures, and makes no archive', async () => {
    const api = await openApi()
    const archive = temporaryFolder()
    const post_id = api.truth().posts[0]!.post_id

    const args = ['call', 'get_post_detail', `post_id=${post_id}`, '--archive', archive]
    const { code, stdout, stderr } = await run([...args, '--base-url', api.url], { key })

    expect(code).toBe(0)
    expect(JSON.parse(stdout)).toMatchObject({ code: 200, data: { post: { id: post_id } } })
    expect(stdout).not.toMatch(/[?&]sig=/)
    expect(stdout + stderr).not.toContain(key)
    expect(stderr).toBe(
      `1 call of get_post_detail, $0.05 (billed: yes); not noted: no archive at ${archive}\n`,
    )
    expect(readdirSync(archive)).toEqual([])
  })

  it('keeps the answer with --save: rows, ledger, and the same after a rebuild', async () => {
    const api = await openApi()
    const archive = temporaryFolder()
    const shared = ['--base-url', api.url, '--archive', archive, '--json']

    const saved = await run(['call', 'get_feed', '--save', ...shared], { key })
    const noted = await run(['call', 'get_cameo_leaderboard', ...shared], { key })

    const posts = rowsOf(archive, 'SELECT * FROM posts ORDER BY post_id')
    expect([saved.code, noted.code]).toEqual([0, 0])
    expect(JSON.parse(saved.stdout)).toMatchObject({
      endpoint: 'get_feed',
      status: 200,
      saved: true,
    })
    expect(posts.length).toBeGreaterThan(5)
    expect(
      rowsOf(archive, 'SELECT endpoint, origin, billed, cost_usd, outcome FROM responses'),
    ).toEqual([
      { endpoint: 'get_feed', origin: 'network', billed: 'yes', cost_usd: 0.05, outcome: 'page' },
      {
        ...{ endpoint: 'get_cameo_leaderboard', origin: 'network' },
        ...{ billed: 'yes', cost_usd: 0.05, outcome: 'page' },
      },
    ])
    expect(rowsOf(archive, 'SELECT command, outcome FROM runs')).toEqual([
      { command: 'call get_feed', outcome: 'done' },
      { command: 'call get_cameo_leaderboard', outcome: 'done' },
    ])
    expect(rowsOf(archive, 'SELECT count(*) AS n FROM leaderboard_entries')).toEqual([{ n: 0 }])
    expect(rowsOf(archive, 'SELECT count(*) AS n FROM requests')).toEqual([{ n: 0 }])
    await rebuild({ archiveDir: archive, clock: () => 1 })
    expect(rowsOf(archive, 'SELECT * FROM posts ORDER BY post_id')).toEqual(posts)
    expect(rowsOf(archive, 'SELECT count(*) AS n FROM leaderboard_entries')).toEqual([{ n: 0 }])
  })

  it('says with one full stop what came instead, and which archive notes it', async () => {
    const api = await openApi()
    const archive = temporaryFolder()
    openArchive(archive).close()

    const asked = ['post_id=s_68ef1920000081910000000000000001', '--archive', archive]
    const { code, stderr } = await run(
      ['call', 'get_post_detail', ...asked, '--base-url', api.url],
      { key },
    )

    expect(code).toBe(5)
    expect(stderr).toBe(
      '404 Not found: there is no such object, or it was removed. ' +
        `1 call of get_post_detail, $0.00 (billed: no); noted in the archive ${archive}\n`,
    )
  })

  it('prints its result on one line for those who take U+2028 for the end of one', async () => {
    const api = await openApi({ posts: 60 })
    const { post_id } = api.truth().posts.find(({ text }) => text.includes('\u2028'))!

    const shared = ['--base-url', api.url, '--archive', temporaryFolder(), '--json']
    const { stdout } = await run(['call', 'get_post_detail', `post_id=${post_id}`, ...shared], {
      key,
    })

    expect(JSON.stringify(JSON.parse(stdout))).toContain('\u2028')
    expect(stdout.trimEnd().split(/[\n\u2028\u2029]/)).toHaveLength(1)
  })

  it('lets a crawl go on from what it kept', async () => {
    const api = await openApi({ comments: 0, remixes: 0 })
    const archive = temporaryFolder()
    const shared = ['--base-url', api.url, '--archive', archive]
    const user = api.truth().users[0]!.user_id
    await run(['call', 'get_user_profile', `user_id=${user}`, '--save', ...shared], { key })
    const before = api.calls().calls

    const { code } = await run(['crawl', `user:${user}`, '--quiet', '--rate', '0', ...shared], {
      key,
    })

    expect(code).toBe(0)
    expect(api.calls().by_endpoint['get_user_profile']).toBe(1)
    expect(api.calls().calls).toBeGreaterThanOrEqual(before)
  })

  it.each([
    [['get_nothing'], 'there is no endpoint get_nothing; there are get_feed, '],
    [['get_post_detail'], 'post_id or post_url is missing'],
    [['get_post_detail', 'post_id'], 'post_id is no name=value'],
    [['get_post_detail', 'post_id=abc'], 'post_id has another form than its own'],
    [['get_post_detail', 'post_id=s_68e466aa780c8191b'], 'post_id has another form than its own'],
    [['get_user_profile', 'user_id=user-a/../b'], 'user_id has another form than its own'],
    [['get_comment_replies', 'comment_id=68e466aa'], 'comment_id has another form than its own'],
    [['get_task_status', 'task_id=task_../x'], 'task_id has another form than its own'],
    [['get_task_detail', 'generation_id=gen_1'], 'generation_id has another form than its own'],
    [['get_post_detail', 'post_id=s_1', 'x=1'], 'there is no parameter x'],
    [['get_user_posts'], 'user_id is missing'],
    [
      ['create_video', 'prompt=a', 'orientation=round'],
      'orientation is one of portrait, landscape',
    ],
    [['create_video', `prompt=${'a'.repeat(2001)}`], 'prompt is longer than 2000 characters'],
    [['upload_image', 'file=/nowhere.png'], 'file=/nowhere.png cannot be read'],
    [['upload_image', `file=${join(root, 'package.json')}`], 'is neither PNG nor JPEG'],
  ])('refuses %j before anything is sent', async (words, message) => {
    const api = await openApi()

    const { code, stdout, stderr } = await run(['call', ...words, '--base-url', api.url], { key })

    expect(stderr).toContain(message)
    expect({ code, stdout }).toEqual({ code: 2, stdout: '' })
    expect(api.calls().calls).toBe(0)
  })

  it('sends the two POST endpoints, a picture among them', async () => {
    const api = await openApi()
    const picture = join(temporaryFolder(), 'a.png')
    writeFileSync(picture, png)
    const shared = ['--base-url', api.url, '--json']

    const upload = await run(['call', 'upload_image', `file=${picture}`, ...shared], { key })
    const create = await run(['call', 'create_video', 'prompt=a cat', ...shared], { key })

    expect(JSON.parse(upload.stdout)).toMatchObject({
      ...{ endpoint: 'upload_image', status: 200, cost_usd: 0.001 },
      answer: { data: { id: expect.stringMatching(/^media_/) as string } },
    })
    expect(JSON.parse(create.stdout)).toMatchObject({
      ...{ endpoint: 'create_video', status: 200, cost_usd: 0.1 },
      answer: { data: { id: expect.stringMatching(/^task_/) as string } },
    })
    expect(create.stderr).toContain('create_video is deprecated')
  })

  it.each([
    ['402=1', 4, 'top up at TikHub'],
    ['gone=1', 4, 'The route is gone'],
    ['503=1', 5, '503'],
    ['404=1', 5, '404'],
  ])('ends with the code of the contract: %s', async (faults, code, message) => {
    const api = await openApi({ faults })

    const post = `post_id=s_${'0'.repeat(32)}`
    const ended = await run(['call', 'get_post_detail', post, '--base-url', api.url], { key })

    expect(ended.code).toBe(code)
    expect(ended.stderr).toContain(message)
  })

  it.for([['--save'], []])(
    'pays for nothing that the disk may not take, with %j',
    async (flags, context) => {
      const [api, folder] = [await openApi(), smallDisk(context)]
      const archive = join(folder, 'archive')
      const args = ['call', 'get_feed', ...flags, '--archive', archive, '--base-url', api.url]
      openArchive(archive).close()
      writeFileSync(join(folder, 'others'), Buffer.alloc(20_000_000))

      const { code, stderr } = await run(args, { key })

      expect(code).toBe(2)
      expect(stderr).toMatch(/^afterfeed: only \d+\.\d MB are free on the disk of .*\/archive: /)
      expect(api.calls().calls).toBe(0)
    },
  )

  it('wants a key', async () => {
    const { code, stderr } = await run(['call', 'get_feed'], { key: undefined })

    expect(code).toBe(2)
    expect(stderr).toContain('no API key')
  })
})
