import { setTimeout as wait } from 'node:timers/promises'
import { gzipSync } from 'node:zlib'
import { contentTypes, fileBytes } from './file-bytes.js'
import type { HostedFile, Turn } from './hostile-media.js'
import {
  cutOff,
  drip,
  expire,
  finish,
  pour,
  sendHonestly,
  sendOnly,
  versionOf,
} from './send-file.js'

/** How a server answers for one file, request by request. */
export type Behave = (turn: Turn) => void | Promise<void>

/** The first requests get `others`, one each; those behind are answered well. */
const first =
  (...others: Behave[]): Behave =>
  (turn) =>
    (others[turn.nth] ?? honest)(turn)

const honest: Behave = (turn) => sendHonestly(turn)

const status =
  (code: number, headers: Record<string, string> = {}): Behave =>
  ({ response }) =>
    void response.writeHead(code, { 'content-type': 'text/plain', ...headers }).end('no')

const moved =
  (location: string | ((turn: Turn) => string), code = 302): Behave =>
  (turn) => {
    const target = typeof location === 'string' ? location : location(turn)
    turn.response.writeHead(code, { location: target }).end()
  }

const half = ({ file }: { file: HostedFile }): number => file.bytes.length >> 1

const cutHalf: Behave = (turn) => sendHonestly(turn, { cutAt: half(turn) })

/** The connection is reset, not ended, with half of the file on its way. */
const resetHalf: Behave = (turn) => {
  const { response, file, socket } = turn
  const headers = { 'content-type': file.contentType, 'content-length': file.bytes.length }
  response.writeHead(200, headers)
  response.write(file.bytes.subarray(0, half(turn)), () => socket.resetAndDestroy())
}

/** Says no, a byte at a time, and never ends. */
const refuseSlowly =
  (code: number): Behave =>
  ({ response }) => {
    response.writeHead(code, { 'content-type': 'text/plain' })
    const dripping = setInterval(() => response.write('n'), 300)
    response.on('close', () => clearInterval(dripping))
  }

const secondVersion: Behave = (turn) => sendHonestly(turn, { version: 1 })

/** A range that starts elsewhere than was asked, or is another's. */
const crookedRange =
  (rangeOf: (from: number, size: number) => string, more: object = {}): Behave =>
  (turn) => {
    if (turn.from === null) return honest(turn)
    const { bytes, etag } = versionOf(turn.file, 0)
    const part = bytes.subarray(turn.from)
    const headers = { 'content-type': turn.file.contentType, etag: etag ?? '', ...more }
    const range = rangeOf(turn.from, bytes.length)
    sendOnly(turn, 206, { ...headers, ...(range && { 'content-range': range }) }, part)
  }

/** What a server does for a file, and how that may end. */
export interface Behaviour {
  behave: Behave
  /** State and reason of the file, any of these; a state alone: whatever the reason. */
  ends: readonly string[]
  /** An answer of the API told its size. */
  isAnnounced?: true
}

/**
 * What a media server may do, and by the words how a file ends:
 * `saved`: whole, byte for byte · `refused`: not taken, by a rule · `failed`: it could be had, but was not
 * whole or not given · `lost`: it can be had no more.
 */
export const behaviours: Record<string, Behaviour> = {
  whole: { behave: honest, ends: ['saved'] },
  'no length, in chunks': { behave: (turn) => pour(turn, { chunk: 3000 }), ends: ['saved'] },
  'in bits of a byte for a start': {
    behave: (turn) => sendHonestly(turn, { bits: 40 }),
    ends: ['saved'],
  },
  'cut once': { behave: first(cutHalf), ends: ['saved'] },
  'cut twice': {
    behave: first(cutHalf, (turn) => sendHonestly(turn, { cutAt: 500 })),
    ends: ['saved'],
  },
  'cut before the first byte': {
    behave: first((turn) => sendHonestly(turn, { cutAt: 0 })),
    ends: ['saved'],
  },
  'cut on the last byte': {
    behave: first((turn) => sendHonestly(turn, { cutAt: turn.file.bytes.length - 1 })),
    ends: ['saved'],
  },
  'dropped without a word': {
    behave: first(({ response }) => void response.destroy()),
    ends: ['saved'],
  },
  'reset before a word': {
    behave: first(({ socket }) => void socket.resetAndDestroy()),
    ends: ['saved'],
  },
  'reset half way': { behave: first(resetHalf), ends: ['saved'] },
  'reset half way every time': { behave: resetHalf, ends: ['failed cut', 'failed no_answer'] },
  'chunks broken off': {
    behave: first((turn) => pour(turn, { chunk: 2000, cutAt: half(turn) })),
    ends: ['saved'],
  },
  'chunks broken off every time': {
    behave: (turn) => pour(turn, { chunk: 2000, cutAt: half(turn) }),
    ends: ['failed cut', 'failed no_answer'],
  },
  'length too large every time': {
    behave: ({ response, file }) =>
      cutOff(response, file.bytes, {
        'content-type': file.contentType,
        'content-length': String(file.bytes.length + 1000),
      }),
    ends: ['failed cut', 'failed no_answer'],
  },
  'length too small, as against the size announced': {
    behave: ({ response, file }) =>
      sendOnly({ response, file }, 200, {}, file.bytes.subarray(0, half({ file }))),
    ends: ['failed wrong_length'],
    isAnnounced: true,
  },
  'no length, and less than the size announced': {
    behave: (turn) => {
      const file = { ...turn.file, bytes: turn.file.bytes.subarray(0, half(turn)) }
      return pour({ ...turn, file }, { chunk: 3000 })
    },
    ends: ['failed wrong_length'],
    isAnnounced: true,
  },
  'larger than the size announced': {
    behave: ({ response, file }) =>
      sendOnly({ response, file }, 200, {}, Buffer.concat([file.bytes, Buffer.alloc(5000)])),
    ends: ['failed wrong_length', 'refused wrong_length'],
    isAnnounced: true,
  },
  'no length at all, and an early end': {
    behave: ({ socket, file }) => {
      socket.write(`HTTP/1.0 200 OK\r\nContent-Type: ${file.contentType}\r\n\r\n`)
      socket.end(file.bytes.subarray(0, half({ file })))
    },
    ends: ['failed wrong_length', 'failed cut'],
    isAnnounced: true,
  },
  '500 twice': { behave: first(status(500), status(500)), ends: ['saved'] },
  '503 twice, then again at once': {
    behave: first(status(503, { 'retry-after': '0' }), status(503, { 'retry-after': '0' })),
    ends: ['saved'],
  },
  '429, wait a second': { behave: first(status(429, { 'retry-after': '1' })), ends: ['saved'] },
  '500 for ever': { behave: status(500), ends: ['failed status_500'] },
  '401': {
    behave: status(401, { 'www-authenticate': 'Basic realm="media"' }),
    ends: ['failed status_401', 'lost forbidden'],
  },
  'changed between ranges': {
    behave: first(cutHalf, secondVersion, secondVersion),
    ends: ['saved'],
  },
  'changed, and If-Range ignored': {
    behave: first(
      cutHalf,
      (turn) => sendHonestly(turn, { version: 1, isDeaf: true }),
      secondVersion,
      secondVersion,
    ),
    ends: ['saved'],
  },
  'changed, If-Range ignored, and the part without a name': {
    behave: first(
      cutHalf,
      (turn) => sendHonestly(turn, { version: 1, isDeaf: true, isNameless: true }),
      secondVersion,
      secondVersion,
    ),
    ends: ['saved', 'failed'],
  },
  'changed every time': {
    behave: (turn) =>
      sendHonestly(turn, { version: turn.nth % 2, cutAt: half(turn), isDeaf: turn.nth % 3 > 0 }),
    ends: ['failed changed', 'failed cut'],
  },
  'changed, with nothing to tell versions by': {
    behave: (turn) =>
      turn.nth === 0
        ? sendHonestly(turn, { cutAt: half(turn), isNameless: true })
        : sendHonestly(turn, { version: 1, isNameless: true, isDeaf: true }),
    ends: ['saved'],
  },
  'changed, told by date alone': {
    behave: (turn) =>
      turn.nth === 0
        ? sendHonestly(turn, { cutAt: half(turn), isDated: true })
        : sendHonestly(turn, { version: 1, isDated: true }),
    ends: ['saved'],
  },
  'changed, with a weak tag': {
    behave: (turn) =>
      turn.nth === 0
        ? sendHonestly(turn, { cutAt: half(turn), isWeak: true })
        : sendHonestly(turn, { version: 1, isWeak: true }),
    ends: ['saved'],
  },
  'ranges ignored': {
    behave: first(cutHalf, (turn) => sendHonestly(turn, { isRangeless: true })),
    ends: ['saved'],
  },
  'range from the start': {
    behave: first(
      cutHalf,
      crookedRange((_, size) => `bytes 0-${size - 1}/${size}`),
    ),
    ends: ['saved', 'failed'],
  },
  'range from further on': {
    behave: first(
      cutHalf,
      crookedRange((from, size) => `bytes ${from + 7}-${size - 1}/${size}`),
    ),
    ends: ['saved', 'failed'],
  },
  'range of a file of another size': {
    behave: first(
      cutHalf,
      crookedRange((from, size) => `bytes ${from}-${size - 1}/${size + 9}`),
    ),
    ends: ['saved', 'failed'],
  },
  'range without a Content-Range': {
    behave: first(
      cutHalf,
      crookedRange(() => ''),
    ),
    ends: ['saved', 'failed'],
  },
  'range in many parts': {
    behave: first(
      cutHalf,
      crookedRange((from, size) => `bytes ${from}-${size - 1}/${size}`, {
        'content-type': 'multipart/byteranges; boundary=x',
      }),
    ),
    ends: ['saved', 'failed', 'refused'],
  },
  'range refused with 416': {
    behave: first(cutHalf, (turn) =>
      turn.from === null
        ? honest(turn)
        : status(416, { 'content-range': `bytes */${turn.file.bytes.length}` })(turn),
    ),
    ends: ['saved'],
  },
  'part of a file, unasked': {
    behave: ({ response, file }) => {
      const size = file.bytes.length
      const headers = { 'content-range': `bytes 0-${(size >> 1) - 1}/${size}` }
      sendOnly({ response, file }, 206, headers, file.bytes.subarray(0, size >> 1))
    },
    ends: ['failed'],
  },
  'says expired': { behave: expire, ends: ['lost expired'] },
  '403 without a word': { behave: status(403), ends: ['lost forbidden', 'lost expired'] },
  '404': { behave: status(404, { 'x-ms-error-code': 'BlobNotFound' }), ends: ['lost gone'] },
  '404, a byte at a time': { behave: refuseSlowly(404), ends: ['lost gone'] },
  '503, a byte at a time': { behave: refuseSlowly(503), ends: ['failed status_503'] },
  '410': { behave: status(410), ends: ['lost gone'] },
  'moved within the host': {
    behave: (turn) =>
      turn.query.has('moved') ? honest(turn) : moved(({ url }) => `${url}&moved=1`)(turn),
    ends: ['saved'],
  },
  'moved in a circle': { behave: moved(({ url }) => url), ends: ['refused redirect'] },
  'moved from one to the next for ever': {
    behave: moved(({ url, nth }) => `${url.replace(/&step=\d+/, '')}&step=${nth}`),
    ends: ['refused redirect'],
  },
  'moved to another host': {
    behave: moved('https://evil.example/a.mp4'),
    ends: ['refused redirect'],
  },
  'moved to a look-alike': {
    behave: moved('https://videos.openai.com.evil.example/a.mp4'),
    ends: ['refused redirect'],
  },
  'moved to a neighbour': {
    behave: moved(({ file }) => `${file.neighbour}/a.mp4`),
    ends: ['refused redirect'],
  },
  'moved to a neighbour, for good': {
    behave: moved(({ file }) => `${file.neighbour}/a.mp4`, 301),
    ends: ['refused redirect'],
  },
  'moved to a neighbour, without a scheme': {
    behave: moved(({ file }) => `${file.neighbour.slice('http:'.length)}/a.mp4`, 307),
    ends: ['refused redirect'],
  },
  'moved to a file': { behave: moved('file:///etc/passwd'), ends: ['refused redirect'] },
  'moved to the metadata service': {
    behave: moved('http://169.254.169.254/latest/meta-data/'),
    ends: ['refused redirect'],
  },
  'moved to the metadata service, in IPv6': {
    behave: moved('http://[::ffff:169.254.169.254]/latest/meta-data/'),
    ends: ['refused redirect'],
  },
  'moved to nowhere': {
    behave: ({ response }) => void response.writeHead(302).end(),
    ends: ['refused', 'failed'],
  },
  'moved to no address': { behave: moved('http://[::1'), ends: ['refused', 'failed'] },
  'a byte a second': { behave: (turn) => drip(turn, { everyMs: 1000 }), ends: ['failed stalled'] },
  'headers, then silence': {
    behave: ({ response, file }) => {
      response.writeHead(200, { 'content-type': file.contentType, 'content-length': '9000' })
      response.flushHeaders()
    },
    ends: ['failed stalled', 'failed no_answer'],
  },
  'half, then silence, then honest': {
    behave: first(({ response, file }) => {
      response.writeHead(200, {
        'content-type': file.contentType,
        'content-length': String(file.bytes.length),
        etag: versionOf(file, 0).etag!,
      })
      response.write(file.bytes.subarray(0, 1000))
    }),
    ends: ['saved'],
  },
  'no answer': { behave: () => undefined, ends: ['failed no_answer', 'failed stalled'] },
  'without an end': { behave: endless, ends: ['refused too_large'] },
  'a terabyte announced': {
    behave: ({ response, file }) =>
      cutOff(response, file.bytes, {
        'content-type': file.contentType,
        'content-length': String(1024 ** 4),
      }),
    ends: ['refused too_large'],
  },
  'a length that is none': {
    behave: ({ socket, file }) =>
      void socket.end(
        `HTTP/1.1 200 OK\r\nContent-Type: ${file.contentType}\r\nContent-Length: -5\r\n\r\nabcde`,
      ),
    ends: ['failed', 'refused'],
  },
  'two lengths': {
    behave: ({ socket, file }) =>
      void socket.end(
        `HTTP/1.1 200 OK\r\nContent-Type: ${file.contentType}\r\n` +
          'Content-Length: 5\r\nContent-Length: 9\r\n\r\nabcdefghi',
      ),
    ends: ['failed', 'refused'],
  },
  'a page of HTML': {
    behave: (turn) => sendAs(turn, contentTypes.html),
    ends: ['refused content_type'],
  },
  'a page of HTML, called a picture': {
    behave: (turn) => sendAs(turn, 'image/png'),
    ends: ['refused content'],
  },
  'a page of HTML, called a video': {
    behave: (turn) => sendAs(turn, 'video/mp4'),
    ends: ['refused content'],
  },
  'a page of HTML, called captions': {
    behave: (turn) => sendAs(turn, 'text/vtt'),
    ends: ['refused', 'failed'],
  },
  'a program': {
    behave: ({ response, file }) =>
      sendOnly({ response, file }, 200, { 'content-type': 'application/javascript' }, file.bytes),
    ends: ['refused content_type'],
  },
  'bytes of no type': {
    behave: ({ response, file }) =>
      sendOnly({ response, file }, 200, { 'content-type': 'application/octet-stream' }, file.bytes),
    ends: ['refused content_type'],
  },
  'a script in a picture': {
    behave: (turn) => sendAs(turn, 'image/svg+xml', '<svg xmlns="x"><script>1</script></svg>'),
    ends: ['refused content_type', 'refused content'],
  },
  'a type that is a path': {
    behave: ({ response, file }) =>
      sendOnly({ response, file }, 200, { 'content-type': 'image/../../../evil' }, file.bytes),
    ends: ['refused content_type', 'refused content'],
  },
  'a file name from the server': {
    behave: ({ response, file }) =>
      sendOnly(
        { response, file },
        200,
        { 'content-disposition': 'attachment; filename="../../../evil.mp4"' },
        file.bytes,
      ),
    ends: ['saved'],
  },
  'nothing inside': {
    behave: ({ response, file }) => sendOnly({ response, file }, 200, {}, Buffer.alloc(0)),
    ends: ['failed', 'refused'],
  },
  'no content (204)': {
    behave: ({ response }) => void response.writeHead(204).end(),
    ends: ['failed', 'refused'],
  },
  'half a gigabyte, folded': {
    behave: ({ response, file }) =>
      sendOnly({ response, file }, 200, { 'content-encoding': 'gzip' }, bomb()),
    ends: ['failed encoding', 'refused'],
  },
  'interim answers without an end': {
    behave: ({ socket }) => {
      const hint = 'HTTP/1.1 103 Early Hints\r\nLink: </a>; rel=preload\r\n\r\n'
      const hinting = setInterval(() => socket.write(hint), 50)
      socket.on('close', () => clearInterval(hinting))
    },
    ends: ['failed no_answer'],
  },
  'an interim answer, then the file': {
    behave: (turn) => {
      turn.response.writeEarlyHints({ link: '</a>; rel=preload' })
      return honest(turn)
    },
    ends: ['saved'],
  },
  'headers without an end': { behave: manyHeaders, ends: ['failed', 'refused'] },
  'no HTTP': {
    behave: ({ socket }) => void socket.end('220 smtp.example ready\r\n'),
    ends: ['failed', 'refused'],
  },
}

function sendAs({ response, file }: Turn, contentType: string, text?: string): void {
  const bytes = text === undefined ? fileBytes('html', 2000, 1) : Buffer.from(text)
  sendOnly({ response, file }, 200, { 'content-type': contentType }, bytes)
}

/** Half a gigabyte of nothing: many parts, each folded alike. */
const bomb = (): Buffer => {
  const part = gzipSync(Buffer.alloc(4 * 1024 * 1024))
  return Buffer.concat(Array.from({ length: 128 }, () => part))
}

async function endless({ response, file }: Turn): Promise<void> {
  response.writeHead(200, { 'content-type': file.contentType })
  response.write(file.bytes)
  const filling = Buffer.alloc(65_536, 7)
  while (!response.destroyed && !response.writableFinished) {
    if (!response.write(filling)) await wait(2)
  }
}

async function manyHeaders({ socket }: Turn): Promise<void> {
  socket.write('HTTP/1.1 200 OK\r\n')
  for (let i = 0; i < 2000 && !socket.destroyed; i++)
    socket.write(`x-${i}: ${'y'.repeat(1000)}\r\n`)
  finish(socket)
}
