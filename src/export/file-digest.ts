import { createHash } from 'node:crypto'
import { open } from 'node:fs/promises'

/** Size and SHA-256 of a file. */
export interface FileDigest {
  bytes: number
  sha256: string
}

const bytesAtATime = 1024 * 1024

/** Reads a file from its beginning to its end; the memory for it is used again. */
export async function readDigest(path: string): Promise<FileDigest> {
  const hash = createHash('sha256')
  const buffer = Buffer.allocUnsafeSlow(bytesAtATime)
  const file = await open(path)
  let bytes = 0
  try {
    for (;;) {
      const { bytesRead } = await file.read(buffer, 0, bytesAtATime)
      if (bytesRead === 0) return { bytes, sha256: hash.digest('hex') }
      hash.update(buffer.subarray(0, bytesRead))
      bytes += bytesRead
    }
  } finally {
    await file.close()
  }
}
