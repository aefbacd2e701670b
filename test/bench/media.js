// Media: which files are saved in time, on a simulated clock, and how fast they come on loopback.
// `npm run bench -- media` runs it.
import { execFileSync, spawn } from 'node:child_process'
import { once } from 'node:events'
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { createInterface } from 'node:readline'
import { fileURLToPath } from 'node:url'
import { KnownFiles } from '../../dist/media/known-files.js'
import { Schedule } from '../../dist/media/schedule.js'

const hour = 3600e6
const here = (name) => fileURLToPath(new URL(name, import.meta.url))

/** The lines of the benchmark of media. */
export async function benchMedia() {
  return [...benchDeadlines(), ...(await benchLoopback())]
}

/** 10,000 files whose links end within 72 h, and a bandwidth that allows 80 % of them. */
export function benchDeadlines({ files = 10_000, share = 0.8, streams = [1, 6] } = {}) {
  const lines = []
  for (const [name, deadlineOf] of Object.entries(spreads))
    for (const count of streams) {
      const world = worldOf({ files, share, deadlineOf })
      const ours = simulate(world, count, bySchedule(world))
      const fifo = simulate(world, count, firstInFirstOut(world))
      const most = savableBytes(world.files, world.speed.bytesPerSecond)
      lines.push(
        `media: ${files} files, ${name}, ${count} at a time: ${percent(ours.bytes / most)} of the savable bytes ` +
          `(bound ${gigabytes(most)} of ${gigabytes(world.bytes)}; limit 99 %), ` +
          `first in, first out ${percent(fifo.bytes / most)}; ` +
          `posts with a playable file ${ours.playable} against ${fifo.playable}`,
      )
    }
  return lines
}

const spreads = {
  'deadlines spread over 72 h': (random) => Math.ceil(random() * 72 * hour),
  'deadlines on three midnights': (random) => (1 + Math.floor(random() * 3)) * 24 * hour,
}

/** Half videos of 1 to 30 MB, half thumbnails; in the order in which they were found. */
function worldOf({ files: count, share, deadlineOf }) {
  const random = randomFrom(20261121)
  const files = []
  for (let post = 0; post < count / 2; post += 1) {
    const deadline = deadlineOf(random)
    const bytes = Math.round(1e6 * 30 ** random())
    const file = {
      deadline,
      owners: [],
      isGuessed: false,
      tries: 0,
      untoldTries: 0,
      refusedUrl: null,
    }
    files.push({ ...file, assetKey: `video ${post}`, variant: 'source_wm', use: 'playable', bytes })
    const size = Math.round(20_000 + 60_000 * random())
    files.push({
      ...file,
      assetKey: `thumb ${post}`,
      variant: 'thumbnail',
      use: 'thumbnail',
      bytes: size,
    })
  }
  const bytes = files.reduce((sum, file) => sum + file.bytes, 0)
  const bytesPerSecond = (share * bytes) / (72 * 3600)
  return { files, bytes, speed: { bytesPerSecond, margin: 0 } }
}

/** Streams that share the bandwidth evenly; saved is what is whole before its link ends. */
function simulate({ speed }, streams, take) {
  let now = 0
  const underWay = []
  const saved = { bytes: 0, playable: 0 }
  for (;;) {
    while (underWay.length < streams) {
      const bytesUnderWay = underWay.reduce((sum, { left }) => sum + left, 0)
      const file = take({ ...speed, now, streams, bytesUnderWay })
      if (file === null) break
      underWay.push({ file, left: file.bytes })
    }
    if (underWay.length === 0) return saved
    const rate = speed.bytesPerSecond / underWay.length / 1e6
    const least = Math.min(...underWay.map(({ left }) => left))
    now += least / rate
    for (const each of underWay) each.left -= least
    for (const { file } of underWay.filter(({ left }) => left <= 1e-6)) {
      if (now > file.deadline + 1) continue
      saved.bytes += file.bytes
      if (file.use === 'playable') saved.playable += 1
    }
    for (let at = underWay.length - 1; at >= 0; at -= 1)
      if (underWay[at].left <= 1e-6) underWay.splice(at, 1)
  }
}

/** Without an archive: all files are kept whole. */
function bySchedule({ files }) {
  const schedule = new Schedule(new KnownFiles({}))
  files.forEach((file, at) => schedule.add({ ...file, number: at + 1 }))
  return (speed) => schedule.take(speed)
}

/** The most bytes that could be saved if parts of files counted. Time that was not used stays unused. */
function savableBytes(files, bytesPerSecond) {
  let taken = 0
  for (const { deadline, bytes } of files.toSorted((one, other) => one.deadline - other.deadline))
    taken = Math.max(taken, Math.min(taken + bytes, (deadline / 1e6) * bytesPerSecond))
  return taken
}

/** Asks for every file whose link has not ended. */
function firstInFirstOut({ files }) {
  let next = 0
  return ({ now }) => {
    while (next < files.length && files[next].deadline <= now) next += 1
    return files[next++] ?? null
  }
}

/** Throughput and memory: the product beside a bare loop, each in a process of its own. */
async function benchLoopback() {
  const lines = []
  for (const [name, files, bytes] of [
    ['6 files of 500 MB', 6, 500e6],
    ['400 files of 5 MB', 400, 5e6],
  ]) {
    const runs = { bare: [], product: [] }
    for (let round = 0; round < 3; round += 1)
      for (const kind of ['bare', 'product']) runs[kind].push(await run(kind, files, bytes))
    const [bare, product] = ['bare', 'product'].map((kind) => median(runs[kind].map(rateOf)))
    const peak = Math.max(...runs.product.map(({ peakRss }) => peakRss))
    lines.push(
      `media: ${name} on loopback: ${bare.toFixed(0)} MB/s bare (undici, SHA-256, disk), ` +
        `${product.toFixed(0)} MB/s saved: ${percent(product / bare)} (limit 70 %); ` +
        `peak ${(peak / 2 ** 20).toFixed(0)} MiB`,
    )
  }
  return lines
}

const rateOf = ({ bytes, ms }) => bytes / 1e3 / ms

async function run(kind, files, bytes) {
  const server = spawn(process.execPath, [here('media-server.js')], {
    stdio: ['ignore', 'pipe', 'inherit'],
  })
  const folder = mkdtempSync(join(tmpdir(), 'afterfeed-bench-'))
  try {
    const [url] = await once(createInterface({ input: server.stdout }), 'line')
    const args = [here(`${kind}-media.js`), url, folder, String(files), String(bytes)]
    return JSON.parse(execFileSync(process.execPath, args, { encoding: 'utf8' }))
  } finally {
    server.kill()
    rmSync(folder, { recursive: true, force: true })
  }
}

const percent = (share) => `${(share * 100).toFixed(2)} %`
const gigabytes = (bytes) => `${(bytes / 1e9).toFixed(1)} GB`
const median = (values) => [...values].sort((one, other) => one - other)[values.length >> 1]

function randomFrom(seed) {
  let state = seed
  return () => {
    state = (Math.imul(state, 1664525) + 1013904223) >>> 0
    return state / 4294967296
  }
}

if (process.argv[1] === fileURLToPath(import.meta.url))
  for (const line of await benchMedia()) process.stdout.write(`${line}\n`)
