/** A WARC reader by Eugene Ware; it has no types of its own. Not kept any more: for tests only. */
declare module 'warc' {
  import type { Transform } from 'node:stream'

  export interface Record {
    protocol: string
    headers: { [name: string]: string }
    content: Buffer
  }

  const WARCStream: new () => Transform
  export default WARCStream
}
