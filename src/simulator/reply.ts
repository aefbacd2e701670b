/** What goes back to the client, and how. */
export interface Reply {
  status: number
  headers: Record<string, string | number>
  body: Buffer
  /** `whole`, or broken: half of the body, or nothing at all. */
  manner: 'whole' | 'half' | 'nothing'
  delayMs: number
}

/** A request as the simulator sees it. */
export interface Incoming {
  method: string
  path: string
  query: URLSearchParams
  /** Path and query as they came. */
  target: string
  headers: Record<string, string | string[] | undefined>
  body: Buffer
}

/** One value of a header; `''` where there is none. */
export function headerOf({ headers }: Incoming, name: string): string {
  const value = headers[name]
  return (Array.isArray(value) ? value[0] : value) ?? ''
}

/** A whole answer with a JSON body. */
export const jsonReply = (
  status: number,
  body: string | Buffer,
  headers: Reply['headers'] = {},
): Reply => ({
  status,
  headers: { 'content-type': 'application/json', ...headers },
  body: typeof body === 'string' ? Buffer.from(body) : body,
  manner: 'whole',
  delayMs: 0,
})

/** The connection is broken off without an answer. */
export const silence = (delayMs = 0): Reply => ({
  status: 0,
  headers: {},
  body: Buffer.alloc(0),
  manner: 'nothing',
  delayMs,
})
