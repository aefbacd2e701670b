import { describe, expect, it } from 'vitest'
import { crawlAt, ask, countOf, temporaryFolder } from './runs.js'
import { detail, failure, idOf, openScripted, postSeeds, success, post } from './scripted-api.js'
import type { Call, Script, Scripted } from './scripted-api.js'

/** Answers the post of this number in one way, all others as they are. */
const onlyPost =
  (n: number, answer: (call: Call) => Scripted | undefined): Script =>
  (call, response) => {
    if (call.params['post_id'] !== idOf(n)) return detail(call)
    const scripted = answer(call)
    if (scripted === undefined) response.destroy()
    return scripted
  }

const requestOf = (archiveDir: string, n: number): unknown =>
  ask(
    archiveDir,
    `SELECT state, reason, attempts FROM requests
     WHERE endpoint = 'get_post_detail' AND params LIKE '%${idOf(n)}%'`,
  )[0]

const absencesIn = (archiveDir: string): unknown[] =>
  ask(archiveDir, 'SELECT entity_kind, entity_id, reason FROM absences')

const html = { body: '<html>gateway</html>', headers: { 'content-type': 'text/html' } }

const retried: Record<string, (call: Call) => Scripted | undefined> = {
  'a 500': () => failure(500, 'An error occurred.'),
  'a 502 in HTML': () => ({ status: 502, ...html }),
  'a 503': () => failure(503, 'Service unavailable'),
  'a 504 in HTML': () => ({ status: 504, ...html }),
  'a reset': () => undefined,
  'a body cut off': (call) => ({ ...detail(call), isCut: true }),
  'a body that is no JSON': () => ({ ...html }),
  'half a JSON text': (call) => ({ body: String(detail(call).body).slice(0, 60) }),
  'a 200 with an error inside': () => ({ ...failure(500, 'An error occurred.'), status: 200 }),
  'a 200 whose code is not 200': () => ({ body: '{"code":500,"message":"no","data":null}' }),
  'a 400 that says please retry': () => failure(400, 'Request failed. Please retry.'),
  'the same 400 in Chinese only': () => ({
    status: 400,
    body: '{"detail":{"code":400,"message_zh":"请求失败，请重试。"}}',
  }),
}

/** Part 3: every failure has its consequence. */
export function failurePromises(): void {
  it.each(Object.entries(retried))('asks again after %s, and holds all', async (_, answer) => {
    const script = onlyPost(2, (call) => (call.nth < 3 ? answer(call) : detail(call)))
    const { url, calls } = await openScripted(script)
    const archiveDir = temporaryFolder()

    const report = await crawlAt(url, archiveDir, { seeds: postSeeds(4) })

    expect(report).toMatchObject({ outcome: 'done', failed: 0, pending: 0, posts: 4 })
    expect(calls.filter(({ params }) => params['post_id'] === idOf(2))).toHaveLength(4)
  })

  it.each(Object.entries(retried))('gives up after three retries: %s', async (_, answer) => {
    const { url, calls } = await openScripted(onlyPost(2, answer))
    const archiveDir = temporaryFolder()

    const report = await crawlAt(url, archiveDir, { seeds: postSeeds(4) })

    expect(report).toMatchObject({ outcome: 'failures', failed: 1, pending: 0, posts: 3 })
    expect(calls.filter(({ params }) => params['post_id'] === idOf(2))).toHaveLength(4)
    expect(requestOf(archiveDir, 2)).toEqual({
      state: 'failed',
      reason: expect.stringMatching(/\w/) as string,
      attempts: 4,
    })
  })

  it('asks again after an answer that does not come in time', async () => {
    const silent: Script = (call, response) =>
      call.params['post_id'] === idOf(2) && call.nth === 0
        ? void setTimeout(() => response.destroy(), 5000)
        : detail(call)
    const { url, calls } = await openScripted(silent)
    const archiveDir = temporaryFolder()

    const report = await crawlAt(url, archiveDir, { seeds: postSeeds(3), timeoutMs: 300 })

    expect(report).toMatchObject({ outcome: 'done', failed: 0, posts: 3 })
    expect(calls).toHaveLength(4)
    expect(ask(archiveDir, `SELECT billed FROM responses WHERE status IS NULL`)).toEqual([
      'unknown',
    ])
  })

  describe('pace', () => {
    it('counts a 429 as no try', async () => {
      const slow = (call: Call) =>
        call.nth < 7 ? { ...failure(429, 'slow'), headers: { 'retry-after': '0' } } : detail(call)
      const { url } = await openScripted(onlyPost(2, slow))
      const archiveDir = temporaryFolder()

      const report = await crawlAt(url, archiveDir, { seeds: postSeeds(3) })

      expect(report).toMatchObject({ outcome: 'done', failed: 0, posts: 3 })
      expect(requestOf(archiveDir, 2)).toMatchObject({ state: 'done', attempts: 1 })
    })

    it.each([
      { status: 429, wait: () => '1', least: 950 },
      { status: 503, wait: () => '1', least: 950 },
      { status: 429, wait: () => new Date(Date.now() + 2500).toUTCString(), least: 1400 },
    ])('waits as long as a $status tells', async ({ status, wait, least }) => {
      const slow = (call: Call) =>
        call.nth === 0
          ? { ...failure(status, 'slow'), headers: { 'retry-after': wait() } }
          : detail(call)
      const { url, calls } = await openScripted(onlyPost(2, slow))

      const report = await crawlAt(url, temporaryFolder(), { seeds: postSeeds(3) })

      const [first, second] = calls.filter(({ params }) => params['post_id'] === idOf(2))
      expect(report).toMatchObject({ outcome: 'done', posts: 3 })
      expect(second!.atMs - first!.atMs).toBeGreaterThanOrEqual(least)
      expect(second!.atMs - first!.atMs).toBeLessThan(least + 2500)
    })

    it('parks what must wait for more than a minute, and other classes go first', async () => {
      const script: Script = (call) =>
        call.endpoint === 'get_task_status' && call.nth === 0
          ? { ...failure(429, 'slow'), headers: { 'retry-after': '90' } }
          : call.endpoint === 'get_task_status'
            ? { body: success({ id: call.params['task_id'], status: 'queued', progress_pct: 0 }) }
            : detail(call)
      const { url, calls } = await openScripted(script)
      const stop = new AbortController()
      const seeds = [...postSeeds(1), 'task:task_01k8qjg7nvf2ds7sgx3h8dbnyw', ...postSeeds(6)]

      setTimeout(() => stop.abort(), 2500)
      const report = await crawlAt(url, temporaryFolder(), { seeds, signal: stop.signal })

      expect(report).toMatchObject({ outcome: 'interrupted', posts: 6, pending: 1 })
      expect(calls).toHaveLength(7)
    })
  })

  describe('one object', () => {
    it.each([
      ['404 with an object as detail', failure(404, 'This post does not exist.'), 'no'],
      ['a 200 with null as data', { body: success(null) }, 'yes'],
      ['a 200 with {} as data', { body: success({}) }, 'yes'],
    ] as [string, Scripted, string][])('is absent: %s', async (_, answer, billed) => {
      const { url, calls } = await openScripted(onlyPost(2, () => answer))
      const archiveDir = temporaryFolder()

      const report = await crawlAt(url, archiveDir, { seeds: postSeeds(3) })

      expect(report).toMatchObject({ outcome: 'done', failed: 0, posts: 2 })
      expect(absencesIn(archiveDir)).toEqual([
        { entity_kind: 'post', entity_id: idOf(2), reason: 'not_found' },
      ])
      expect(calls).toHaveLength(3)
      const ofPost = `SELECT billed FROM responses WHERE params LIKE '%${idOf(2)}%'`
      expect(ask(archiveDir, ofPost)).toEqual([billed])
    })

    it.each([1, 2, 3])(
      'is unavailable after its tries, where the rest of its kind answers (post %i of 3)',
      async (n) => {
        const broken = () => failure(400, 'Request failed. Please retry.')
        const { url } = await openScripted(onlyPost(n, broken))
        const archiveDir = temporaryFolder()

        const report = await crawlAt(url, archiveDir, { seeds: postSeeds(3) })

        expect(report).toMatchObject({ outcome: 'failures', failed: 1, posts: 2 })
        expect(absencesIn(archiveDir)).toEqual([
          { entity_kind: 'post', entity_id: idOf(n), reason: 'unavailable' },
        ])
        expect(requestOf(archiveDir, n)).toMatchObject({ state: 'failed', attempts: 4 })
      },
    )

    it('is not called unavailable where nothing of its kind answers', async () => {
      const { url } = await openScripted(() => failure(400, 'Request failed. Please retry.'))
      const archiveDir = temporaryFolder()

      const report = await crawlAt(url, archiveDir, { seeds: postSeeds(3) })

      expect(report).toMatchObject({ outcome: 'failures', failed: 3 })
      expect(absencesIn(archiveDir)).toEqual([])
    })

    it.each([
      ['once', 1, { outcome: 'done', failed: 0 }],
      ['always', 9, { outcome: 'failures', failed: 1 }],
    ])('is asked once more where another came: %s', async (_, times, expected) => {
      const foreign = post(9, { reply_count: 5, remix_count: 5 })
      const other = (call: Call) => (call.nth < times ? { body: success(foreign) } : detail(call))
      const { url, calls } = await openScripted(onlyPost(2, other))
      const archiveDir = temporaryFolder()

      const report = await crawlAt(url, archiveDir, { seeds: postSeeds(3) })

      const odd = Math.min(times, 2)
      expect(report).toMatchObject(expected)
      expect(calls).toHaveLength(4)
      expect(calls.map(({ endpoint }) => endpoint)).not.toContain('get_post_comments')
      expect(countOf(archiveDir, 'SELECT count(*) FROM anomalies')).toBeGreaterThanOrEqual(1)
      expect(countOf(archiveDir, `SELECT count(*) FROM posts WHERE post_id = '${idOf(2)}'`)).toBe(
        2 - odd,
      )
      expect(countOf(archiveDir, 'SELECT count(*) FROM responses WHERE body_sha256 IS NULL')).toBe(
        0,
      )
    })
  })

  it('calls a 404 "Not Found" the route, and stops', async () => {
    const script: Script = (call) =>
      call.index < 2 ? detail(call) : { status: 404, body: '{"detail":"Not Found"}' }
    const { url } = await openScripted(script)
    const archiveDir = temporaryFolder()

    const report = await crawlAt(url, archiveDir, { seeds: postSeeds(9), concurrency: 1 })

    expect(report).toMatchObject({ outcome: 'refused', requests_sent: 3, failed: 0, pending: 7 })
    expect(absencesIn(archiveDir)).toEqual([])
  })

  it('tries what failed again with retryFailed, and only that', async () => {
    let isWell = false
    const script = onlyPost(2, (call) => (isWell ? detail(call) : failure(500, 'broken')))
    const { url, calls } = await openScripted(script)
    const archiveDir = temporaryFolder()
    await crawlAt(url, archiveDir, { seeds: postSeeds(3) })
    const before = calls.length

    const without = await crawlAt(url, archiveDir, { seeds: [] })
    isWell = true
    const again = await crawlAt(url, archiveDir, { seeds: [], retryFailed: true })

    expect(without).toMatchObject({ outcome: 'failures', failed: 1, requests_sent: 0 })
    expect(again).toMatchObject({ outcome: 'done', failed: 0, requests_sent: 1, posts: 3 })
    expect(calls).toHaveLength(before + 1)
  })

  it.each([
    ['posts', postSeeds(30), () => failure(503, 'down')],
    ['a list and posts, half of them refused as bad', ['feed', ...postSeeds(40)], toggled],
  ] as [string, string[], Script][])(
    'stops after twenty failures in a row: %s',
    async (...given) => {
      const [, seeds, script] = given
      const { url, calls } = await openScripted(script)
      const archiveDir = temporaryFolder()

      const report = await crawlAt(url, archiveDir, { seeds })

      expect(report.outcome).toBe('refused')
      expect(calls.length).toBeLessThan(100)
      expect(report.pending).toBeGreaterThan(0)
      expect(report.message).toMatch(/20/)
    },
  )
}

function toggled(call: Call): Scripted {
  return call.index % 2 === 0 ? failure(500, 'broken') : failure(400, 'Request failed.')
}
