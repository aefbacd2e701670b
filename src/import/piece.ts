import type { AnswerClock } from '../model/answer-time.js'
import type { AbsentContent } from '../model/response-id.js'
import type { Route } from '../model/routes.js'
import type { KeptAs } from '../model/warc-fields.js'
import type { Repeats } from './repeats.js'

/** What a file, or a part of it, was found to be. */
export type Container =
  | 'answer'
  | 'array'
  | 'ndjson'
  | 'har'
  | 'warc'
  | 'wacz'
  | 'gzip'
  | 'zip'
  | 'folder'
  | 'archive'
  | 'video'

/** What a file tells of an answer besides the answer itself. */
export interface Told {
  /** What the address says that was asked. */
  route: Route | null
  /** When the answer was given, in microseconds; NULL where the file tells no time that can be true. */
  at: number | null
  clock: 'har' | 'warc'
  /** What a WARC of ours says of the answer as it was kept. */
  kept?: KeptAs
}

/** A call that found nothing, as a WARC of ours tells of it. */
export interface ToldAbsence extends AbsentContent {
  clock: AnswerClock
  upstreamRequestId: string | null
  /** Its id where the WARC is from; NULL for one that means another call elsewhere. */
  keptAs: string | null
  /** What came, without signatures and keys. */
  body: Buffer | null
}

/** One thing found in a file; `place` says where in the file. */
export type Piece =
  /** JSON text that may be an answer: its bytes, exactly. */
  | { kind: 'text'; place: string; bytes: Buffer; told?: Told }
  /** None of ours, and no wonder. */
  | { kind: 'skipped'; place: string; reason: string; problem?: string }
  /** It should be ours, and cannot be taken. */
  | { kind: 'bad'; place: string; problem: string }
  /** A WARC of ours says that a call found nothing. */
  | { kind: 'absence'; place: string; absence: ToldAbsence }
  /** A video of the official export; it is read after all answers. */
  | { kind: 'video'; place: string; generationId: string; open: () => Bytes | Promise<Bytes> }

/** A stream of bytes. */
export type Bytes = AsyncIterable<Uint8Array>

/**
 * Finds the file of that name beside a source, where a HAR keeps its bodies; NULL if there is none. It is
 * opened once it is read, and is not taken by itself any more.
 */
export type OpenBeside = (name: string) => Promise<Bytes | null>

/** Bytes to be read, and what is known of them. */
export interface Source {
  bytes: Bytes
  /** Where in the named file they are; empty for the file itself. */
  place: string
  /** The last part of its name. */
  name: string
  /** The file itself; NULL for what is inside another or comes through a pipe. */
  path: string | null
  /** How many files it is packed in. */
  depth: number
  openBeside: OpenBeside
}

/** How much is read at most before a file is refused, in bytes unless said otherwise. */
export interface ImportLimits {
  /** One answer, or one entry of a HAR. */
  answer: number
  /** Members of a ZIP, in number. */
  members: number
  /** How many times its packed size a stream may unpack to. */
  ratio: number
  /** Unpacked size up to which the ratio does not matter. */
  unpackedFreely: number
}

/** Generous for what people hold, small enough for any machine. */
export const importLimits: ImportLimits = {
  answer: 256 * 2 ** 20,
  members: 200_000,
  ratio: 400,
  unpackedFreely: 256 * 2 ** 20,
}

/** What reading a file needs. */
export interface Reading {
  limits: ImportLimits
  /** Told once for each container that is found. */
  found: (container: Container) => void
  /** Bodies that later records of WARCs may repeat; shared by all files of an import. */
  repeats: Repeats
  /** Kept until all answers are saved; closed then. */
  later: (close: () => void | Promise<void>) => void
}

/** `256 MB`. */
export const megabytes = (bytes: number): string => `${Math.round(bytes / 2 ** 20)} MB`

/** Why something is not read that is longer than `limit` bytes. */
export const longerThan = (limit: number, what: 'answer' | 'entry' = 'answer'): string =>
  `is longer than ${megabytes(limit)}, the most that one ${what} may be`

/** All bytes; NULL if there are more than `limit`: they are read over, and none is kept. */
export async function wholeOf(
  bytes: Bytes | Iterable<Uint8Array>,
  limit: number,
): Promise<Buffer | null> {
  const parts: Uint8Array[] = []
  let size = 0
  for await (const part of bytes) {
    size += part.length
    if (size > limit) parts.length = 0
    else parts.push(part)
  }
  return size > limit ? null : Buffer.concat(parts)
}

/** Bytes that are not what they should be: what came before may not be, either. */
export class Unsound extends Error {
  override name = 'Unsound'
}

/** Bytes that end before they should: what came before the cut is kept. */
export class CutOff extends Error {
  override name = 'CutOff'

  /** `before`: how many whole parts came before the cut. */
  constructor(before: number, part = 'answer') {
    super(
      before === 0
        ? `is cut off inside its first ${part}: nothing of it is kept`
        : `is cut off behind ${before} ${part}s: they are kept`,
    )
  }
}
