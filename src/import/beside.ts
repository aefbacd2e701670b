import { createReadStream } from 'node:fs'
import { lstat } from 'node:fs/promises'
import { dirname, resolve } from 'node:path'
import type { Bytes, OpenBeside } from './piece.js'

/** Why a file that a HAR keeps a body in is not taken by itself: the HAR says what was asked, and when. */
export const bodyOfHar = 'body of a HAR'

const harRank = (name: string): number => (/\.har(\.gz)?$/i.test(name) ? 0 : 1)

/** Orders HARs before what may lie beside them; for the rest it says 0. */
export const harsFirst = (one: string, other: string): number => harRank(one) - harRank(other)

/** Opens files in the folder of a HAR, and notes their full paths. Links are not followed. */
export function besideFile(path: string, taken: Set<string>): OpenBeside {
  return async (name) => {
    const beside = resolve(dirname(path), name)
    const facts = await lstat(beside).catch(() => null)
    if (facts?.isFile() !== true) return null
    taken.add(beside)
    return opened(() => createReadStream(beside))
  }
}

/** Bytes of something that is opened only once they are read. */
export async function* opened(
  open: () => Bytes | Promise<Bytes>,
): Bytes & AsyncGenerator<Uint8Array> {
  yield* await open()
}

/** For what lies beside nothing: a pipe. */
export const besideNothing: OpenBeside = () => Promise.resolve(null)
