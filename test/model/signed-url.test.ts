import { describe, expect, it } from 'vitest'
import {
  assetKey,
  expiresAt,
  isMediaUrl,
  unsigned,
  withoutCacheSignature,
  withoutSignature,
} from '../../src/model/signed-url.js'
import { growth } from '../measure.js'

const micros = (iso: string): number => Date.parse(iso) * 1000

const task = 'task_01k7z02fdt6538405tj5rgpc1j'
const blob = `assets/${task}/${task}_genid_a88c9ad2-12cf-4a83-970d-811ba62cc187_25_10_19/videos`
const uuid = '00000000-7430-61f7-b0df-0123456789ab'
const escaped = (path: string): string => path.split('/').map(encodeURIComponent).join('%2F')

const sas =
  'se=2025-10-26T03%3A18%3A09Z&sp=r&sv=2024-08-04&sr=b&skt=2025-10-19T16%3A55%3A21Z' +
  '&ske=2025-10-26T17%3A00%3A21Z&sks=b&skv=2024-08-04&sig=AAAA%2FAAA%3D'
const resigned =
  'se=2025-10-27T00%3A00%3A00Z&sp=r&sv=2026-02-06&sr=b&ske=2025-10-28T00%3A00%3A00Z&sig=BBBB/BBB%3D'

const estuaryUrl = (id: unknown, ts: string, sig = '0'.repeat(64)): string => {
  const json = JSON.stringify({ id, ts, p: 'pyi', cid: '1', sig, v: '0>>>???' })
  const inside = Buffer.from(json).toString('base64')
  return `https://chatgpt.com/backend-api/estuary/public_content/enc/${inside}`
}

const pictureId = 'postcache:user-fqQ8cgvPa6wFxHy6btcpMs1J:file_00000000a450622f6a30a8a0a39a07f1'
const picture =
  'project-y/profile/user-5LqYDgjSQWYXAchyYWMZ3H2E/eb0f05dc3404238#file_0#thumbnail.jpeg'

/** Each family of `data-shapes` 7.1: the key, and addresses of one file that all have it. */
const families: [string, string, string[]][] = [
  [
    '1 and 2, media of October 2025',
    `${blob}/00000_wm/src.mp4`,
    [
      `https://videos.openai.com/vg-assets/${escaped(`${blob}/00000_wm/src.mp4`)}?${sas}&az=oaivgprodscus`,
      `https://videos.openai.com/az/vg-assets/${escaped(`${blob}/00000_wm/src.mp4`)}?${sas}&ac=oaivgprodscus`,
      `https://videos.openai.com/az/vg-assets/${escaped(`${blob}/00000_wm/src.mp4`)}?${resigned}&ac=other`,
      `https://another.example/az/vg-assets/${blob}/00000_wm/src.mp4`,
    ],
  ],
  [
    '3, an original from November 2025 on',
    `${uuid}/raw`,
    [
      `https://videos.openai.com/az/files/${uuid}%2Fraw?${sas}&ac=oaisdsorprcentralus`,
      `https://videos.openai.com/az/files/${uuid}%2Fraw?${resigned}&ac=oaisdmntprwestus2`,
      `https://videos.openai.com/az/files/${uuid}/raw`,
    ],
  ],
  [
    '3, a derivative with a prefix of its own',
    `890521c15f8ae4c_${uuid}/drvs/md/raw`,
    [
      `https://videos.openai.com/az/files/890521c15f8ae4c_${uuid}%2Fdrvs%2Fmd%2Fraw?${sas}`,
      `https://videos.openai.com/az/files/890521c15f8ae4c_${uuid}%2Fdrvs%2Fmd%2Fraw?${resigned}`,
    ],
  ],
  [
    '4, a profile picture whose name holds #',
    picture,
    [
      `https://videos.openai.com/az/vg-assets/${escaped(picture)}?${sas}&ac=oaivgprodscus`,
      `https://videos.openai.com/vg-assets/${escaped(picture)}?${resigned}&az=oaivgprodscus`,
    ],
  ],
  [
    '5, the picture cache, whose key turns daily',
    pictureId,
    [
      estuaryUrl(pictureId, '20376'),
      estuaryUrl(pictureId, '20377', '1'.repeat(64)),
      withoutSignature(estuaryUrl(pictureId, '20377')),
    ],
  ],
  [
    '6, the placeholder',
    'https://cdn.openai.com/sora/images/profile_placeholder_v4.png',
    ['https://cdn.openai.com/sora/images/profile_placeholder_v4.png'],
  ],
  [
    '7, a link preview, told apart by its query',
    'https://ogimg.chatgpt.com/?postId=s_1',
    ['https://ogimg.chatgpt.com/?postId=s_1'],
  ],
  [
    '8, captions on a path not seen yet',
    'https://videos.openai.com/captions/s_1.vtt',
    [
      `https://videos.openai.com/captions/s_1.vtt?${sas}&ac=oaisdmntprsouthcentralus`,
      `https://videos.openai.com/captions/s_1.vtt?${resigned}&ac=oaisdmntprcentralus`,
    ],
  ],
]

describe('assetKey', () => {
  it.each(families)('is one for every address of one file, family %s', (_, key, urls) => {
    const keys = urls.map(assetKey)

    expect(keys).toEqual(urls.map(() => key))
  })

  it('differs between the files of one video', () => {
    const files = ['00000/src.mp4', '00000_wm/src.mp4', '00000_wm/md.mp4', '00000_wm/preview.gif']

    const keys = files.map((file) =>
      assetKey(`https://videos.openai.com/az/vg-assets/${escaped(`${blob}/${file}`)}?${sas}`),
    )

    expect(keys).toEqual(files.map((file) => `${blob}/${file}`))
  })

  it.each([
    ['https://videos.openai.com/az/files/%E0%A4%A/raw?sig=A', '%E0%A4%A/raw'],
    ['https://videos.openai.com/az/files/100%/raw?sig=A', '100%/raw'],
    [
      'https://chatgpt.com/backend-api/estuary/public_content/enc/not-json',
      'https://chatgpt.com/backend-api/estuary/public_content/enc/not-json',
    ],
    [
      `https://chatgpt.com/backend-api/estuary/public_content/enc/${btoa('{"id":17}')}`,
      `https://chatgpt.com/backend-api/estuary/public_content/enc/${btoa('{"id":17}')}`,
    ],
    [estuaryUrl(17, '20376'), estuaryUrl(17, '20376', '')],
    ['https://a.example/x?token=secret', 'https://a.example/x'],
    ['no address at all?sig=secret', 'no address at all'],
    ['', ''],
  ])('of the malformed or unknown %s is %s, never an error', (url, expected) => {
    const key = assetKey(url)

    expect(key).toBe(expected)
  })
})

describe('expiresAt', () => {
  const signed = (query: string): string => `https://videos.openai.com/az/files/a%2Fraw?${query}`

  it.each([
    ['se alone', 'se=2026-02-06T00%3A00%3A00Z', '2026-02-06T00:00:00Z'],
    ['se before ske', 'se=2026-02-06T00%3A00%3A00Z&ske=2026-02-10T07%3A15%3A32Z', '2026-02-06'],
    [
      'ske before se',
      'se=2026-02-06T00%3A00%3A00Z&ske=2026-02-05T07%3A15%3A32Z',
      '2026-02-05T07:15:32Z',
    ],
    ['se at the end', 'sig=A&se=2026-02-06T00:00:00Z', '2026-02-06'],
    ['a part of a second', 'se=2026-02-06T00%3A00%3A00.250Z', '2026-02-06T00:00:00.250Z'],
  ])('is the earlier end of signature and key: %s', (_, query, expected) => {
    const expires = expiresAt(signed(query))

    expect(expires).toBe(micros(expected))
  })

  it.each([
    ['no query', ''],
    ['another name that ends in se', 'skse=2026-02-06T00%3A00%3A00Z'],
    ['the start only', 'st=2026-02-06T00%3A00%3A00Z&skt=2026-02-06T00%3A00%3A00Z'],
    ['a malformed escape', 'se=2026-02-06T00%3A00%3A0%'],
    ['no time', 'se=tomorrow'],
    ['a time without zone', 'se=2026-02-06T00%3A00%3A00'],
    ['a thirteenth month', 'se=2026-13-06T00%3A00%3A00Z'],
  ])('is not known from %s', (_, query) => {
    const expires = expiresAt(signed(query))

    expect(expires).toBeNull()
  })

  it('is read from the query only, not from a fragment', () => {
    const expires = expiresAt('https://videos.openai.com/a#?se=2026-02-06T00%3A00%3A00Z')

    expect(expires).toBeNull()
  })
})

describe('isMediaUrl', () => {
  it.each([
    ['https://videos.openai.com/az/files/a%2Fraw?se=x', true],
    ['https://videos.openai.com', true],
    ['http://localhost:8787/media/a', true],
    ['http://127.0.0.1:8787/media/a', true],
    ['http://[::1]:8787/media/a', true],
    ['http://videos.openai.com/a', false],
    ['http://localhost.evil.example/a', false],
    ['http://127.0.0.1.evil.example/a', false],
    ['http://localhost@evil.example/a', false],
    ['http://localhost:80@evil.example/a', false],
    ['javascript:alert(1)', false],
    ['file:///etc/passwd', false],
    ['data:video/mp4;base64,AAAA', false],
    ['ftp://videos.openai.com/a', false],
    ['//videos.openai.com/a', false],
    ['https://', false],
    ['https:///a', false],
    ['https://a b/', false],
    ['https://a/ b', false],
    ['https://a/\nb', false],
    [' https://a/', false],
    ['', false],
  ])('of %j is %j', (url, expected) => {
    const isKept = isMediaUrl(url)

    expect(isKept).toBe(expected)
  })
})

describe('withoutSignature', () => {
  it.each([
    [
      `https://videos.openai.com/az/files/a%2Fraw?${sas}`,
      'https://videos.openai.com/az/files/a%2Fraw',
    ],
    ['https://a.example/x#?sig=secret', 'https://a.example/x'],
    ['https://a.example/x?a\nsig=secret', 'https://a.example/x'],
    ['https://a.example/x%23y', 'https://a.example/x%23y'],
    [estuaryUrl(pictureId, '20376'), estuaryUrl(pictureId, '20376', '')],
    [estuaryUrl(pictureId, '20376', ''), estuaryUrl(pictureId, '20376', '')],
  ])('of %j is %j', (url, expected) => {
    const bare = withoutSignature(url)

    expect(bare).toBe(expected)
  })
})

describe('withoutCacheSignature', () => {
  const link = estuaryUrl(pictureId, '20376')
  const bare = estuaryUrl(pictureId, '20376', '').split('/enc/')[1]!
  const json = JSON.stringify({ a: link, b: [link] })

  it.each([
    ['as it is', link],
    ['in JSON', json],
    ['in JSON with its slashes escaped', json.replaceAll('/', '\\/')],
    ['in JSON with signs as numbers', json.replaceAll('/', '\\u002f').replaceAll('+', '\\u002B')],
    ['in an address', `https://a.example/?u=${encodeURIComponent(link)}`],
  ])('leaves of a link no signature, and all else: %s', (_, text) => {
    expect(text).not.toContain(bare)

    const clean = withoutCacheSignature(text)

    const links = text.split(/enc(?:[/\\]|%2F)/).length
    expect(clean.split(bare).length).toBe(links)
    expect(withoutCacheSignature(clean)).toBe(clean)
  })

  it('leaves none where the text is cut off inside of it', () => {
    const { length } = link
    const cuts = Array.from({ length }, (_, at) => link.slice(0, at + 1))

    const inside = cuts.map((cut) =>
      Buffer.from(unsigned(cut).split('/enc/')[1] ?? '', 'base64').toString(),
    )

    expect(inside.filter((each) => /"sig":"0/.test(each))).toEqual([])
    expect(inside.at(-1)).toContain(`"id":"${pictureId}"`)
  })

  it('leaves none where ten million signs are escaped', () => {
    const long = link.slice(0, -4) + 'AAA\\/'.repeat(1e7)

    const clean = withoutCacheSignature(long)

    const inside = Buffer.from(clean.split('/enc/')[1]!.slice(0, 400), 'base64').toString()
    expect(inside).toContain('"sig":"","v"')
    expect(clean.length).toBeGreaterThan(1e7)
  })
})

describe('unsigned', () => {
  it.each([
    ['https://v.io/a?b=1#c and https://w.io/', 'https://v.io/a and https://w.io/'],
    ['"https:\\/\\/v.io\\/a?se=1&sig=abc","b"', '"https:\\/\\/v.io\\/a","b"'],
    ['"https:\\u002f\\u002Fv.io/a\\u003fse=1\\u0026sig=abc"', '"https:\\u002f\\u002Fv.io/a"'],
    ['HTTPS://v.io/a?sig=abc', 'HTTPS://v.io/a'],
    [`https://v.io/${'a'.repeat(3000)}?sig=abc`, `https://v.io/${'a'.repeat(3000)}`],
    ['//v.io/a?sig=abc', '//v.io/a?sig=[redacted]'],
    ['https%3A%2F%2Fv.io%2Fa%3Fsig%3Dabc', 'https%3A%2F%2Fv.io%2Fa%3Fsig%3D[redacted]'],
    ['https://v.io/b%3Fc', 'https://v.io/b%3Fc'],
  ])('makes of %s: %s', (text, expected) => {
    expect(unsigned(text)).toBe(expected)
  })

  it('cuts an address of ten million escaped signs', () => {
    const path = `https://v.io/${'\\/'.repeat(1e7)}`

    expect(unsigned(`"${path}?sig=abc" and all else`) === `"${path}" and all else`).toBe(true)
  })

  it.each(['https://', 'https:\\/\\/', '?sig=', '//', '%3fsig%3d'])(
    'takes time in proportion to the length of a text of %s',
    async (each) => {
      expect(await growth(20_000, (size) => unsigned(each.repeat(size)))).toBeLessThan(30)
    },
  )

  it.each(['https://v.io/', 'https://v.io/estuary/public_content/enc/'])(
    'takes a word of millions of letters behind %s',
    (start) => {
      const word = start + 'a'.repeat(20_000_000)

      // Compared as a whole, a difference of such words would be told letter by letter.
      expect(unsigned(`"${word}?sig=abc"`) === `"${word}"`).toBe(true)
    },
  )
})
