import { join } from 'node:path'
import Database from 'better-sqlite3'
import { describe, expect, it } from 'vitest'
import { zipOf } from './zip-file.js'
import { detail, openRoom, type Room } from './room.js'

const hex = (digits: string): Buffer => Buffer.from(digits.replaceAll(' ', ''), 'hex')

const tar = Buffer.alloc(10240)
tar.write('page_0.json')
tar.write('ustar\u000000', 257)
tar.write('{"a":1}', 512)

function sqlite(room: Room): string {
  const path = join(room.folder, 'pages.sqlite')
  const database = new Database(path)
  database.exec('CREATE TABLE pages (url TEXT, body TEXT)')
  database.close()
  return path
}

const column = 'write the column that holds the answers into a file, an answer a line (NDJSON)'

/** The first bytes that these tools wrote. */
const foreign: [name: string, content: Buffer | string, advice: string][] = [
  ['xz', hex('fd377a585a000004e6d6b4460200210116000000'), '`xz -d`'],
  ['bzip2', hex('425a68393141592653597649660600d828ff'), '`bzip2 -d`'],
  ['Zstandard', hex('28b52ffd58c122480054 01aa6fd6722e2046'), '`zstd -d`'],
  ['LZ4', hex('04224d186440a7 0b000000'), '`lz4 -d`'],
  ['lzma', hex('5d00008000ffffffffffffffff003d8867'), '`xz -d --format=lzma`'],
  ['7z', hex('377abcaf271c0004791a5605c60f01000000'), '`7z x`'],
  ['RAR', hex('526172211a0701003392b5e5'), '`unrar x`'],
  ['tar', tar, '`tar -xf`'],
  ['Parquet', hex('504152311504 15b8d90115fe4c4c15bc02'), column],
  ['Arrow', hex('4152524f573100 00ffffffff10000000'), column],
  ['Python pickle', hex('80049595000000000000005d947d94288c04'), '`json.dump`'],
  [
    'flows of mitmproxy',
    '15840:4:type;4:http;7:version;2:17#9:websocket;0:~8:response;12968:6:reason;2:OK,',
    '`mitmdump -nr FILE --set hardump=FILE.har`',
  ],
  ['HTTP head', 'HTTP/2 200 \r\nserver: x\r\n\r\n{"items":[]}', '`curl` without `-i`'],
  ['HTTP head', 'HTTP/1.1 200 OK\r\nServer: x\r\n\r\n{"items":[]}', '`http --body`'],
  ['trace of curl', '== Info:   Trying 127.0.0.1:8443...\n=> Send SSL data', '`curl -o FILE`'],
  ['trace of curl', '21:25:36.093673 == Info:   Trying 127.0.0.1:8443...\n', '`curl -o FILE`'],
  ['trace of curl', '*   Trying 127.0.0.1:8443...\n* Connected', '`curl -o FILE`'],
  ['table in text (CSV)', 'url,raw\n/api/v1/sora2/get_feed,"{""code"": 200}"\n', column],
  ['table in text (CSV)', '"url";"raw"\r\n"x";"{""code"": 200}"\r\n', column],
  ['table in text (CSV)', '\turl\traw\n0\tx\t"{""code"": 200}"\n', column],
]

const packed = ['xz', 'bzip2', 'Zstandard', 'LZ4', 'lzma', '7z', 'RAR', 'tar']

describe('importFiles of what other tools wrote, and is not read', () => {
  it.each(foreign)('says what it is, and what to do: %s', async (name, content, advice) => {
    const room = openRoom()

    const taking = room.take(room.put('x', content))

    await expect(taking).rejects.toThrow(`x is not read (${name}): `)
    await expect(taking).rejects.toThrow(advice)
  })

  it('says so of a database of another program', async () => {
    const room = openRoom()

    const taking = room.take(sqlite(room))

    await expect(taking).rejects.toThrow(
      `pages.sqlite is not read (SQLite of another program): ${column}`,
    )
  })

  it('tells in a folder of what may hold answers, and counts the rest', async () => {
    const room = openRoom()
    for (const [index, [, content]] of foreign.entries()) room.put(`dump/${index}`, content)
    room.put('dump/page.json', detail(1))
    sqlite({ ...room, folder: join(room.folder, 'dump') })

    const report = await room.take(join(room.folder, 'dump'))

    expect(report).toMatchObject({ outcome: 'failures', pages: 1 })
    const told = report.bad.map(({ problem }) => /\((.*?)\)/.exec(problem)![1])
    expect(told.sort()).toEqual([...packed, 'HTTP head', 'HTTP head', 'flows of mitmproxy'].sort())
    expect(report.skipped).toEqual({
      ...{ Parquet: 1, Arrow: 1, 'Python pickle': 1, 'SQLite of another program': 1 },
      ...{ 'table in text (CSV)': 3, 'trace of curl': 3 },
    })
  })

  it('says what to do with many of a kind in a ZIP', async () => {
    const room = openRoom()
    const content = '== Info:   Trying 127.0.0.1:8443...\n'
    const zip = zipOf([1, 2].map((n) => ({ name: `raw/${n}_s.txt`, content })))

    const taking = room.take(room.put('x.zip', zip))

    await expect(taking).rejects.toThrow(
      'x.zip holds no answer (2 trace of curl). The last of it is not read (trace of curl): save the',
    )
  })

  it('tells the first of many places, where nothing was taken', async () => {
    const room = openRoom()
    const lines = Array.from({ length: 1000 }, () => '{"post":').join('\n')

    const taking = room.take(room.put('x.ndjson', `${JSON.stringify({ a: 1 })}\n${lines}`))

    await expect(taking).rejects.toThrow(/^(.*x\.ndjson#L\d+ .*\n){20}and 980 more such places$/)
  })

  it.each([
    ['alone', (body: object) => JSON.stringify(body), ''],
    ['a line each', (body: object) => `${JSON.stringify(body)}\n`.repeat(2), '#L2'],
    ['in a list', (body: object) => JSON.stringify([body, body]), '#1'],
  ])(
    'tells of answers that stand inside other objects, in a folder too: %s',
    async (_, write, at) => {
      const room = openRoom()
      room.put('dump/wrapped.json', write({ url: 'https://x', body: JSON.stringify(detail(1)) }))
      room.put('dump/page.json', detail(2))

      const report = await room.take(join(room.folder, 'dump'))

      expect(report).toMatchObject({ outcome: 'failures', pages: 1 })
      expect(report.bad.at(-1)!.place).toBe(at)
      expect(report.bad.at(-1)!.problem).toContain("(`jq -c '.body | fromjson'`, of a list")
    },
  )

  it('tells of entries of a HAR without their frame how they get one', async () => {
    const room = openRoom()
    const content = { text: JSON.stringify(detail(1)) }
    const entries = [{ request: { url: 'https://x' }, response: { status: 200, content } }]

    const taking = room.take(room.put('entries.json', entries))

    await expect(taking).rejects.toThrow("(`jq '{log: {entries: .}}'` for a list,")
    const framed = await room.take(room.put('framed.har', { log: { entries } }))
    expect(framed).toMatchObject({ outcome: 'done', pages: 1 })
  })
})
