import { writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { describe, expect, it, onTestFinished } from 'vitest'
import { rebuild } from '../../src/archive/rebuild.js'
import { crawl, importFiles, openSimulator, type Simulator } from '../../src/index.js'
import type { Behave } from './behaviours.js'
import { sha256 } from './file-bytes.js'
import { hostileMedia, type HostedFile, type HostileMedia } from './hostile-media.js'
import { drip, expire, sendHonestly } from './send-file.js'
import {
  archiveOf,
  draftItem,
  endOf,
  envelope,
  faultsOfFiles,
  feedOf,
  idOf,
  mediaRows,
  postItem,
  profileOf,
  rowOf,
  rowsOf,
  saveAt,
  temporaryFolder,
  userIdOf,
} from './worlds.js'

const noonMs = Date.UTC(2026, 1, 3, 12)
const hourMs = 3_600_000

const iso = (ms: number): string => new Date(ms).toISOString().slice(0, 19) + 'Z'

/** It is noon, and time goes on as usual. */
function noonClock(): () => number {
  const began = performance.now()
  return () => Math.round((noonMs + performance.now() - began) * 1000)
}

const past = iso(noonMs - hourMs)
const later = iso(noonMs + 72 * hourMs)

/** A file that its signature opens until it ends. */
const signed: Behave = (turn) =>
  Date.parse(turn.query.get('se') ?? '') > noonMs ? sendHonestly(turn) : expire(turn)

const callsOf = (media: HostileMedia, endpoint: string): string[] =>
  media.calls
    .filter((call) => call.endpoint === endpoint)
    .map(({ params }) => Object.values(params)[0]!)

/** The n-th number of a post's id. */
const numberOf = (id: string): number => Number(id.slice(-17))

/** So many posts, each with a video, a thumbnail and a small copy, signed until then. */
async function openPosts(count: number, expires: string) {
  const media = await hostileMedia()
  const put = (kind: 'mp4' | 'webp', name: string) => media.put({ kind, name, behave: signed })
  const posts = Array.from({ length: count }, (_, n) => ({
    source_wm: put('mp4', `video ${n}`),
    thumbnail: put('webp', `thumbnail ${n}`),
    md: put('mp4', `small ${n}`),
  }))
  const item = (n: number, until: string) => {
    const files = Object.entries(posts[n]!).map(([name, file]) => [
      name,
      media.address(file, { expires: until }),
    ])
    return postItem(n, Object.fromEntries(files) as object)
  }
  const answerDetail = (until: string) => (endpoint: string, params: Record<string, string>) =>
    endpoint === 'get_post_detail'
      ? { status: 200, body: envelope(endpoint, params, item(numberOf(params['post_id']!), until)) }
      : { status: 404, body: '{"detail":{"code":404,"message":"Not found."}}' }
  media.api = answerDetail(later)
  const archiveDir = await archiveOf(feedOf(posts.map((_, n) => item(n, expires))))
  return { media, archiveDir, posts, item, answerDetail }
}

const stateOf = (archiveDir: string, file: HostedFile) => endOf(rowOf(mediaRows(archiveDir), file))

describe('saveMedia and signatures past their time', () => {
  it('asks for no link past its time, and calls nothing with a budget of 0', async () => {
    const { media, archiveDir, posts } = await openPosts(3, past)

    const report = await saveAt(media, archiveDir, { clock: noonClock(), budgetUsd: 0 })

    const states = posts
      .flatMap((post) => [post.source_wm, post.thumbnail])
      .map((file) => stateOf(archiveDir, file))
    expect(media.asked).toEqual([])
    expect(media.calls).toEqual([])
    expect(states.every((state) => /^(wanted|lost) expired$/.test(state))).toBe(true)
    expect(report).toMatchObject({ requests_sent: 0, cost_usd: 0, outcome: 'budget' })
  })

  it('renews all files of a post with one call, and none that are past are asked for', async () => {
    const { media, archiveDir, posts } = await openPosts(4, past)

    const report = await saveAt(media, archiveDir, { clock: noonClock() })

    const wanted = posts.flatMap((post) => [post.source_wm, post.thumbnail])
    expect(callsOf(media, 'get_post_detail').sort()).toEqual(posts.map((_, n) => idOf(n)).sort())
    expect(wanted.map((file) => rowOf(mediaRows(archiveDir), file)?.sha256)).toEqual(
      wanted.map(({ bytes }) => sha256(bytes)),
    )
    expect(media.asked.filter(({ url }) => url.includes(encodeURIComponent(past)))).toEqual([])
    expect(report).toMatchObject({ outcome: 'done', requests_sent: 4, saved_files: 8 })
    expect(faultsOfFiles(archiveDir)).toEqual([])
  })

  it('has every renewal in the ledger, with its price', async () => {
    const { media, archiveDir } = await openPosts(3, past)

    const { cost_usd } = await saveAt(media, archiveDir, { clock: noonClock() })

    const ledger = rowsOf<{ billed: string; status: number; cost_usd: number; run_id: number }>(
      archiveDir,
      `SELECT billed, status, cost_usd, run_id FROM responses WHERE origin = 'network'`,
    )
    expect(ledger.map(({ billed, status }) => [billed, status])).toEqual(
      Array.from({ length: 3 }, () => ['yes', 200]),
    )
    expect(ledger.reduce((sum, row) => sum + row.cost_usd, 0)).toBeCloseTo(cost_usd, 9)
    expect(cost_usd).toBeGreaterThan(0)
    expect(rowsOf(archiveDir, `SELECT 1 FROM runs WHERE command = 'media'`)).toHaveLength(1)
  })

  it('leaves an archive that rebuilds to the same rows', async () => {
    const { media, archiveDir } = await openPosts(3, past)
    await saveAt(media, archiveDir, { clock: noonClock() })
    const rows = () => [
      ...rowsOf(archiveDir, 'SELECT * FROM assets ORDER BY asset_key, variant, owner_id'),
      ...rowsOf(archiveDir, 'SELECT * FROM posts ORDER BY post_id'),
      ...rowsOf(archiveDir, 'SELECT * FROM media ORDER BY asset_key'),
    ]
    const before = rows()

    await rebuild({ archiveDir, clock: noonClock() })

    expect(rows()).toEqual(before)
  })

  it('renews within the budget, and goes on where more is allowed', async () => {
    const { media, archiveDir } = await openPosts(6, past)
    const clock = noonClock()
    const prices = { perCall: { get_post_detail: 0.05 } }

    const first = await saveAt(media, archiveDir, { clock, prices, budgetUsd: 0.1 })
    const afterFirst = media.calls.length
    const total = await saveAt(media, archiveDir, { clock, prices, budgetTotalUsd: 0.15 })
    const afterTotal = media.calls.length
    const limited = await saveAt(media, archiveDir, { clock, prices, maxRequests: 1 })
    const afterLimited = media.calls.length
    const last = await saveAt(media, archiveDir, { clock, prices })

    expect([afterFirst, afterTotal, afterLimited, media.calls.length]).toEqual([2, 3, 4, 6])
    expect([first, total, limited, last].map(({ outcome }) => outcome)).toEqual([
      ...['budget', 'budget', 'budget', 'done'],
    ])
    expect(first).toMatchObject({ cost_usd: 0.1, files: { saved: 4, lost: 0, failed: 0 } })
    expect(last.files).toMatchObject({ saved: 12, wanted: 0, lost: 0 })
  })

  it('renews nothing that nobody wants, and nothing that is held', async () => {
    const { media, archiveDir } = await openPosts(2, later)
    const clock = noonClock()
    await saveAt(media, archiveDir, { clock })
    const afterwards = () => clock() + 100 * hourMs * 1000

    const held = await saveAt(media, archiveDir, { clock: afterwards })
    const unwanted = await saveAt(media, archiveDir, { clock: afterwards, variants: ['gif'] })

    expect(media.calls).toEqual([])
    expect([held.outcome, unwanted.outcome]).toEqual(['done', 'done'])
  })

  it.each([
    ['no query', ''],
    ['no end', '?sp=r&sig=A'],
    ['an end in another age', '?se=9999-12-31T23%3A59%3A59Z&sig=A'],
    ['an end that is none', '?se=tomorrow&sig=A'],
    ['an end on no day', '?se=2099-02-30T00%3A00%3A00Z&sig=A'],
    ['two ends', '?se=2099-01-01T00%3A00%3A00Z&se=2001-01-01T00%3A00%3A00Z&sig=A'],
    ['a key that lives shorter', '?se=2099-01-01T00%3A00%3A00Z&ske=2098-01-01T00%3A00%3A00Z'],
  ])('saves a file whose link tells %s', async (_, query) => {
    const media = await hostileMedia()
    const file = media.put()
    const archiveDir = await archiveOf(
      feedOf([postItem(0, { source_wm: media.url + file.path + query })]),
    )

    await saveAt(media, archiveDir, { clock: noonClock(), renew: false })

    expect(stateOf(archiveDir, file)).toBe('saved')
  })

  it('asks for nothing with a key that has ended, whatever the signature says', async () => {
    const media = await hostileMedia()
    const file = media.put()
    const query = `?se=${encodeURIComponent(later)}&ske=${encodeURIComponent(past)}&sig=A`
    const archiveDir = await archiveOf(
      feedOf([postItem(0, { source_wm: media.url + file.path + query })]),
    )

    await saveAt(media, archiveDir, { clock: noonClock(), renew: false })

    expect(stateOf(archiveDir, file)).toBe('lost expired')
    expect(media.asked).toEqual([])
  })

  it('renews what ends before its download can, and does not ask for it before', async () => {
    const soon = iso(noonMs + 5000)
    const { media, archiveDir, posts } = await openPosts(1, soon)

    await saveAt(media, archiveDir, { clock: noonClock(), marginMs: 10_000 })

    expect(callsOf(media, 'get_post_detail')).toEqual([idOf(0)])
    expect(media.asked.filter(({ url }) => url.includes(encodeURIComponent(soon)))).toEqual([])
    expect(stateOf(archiveDir, posts[0]!.source_wm)).toBe('saved')
  })

  it('keeps the old address where the renewal fails', async () => {
    const { media, archiveDir } = await openPosts(1, past)
    const addresses = () => rowsOf(archiveDir, 'SELECT asset_key, variant, url FROM assets')
    const before = addresses()
    const answers = [
      { status: 500, body: '{"detail":{"code":500,"message":"An error occurred"}}' },
      { status: 200, body: 'no json' },
    ]

    for (const answer of answers) {
      media.api = () => answer
      await saveAt(media, archiveDir, { clock: noonClock(), retryBaseMs: 1 })
    }

    expect(addresses()).toEqual(before)
    expect(media.asked).toEqual([])
    expect(mediaRows(archiveDir).filter(({ state }) => state === 'saved')).toEqual([])
  })

  it('goes on with a download where the fresh answer comes', async () => {
    const { media, archiveDir, posts, answerDetail } = await openPosts(1, past)
    media.api = () => ({ status: 500, body: '{"detail":{"code":500,"message":"An error"}}' })
    await saveAt(media, archiveDir, { clock: noonClock() })

    media.api = answerDetail(later)
    const { outcome } = await saveAt(media, archiveDir, { clock: noonClock() })

    expect(outcome).toBe('done')
    expect(stateOf(archiveDir, posts[0]!.source_wm)).toBe('saved')
  })

  it('renews where the server says that a signature ended, once', async () => {
    const { media, archiveDir, posts } = await openPosts(2, later)
    const isFirst = new Set<HostedFile>()
    for (const { source_wm } of posts)
      source_wm.behave = (turn) => {
        if (isFirst.has(turn.file)) return sendHonestly(turn)
        isFirst.add(turn.file)
        return expire(turn)
      }
    const fresh = iso(noonMs + 73 * hourMs)
    const { answerDetail } = { answerDetail: media.api }
    media.api = (endpoint, params) => {
      const answer = answerDetail(endpoint, params)
      return {
        ...answer,
        body: answer.body.replaceAll(encodeURIComponent(later), encodeURIComponent(fresh)),
      }
    }

    const { outcome } = await saveAt(media, archiveDir, { clock: noonClock() })

    expect(outcome).toBe('done')
    expect(callsOf(media, 'get_post_detail').sort()).toEqual([idOf(0), idOf(1)])
  })

  it('asks no second time with an address that was refused as ended', async () => {
    const { media, archiveDir, posts } = await openPosts(1, later)
    posts[0]!.source_wm.behave = expire

    await saveAt(media, archiveDir, { clock: noonClock() })

    const urls = media.asked
      .filter(({ file }) => file === posts[0]!.source_wm)
      .map(({ url }) => url)
    expect(new Set(urls).size).toBe(urls.length)
    expect(stateOf(archiveDir, posts[0]!.source_wm)).toMatch(/^lost /)
  })

  it('pays once for a link that the server does not take, however often it runs', async () => {
    const { media, archiveDir, posts, answerDetail } = await openPosts(1, later)
    posts[0]!.source_wm.behave = expire
    let runs = 0
    const fresh = () => answerDetail(iso(noonMs + (73 + runs) * hourMs))
    media.api = (endpoint, params) => fresh()(endpoint, params)

    const outcomes: string[] = []
    for (; runs < 3; runs += 1)
      outcomes.push((await saveAt(media, archiveDir, { clock: noonClock() })).outcome)

    expect(outcomes).toEqual(['failures', 'failures', 'failures'])
    expect(callsOf(media, 'get_post_detail')).toEqual([idOf(0)])
    expect(stateOf(archiveDir, posts[0]!.source_wm)).toBe('lost not_renewed')
    expect(stateOf(archiveDir, posts[0]!.thumbnail)).toBe('saved')
  })

  it('goes on past calls that fail here and there, and tells only of money that was billed', async () => {
    const { media, archiveDir, answerDetail } = await openPosts(12, past)
    const answer = answerDetail(later)
    media.api = (endpoint, params) =>
      numberOf(params['post_id']!) % 3 === 0
        ? answer(endpoint, params)
        : { status: 400, body: '{"detail":{"code":400,"message":"No."}}' }

    const report = await saveAt(media, archiveDir, { clock: noonClock() })

    const [ledger] = rowsOf<{ calls: number; cost: number }>(
      archiveDir,
      `SELECT count(*) FILTER (WHERE billed <> 'no') AS calls, sum(cost_usd) AS cost
       FROM responses WHERE origin = 'network'`,
    )
    expect(report).toMatchObject({ outcome: 'failures', saved_files: 8 })
    expect(ledger!.calls).toBe(4)
    expect(report.cost_usd).toBeCloseTo(ledger!.cost, 9)
    expect(report.files.failed).toBe(16)
  })

  it('pays for no more fresh links where no server takes them, and says so', async () => {
    const { media, archiveDir, posts, answerDetail } = await openPosts(20, later)
    for (const { source_wm, thumbnail } of posts) source_wm.behave = thumbnail.behave = expire
    media.api = answerDetail(iso(noonMs + 73 * hourMs))

    const first = await saveAt(media, archiveDir, { clock: noonClock() })
    for (const { source_wm, thumbnail } of posts) source_wm.behave = thumbnail.behave = sendHonestly
    const next = await saveAt(media, archiveDir, { clock: noonClock() })

    expect(first.outcome).toBe('refused')
    expect(first.message).toMatch(/fresh links of 5 posts or people in a row did not work/)
    expect(first.requests_sent).toBeLessThanOrEqual(5 + 6)
    expect(first.files.wanted + first.files.lost).toBe(40)
    expect(next.files).toMatchObject({ wanted: 0, saved: first.files.wanted })
    expect(next.requests_sent).toBe(0)
  })

  it('asks by another post that has the file where the first one is gone or has it no more', async () => {
    const { media, posts } = await openPosts(2, later)
    const shared = [0, 1].map((n) => ({
      source_wm: media.address(posts[n]!.source_wm, { expires: past }),
    }))
    const items = [0, 1, 2, 3].map((n) => postItem(n + 10, shared[n % 2]!))
    const archiveDir = await archiveOf(feedOf(items))
    media.api = (endpoint, params) => {
      const n = numberOf(params['post_id']!)
      if (n === 10) return { status: 404, body: '{"detail":{"code":404,"message":"Not found."}}' }
      const files = { source_wm: media.address(posts[n % 2]!.source_wm, { expires: later }) }
      const item = postItem(n, n === 11 ? {} : files)
      return { status: 200, body: envelope(endpoint, params, item) }
    }

    const { outcome, files } = await saveAt(media, archiveDir, { clock: noonClock() })

    expect(callsOf(media, 'get_post_detail').sort()).toEqual([10, 11, 12, 13].map(idOf))
    expect({ outcome, files }).toMatchObject({ outcome: 'done', files: { saved: 2, lost: 0 } })
  })

  it('says what is lost, why and when', async () => {
    const { media, archiveDir, posts, item } = await openPosts(3, past)
    media.api = (endpoint, params) => {
      const n = numberOf(params['post_id'] ?? '0')
      if (n === 0)
        return {
          status: 404,
          body: '{"detail":{"code":404,"message":"Not found: no such object."}}',
        }
      const other = n === 1 ? postItem(1, {}) : item(n, past)
      return { status: 200, body: envelope(endpoint, params, other) }
    }

    const { outcome, files } = await saveAt(media, archiveDir, { clock: noonClock() })

    const rows = mediaRows(archiveDir)
    const ends = posts.map(({ source_wm }) => endOf(rowOf(rows, source_wm)))
    const lost = rows.filter(({ state }) => state === 'lost')
    const times = rowsOf<{ ended_at: number }>(
      archiveDir,
      `SELECT ended_at FROM media WHERE state = 'lost'`,
    )
    expect(ends).toEqual([
      ...['lost owner_gone', 'lost not_told'],
      expect.stringMatching(/^lost (expired|not_renewed)$/),
    ])
    expect({ outcome, lost: files.lost }).toEqual({ outcome: 'failures', lost: lost.length })
    expect(lost.every(({ error }) => /\w+ \w+/.test(error ?? ''))).toBe(true)
    for (const { ended_at } of times) {
      expect(ended_at).toBeGreaterThanOrEqual(noonMs * 1000)
      expect(ended_at).toBeLessThan((noonMs + hourMs) * 1000)
    }
    expect(callsOf(media, 'get_post_detail')).toHaveLength(3)
  })

  it('takes up again what was lost where a later answer signs it anew', async () => {
    const { media, archiveDir, item, posts } = await openPosts(1, past)
    await saveAt(media, archiveDir, { clock: noonClock(), renew: false })
    const lost = stateOf(archiveDir, posts[0]!.source_wm)
    const answer = join(temporaryFolder(), 'fresh.json')
    const later_item = envelope('get_post_detail', { post_id: idOf(0) }, item(0, later))
    writeFileSync(answer, later_item.replace('1760600000', '1760700000'))
    await importFiles({ archiveDir, files: [answer], durability: 'normal' })

    const { outcome } = await saveAt(media, archiveDir, { clock: noonClock(), renew: false })

    expect(lost).toBe('lost expired')
    expect(outcome).toBe('done')
    expect(stateOf(archiveDir, posts[0]!.source_wm)).toBe('saved')
  })

  it("loses a draft's files with a reason, and pays nothing for them", async () => {
    const media = await hostileMedia()
    const [video, thumbnail] = [media.put({ behave: signed }), media.put({ kind: 'webp' })]
    const address = (file: HostedFile) => media.address(file, { expires: past })
    const item = draftItem(1, { source_wm: address(video), thumbnail: address(thumbnail) })
    const archiveDir = await archiveOf(JSON.stringify({ items: [item], cursor: null }))

    const { outcome } = await saveAt(media, archiveDir, { clock: noonClock() })

    expect([stateOf(archiveDir, video), stateOf(archiveDir, thumbnail)]).toEqual([
      ...['lost expired', 'lost expired'],
    ])
    expect({ outcome, calls: media.calls, asked: media.asked }).toEqual({
      ...{ outcome: 'failures', calls: [], asked: [] },
    })
  })

  it('renews a picture with one call for the person, only where pictures are wanted', async () => {
    const media = await hostileMedia()
    const picture = media.put({
      ...{ kind: 'jpeg', behave: signed },
      blob: 'project-y/profile/user-0/0a#file_0#thumbnail.jpeg',
    })
    const address = (expires: string) => media.address(picture, { expires })
    const archiveDir = await archiveOf(feedOf([postItem(1, {}, address(past))]))
    media.api = (endpoint, params) => ({
      status: 200,
      body: envelope(endpoint, params, { profile: profileOf(1, address(later)) }),
    })

    await saveAt(media, archiveDir, { clock: noonClock() })
    const unwanted = [...media.calls]
    const variants = ['profile_picture_url']
    await saveAt(media, archiveDir, { clock: noonClock(), variants })

    expect(unwanted).toEqual([])
    expect(media.calls.map(({ endpoint }) => endpoint)).toEqual(['get_user_profile'])
    expect(callsOf(media, 'get_user_profile')).toEqual([userIdOf(1)])
    expect(rowOf(mediaRows(archiveDir), picture)).toMatchObject({
      ...{ state: 'saved', sha256: sha256(picture.bytes), content_type: 'image/jpeg' },
    })
  })

  it('goes on downloading where the API refuses the key', async () => {
    const { media, archiveDir, posts, item } = await openPosts(12, past)
    const file = join(temporaryFolder(), 'fresh.json')
    writeFileSync(
      file,
      envelope('get_post_detail', { post_id: idOf(0) }, item(0, later)).replace(
        '1760600000',
        '1760700000',
      ),
    )
    await importFiles({ archiveDir, files: [file], durability: 'normal' })
    media.api = () => ({
      status: 401,
      body: '{"detail":{"code":401,"message":"Invalid API token."}}',
    })

    const { outcome, files } = await saveAt(media, archiveDir, { clock: noonClock() })

    expect(outcome).toBe('refused')
    expect(media.calls.length).toBeLessThan(6)
    expect(files).toMatchObject({ saved: 2, failed: 0 })
    expect(stateOf(archiveDir, posts[0]!.source_wm)).toBe('saved')
  })

  it('sends its key to the API alone', async () => {
    const { media, archiveDir } = await openPosts(2, past)

    await saveAt(media, archiveDir, { clock: noonClock(), apiKey: 'a-key-of-mine-77' })

    expect(media.calls).toHaveLength(2)
    expect(media.asked.length).toBeGreaterThan(3)
    expect(JSON.stringify(media.asked.map(({ url, headers }) => [url, headers]))).not.toMatch(
      /a-key-of-mine|authorization|cookie/i,
    )
  })
})

describe('saveMedia and the order of files', () => {
  it('takes the soonest-ending first', async () => {
    const media = await hostileMedia()
    const hours = [50, 3, 71, 20, 9, 33, 1.5, 60]
    const files = hours.map((hour) => media.put({ name: String(hour), size: 4000 }))
    const archiveDir = await archiveOf(
      feedOf(
        files.map((file, n) =>
          postItem(n, {
            source_wm: media.address(file, { expires: iso(noonMs + hours[n]! * hourMs) }),
          }),
        ),
      ),
    )

    await saveAt(media, archiveDir, { clock: noonClock(), concurrency: 1 })

    expect(media.asked.map(({ file }) => Number(file?.name))).toEqual(
      [...hours].sort((one, other) => one - other),
    )
  })

  it('on one midnight takes a playable file of every post, then the thumbnails, then the rest', async () => {
    const { media, archiveDir } = await openPosts(6, later)
    const variants = ['md', 'thumbnail', 'source_wm']

    await saveAt(media, archiveDir, { clock: noonClock(), concurrency: 1, variants })

    const kinds = media.asked.map(({ file }) => file!.name.split(' ')[0]!)
    const playable = media.asked.slice(0, 6).map(({ file }) => file!.name.split(' ')[1])
    expect(new Set(playable).size).toBe(6)
    expect(kinds.slice(0, 6)).not.toContain('thumbnail')
    expect(new Set(kinds.slice(6, 12))).toEqual(new Set(['thumbnail']))
    expect(kinds.slice(12)).not.toContain('thumbnail')
    expect(kinds).toHaveLength(18)
  })

  it('lets a file that cannot be finished in time give way to those that can', async () => {
    const media = await hostileMedia()
    const large = media.put({ name: 'large', size: 4_000_000 })
    const small = Array.from({ length: 5 }, (_, n) => media.put({ name: `small ${n}`, size: 5000 }))
    const until = (seconds: number) => iso(noonMs + seconds * 1000)
    const archiveDir = await archiveOf(
      feedOf([
        postItem(0, {
          ...{ source_wm: media.address(large, { expires: until(20) }), size: large.bytes.length },
        }),
        ...small.map((file, n) =>
          postItem(n + 1, {
            ...{ source_wm: media.address(file, { expires: until(40) }), size: 5000 },
          }),
        ),
      ]),
    )
    const stop = new AbortController()
    const timer = setTimeout(() => stop.abort(), 8000)

    await saveAt(media, archiveDir, {
      ...{ clock: noonClock(), renew: false, concurrency: 2, bytesPerSecond: 50_000 },
      ...{ marginMs: 1000, signal: stop.signal },
    })
    clearTimeout(timer)

    const rows = mediaRows(archiveDir)
    expect(small.map((file) => rowOf(rows, file)?.state)).toEqual(small.map(() => 'saved'))
    expect(media.asked.filter(({ file }) => file === large)).toEqual([])
    expect(endOf(rowOf(rows, large))).toMatch(/^(wanted|lost)/)
  })

  it('lets no slow server keep others waiting past their deadlines', async () => {
    const media = await hostileMedia()
    const slow = Array.from({ length: 2 }, (_, n) =>
      media.put({
        name: `slow ${n}`,
        size: 2_000_000,
        behave: (turn) => drip(turn, { everyMs: 1 }),
      }),
    )
    const small = Array.from({ length: 4 }, (_, n) => media.put({ name: `small ${n}`, size: 5000 }))
    const until = (seconds: number) => iso(noonMs + seconds * 1000)
    const address = (file: HostedFile, seconds: number) => ({
      source_wm: media.address(file, { expires: until(seconds) }),
      size: file.bytes.length,
    })
    const archiveDir = await archiveOf(
      feedOf([
        ...slow.map((file, n) => postItem(n, address(file, 30))),
        ...small.map((file, n) => postItem(n + 2, address(file, 40))),
      ]),
    )
    const stop = new AbortController()
    const timer = setTimeout(() => stop.abort(), 9000)

    await saveAt(media, archiveDir, {
      ...{ clock: noonClock(), renew: false, concurrency: 2, marginMs: 1000 },
      signal: stop.signal,
    })
    clearTimeout(timer)

    const rows = mediaRows(archiveDir)
    expect(small.map((file) => rowOf(rows, file)?.state)).toEqual(small.map(() => 'saved'))
  })

  it('keeps to its bandwidth', async () => {
    const media = await hostileMedia()
    const files = Array.from({ length: 6 }, () => media.put({ size: 100_000 }))
    const archiveDir = await archiveOf(
      feedOf(files.map((file, n) => postItem(n, { source_wm: media.address(file) }))),
    )

    const began = Date.now()
    await saveAt(media, archiveDir, { renew: false, bytesPerSecond: 300_000 })
    const tookS = (Date.now() - began) / 1000

    expect(tookS).toBeGreaterThan(600_000 / 300_000 - 1)
    expect(tookS).toBeLessThan(600_000 / 300_000 + 1.5)
    expect(mediaRows(archiveDir).filter(({ state }) => state === 'saved')).toHaveLength(6)
  })

  it('has no more files under way than it may', async () => {
    const media = await hostileMedia()
    let [running, most] = [0, 0]
    const counted: Behave = async (turn) => {
      most = Math.max(most, ++running)
      await new Promise((resolve) => setTimeout(resolve, 20))
      running--
      return sendHonestly(turn)
    }
    const files = Array.from({ length: 20 }, () => media.put({ behave: counted }))
    const archiveDir = await archiveOf(
      feedOf(files.map((file, n) => postItem(n, { source_wm: media.address(file) }))),
    )

    await saveAt(media, archiveDir, { renew: false, concurrency: 8, perHost: 3 })

    expect(most).toBe(3)
  })
})

/** A local API at a clock that the test sets. */
async function openWorld(posts: number) {
  const hand = { ms: noonMs }
  const simulator = await openSimulator({ clock: () => hand.ms, posts, mediaLifetimeHours: 60 })
  onTestFinished(() => simulator.close())
  const archiveDir = join(temporaryFolder(), 'archive')
  await crawl({
    ...{ archiveDir, seeds: ['feed'], baseUrl: simulator.url, apiKey: simulator.key },
    ...{ ratePerSecond: Infinity, concurrency: 8, retryBaseMs: 1, durability: 'normal' },
    clock: () => hand.ms * 1000,
  })
  return { simulator, archiveDir, hand }
}

const saveWorld = (
  simulator: Simulator,
  archiveDir: string,
  more: Parameters<typeof saveAt>[2] = {},
) => saveAt(simulator, archiveDir, { apiKey: simulator.key, ...more })

/** Posts of which a wanted file is known. */
const postsWithFiles = (archiveDir: string): number =>
  rowsOf(
    archiveDir,
    `SELECT DISTINCT owner_id FROM assets WHERE owner_kind = 'post' AND url LIKE '%se=%'`,
  ).length

describe('saveMedia on the local API', () => {
  it('saves everything in time, for nothing', async () => {
    const { simulator, archiveDir, hand } = await openWorld(20)
    const before = simulator.calls().calls

    const report = await saveWorld(simulator, archiveDir, { clock: () => hand.ms * 1000 })

    expect(report).toMatchObject({
      outcome: 'done',
      requests_sent: 0,
      files: { lost: 0, failed: 0 },
    })
    expect(report.files.saved).toBeGreaterThan(20)
    expect(simulator.calls().calls).toBe(before)
    expect(faultsOfFiles(archiveDir)).toEqual([])
  })

  it('renews each post once after all links have died, and drops no post', async () => {
    const { simulator, archiveDir, hand } = await openWorld(20)
    const before = simulator.calls()
    const posts = postsWithFiles(archiveDir)
    hand.ms += 100 * hourMs

    const report = await saveWorld(simulator, archiveDir, {
      ...{ clock: () => hand.ms * 1000, owners: ['post'] },
    })

    const after = simulator.calls()
    const details = (calls: typeof after) => calls.by_endpoint['get_post_detail'] ?? 0
    expect(details(after) - details(before)).toBe(report.requests_sent)
    expect(after.calls - before.calls).toBe(report.requests_sent)
    expect(report.requests_sent).toBeLessThanOrEqual(posts)
    expect(report.files.saved).toBeGreaterThan(20)
    expect(report.files.failed + report.files.wanted + report.files.refused).toBe(0)
    expect(faultsOfFiles(archiveDir)).toEqual([])
    const ledger = rowsOf(
      archiveDir,
      `SELECT 1 FROM responses JOIN runs USING (run_id) WHERE command = 'media'`,
    )
    expect(ledger).toHaveLength(report.requests_sent)
  })
})
