import { createHash } from 'node:crypto'
import { seededRandom } from '../hostile/random.js'

/** What a file is, by its first bytes. */
export type FileKind = 'mp4' | 'webp' | 'jpeg' | 'png' | 'gif' | 'srt' | 'vtt' | 'html'

/** The content type that tells the truth about a kind of file. */
export const contentTypes: Record<FileKind, string> = {
  mp4: 'video/mp4',
  webp: 'image/webp',
  jpeg: 'image/jpeg',
  png: 'image/png',
  gif: 'image/gif',
  srt: 'application/x-subrip',
  vtt: 'text/vtt',
  html: 'text/html; charset=utf-8',
}

/** Names that a saved file of that kind may end with. */
export const extensions: Record<FileKind, readonly string[]> = {
  mp4: ['mp4'],
  webp: ['webp'],
  jpeg: ['jpg', 'jpeg'],
  png: ['png'],
  gif: ['gif'],
  srt: ['srt'],
  vtt: ['vtt'],
  html: [],
}

const captions = '1\n00:00:00,000 --> 00:00:02,000\n(a paper boat crosses)\n\n'
const page = '<!DOCTYPE html><html><body>Sign in to go on</body></html>\n'

const openings: Record<FileKind, Buffer> = {
  mp4: Buffer.concat([
    Buffer.from('0000001c', 'hex'),
    Buffer.from('ftypisom\0\0\x02\0isomiso2mp41', 'latin1'),
  ]),
  webp: Buffer.from('524946460000010057454250565038200000010000000000', 'hex'),
  jpeg: Buffer.from('ffd8ffe000104a46494600010100000100010000', 'hex'),
  png: Buffer.from('89504e470d0a1a0a0000000d49484452000000010000000108060000001f15c489', 'hex'),
  gif: Buffer.from('47494638396160016002f70000', 'hex'),
  srt: Buffer.from(captions),
  vtt: Buffer.from(`WEBVTT\n\n${captions.slice(2).replaceAll(',', '.')}`),
  html: Buffer.from(page),
}

const isText = (kind: FileKind): boolean => ['srt', 'vtt', 'html'].includes(kind)

/** A file of that many bytes: the opening of its format, then noise of its own. */
export function fileBytes(kind: FileKind, size: number, seed: number): Buffer {
  const opening = openings[kind]
  const rest = Math.max(0, size - opening.length)
  return Buffer.concat([opening, isText(kind) ? lines(rest, seed) : noise(rest, seed)])
}

function noise(size: number, seed: number): Buffer {
  const random = seededRandom(seed)
  const words = new Uint32Array(Math.ceil(size / 4)).map(() => random.next() * 4294967296)
  return Buffer.from(words.buffer, 0, size)
}

const lines = (size: number, seed: number): Buffer =>
  Buffer.from(`line ${seed}\n`.repeat(Math.ceil(size / 6)).slice(0, size))

/** SHA-256 in hex. */
export const sha256 = (bytes: Uint8Array): string =>
  createHash('sha256').update(bytes).digest('hex')
