import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { openSimulator } from '../../src/simulator/index.js'
import type { Simulator } from '../../src/simulator/index.js'

const hourMs = 3_600_000
const noon = Date.UTC(2026, 1, 3, 12)

describe('media', () => {
  let now = noon
  let simulator: Simulator
  let addresses: string[]

  beforeAll(async () => {
    simulator = await openSimulator({ posts: 30, clock: () => now, mediaLifetimeHours: 24 })
    addresses = await addressesOf(simulator)
  })
  afterAll(() => simulator.close())

  const ofFamily = (part: string): string =>
    addresses.find((address) => address.includes(part)) ?? ''

  it('serves every address that a feed page holds, from its own host', async () => {
    const answers = await Promise.all(
      addresses.map(async (address) => {
        const response = await fetch(address)
        const bytes = await response.arrayBuffer()
        const told = Number(response.headers.get('content-length'))
        return { status: response.status, isWhole: told === bytes.byteLength && told > 0 }
      }),
    )

    expect(new Set(addresses.map((address) => new URL(address).origin))).toEqual(
      new Set([simulator.url]),
    )
    expect(answers.every(({ status, isWhole }) => status === 200 && isWhole)).toBe(true)
  })

  it.each([
    ['%2Fsrc.mp4', 'video/mp4', /^.{4}ftyp/s],
    ['%2Fmd.mp4', 'video/mp4', /^.{4}ftyp/s],
    ['%2Fthumbnail.webp', 'image/webp', /^RIFF.{4}WEBP/s],
    ['%2Fpreview.gif', 'image/gif', /^GIF89a/],
    ['thumbnail.jpeg', 'image/jpeg', /^\xff\xd8\xff/],
    ['/az/files/', 'video/mp4', /^.{4}ftyp/s],
    ['%2Fdrvs%2Fgif%2Fraw', 'image/gif', /^GIF89a/],
  ])('%s is %s', async (part, contentType, opening) => {
    const response = await fetch(ofFamily(part))

    expect(response.headers.get('content-type')).toBe(contentType)
    expect(Buffer.from(await response.arrayBuffer()).toString('latin1')).toMatch(opening)
  })

  it('gives the same bytes and ETag each time, and a part of them', async () => {
    const address = ofFamily('%2Fsrc.mp4')
    const [first, again] = await Promise.all([fetch(address), fetch(address)])
    const bytes = Buffer.from(await first.arrayBuffer())

    const part = await fetch(address, { headers: { range: 'bytes=100-199' } })
    const rest = await fetch(address, { headers: { range: `bytes=${bytes.length - 10}-` } })
    const beyond = await fetch(address, { headers: { range: 'bytes=9999999-' } })

    expect(Buffer.from(await again.arrayBuffer())).toEqual(bytes)
    expect(again.headers.get('etag')).toBe(first.headers.get('etag'))
    expect(part.status).toBe(206)
    expect(part.headers.get('content-range')).toBe(`bytes 100-199/${bytes.length}`)
    expect(Buffer.from(await part.arrayBuffer())).toEqual(bytes.subarray(100, 200))
    expect(Buffer.from(await rest.arrayBuffer())).toEqual(bytes.subarray(-10))
    expect(beyond.status).toBe(416)
  })

  it('tells the size of the videos of 2026 as it is', async () => {
    const text = JSON.stringify(await feedPages(simulator))
    const told = [...text.matchAll(/\{"path":"([^"]+)","size":(\d+)/g)]

    const sizes = await Promise.all(
      told.map(async ([, address]) => (await fetch(address ?? '')).headers.get('content-length')),
    )
    expect(sizes.length).toBeGreaterThan(2)
    expect(sizes).toEqual(told.map(([, , size]) => size))
  })

  it('refuses a changed signature and an unknown file', async () => {
    const address = ofFamily('%2Fsrc.mp4')

    const forged = await fetch(address.replace(/sig=./, 'sig=_'))
    const longer = await fetch(address.replace(/se=2026-02/, 'se=2026-03'))
    const unknown = await fetch(address.replace('src.mp4', 'other.mp4'))

    expect([forged.status, longer.status, unknown.status]).toEqual([403, 403, 404])
    expect(forged.headers.get('x-ms-error-code')).toBe('AuthenticationFailed')
    expect(await forged.text()).toContain('Signature did not match')
    expect(await unknown.text()).toContain('<Code>BlobNotFound</Code>')
  })

  it('expires by the clock, and the post tells a new address of the same file', async () => {
    const address = ofFamily('%2Fsrc.mp4')
    const end = Date.parse(new URL(address).searchParams.get('se') ?? '')

    now = end - 1
    const inTime = await fetch(address)
    now = end
    const late = await fetch(address)
    const renewed = (await addressesOf(simulator)).find((each) => samePath(each, address)) ?? ''
    const anew = await fetch(renewed)
    now = noon

    expect(end).toBe(noon + 24 * hourMs)
    expect([inTime.status, late.status, anew.status]).toEqual([200, 403, 200])
    expect(late.headers.get('content-type')).toBe('application/xml')
    expect(await late.text()).toMatch(
      /^<\?xml version="1\.0" encoding="utf-8"\?><Error><Code>AuthenticationFailed<\/Code>[^]*Signature not valid in the specified time frame: Start \[\w{3}, \d\d \w{3} 2026 [0-9:]+ GMT\] - Expiry \[Wed, 04 Feb 2026 12:00:00 GMT\] - Current \[Wed, 04 Feb 2026 12:00:00 GMT\]<\/AuthenticationErrorDetail><\/Error>$/,
    )
    expect(renewed).not.toBe(address)
  })
})

const samePath = (one: string, other: string): boolean =>
  one.slice(0, one.indexOf('?')) === other.slice(0, other.indexOf('?'))

async function feedPages({ url, key }: Simulator): Promise<unknown[]> {
  const pages: unknown[] = []
  for (let cursor: string | null = ''; cursor !== null;) {
    const response = await fetch(
      `${url}/api/v1/sora2/get_feed?cursor=${encodeURIComponent(cursor)}`,
      { headers: { authorization: `Bearer ${key}` } },
    )
    const { data } = (await response.json()) as { data: { cursor: string | null } }
    pages.push(data)
    cursor = data.cursor
  }
  return pages
}

async function addressesOf(simulator: Simulator): Promise<string[]> {
  const text = JSON.stringify(await feedPages(simulator))
  const found = text.match(/"http:\/\/127[^"]+"/g) ?? []
  return [...new Set(found.map((quoted) => JSON.parse(quoted) as string))]
}
