import { constants, createReadStream, openSync } from 'node:fs'
import { Socket } from 'node:net'
import type { Readable } from 'node:stream'
import type { Input } from './inputs.js'

/** Opens a file, or a named pipe: that waits for its writer without holding up what stops the import. */
export function openInput({ kind, path }: Input): Readable {
  if (kind !== 'pipe') return createReadStream(path, { highWaterMark: 2 ** 20 })
  const fd = openSync(path, constants.O_RDONLY | constants.O_NONBLOCK)
  return new Socket({ fd, readable: true, writable: false })
}
