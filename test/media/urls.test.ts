import { createServer } from 'node:net'
import { existsSync, mkdirSync, readdirSync, writeFileSync } from 'node:fs'
import { dirname, join } from 'node:path'
import { describe, expect, it, onTestFinished, type TestContext } from 'vitest'
import { importFiles } from '../../src/index.js'
import { extensions, sha256, type FileKind } from './file-bytes.js'
import { hostileMedia, type HostileMedia } from './hostile-media.js'
import {
  archiveOf,
  draftIdOf,
  endOf,
  faultsOfFiles,
  feedOf,
  filesBelow,
  idOf,
  mediaRows,
  postItem,
  rowOf,
  rowsOf,
  saveAt,
  temporaryFolder,
  userIdOf,
  type MediaRow,
} from './worlds.js'

const blob =
  '/az/vg-assets/assets%2Ftask_0%2Fvideos%2F00000_wm%2Fsrc.mp4?se=2099-01-01T00%3A00%3A00Z&sig=A'

type Address = string | ((media: HostileMedia) => string)

const at = (origin: string): string => origin + blob

/** Addresses that nobody may be asked for, whatever DNS says. */
const forbidden: Record<string, Address> = {
  'a file': 'file:///etc/passwd',
  'a file of a host': 'file://localhost/etc/passwd',
  'a file without slashes': 'file:/etc/passwd',
  FTP: at('ftp://videos.openai.com'),
  'data inside': 'data:video/mp4;base64,AAAAHGZ0eXBpc29t',
  'a script': 'javascript:alert(1)',
  gopher: 'gopher://127.0.0.1:25/_HELO',
  'a socket of this machine': 'unix:/var/run/docker.sock',
  'http to an allowed host': at('http://videos.openai.com'),
  'http to another host': at('http://evil.example'),
  'http to the metadata service': 'http://169.254.169.254/latest/meta-data/iam/',
  'https to the metadata service': at('https://169.254.169.254'),
  'the metadata service by name': at('https://metadata.google.internal'),
  'another port of this machine': ({ neighbour }) => at(neighbour),
  'another port of this machine, by name': ({ neighbour }) =>
    at(neighbour.replace('127.0.0.1', 'localhost')),
  'another port, another loopback address': ({ neighbour }) =>
    at(neighbour.replace('127.0.0.1', '127.0.0.2')),
  'the mail port of this machine': at('http://127.0.0.1:25'),
  'no such port': at('http://127.0.0.1:99999'),
  'another host': at('https://evil.example'),
  'an allowed host as the start of another': at('https://videos.openai.com.evil.example'),
  'an allowed host as the end of another': at('https://evilvideos.openai.com'),
  'a host below an allowed one': at('https://evil.videos.openai.com'),
  'the domain of an allowed host': at('https://openai.com'),
  'an allowed host as a user': at('https://videos.openai.com@evil.example'),
  'an allowed host as a user and password': at('https://videos.openai.com:443@evil.example'),
  'an allowed host before a backslash': at('https://evil.example\\@videos.openai.com'),
  'an allowed host behind a backslash': at('https://videos.openai.com\\@evil.example'),
  'an allowed host in the fragment': 'https://evil.example/a.mp4#@videos.openai.com/',
  'an allowed host in the query': 'https://evil.example?@videos.openai.com/',
  'a user at an allowed host': at('https://user:word@videos.openai.com'),
  'a user at the local host': ({ url }) => at(url.replace('http://', 'http://user:word@')),
  'an odd port of an allowed host': at('https://videos.openai.com:8443'),
  'port 22 of an allowed host': at('https://videos.openai.com:22'),
  'port 0 of an allowed host': at('https://videos.openai.com:0'),
  'a loopback address in IPv6': at('https://[::1]'),
  'a mapped address': at('https://[::ffff:169.254.169.254]'),
  'a mapped address in hex': at('https://[::ffff:7f00:1]'),
  'a link-local address with its zone': at('https://[fe80::1%25eth0]'),
  'an address as a number': at('https://2130706433'),
  'an address as a number, http': at('http://2130706433'),
  'an address in hex': at('https://0x7f000001'),
  'an address in octal': at('https://0177.0.0.1'),
  'an address in short': at('https://127.1'),
  'this machine by name': at('https://localhost'),
  'this machine by a longer name': at('https://localhost.localdomain'),
  'an address with a name': at('https://127.0.0.1.nip.io'),
  'a Cyrillic letter': at('https://vid\u0435os.openai.com'),
  'a Cyrillic letter, encoded': at('https://xn--vidos-e4d.openai.com'),
  'a letter with a dot': at('https://videos.openai.c\u1ecdm'),
  'a percent sign in the host': at('https://videos.openai.com%2eevil.example'),
  'a NUL in the host': at('https://videos.openai.com\u0000.evil.example'),
  'a tab in the host': at('https://videos.open\tai.com.evil.example'),
  'a space in the host': at('https://videos.openai.com evil.example'),
  'no host': at('https://'),
  'one slash': at('https:/evil.example'),
  'no scheme': at('//evil.example'),
  'a path': '/etc/passwd',
  'an empty text': '',
  'a space': ' ',
}

/** Addresses that may or may not be taken for an allowed host, whose DNS lies in the house. */
const doubtful: Record<string, string> = {
  'an allowed host': at('https://videos.openai.com'),
  'an allowed host, shouted': at('HTTPS://VIDEOS.OPENAI.COM'),
  'an allowed host, with its port': at('https://videos.openai.com:443'),
  'a trailing dot': at('https://videos.openai.com.'),
  'two trailing dots': at('https://videos.openai.com..'),
  'an ideographic dot': at('https://videos\u3002openai.com'),
  'full-width letters': at('https://\uff56\uff49deos.openai.com'),
  'an invisible hyphen': at('https://vid\u00adeos.openai.com'),
  'ten kilobytes': at('https://videos.openai.com') + '&x=' + 'y'.repeat(10_000),
  'the estuary': `https://chatgpt.com/backend-api/estuary/public_content/enc/${Buffer.from(
    '{"id":"postcache:user-0:../../../../etc/passwd","ts":"20376","sig":"00"}',
  ).toString('base64')}`,
  'a link preview': 'https://ogimg.chatgpt.com/?postId=s_1',
}

/** The rows of the file of the n-th post, or the notes about an address that could not be read. */
function rowsAbout(archiveDir: string, n: number): string[] {
  const states = rowsOf<MediaRow>(
    archiveDir,
    `SELECT DISTINCT media.* FROM media JOIN assets USING (asset_key) WHERE owner_id = '${idOf(n)}'`,
  )
  const notes = rowsOf<{ json_pointer: string }>(
    archiveDir,
    `SELECT json_pointer FROM anomalies WHERE json_pointer LIKE '%/items/${n}/%'`,
  )
  return [...states.map(endOf), ...notes.map(() => 'noted')]
}

const privately = async () => [{ address: '127.0.0.1', family: 4 as const }]

describe('saveMedia and addresses from answers', () => {
  it('asks nobody for an address that is not allowed, and has a row for each', async (context) => {
    const media = await hostileMedia()
    const port443 = await listenOn443()
    const names = Object.keys(forbidden)
    const archiveDir = await archiveOf(
      feedOf(
        names.map((name, n) => {
          const address = forbidden[name]!
          return postItem(n, { source_wm: typeof address === 'string' ? address : address(media) })
        }),
      ),
    )
    const lookedUp: string[] = []
    const resolve = (host: string) => (lookedUp.push(host), privately())

    await saveAt(media, archiveDir, { resolve, renew: false })

    const told = names.map((name, n) => [name, rowsAbout(archiveDir, n)] as const)
    const untold = told.filter(
      ([, rows]) =>
        rows.length === 0 || rows.some((row) => row !== 'noted' && !row.startsWith('refused')),
    )
    expect(untold).toEqual([])
    expect(media.asked).toEqual([])
    expect(media.neighbourVisits).toEqual([])
    expectNoVisits(port443, context)
    expect(lookedUp).toEqual([])
    expect(filesBelow(archiveDir)).toEqual([])
  })

  it('asks no address inside the house for an allowed host, whatever DNS says', async (context) => {
    const media = await hostileMedia()
    const port443 = await listenOn443()
    const names = Object.keys(doubtful)
    const archiveDir = await archiveOf(
      feedOf(names.map((name, n) => postItem(n, { source_wm: doubtful[name]! }))),
    )

    await saveAt(media, archiveDir, { resolve: privately, renew: false })

    const told = names.map((name, n) => [name, rowsAbout(archiveDir, n)] as const)
    const wrong = told.filter(
      ([, rows]) => !rows.every((row) => row === 'noted' || row.startsWith('refused')),
    )
    expect(wrong).toEqual([])
    expect(told[0]![1]).toEqual(['refused private_address'])
    expect(told.filter(([, rows]) => rows.length === 0)).toEqual([])
    expectNoVisits(port443, context)
  })

  it.each(
    (
      '127.0.0.1 127.8.8.8 10.0.0.1 10.255.255.255 172.16.0.1 172.31.255.255 192.168.1.1 ' +
      '169.254.169.254 169.254.0.1 0.0.0.0 0.1.2.3 100.64.0.1 100.127.255.254 192.0.0.1 ' +
      '198.18.0.1 224.0.0.1 240.0.0.1 255.255.255.255 :: ::1 fe80::1 fe80::1%lo febf::1 fec0::1 ' +
      'fc00::1 fd12:3456::1 ff02::1 ::ffff:127.0.0.1 ::ffff:10.0.0.1 ::ffff:7f00:1 ' +
      '::ffff:a9fe:a9fe ::127.0.0.1 ::7f00:1 64:ff9b::7f00:1 64:ff9b::169.254.169.254 ' +
      '2002:7f00:1:: 2002:c0a8:101:: 0:0:0:0:0:0:0:1 0000:0000:0000:0000:0000:ffff:c0a8:0101'
    ).split(' '),
  )('takes %s for no public address', async (address) => {
    const media = await hostileMedia()
    const archiveDir = await archiveOf(
      feedOf([postItem(0, { source_wm: at('https://videos.openai.com') })]),
    )
    const family = address.includes(':') ? (6 as const) : (4 as const)

    await saveAt(media, archiveDir, { resolve: async () => [{ address, family }], renew: false })

    expect(rowsAbout(archiveDir, 0)).toEqual(['refused private_address'])
  })

  it('refuses a host of which one address is private', async () => {
    const media = await hostileMedia()
    const archiveDir = await archiveOf(
      feedOf([postItem(0, { source_wm: at('https://videos.openai.com') })]),
    )
    const resolve = async () => [
      { address: '8.8.8.8', family: 4 as const },
      { address: '192.168.0.1', family: 4 as const },
    ]

    await saveAt(media, archiveDir, { resolve, renew: false })

    expect(rowsAbout(archiveDir, 0)).toEqual(['refused private_address'])
  })

  it('connects to the address it checked, though the next lookup says another', async (context) => {
    const media = await hostileMedia()
    const port443 = await listenOn443()
    const items = Array.from({ length: 4 }, (_, n) =>
      postItem(n, { source_wm: at('https://videos.openai.com').replace('task_0', `task_${n}`) }),
    )
    const archiveDir = await archiveOf(feedOf(items))
    let lookups = 0
    // Of a block kept for documents: nobody answers there.
    const resolve = async () => [
      { address: lookups++ % 2 === 0 ? '203.0.113.9' : '127.0.0.1', family: 4 as const },
    ]

    await saveAt(media, archiveDir, { resolve, renew: false, idleTimeoutMs: 200 })

    const states = mediaRows(archiveDir).map(({ state }) => state)
    expect(states).toHaveLength(4)
    expect(states.filter((state) => state !== 'failed' && state !== 'refused')).toEqual([])
    expectNoVisits(port443, context)
  })

  it('survives DNS that fails, says nothing or nonsense', async () => {
    const media = await hostileMedia()
    const hosts = ['videos.openai.com', 'chatgpt.com', 'cdn.openai.com', 'ogimg.chatgpt.com']
    const archiveDir = await archiveOf(
      feedOf(hosts.map((host, n) => postItem(n, { source_wm: `https://${host}/${n}.mp4` }))),
    )
    const notFound = Object.assign(new Error('getaddrinfo ENOTFOUND'), { code: 'ENOTFOUND' })
    const answers: Record<string, () => Promise<{ address: string; family: 4 | 6 }[]>> = {
      'videos.openai.com': () => Promise.reject(notFound),
      'ogimg.chatgpt.com': () => Promise.reject(new Error('no answer')),
      'chatgpt.com': async () => [],
      'cdn.openai.com': async () => [{ address: 'localhost', family: 6 }],
    }

    await saveAt(media, archiveDir, { resolve: (host) => answers[host]!(), renew: false })

    const states = hosts.map((_, n) => rowsAbout(archiveDir, n)[0])
    expect(states[0]).toMatch(/^failed no_answer/)
    for (const state of states.slice(1)) expect(state).toMatch(/^(failed|refused) /)
  })

  it('takes no name from an answer into a path', async () => {
    const media = await hostileMedia()
    const blobs = [
      '../../../../../../../../tmp/afterfeed-evil.mp4',
      '/etc/afterfeed-evil.mp4',
      '..\\..\\..\\evil.mp4',
      'C:\\evil.mp4',
      'assets/\u0000/evil.mp4',
      'assets/\n/evil.mp4',
      'a'.repeat(5000),
      '.partial-evil',
      'assets/../../../archive.sqlite',
      'project-y/profile/user-0/0a#file_0#thumbnail.jpeg',
      'assets/\ud83c\udfac/\u202egpj.4pm',
      'con',
      '-rf',
      '$(touch evil)',
      "'; DROP TABLE media; --",
      '%2e%2e%2f%2e%2e%2fevil',
    ]
    const files = blobs.map((blob, n) => media.put({ blob, seed: 500 + n }))
    const archiveDir = await archiveOf(
      feedOf(files.map((file, n) => postItem(n, { source_wm: media.address(file) }))),
    )
    const outside = everythingBeside(archiveDir)

    const { files: counts } = await saveAt(media, archiveDir, { renew: false })

    const saved = files.map((file) => rowOf(mediaRows(archiveDir), file)?.sha256)
    expect(saved).toEqual(files.map(({ bytes }) => sha256(bytes)))
    expect(counts).toMatchObject({ saved: files.length })
    expect(faultsOfFiles(archiveDir)).toEqual([])
    expect(everythingBeside(archiveDir)).toEqual(outside)
    expect(existsSync('/tmp/afterfeed-evil.mp4') || existsSync('/etc/afterfeed-evil.mp4')).toBe(
      false,
    )
  })

  it('reads nothing from ids that climb', async () => {
    const media = await hostileMedia()
    const ids = ['../../../evil', '/etc/evil', 's_../../evil', 's_\u0000', `s_${'0'.repeat(4000)}`]
    const items = ids.map((id, n) => {
      const file = media.put({ seed: 700 + n })
      const { post, profile } = postItem(n, { source_wm: media.address(file) }) as {
        post: { attachments: object[] }
        profile: object
      }
      const attachments = post.attachments.map((each) => ({ ...each, id: `${id}-attachment-0` }))
      return { post: { ...post, id, attachments }, profile: { ...profile, user_id: `user-${id}` } }
    })
    const archiveDir = await archiveOf(feedOf([...items, postItem(99, {})]))
    const outside = everythingBeside(archiveDir)

    await saveAt(media, archiveDir, { renew: false })

    expect(faultsOfFiles(archiveDir)).toEqual([])
    expect(everythingBeside(archiveDir)).toEqual(outside)
  })

  it('asks for an address as it was signed, letter by letter', async () => {
    const media = await hostileMedia()
    const signatures = ['a/b%2Bc', 'a+b', 'y(z)!*~', 'a%2fb', '%41', 'a,b;c:d@e']
    const files = signatures.map((_, n) =>
      media.put({ blob: `project-y/profile/user-0/0a${n}#file_${n}#thumbnail.jpeg` }),
    )
    const addresses = files.map((file, n) => media.address(file, { signature: signatures[n]! }))
    const archiveDir = await archiveOf(
      feedOf(addresses.map((address, n) => postItem(n, { source_wm: address }))),
    )

    await saveAt(media, archiveDir, { renew: false })

    expect(media.asked.map(({ url }) => media.url + url).sort()).toEqual([...addresses].sort())
  })

  it('lets no address write headers of its own', async () => {
    const media = await hostileMedia()
    const file = media.put()
    const address = media.address(file)
    const tricks = [
      `${address}\r\nX-Evil: 1`,
      `${address} HTTP/1.1\r\nX-Evil: 1\r\n\r\n`,
      `${address}%0d%0aX-Evil:%201`,
      `${address}\u0000X-Evil`,
      `${address}\u010d\u010aX-Evil: 1`,
    ]
    const archiveDir = await archiveOf(
      feedOf(tricks.map((trick, n) => postItem(n, { source_wm: trick }))),
    )

    await saveAt(media, archiveDir, { renew: false })

    expect(media.asked.filter(({ headers }) => 'x-evil' in headers)).toEqual([])
    expect(faultsOfFiles(archiveDir)).toEqual([])
  })

  it('takes long addresses, or refuses them, and goes on', async () => {
    const media = await hostileMedia()
    const files = [1000, 10_000, 100_000, 1_000_000].map(() => media.put())
    const sizes = [1000, 10_000, 100_000, 1_000_000]
    const archiveDir = await archiveOf(
      feedOf([
        ...files.map((file, n) =>
          postItem(n, { source_wm: `${media.address(file)}&x=${'y'.repeat(sizes[n]!)}` }),
        ),
        postItem(9, { source_wm: media.address(media.put({ name: 'last' })) }),
      ]),
    )

    const { files: counts } = await saveAt(media, archiveDir, { renew: false })

    const ends = [...files.keys()].map((n) => rowsAbout(archiveDir, n)[0] ?? 'nothing')
    for (const end of ends) expect(end).toMatch(/^(saved|refused|failed|lost|noted)/)
    expect(ends[0]).toBe('saved')
    expect(rowsAbout(archiveDir, 9)).toEqual(['saved'])
    expect(counts.wanted).toBe(0)
  })

  it('keeps the same content once, whatever names it', async () => {
    const media = await hostileMedia()
    const twins = [1, 2, 3].map(() => media.put({ seed: 42, size: 9000 }))
    const archiveDir = await archiveOf(
      feedOf(twins.map((file, n) => postItem(n, { source_wm: media.address(file) }))),
    )

    await saveAt(media, archiveDir, { renew: false })

    const rows = mediaRows(archiveDir)
    expect(rows.map(({ state, sha256: hash }) => [state, hash])).toEqual(
      twins.map(({ bytes }) => ['saved', sha256(bytes)]),
    )
    expect(new Set(rows.map(({ path }) => path)).size).toBe(1)
    expect(filesBelow(archiveDir)).toEqual([rows[0]!.path])
  })

  it('asks once for a file that many have', async () => {
    const media = await hostileMedia()
    const file = media.put()
    const items = [0, 1, 2].map((n) => postItem(n, { source_wm: media.address(file) }))
    const archiveDir = await archiveOf(feedOf(items))

    await saveAt(media, archiveDir, { renew: false })

    expect(media.asked).toHaveLength(1)
    expect(mediaRows(archiveDir).map(endOf)).toEqual(['saved'])
  })

  it.each([
    [
      'a forbidden host',
      (address: string) => address.replace(/^http:..[^/]+/, 'https://evil.example'),
    ],
    ['a signature past its time', (address: string) => address.replace('se=2099', 'se=2025')],
    ['a forbidden port', (address: string) => address.replace(/:\d+/, ':1')],
  ])('saves a file that one answer tells well and another with %s', async (_, spoil) => {
    const media = await hostileMedia()
    const files = [media.put(), media.put()]
    const [first, second] = files.map((file) => media.address(file)) as [string, string]
    const archiveDir = await archiveOf(
      feedOf([
        postItem(0, { source_wm: spoil(first) }),
        postItem(1, { source_wm: first }),
        postItem(2, { source_wm: second }),
        postItem(3, { source_wm: spoil(second) }),
      ]),
    )

    await saveAt(media, archiveDir, { renew: false })

    expect(mediaRows(archiveDir).map(endOf)).toEqual(['saved', 'saved'])
  })

  it('counts the videos of an official export as saved', async () => {
    const media = await hostileMedia()
    const files = [media.put({ name: 'held' }), media.put({ name: 'not held' })]
    const folder = join(temporaryFolder(), 'export')
    mkdirSync(folder)
    const rows = files.map((file, n) => ({
      ...{ id: draftIdOf(n), task_id: `task_01k9rsq5h7000000000000000${n}`, width: 352 },
      ...{ height: 640, title: 'a title', prompt: 'rain', url: media.address(file) },
    }))
    writeFileSync(join(folder, 'generations.json'), JSON.stringify(rows))
    writeFileSync(join(folder, `${draftIdOf(0)}.mp4`), files[0]!.bytes)
    const archiveDir = join(temporaryFolder(), 'archive')
    await importFiles({ archiveDir, files: [folder], durability: 'normal' })

    await saveAt(media, archiveDir, { renew: false })

    expect(media.asked.map(({ file }) => file?.name)).toEqual(['not held'])
    expect(files.map((file) => endOf(rowOf(mediaRows(archiveDir), file)))).toEqual([
      ...['saved', 'saved'],
    ])
    expect(faultsOfFiles(archiveDir)).toEqual([])
  })

  it('names each kind of file by what it is', async () => {
    const media = await hostileMedia()
    const kinds: FileKind[] = ['mp4', 'webp', 'jpeg', 'png', 'gif']
    const files = kinds.map((kind) => media.put({ kind, blob: `assets/${kind}/evil.exe` }))
    const archiveDir = await archiveOf(
      feedOf(files.map((file, n) => postItem(n, { thumbnail: media.address(file) }))),
    )

    await saveAt(media, archiveDir, { renew: false })

    const rows = mediaRows(archiveDir)
    const told = files.map((file) => rowOf(rows, file))
    const wrong = kinds.filter((kind, n) => {
      const extension = told[n]?.path?.split('.').at(-1) ?? ''
      return !extensions[kind].includes(extension)
    })
    expect(wrong).toEqual([])
  })

  it.each([
    ['webp', 'image/png'],
    ['jpeg', 'image/webp'],
    ['mp4', 'image/jpeg'],
    ['png', 'video/mp4'],
    ['gif', 'text/vtt'],
  ] as const)('gives no wrong name to %s that says it is %s', async (kind, contentType) => {
    const media = await hostileMedia()
    const file = media.put({ kind, contentType })
    const archiveDir = await archiveOf(feedOf([postItem(0, { thumbnail: media.address(file) })]))

    await saveAt(media, archiveDir, { renew: false })

    const [row] = mediaRows(archiveDir)
    if (row?.state === 'saved') expect(extensions[kind]).toContain(row.path?.split('.').at(-1))
    else expect(endOf(row)).toBe('refused content')
  })

  it('saves captions, pictures and other variants only where they are wanted', async () => {
    const media = await hostileMedia()
    const put = (kind: FileKind, name: string) => media.put({ kind, name })
    const [video, thumbnail, md] = [put('mp4', 'v'), put('webp', 't'), put('mp4', 'md')]
    const [gif, srt, vtt] = [put('gif', 'gif'), put('srt', 'srt'), put('vtt', 'vtt')]
    const picture = media.put({ kind: 'jpeg', blob: 'project-y/profile/u/0a#file_0#t.jpeg' })
    const { post, profile } = postItem(
      1,
      {
        ...{ source_wm: media.address(video), thumbnail: media.address(thumbnail) },
        ...{ md: media.address(md), gif: media.address(gif) },
      },
      media.address(picture),
    ) as { post: object; profile: object }
    const captions = { srt_url: media.address(srt), vtt_url: media.address(vtt) }
    const archiveDir = await archiveOf(feedOf([{ post: { ...post, ...captions }, profile }]))

    const asked = async (variants?: string[]) => {
      const before = media.asked.length
      await saveAt(media, archiveDir, { renew: false, ...(variants && { variants }) })
      return media.asked.slice(before).map(({ file }) => file?.name)
    }

    expect((await asked()).sort()).toEqual(['t', 'v'])
    expect((await asked(['captions'])).sort()).toEqual(['srt', 'vtt'])
    expect(await asked(['profile_picture_url'])).toEqual([picture.name])
    expect((await asked(['md', 'gif'])).sort()).toEqual(['gif', 'md'])
    expect(await asked(['source_wm', 'thumbnail', 'captions', 'md'])).toEqual([])
    expect(faultsOfFiles(archiveDir)).toEqual([])
    expect(rowOf(mediaRows(archiveDir), srt)).toMatchObject({ state: 'saved' })
    expect(rowsOf(archiveDir, `SELECT 1 FROM users WHERE user_id = '${userIdOf(1)}'`)).toHaveLength(
      1,
    )
  })
})

/** Everything beside an archive, two folders up. */
function everythingBeside(archiveDir: string): string[] {
  const folder = dirname(archiveDir)
  return readdirSync(folder, { recursive: true, encoding: 'utf8' })
    .filter((name) => !join(folder, name).startsWith(archiveDir))
    .sort()
}

/** Who came to port 443 of this machine; NULL where this user may not listen there, or another does. */
async function listenOn443(): Promise<string[] | null> {
  const visits: string[] = []
  const server = createServer((socket) => {
    visits.push(socket.remoteAddress ?? '')
    socket.destroy()
  })
  const isOpen = await new Promise<boolean>((resolve) => {
    server.once('error', () => resolve(false))
    server.listen(443, '127.0.0.1', () => resolve(true))
  })
  onTestFinished(() => void server.close())
  return isOpen ? visits : null
}

/** The last look of a test, which is skipped where nobody could listen: all else has held by then. */
function expectNoVisits(visits: string[] | null, { skip }: Pick<TestContext, 'skip'>): void {
  if (visits === null) return skip('nobody could listen on port 443 of this machine')
  expect(visits).toEqual([])
}
