import { closeSync, copyFileSync, existsSync, mkdirSync, openSync, readSync } from 'node:fs'
import { rmSync, statSync, truncateSync } from 'node:fs'
import { join } from 'node:path'
import { setTimeout as wait } from 'node:timers/promises'
import { crawl, type CrawlOptions, type CrawlReport } from '../../src/index.js'
import type { Random } from '../hostile/random.js'
import type { FaultyApi } from './fault-api.js'

/** When a run is killed, and how. */
export interface Kill {
  /** At this call of the run, counted from 1. */
  atCall: number
  stage: 'arrived' | 'answered'
  /** How much later. */
  waitMs: number
  /** The end of the write-ahead log is lost too, as by a loss of power. */
  isTorn: boolean
}

/** Copies what a `kill -9` at this instant leaves of an archive; the locks of a process die with it. */
export function copyArchive(from: string, to: string): void {
  mkdirSync(to, { recursive: true })
  for (const name of ['archive.sqlite', 'archive.sqlite-wal']) {
    if (existsSync(join(from, name))) copyFileSync(join(from, name), join(to, name))
  }
}

/**
 * Cuts a copied write-ahead log somewhere behind what has been carried over into the database: that
 * much was on the disk before, so no loss of power can take it.
 */
export function tearLog(from: string, to: string, random: Random): void {
  const log = join(to, 'archive.sqlite-wal')
  if (!existsSync(log) || !existsSync(join(from, 'archive.sqlite-shm'))) return
  const { carried, written, frameBytes } = readLogIndex(join(from, 'archive.sqlite-shm'))
  const [first, last] = [32 + carried * frameBytes, 32 + written * frameBytes]
  if (statSync(log).size < last || last <= first) return
  truncateSync(log, first + random.int(last - first))
}

/** Frames of the log, from the index beside it (SQLite's "WAL-Index File Format"). */
function readLogIndex(path: string): { carried: number; written: number; frameBytes: number } {
  const head = Buffer.alloc(136)
  const file = openSync(path, 'r')
  readSync(file, head, 0, head.length, 0)
  closeSync(file)
  const pageBytes = head.readUInt16LE(14)
  const frameBytes = 24 + (pageBytes === 1 ? 65536 : pageBytes)
  return { carried: head.readUInt32LE(96), written: head.readUInt32LE(16), frameBytes }
}

/** What all runs of a crawl have in common. */
export interface KilledCrawl {
  api: FaultyApi
  /** Where the archives are; each run has its own, copied from the one before. */
  folder: string
  options: Omit<CrawlOptions, 'archiveDir' | 'baseUrl' | 'apiKey'>
  random: Random
}

/** A run to its end. @returns its report, and its archive's folder */
export async function runOn(
  { api, folder, options }: KilledCrawl,
  run: string,
): Promise<CrawlReport> {
  const baseUrl = api.urlOf(run)
  return crawl({ ...options, archiveDir: join(folder, run), baseUrl, apiKey: api.key })
}

/**
 * A run that is killed: what its archive was at that instant becomes the archive of the next run, and
 * the run itself is thrown away. The archive of a run that ends before is the next one's as it is.
 * @returns the report of a run that came to its end before; null for one that was killed
 */
export async function runUntil(
  crawling: KilledCrawl,
  [run, next]: [string, string],
  kill: Kill,
): Promise<CrawlReport | null> {
  const { api, folder, options } = crawling
  const abort = new AbortController()
  const end: { isKilled: boolean } = { isKilled: false }
  const die = () => {
    if (abort.signal.aborted) return
    end.isKilled = leaveBehind(crawling, [run, next], kill)
    abort.abort()
  }
  api.watch = (arrival, stage, count) => {
    if (arrival.run !== run || stage !== kill.stage || count < kill.atCall) return
    if (kill.waitMs === 0) die()
    else void wait(kill.waitMs).then(die)
  }
  const report = await runOn({ ...crawling, options: { ...options, signal: abort.signal } }, run)
  abort.abort()
  if (!end.isKilled) copyArchive(join(folder, run), join(folder, next))
  rmSync(join(folder, run), { recursive: true, force: true })
  return end.isKilled ? null : report
}

/** @returns false where there is no archive any more to be copied */
function leaveBehind(
  { api, folder, random }: KilledCrawl,
  [run, next]: [string, string],
  { isTorn }: Kill,
): boolean {
  const [from, to] = [join(folder, run), join(folder, next)]
  if (!existsSync(join(from, 'archive.sqlite-shm'))) return false
  copyArchive(from, to)
  if (isTorn) tearLog(from, to, random)
  api.bury(run)
  return true
}
