import { Readable } from 'node:stream'
import { createGunzip } from 'node:zlib'
import { megabytes, type Bytes, type ImportLimits } from './piece.js'

/**
 * Unpacks a gzip, also one of several parts.
 * @throws Error if it is no gzip, is cut off, or unpacks to far more than it holds
 */
export async function* unpacked(
  packed: Bytes,
  limits: ImportLimits,
): Bytes & AsyncGenerator<Buffer> {
  let bytesIn = 0
  let bytesOut = 0
  const counted = Readable.from(
    (async function* () {
      for await (const chunk of packed) {
        bytesIn += chunk.length
        yield chunk
      }
    })(),
    { objectMode: false },
  )
  const unpacking = createGunzip({ chunkSize: 2 ** 18 })
  counted.on('error', (error) => unpacking.destroy(error))
  try {
    for await (const chunk of counted.pipe(unpacking)) {
      bytesOut += (chunk as Buffer).length
      refuseBomb({ bytesIn, bytesOut }, limits)
      yield chunk as Buffer
    }
  } finally {
    unpacking.destroy()
    counted.destroy()
  }
}

/** @throws Error if a stream unpacks to far more than it holds */
export function refuseBomb(
  { bytesIn, bytesOut }: { bytesIn: number; bytesOut: number },
  { ratio, unpackedFreely }: ImportLimits,
): void {
  if (bytesOut <= unpackedFreely || bytesOut <= bytesIn * ratio) return
  throw new Error(
    `unpacks to more than ${megabytes(bytesOut)} from ${megabytes(bytesIn)}, over ${ratio} times its size: ` +
      'it is taken for a bomb. Unpack it yourself if it is none',
  )
}
