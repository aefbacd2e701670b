import type { WARCParser } from 'warcio'

/** What the reader of WARC records takes its bytes from. */
type RecordBytes = Pick<WARCParser['_reader'], 'readlineRaw' | 'unread' | '_savedChunk'>

const lineBytes = 2 ** 16
const newline = 0x0a
const emptyLine = Buffer.from('\r\n')

/**
 * Reads over whatever stands between the end of a record and the end of its line, where an empty line
 * should be: the parser itself would say so on the console, and to nobody else.
 * @returns true if nothing stands there
 */
export async function endsCleanly({ _reader: bytes }: WARCParser): Promise<boolean> {
  const line = await bytes.readlineRaw(lineBytes)
  if (line === null) return true
  if (isExpected(line)) {
    putBack(bytes, line)
    return true
  }
  let part: Uint8Array | null = line
  while (part !== null && part.at(-1) !== newline) part = await bytes.readlineRaw(lineBytes)
  putBack(bytes, emptyLine)
  return false
}

/** An empty line, or the first of the next record. */
const isExpected = (line: Uint8Array): boolean => /^[\r\n]*$|^WARC\/\d\.\d\r\n$/.test(latin1(line))

const latin1 = (bytes: Uint8Array): string => Buffer.from(bytes.subarray(0, 16)).toString('latin1')

/** Before what was read ahead of it already. */
function putBack(bytes: RecordBytes, line: Uint8Array): void {
  const ahead = bytes._savedChunk
  bytes._savedChunk = null
  bytes.unread(ahead === null ? line : Buffer.concat([line, ahead]))
}
