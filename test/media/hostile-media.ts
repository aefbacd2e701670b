import { createServer, type IncomingHttpHeaders, type Server, type ServerResponse } from 'node:http'
import type { AddressInfo, Socket } from 'node:net'
import { onTestFinished } from 'vitest'
import type { Behave } from './behaviours.js'
import { contentTypes, fileBytes, type FileKind } from './file-bytes.js'

/** A file on the server. */
export interface HostedFile {
  name: string
  kind: FileKind
  seed: number
  bytes: Buffer
  contentType: string
  /** As it stands in an address, percent-encoded. */
  path: string
  /** The origin of another server of this machine, which nobody was allowed to ask. */
  neighbour: string
  behave: Behave
}

/** A request for a file, and the answer to it. */
export interface Turn {
  file: HostedFile
  /** How often the file was asked for before. */
  nth: number
  /** Path and query as they came. */
  url: string
  query: URLSearchParams
  headers: IncomingHttpHeaders
  /** Start of the range that was asked for. */
  from: number | null
  response: ServerResponse
  socket: Socket
  /** Of an honest answer; 0: as fast as it goes. */
  paceBytesPerMs: number
  /** Notes how much of the body went out. */
  sent(bytes: number): void
}

/** A request in the books. */
export interface Asked {
  /** NULL: there is no such file. */
  file: HostedFile | null
  method: string
  url: string
  headers: IncomingHttpHeaders
  from: number | null
  atMs: number
  sentBytes: number
}

/** What a test says about a file; the rest follows from the number. */
export interface FileWish {
  name?: string
  kind?: FileKind
  size?: number
  /** Same seed, kind and size: the same bytes. */
  seed?: number
  contentType?: string
  behave?: Behave
  /** Blob path behind `/az/vg-assets/`, not encoded. */
  blob?: string
}

/** A media server that is not to be trusted. */
export interface HostileMedia {
  url: string
  asked: Asked[]
  /** Calls of the API, which the same host serves: endpoint and parameters. */
  calls: { endpoint: string; params: Record<string, string> }[]
  /** Connections to the other server of this machine. */
  neighbour: string
  neighbourVisits: string[]
  put(wish?: FileWish): HostedFile
  /** Signed as long as said, from now on. */
  address(file: HostedFile, options?: { expires?: string; signature?: string }): string
  /** The API's answer; by default nothing is there. */
  api: (endpoint: string, params: Record<string, string>) => { status: number; body: string }
  paceBytesPerMs: number
  close(): void
}

const nothingThere = () => ({
  status: 404,
  body: '{"detail":{"code":404,"message":"Not found: there is no such object.","message_zh":"未找到。"}}',
})

/** Opens the server on a free port of 127.0.0.1, for one test. */
export async function hostileMedia(): Promise<HostileMedia> {
  const media = await openHostileMedia()
  onTestFinished(() => media.close())
  return media
}

/** Opens the server on a free port of 127.0.0.1. */
export async function openHostileMedia(): Promise<HostileMedia> {
  const files = new Map<string, HostedFile>()
  const { url: neighbour, visits: neighbourVisits, close } = await openNeighbour()
  const server = createServer({ keepAliveTimeout: 60_000 })
  const media: HostileMedia = {
    ...{ url: await listen(server), asked: [], calls: [], neighbour, neighbourVisits },
    ...{ api: nothingThere, paceBytesPerMs: 0 },
    close() {
      close()
      closeServer(server)
    },
    put(wish = {}) {
      const file = toFile(wish, files.size, neighbour)
      files.set(file.path, file)
      return file
    },
    address: (file, { expires = '2099-01-01T00:00:00Z', signature = 'AAAA' } = {}) =>
      `${media.url}${file.path}?se=${encodeURIComponent(expires)}&sp=r&sv=2024-08-04&sr=b` +
      `&sig=${signature}%3D&ac=oaivgprodscus`,
  }
  server.on('request', (request, response) => {
    const url = request.url ?? ''
    const [path = '', query = ''] = url.split(/\?(.*)/s)
    if (path.startsWith('/api/')) return answerApi(media, path, query, response)
    const file = files.get(path) ?? null
    const nth = media.asked.filter((each) => each.file !== null && each.file === file).length
    const { headers, method = '' } = request
    const from = /^bytes=(\d+)-/.exec(String(headers.range ?? ''))?.[1]
    const asked: Asked = {
      ...{ file, method, url, headers, from: from === undefined ? null : Number(from) },
      ...{ atMs: Date.now(), sentBytes: 0 },
    }
    media.asked.push(asked)
    response.on('error', () => undefined)
    response.setHeader('set-cookie', 'crumb=of-this-server; Path=/')
    if (file === null) return void response.writeHead(404).end()
    const turn: Turn = {
      ...{ file, nth, url, query: new URLSearchParams(query), headers, from: asked.from },
      ...{ response, socket: request.socket, paceBytesPerMs: media.paceBytesPerMs },
      sent: (bytes) => (asked.sentBytes = bytes),
    }
    void file.behave(turn)
  })
  return media
}

function answerApi(media: HostileMedia, path: string, query: string, response: ServerResponse) {
  const endpoint = path.split('/').at(-1) ?? ''
  const params = Object.fromEntries(new URLSearchParams(query))
  media.calls.push({ endpoint, params })
  const { status, body } = media.api(endpoint, params)
  response.writeHead(status, { 'content-type': 'application/json' }).end(body)
}

function toFile(wish: FileWish, index: number, neighbour: string): HostedFile {
  const { kind = 'mp4', size = 4000 + 37 * index, seed = index + 1, name = `file ${index}` } = wish
  const task = `task_01k9rsq5h7${index.toString(16).padStart(16, '0')}`
  const ends = { mp4: 'src.mp4', webp: 'thumbnail.webp', gif: 'preview.gif' } as const
  const end = kind in ends ? ends[kind as keyof typeof ends] : `file.${kind}`
  const blob = wish.blob ?? `assets/${task}/${task}_genid_0/videos/00000_wm/${end}`
  return {
    ...{ name, kind, seed, neighbour, bytes: fileBytes(kind, size, seed) },
    contentType: wish.contentType ?? contentTypes[kind],
    path: `/az/vg-assets/${encodeURIComponent(blob)}`,
    behave: wish.behave ?? (({ response, file }) => sendWhole(response, file)),
  }
}

function sendWhole(response: ServerResponse, file: HostedFile): void {
  response
    .writeHead(200, { 'content-type': file.contentType, 'content-length': file.bytes.length })
    .end(file.bytes)
}

interface Neighbour {
  url: string
  visits: string[]
  close(): void
}

/** A server of this machine that has nothing to do with the API. */
async function openNeighbour(): Promise<Neighbour> {
  const visits: string[] = []
  const server = createServer((request, response) => {
    visits.push(request.url ?? '')
    response.writeHead(200, { 'content-type': 'video/mp4' }).end(fileBytes('mp4', 3000, 99))
  })
  return { url: await listen(server), visits, close: () => closeServer(server) }
}

async function listen(server: Server): Promise<string> {
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  server.on('clientError', (_, socket) => socket.destroy())
  return `http://127.0.0.1:${(server.address() as AddressInfo).port}`
}

function closeServer(server: Server): void {
  server.closeAllConnections()
  server.close()
}
