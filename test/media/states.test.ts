import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { importFiles, type MediaReport } from '../../src/index.js'
import { behaviours } from './behaviours.js'
import { extensions, sha256 } from './file-bytes.js'
import { openHostileMedia, type HostedFile, type HostileMedia } from './hostile-media.js'
import { versionOf } from './send-file.js'
import {
  endOf,
  faultsOfFiles,
  feedOf,
  filesBelow,
  isPartial,
  mediaRows,
  postItem,
  rowOf,
  saveAt,
  type MediaRow,
} from './worlds.js'

const names = Object.keys(behaviours)
const largestBytes = 2_000_000
const key = 'a-secret-key'

/** One run over a post for each behaviour, whose thumbnail is always honest. */
interface World {
  media: HostileMedia
  archiveDir: string
  videos: Map<string, HostedFile>
  thumbnails: Map<string, HostedFile>
  report: MediaReport
  rows: MediaRow[]
  left: string[]
  /** More than before. */
  peakBytes: number
}

let world: World
let folder: string

beforeAll(async () => {
  folder = mkdtempSync(join(tmpdir(), 'afterfeed-media-'))
  world = await runAll(folder)
})

afterAll(() => {
  world?.media.close()
  rmSync(folder, { recursive: true, force: true })
})

async function runAll(folder: string): Promise<World> {
  const media = await openHostileMedia()
  const videos = new Map<string, HostedFile>()
  const thumbnails = new Map<string, HostedFile>()
  const items = names.map((name, n) => {
    const { behave, isAnnounced } = behaviours[name]!
    const video = media.put({ name, behave, size: 30_000 + 101 * n })
    const thumbnail = media.put({ name: `thumbnail of ${name}`, kind: 'webp', size: 900 + n })
    videos.set(name, video)
    thumbnails.set(name, thumbnail)
    return postItem(n, {
      source_wm: media.address(video),
      thumbnail: media.address(thumbnail),
      ...(isAnnounced && { size: video.bytes.length }),
    })
  })
  const [answer, archiveDir] = [join(folder, 'feed.json'), join(folder, 'archive')]
  writeFileSync(answer, feedOf(items))
  await importFiles({ archiveDir, files: [answer], durability: 'normal' })
  let peakBytes = 0
  const before = process.memoryUsage().rss
  const watch = setInterval(() => {
    peakBytes = Math.max(peakBytes, process.memoryUsage().rss - before)
  }, 20)
  const report = await saveAt(media, archiveDir, {
    concurrency: 12,
    perHost: 12,
    idleTimeoutMs: 1000,
    renew: false,
    largestBytes,
    apiKey: key,
  })
  clearInterval(watch)
  return {
    ...{ media, archiveDir, videos, thumbnails, report, peakBytes },
    ...{ rows: mediaRows(archiveDir), left: filesBelow(archiveDir) },
  }
}

const askedFor = (name: string) => world.media.asked.filter(({ file }) => file?.name === name)

describe('saveMedia on a server that cannot be trusted', () => {
  it.each(names)('ends as it should: %s', (name) => {
    const { ends } = behaviours[name]!

    const row = rowOf(world.rows, world.videos.get(name)!)

    const end = endOf(row)
    expect(ends.some((each) => `${end} `.startsWith(`${each} `)) ? ends : end).toEqual(ends)
    if (row?.state === 'saved') expect(row).toMatchObject({ error: null, reason: null })
    else expect(row).toMatchObject({ sha256: null, path: null, saved_at: null })
    if (row?.state !== 'saved') expect(row?.error).toMatch(/\w+ \w+/)
  })

  it.each(names.filter((name) => behaviours[name]!.ends.includes('saved')))(
    'saves what the server holds, byte for byte: %s',
    (name) => {
      const file = world.videos.get(name)!
      const versions = [0, 1].map((version) => sha256(versionOf(file, version).bytes))

      const row = rowOf(world.rows, file)

      if (row?.state !== 'saved') return
      expect(versions).toContain(row.sha256)
      expect(row).toMatchObject({ bytes: file.bytes.length, content_type: 'video/mp4' })
      expect(row.path).toMatch(/\.mp4$/)
    },
  )

  it('lets no bad file disturb another', () => {
    const thumbnails = [...world.thumbnails.values()]

    const ends = thumbnails.map((file) => [file.name, rowOf(world.rows, file)?.sha256])

    expect(ends).toEqual(thumbnails.map(({ name, bytes }) => [name, sha256(bytes)]))
  })

  it('has whole files only under final names, each with its row, and nothing elsewhere', () => {
    expect(faultsOfFiles(world.archiveDir)).toEqual([])
  })

  it('leaves nothing half of what is saved, refused or lost', () => {
    const unfinished = world.rows.filter(({ state }) => state === 'failed' || state === 'wanted')

    const partial = world.left.filter((name) => isPartial(name) && !name.endsWith('.json'))

    expect(partial.length).toBeLessThanOrEqual(unfinished.length)
  })

  it('gives every file an extension of its kind', () => {
    const ends = world.rows
      .filter(({ state }) => state === 'saved')
      .map(({ asset_key, path }) => ({ asset_key, extension: path!.split('.').at(-1)! }))

    const wrong = ends.filter(({ asset_key, extension }) => {
      const kind = asset_key.endsWith('.webp') ? 'webp' : 'mp4'
      return !extensions[kind].includes(extension)
    })
    expect(wrong).toEqual([])
  })

  it('sends no credential, no cookie and no trace of the page before, to anyone', () => {
    const forbidden = ['authorization', 'cookie', 'referer', 'proxy-authorization', 'x-api-key']

    const sent = world.media.asked.flatMap(({ url, headers }) =>
      forbidden.filter((name) => name in headers).map((name) => `${name} to ${url}`),
    )

    expect(sent).toEqual([])
    expect(
      JSON.stringify(world.media.asked.map(({ url, headers }) => [url, headers])),
    ).not.toContain(key)
  })

  it('asks with GET, and for no packing', () => {
    const ways = world.media.asked.map(({ method, headers }) => [
      method,
      headers['accept-encoding'],
    ])

    expect([...new Set(ways.map(String))]).toEqual(['GET,identity'])
  })

  it('never goes to a place that is not allowed', () => {
    expect(world.media.neighbourVisits).toEqual([])
    expect(world.media.asked.filter(({ file }) => file === null)).toEqual([])
  })

  it('asks for what is gone, forbidden or no media once only', () => {
    const once = names.filter((name) =>
      behaviours[name]!.ends.every((end) => /^lost|^refused (content|redirect)/.test(end)),
    )
    const steps = 'moved from one to the next for ever'

    const counts = once.map((name) => [name, askedFor(name).length])

    const circles = ['moved in a circle', steps]
    expect(counts.filter(([name]) => !circles.includes(String(name)))).toEqual(
      once.filter((name) => !circles.includes(name)).map((name) => [name, 1]),
    )
    for (const name of circles) expect(askedFor(name).length).toBeLessThanOrEqual(10)
  })

  it('asks with bounds for what fails', () => {
    const most = Math.max(...names.map((name) => askedFor(name).length))

    expect(most).toBeLessThanOrEqual(10)
  })

  it('goes on where a connection broke, by Range and the tag of the file', () => {
    const cut = ['cut once', 'cut twice', 'cut on the last byte', 'half, then silence, then honest']

    const seconds = cut.map((name) => askedFor(name)[1]!)

    // A break may overtake the bytes before it, but not all of the time.
    const resumed = seconds.filter(({ from }) => from !== null)
    expect(resumed.length).toBeGreaterThan(1)
    for (const { from, file, headers } of resumed) {
      expect(from).toBeLessThan(file!.bytes.length)
      expect(headers['if-range']).toBe(versionOf(file!, 0).etag)
    }
  })

  it('never goes on by a weak tag, nor without any name of the version', () => {
    const blind = ['changed, with a weak tag', 'changed, with nothing to tell versions by']

    const conditions = blind.flatMap((name) =>
      askedFor(name).map(({ headers }) => headers['if-range']),
    )

    expect(conditions.filter((condition) => condition?.includes('W/'))).toEqual([])
  })

  it('stops at the size limit while streaming, in little memory', () => {
    expect(world.peakBytes).toBeLessThan(300 * 1024 * 1024)
  })

  it('says in its report what the rows say', () => {
    const count = (state: string) => world.rows.filter((row) => row.state === state).length
    const states = ['wanted', 'saved', 'lost', 'failed', 'refused']

    const { files, outcome, saved_files, requests_sent } = world.report

    expect(files).toEqual(Object.fromEntries(states.map((state) => [state, count(state)])))
    expect({ outcome, saved_files, requests_sent }).toEqual({
      ...{ outcome: 'failures', saved_files: count('saved'), requests_sent: 0 },
    })
  })

  it('keeps no signature in what it says went wrong', () => {
    const texts = world.rows.map(({ error }) => error ?? '').join('\n')

    expect(texts).not.toMatch(/sig=|AAAA|se=20/)
  })
})
