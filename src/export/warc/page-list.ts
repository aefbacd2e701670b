import { OutFile } from '../out-file.js'
import type { Placed } from './warc-files.js'
import { toJsonLine } from '../../model/json-line.js'

/**
 * Writes `pages.jsonl`: the answers that can be looked at by their address, a line each behind a line
 * that says what they are. Source: WACZ 1.1.1, "pages.jsonl".
 */
export class PageList {
  /** The first of them. */
  first: { url: string; ts: string } | null = null

  private constructor(private readonly file: OutFile) {}

  static async create(path: string): Promise<PageList> {
    const list = new PageList(await OutFile.create(path))
    list.#add({ format: 'json-pages-1.0', id: 'pages', title: 'Answers' })
    return list
  }

  /** Adds what came, of the records of a call, if it is an answer to a GET and no error. */
  add(placed: readonly Placed[]): void {
    const isGet = placed.some(({ record }) => record.http?.line.startsWith('GET '))
    const answer = placed.find(({ record }) => record.http?.line.startsWith('HTTP/1.1 200'))
    if (!isGet || answer === undefined) return
    const { id, uri, at } = answer.record
    this.first ??= { url: uri!, ts: at }
    this.#add({ id, url: uri, ts: at, title: titleOf(uri!) })
  }

  flush(): Promise<void> {
    return this.file.flush()
  }

  close(): Promise<void> {
    return this.file.close()
  }

  /** Lets go of the file; what is in it is incomplete. Never throws. */
  abandon(): Promise<void> {
    return this.file.abandon()
  }

  #add(line: Readonly<Record<string, unknown>>): void {
    this.file.addText(`${toJsonLine(line)}\n`)
  }
}

/** `get_post_detail post_id=s_…`. */
function titleOf(uri: string): string {
  const { pathname, searchParams } = new URL(uri)
  const words = [...searchParams].map(([name, value]) => `${name}=${value}`)
  return [pathname.split('/').at(-1), ...words].join(' ')
}
