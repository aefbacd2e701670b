// Serves MP4 files of any size: `/file/<n>/<bytes>`; the same n, the same content.
import { createServer } from 'node:http'

const chunk = Buffer.alloc(1 << 20)
for (let at = 0; at < chunk.length; at += 4)
  chunk.writeUInt32LE(Math.imul(at, 2654435761) >>> 0, at)

const head = (n) => {
  const opening = Buffer.from('\0\0\0\x20ftypisom\0\0\x02\0isomiso2avc1mp41', 'latin1')
  return Buffer.concat([opening, Buffer.from(String(n).padStart(20))])
}

const server = createServer((request, response) => {
  const [, n, bytes] = /^\/file\/(\d+)\/(\d+)/.exec(request.url)
  response.writeHead(200, { 'content-type': 'video/mp4', 'content-length': bytes, etag: `"${n}"` })
  let left = Number(bytes)
  const write = (piece) => {
    left -= piece.length
    return response.write(piece)
  }
  let mayGo = write(head(n))
  const goOn = () => {
    while (mayGo && left > 0) mayGo = write(left < chunk.length ? chunk.subarray(0, left) : chunk)
    if (left === 0) return response.end()
    mayGo = true
    response.once('drain', goOn)
  }
  goOn()
})
server.listen(0, '127.0.0.1', () =>
  process.stdout.write(`http://127.0.0.1:${server.address().port}\n`),
)
