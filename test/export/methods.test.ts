import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import Database from 'better-sqlite3'
import { describe, expect, it } from 'vitest'
import { exportDataset, type ExportOptions } from '../../src/export/index.js'
import { percent } from '../../src/export/package/words.js'
import { countOf, crawlWorld, noon, openWorld } from '../crawl/worlds.js'
import { makeArchive, temporaryFolder } from './archives.js'
import { importPages } from './imported.js'

/** The sentences of `methods.md`, without the last two, which are always the same. */
async function sentencesOf(archivePath: string, options: Partial<ExportOptions> = {}) {
  const outDir = join(temporaryFolder(), 'out')
  await exportDataset({ archivePath, outDir, formats: ['csv'], ...options })
  const text = readFileSync(join(outDir, 'methods.md'), 'utf8')
  expect(text).toMatch(/^# Methods\n\n[^\n]+\n$/)
  return text
    .split('\n')[2]!
    .split(/(?<=\.) (?=[A-Z0-9])/)
    .slice(0, -2)
}

const always =
  'Every answer is kept in the archive, and rows name the first and the last answer that told them.'

const crawled = async (more: Parameters<typeof crawlWorld>[2] = {}) => {
  const archiveDir = join(temporaryFolder(), 'archive')
  const world = await openWorld({ posts: 4, comments: 3, seed: 5 })
  await crawlWorld(world, archiveDir, { clock: clockOf(), ...more })
  return { archiveDir, archivePath: join(archiveDir, 'archive.sqlite') }
}

function failOne<Crawled extends { archivePath: string }>(crawled: Crawled): Crawled {
  const database = new Database(crawled.archivePath)
  database.exec(`UPDATE requests SET state = 'failed' WHERE request_id = 2`)
  database.close()
  return crawled
}

const clockOf = () => {
  let now = noon * 1000
  return () => (now += 1000)
}

describe('methods.md', () => {
  it('tells of a crawl what was asked where, what it cost, and what counters announced', async () => {
    const { archiveDir, archivePath } = await crawled()
    const count = (sql: string) => countOf(archiveDir, sql)
    const calls = count('SELECT count(*) FROM responses')
    const lists = count('SELECT count(*) FROM listings')

    const sentences = await sentencesOf(archivePath)

    expect(sentences).toEqual([
      `${calls} answers of TikHub's Sora2 API were collected on 2026-02-03 with afterfeed 0.1.0; 0 of them were imported from files.`,
      `${calls} calls were sent, ${calls} of them billed, for $${(calls * 0.05).toFixed(2)}; they went to 127.0.0.1.`,
      'All of them went to a local address: where that was `afterfeed simulate`, people and posts are made up.',
      `Lists were walked page by page, from feed to posts, comments, replies and remixes: ${lists} lists, 0 of them without a known end.`,
      always,
      `The dataset holds ${count('SELECT count(*) FROM posts')} posts, ${count('SELECT count(*) FROM comments')} comments and replies, ${count('SELECT count(*) FROM remixes')} remix relations and ${count('SELECT count(*) FROM users')} people.`,
      'Posts and comments that were deleted since are in it as they were held.',
      'Of what the counters of its posts announced it holds 100.0 % of the comments and replies and 100.0 % of the remixes; counters include what was removed or hidden, and rows that were removed since are kept, so a share may be above 100 %.',
      'No request is open or failed; every answer could be read as expected.',
    ])
  })

  it('tells of a crawl that stopped what is still to be asked', async () => {
    const { archiveDir, archivePath } = await crawled({ maxRequests: 3 })
    const pending = countOf(archiveDir, `SELECT count(*) FROM requests WHERE state = 'pending'`)
    const open = countOf(archiveDir, 'SELECT count(*) FROM listings WHERE end_reason IS NULL')

    const text = (await sentencesOf(archivePath)).join(' ')

    expect(pending).toBeGreaterThan(0)
    expect(text).toContain(`Of its requests, ${pending} were not asked yet`)
    expect(text).toContain(`, ${open} of them without a known end.`)
  })

  it('says that removed rows are kept, unless they were left out', async () => {
    const { archivePath } = await crawled()

    const [kept, dropped] = await Promise.all(
      (['keep', 'drop'] as const).map(async (tombstones) =>
        (await sentencesOf(archivePath, { profile: 'research', tombstones })).join(' '),
      ),
    )

    expect(kept).toContain('rows that were removed since are kept, so a share may be above 100 %.')
    expect(dropped).toContain('counters include what was removed or hidden. ')
  })

  it('tells of imported answers no calls and no walk', async () => {
    const { archivePath } = await importPages()

    const text = (await sentencesOf(archivePath)).join(' ')

    expect(text).toContain(
      '; all of them were imported from files. No call was sent. Lists are as long as',
    )
    expect(text).not.toMatch(/walked|\$|billed/)
  })

  it('tells of a part that it is one, and of no table that was left out', async () => {
    const { archivePath } = await crawled()
    const options = { tables: ['posts', 'users'], since: 1, until: noon * 1000 }

    const sentences = await sentencesOf(archivePath, options)

    expect(sentences[5]).toBe(
      'The dataset is a part of that archive: posts from 1970-01-01T00:00:00.000001Z on, posts before 2026-02-03T12:00:00.000000Z; answers, calls, requests and lists are counted of all of it.',
    )
    expect(sentences[6]).toMatch(/^The dataset holds \d+ posts and \d+ people\.$/)
  })

  it('says of an empty archive that nothing was collected', async () => {
    const sentences = await sentencesOf(makeArchive(temporaryFolder(), {}))

    expect(sentences).toEqual([
      ...['No answer was collected (afterfeed 0.1.0).', 'No call was sent.', always],
      'The dataset holds 0 posts, 0 comments and replies, 0 remix relations and 0 people.',
      'Posts and comments that were deleted since are in it as they were held.',
      'No request is open or failed; every answer could be read as expected.',
    ])
  })
})

describe('README.md', () => {
  const cardOf = async (archivePath: string, options: Partial<ExportOptions> = {}) => {
    const outDir = join(temporaryFolder(), 'out')
    await exportDataset({ archivePath, outDir, formats: ['csv'], ...options })
    return (name: string) => readFileSync(join(outDir, name), 'utf8')
  }

  it('tells of an empty archive no endpoint, and nothing that was imported', async () => {
    const read = await cardOf(makeArchive(temporaryFolder(), {}))

    expect(read('README.md')).toContain('\n- Seeds: none.\n')
    expect(read('README.md')).not.toContain('| endpoint |')
  })

  it('tells of imported answers by which endpoints they came', async () => {
    const read = await cardOf((await importPages(['feed.json'])).archivePath)

    expect(read('README.md')).toContain('\n- Seeds: none; everything was imported.\n')
    expect(read('README.md')).toContain('| `get_feed` | 1 | 1 | 0 |')
  })

  it('counts what answers mention and no request stands for, also in methods.md', async () => {
    const read = await cardOf((await importPages(['feed.json'])).archivePath)

    const unheld =
      / \d+ lists and posts that answers mention were never asked for, or not to the end/.source
    expect(read('README.md')).toMatch(new RegExp(`0 failed; beside them,${unheld}\\.`))
    expect(read('methods.md')).toMatch(
      new RegExp(
        `No request is open or failed, but${unheld}; 1 place in answers could not be read as expected and is listed in the archive\\.`,
      ),
    )
  })

  it('tells the same of the archive, whatever a profile leaves out', async () => {
    const { archivePath } = await crawled({ maxRequests: 3 })

    const read = await cardOf(archivePath)
    const published = await cardOf(archivePath, { profile: 'research' })

    const told = (card: string) => ({
      gaps: /^- Gaps: .*$/m.exec(card)?.[0],
      local: /All of them went to a local address/.test(card),
    })
    expect(told(published('README.md'))).toEqual(told(read('README.md')))
    expect(told(published('README.md'))).toEqual({
      gaps: expect.stringMatching(/; beside them, \d+ lists and posts /) as string,
      local: true,
    })
  })

  it('tells each limit that runs were given, published or not', async () => {
    const { archiveDir, archivePath } = await crawled({ maxRequests: 3, budgetUsd: 10 })
    const world = await openWorld({ posts: 4, comments: 3, seed: 5 })
    await crawlWorld(world, archiveDir, { maxRequests: 1, budgetUsd: 10, budgetTotalUsd: 20.5 })
    const unlimited = await crawled()
    const cards = [
      await cardOf(archivePath),
      await cardOf(archivePath, { profile: 'research' }),
      await cardOf(unlimited.archivePath),
      await cardOf((await importPages(['feed.json'])).archivePath),
    ]
    await crawlWorld(world, archiveDir)
    cards.push(await cardOf(archivePath))

    const told = cards.map((read) => /^- Budget.*$/m.exec(read('README.md'))?.[0])
    const limits =
      '- Budgets that were set: $10.00 a run, $20.50 in all, 1 call a run, 3 calls a run'
    expect(told).toEqual([
      ...[`${limits}.`, `${limits}.`, '- Budget: no limit was set.', undefined],
      `${limits}; 1 run that sent calls had none.`,
    ])
    expect(cards.map((read) => read('README.md').includes('- Cost: '))).toEqual([
      ...[true, true, true, false, true],
    ])
  })

  it('counts what is gone once, however many answers showed it', async () => {
    const absence = { entity_kind: 'post', observed_at: 1n, reason: 'tombstoned' }
    const absences = ['s_1', 's_1', 's_2'].map((entity_id, place) => ({
      ...absence,
      ...{ entity_id, response_id: `r_${place}` },
    }))

    const read = await cardOf(makeArchive(temporaryFolder(), { absences }))

    expect(read('README.md')).toContain(
      '- Absences: 2 `tombstoned` (shown 3 times, at most once an answer).',
    )
  })

  it('sets what is held against counters only where they are known', async () => {
    const posts = [{ post_id: 's_1', recursive_reply_count: 2 }, { post_id: 's_2' }]
    const comments = ['s_1', 's_2', 's_2'].map((post_id, place) => ({
      ...{ comment_id: `c_${place}`, post_id },
    }))

    const read = await cardOf(makeArchive(temporaryFolder(), { posts, comments }))

    expect(read('README.md')).toContain('| comments and replies | 2 | 1 | 50.0 % |')
  })

  it('calls nothing whole, or nothing, that is not quite', () => {
    const shares: [number, number][] = [
      ...([
        [2, 2],
        [0, 2],
        [0, 0],
        [1, 3],
      ] as [number, number][]),
      ...([
        [99_999, 100_000],
        [1, 100_000],
        [100_001, 100_000],
      ] as [number, number][]),
    ]
    expect(shares.map(([part, whole]) => percent(part, whole))).toEqual([
      ...['100.0 %', '0.0 %', '–', '33.3 %'],
      ...['99.999 %', '0.001 %', '100.001 %'],
    ])
  })

  it('names the biases and limits of a walk without end, of cuts and of imports, where there are any', async () => {
    const [stopped, cut, failed, imported, whole] = await Promise.all([
      crawled({ maxRequests: 3 }),
      crawled({ limits: { only: new Set(['remixes']) } }),
      crawled().then(failOne),
      importPages(['feed.json']),
      crawled(),
    ])

    const told = async ({ archivePath }: { archivePath: string }) => {
      const read = await cardOf(archivePath)
      const card = read('README.md')
      const isTold = (words: string) => card.includes(words)
      return [
        'The feed is a ranking that moves',
        'reached from the seeds',
        'The walk is not at its end.',
        'Requests that failed for good left holes',
        'were cut by choice',
        'Imported answers are those that somebody kept',
        'counts as two answers',
      ].filter(isTold)
    }
    const walked = ['The feed is a ranking that moves', 'reached from the seeds']
    expect(await told(stopped)).toEqual([...walked, 'The walk is not at its end.'])
    expect(await told(failed)).toEqual([...walked, 'Requests that failed for good left holes'])
    expect(await told(cut)).toEqual([...walked, 'were cut by choice'])
    expect(await told(imported)).toEqual([
      'The feed is a ranking that moves',
      ...['Imported answers are those that somebody kept', 'counts as two answers'],
    ])
    expect(await told(whole)).toEqual(walked)
    expect(await told(await importPages(['drafts.json']))).toEqual([
      ...['Imported answers are those that somebody kept', 'counts as two answers'],
    ])
  })

  it('names among the limits no table that it has not', async () => {
    const { archivePath } = await importPages(['feed.json'])
    const limitsOf = async (options: Partial<ExportOptions>) => {
      const read = await cardOf(archivePath, options)
      const card = read('README.md').split('## Limits')[1]!.split('## People')[0]!
      return ['Follows', 'Links to media', '`feed_entries`', '`absences`'].filter((words) =>
        card.includes(words),
      )
    }

    const all = ['Follows', 'Links to media', '`feed_entries`', '`absences`']
    expect(await limitsOf({})).toEqual(all)
    expect(await limitsOf({ withSignedUrls: true })).toEqual(all.filter((each) => each !== all[1]))
    expect(await limitsOf({ tables: ['posts', 'absences'] })).toEqual([all[1], all[3]])
    expect(await limitsOf({ profile: 'ids' })).toEqual(['Follows'])
  })

  it('says how many answers tell not when they came', async () => {
    const times = ['envelope', 'page', 'page', 'file'].map((clock, place) => ({
      ...{ response_id: `r_${place}`, endpoint: 'get_feed', params: '{}', received_at: 1n },
      ...{ billed: 'no', origin: 'a.json', outcome: 'page', clock },
    }))

    const read = await cardOf(makeArchive(temporaryFolder(), { responses: times }))

    expect(read('README.md')).toContain(
      '\n- 2 answers tell no time of coming, and have the newest one told inside, the earliest at which they can have come; ' +
        '1 answer tells no time at all, and has that of the file.\n',
    )
  })

  it('says where anomalies are listed: in the package only with its log', async () => {
    const { archivePath } = await importPages(['feed.json'])

    const [alone, logged] = await Promise.all([
      sentencesOf(archivePath),
      sentencesOf(archivePath, { withLog: true }),
    ])

    expect(alone.at(-1)).toMatch(/ and is listed in the archive\.$/)
    expect(logged.at(-1)).toMatch(/ and is listed in `anomalies`\.$/)
    expect(alone[0]).toMatch(
      /^1 answer of TikHub's Sora2 API or of the Sora app, dated on 2025-10-16, was brought together with afterfeed .*; it was imported from a file\.$/,
    )
  })

  it('says of a published dataset that calls and lists are counted of the whole archive', async () => {
    const { archivePath } = await crawled({ maxRequests: 3 })
    const isTold = async (options: Partial<ExportOptions>) => {
      const read = await cardOf(archivePath, options)
      return [
        read('README.md').includes('answers, calls, requests and lists below are of all of it.'),
        read('methods.md').includes('Answers, calls, requests and lists are counted of all'),
      ]
    }

    expect(await isTold({})).toEqual([false, false])
    expect(await isTold({ profile: 'research' })).toEqual([true, true])
    expect(await isTold({ profile: 'ids' })).toEqual([true, true])
  })

  it('asks when it is published, since the only date that it has is another', async () => {
    const dated = await cardOf((await importPages(['feed.json'])).archivePath)
    const empty = await cardOf(makeArchive(temporaryFolder(), {}))

    const question = /^- \[ \] When is it published\?.* the day of its newest answer\.$/m
    expect(dated('README.md')).toMatch(question)
    expect(empty('README.md')).not.toMatch(question)
    expect(empty('CITATION.cff')).not.toContain('date-released')
  })

  it('says once what a cut by days leaves in other tables', async () => {
    const { archivePath } = await importPages(['feed.json'])

    const read = await cardOf(archivePath, { since: 1, until: noon * 1000 })

    expect(read('README.md').match(/Comments, videos, files/g)).toEqual(['Comments, videos, files'])
  })

  it('says that answers beside a part are those of the whole archive', async () => {
    const { archivePath } = await importPages(['feed.json'])
    const answers = async (options: Partial<ExportOptions>) => {
      const read = await cardOf(archivePath, { formats: ['csv', 'warc'], ...options })
      const croissant = JSON.parse(read('croissant.json')) as Record<string, unknown>
      return croissant['rai:dataCollectionRawData']
    }

    const all = 'The answers themselves are in warc/answers-00000.warc.gz'
    expect(await answers({})).toBe(`${all}.`)
    expect(await answers({ since: 1 })).toBe(`${all}: those of the whole archive.`)
  })
})
