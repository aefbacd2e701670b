import { createGunzip } from 'node:zlib'
import { megabytes, type Bytes, type ImportLimits } from './piece.js'

const sliceBytes = 2 ** 16

/**
 * Unpacks a gzip, also one of several parts, up to the very byte at which it is broken, cut off or followed
 * by something else. An unpacker that fails keeps back what it had unpacked of the bytes it was given: so
 * one goes ahead of the other, and shows what can be given whole and what only byte by byte.
 * @throws Error if it is no gzip, is cut off, or unpacks to far more than it holds
 */
export async function* unpacked(
  packed: Bytes,
  limits: ImportLimits,
): Bytes & AsyncGenerator<Buffer> {
  const [ahead, behind] = [new Unpacker(), new Unpacker()]
  const pieces: Buffer[] = []
  let [bytesIn, bytesOut] = [0, 0]
  ahead.stream.on('data', (chunk: Buffer) => (bytesOut += chunk.length))
  behind.stream.on('data', (chunk: Buffer) => pieces.push(chunk))
  try {
    for await (const chunk of packed)
      for (let start = 0; start < chunk.length; start += sliceBytes) {
        const slice = chunk.subarray(start, start + sliceBytes)
        bytesIn += slice.length
        const error = await ahead.take(slice)
        refuseBomb({ bytesIn, bytesOut }, limits)
        if (error === null) await behind.take(slice)
        else for (const byte of slice) if (await behind.take(Buffer.of(byte))) break
        yield* pieces.splice(0)
        if (error !== null) throw error
      }
    const error = await ahead.end()
    await behind.end()
    yield* pieces.splice(0)
    if (error !== null) throw error
  } finally {
    ahead.stream.destroy()
    behind.stream.destroy()
  }
}

/** Unpacks a gzip as it is given, a stretch at a time. */
class Unpacker {
  readonly stream = createGunzip({ chunkSize: 2 ** 18 })
  private problem: Error | null = null
  /** It takes no more: it is broken, or zeros fill up what is behind its end. */
  private isOver = false
  private settle: () => void = () => undefined

  constructor() {
    this.stream.on('error', (error) => {
      this.problem ??= error
      this.stop()
    })
    this.stream.on('end', () => this.stop())
  }

  /** @returns what is wrong with it, if anything is; what could be unpacked has been given out by then */
  take(bytes: Uint8Array): Promise<Error | null> {
    return this.until((done) => this.stream.write(bytes, done))
  }

  /** @returns what is wrong with its end, if anything is */
  end(): Promise<Error | null> {
    return this.until(() => this.stream.end())
  }

  /** A stream that stops never tells of the write that stopped it. */
  private async until(begin: (done: () => void) => unknown): Promise<Error | null> {
    if (!this.isOver)
      await new Promise<void>((resolve) => {
        this.settle = resolve
        begin(resolve)
      })
    return this.problem
  }

  private stop(): void {
    this.isOver = true
    this.settle()
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
