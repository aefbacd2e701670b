import { join } from 'node:path'
import Database from 'better-sqlite3'
import { describe, expect, it } from 'vitest'
import { seededRandom, type Random } from '../hostile/random.js'
import type { Behave } from './behaviours.js'
import { sha256 } from './file-bytes.js'
import { hostileMedia } from './hostile-media.js'
import { cutOff, pour, sendHonestly, sendOnly, versionOf } from './send-file.js'
import { archiveOf, faultsOfFiles, feedOf, filesBelow, isPartial, mediaRows } from './worlds.js'
import { postItem, rowOf, saveAt } from './worlds.js'

/** At most requests answer badly, each in its own way; at some moment the file itself changes. */
function moody(random: Random): Behave {
  const changesAt = random.chance(0.3) ? random.int(4) : Infinity
  const names = random.pick([{}, {}, { isDated: true }, { isWeak: true }, { isNameless: true }])
  return (turn) => {
    const version = turn.nth >= changesAt ? 1 : 0
    const { bytes } = versionOf(turn.file, version)
    const { response, file } = turn
    const at = random.int(bytes.length)
    const manner = { version, ...names }
    switch (random.int(14)) {
      case 0:
        return void response.destroy()
      case 1:
        return void response.writeHead(random.pick([500, 502, 503, 504])).end('<html>')
      case 2:
        return void response.writeHead(429, { 'retry-after': '0' }).end()
      case 3:
      case 4:
      case 5:
        return sendHonestly(turn, { ...manner, cutAt: at })
      case 6:
        return sendHonestly(turn, { ...manner, isDeaf: true })
      case 7:
        return sendHonestly(turn, { ...manner, isRangeless: true, cutAt: at })
      case 8:
        return version === 0 ? pour(turn, { chunk: 4000, cutAt: at }) : undefined
      case 9:
        return cutOff(response, bytes.subarray(0, at), {
          ...{ 'content-type': file.contentType, 'content-length': String(bytes.length + 1) },
        })
      case 10: {
        const range = `bytes ${at}-${bytes.length - 1}/${bytes.length}`
        return sendOnly(turn, 206, { 'content-range': range }, bytes.subarray(at))
      }
      default:
        return sendHonestly(turn, manner)
    }
  }
}

describe('saveMedia, run after run', () => {
  it.each([1, 2, 3, 4])(
    'ends with every file as the server held it at some moment, whatever came between: seed %i',
    async (seed) => {
      const random = seededRandom(seed)
      const media = await hostileMedia()
      const files = Array.from({ length: 30 }, (_, n) =>
        media.put({
          behave: moody(seededRandom(seed * 1000 + n)),
          size: 20_000 + random.int(40_000),
        }),
      )
      const archiveDir = await archiveOf(
        feedOf(files.map((file, n) => postItem(n, { source_wm: media.address(file) }))),
      )
      const faults: string[] = []
      const again: string[] = []

      for (let run = 0; run < 12; run++) {
        const held = mediaRows(archiveDir).filter(({ state }) => state === 'saved')
        const before = media.asked.length
        const stop = new AbortController()
        const timer = setTimeout(() => stop.abort(), run < 4 ? 10 + random.int(200) : 20_000)
        const options = { renew: false, idleTimeoutMs: 150, concurrency: 8, signal: stop.signal }
        const { files: counts } = await saveAt(media, archiveDir, { ...options, perHost: 8 })
        clearTimeout(timer)
        faults.push(...faultsOfFiles(archiveDir))
        const asked = new Set(media.asked.slice(before).map(({ file }) => file))
        const keys = new Set(held.map(({ asset_key }) => asset_key))
        again.push(...[...asked].filter((file) => keys.has(keyOf(file!))).map((file) => file!.name))
        if (counts.saved === files.length) break
      }

      const rows = mediaRows(archiveDir)
      const wrong = files.filter((file) => {
        const hashes = [0, 1].map((version) => sha256(versionOf(file, version).bytes))
        return !hashes.includes(rowOf(rows, file)?.sha256 ?? '')
      })
      expect(wrong.map((file) => [file.name, rowOf(rows, file)])).toEqual([])
      expect({ faults, again }).toEqual({ faults: [], again: [] })
      expect(filesBelow(archiveDir).filter(isPartial)).toEqual([])
    },
  )
})

describe('saveMedia, ended between a file and its row', () => {
  it.each([
    ['INSERT', 'new row'],
    ['UPDATE', 'row that changes'],
  ])('downloads no finished file again: %s, a %s', async (verb) => {
    const media = await hostileMedia()
    const files = Array.from({ length: 8 }, () => media.put({ size: 30_000 }))
    const archiveDir = await archiveOf(
      feedOf(files.map((file, n) => postItem(n, { source_wm: media.address(file) }))),
    )
    const change = (sql: string) => {
      const database = new Database(join(archiveDir, 'archive.sqlite'))
      database.exec(sql)
      database.close()
    }
    change(`CREATE TRIGGER trap BEFORE ${verb} ON media WHEN NEW.state = 'saved'
      BEGIN SELECT RAISE(ABORT, 'trapped'); END`)
    const first = await saveAt(media, archiveDir, { renew: false }).catch(() => null)
    const saved = mediaRows(archiveDir).filter(({ state }) => state === 'saved').length
    const finished = filesBelow(archiveDir).filter((name) => !isPartial(name))
    change('DROP TRIGGER trap')
    const asked = media.asked.length

    const { outcome } = await saveAt(media, archiveDir, { renew: false })

    expect(outcome).toBe('done')
    expect(faultsOfFiles(archiveDir)).toEqual([])
    expect(filesBelow(archiveDir).filter(isPartial)).toEqual([])
    if (first !== null && saved === files.length) return
    expect(media.asked.length - asked).toBeLessThanOrEqual(files.length - finished.length)
  })
})

const keyOf = ({ path }: { path: string }): string =>
  decodeURIComponent(path.replace('/az/vg-assets/', ''))
