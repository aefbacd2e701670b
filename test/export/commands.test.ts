import { appendFileSync, existsSync, readdirSync, readFileSync, writeFileSync } from 'node:fs'
import { dirname, join } from 'node:path'
import { beforeAll, describe, expect, it } from 'vitest'
import { buildProgram, run, start } from '../cli/program.js'
import { makeArchive, temporaryFolder } from './archives.js'
import { importPages } from './imported.js'

beforeAll(buildProgram)

describe('afterfeed export and verify', () => {
  it('write a package, check it, and bring it up to date', async () => {
    const { folder, archiveDir } = await importPages()
    const out = join(folder, 'out')
    const shared = ['--archive', archiveDir, '--quiet']
    const dataset = ['verify', '--dataset', out, ...shared]

    const flags = ['--format', 'parquet,csv', '--by-month', '--csv-safe', '--license', 'CC0-1.0']
    const written = await run(['export', '--out', out, ...flags, ...shared])
    const holds = [await run(['verify', ...shared]), await run([...dataset, '--json'])]
    const appended = await run(['export', '--out', out, '--append', '--json', ...shared])
    appendFileSync(join(out, 'methods.md'), 'x')
    const broken = await run(dataset)

    expect(written.stdout).toMatch(/version 1\.0\.0\+sha256\.[0-9a-f]{64}\n$/)
    expect(written.stdout).toMatch(/^data\/users\.parquet +\d+ +[\d,]+$/m)
    expect(written.stdout).toMatch(/^README\.md +[\d,]+$/m)
    const { files } = JSON.parse(appended.stdout) as { files: { path: string }[] }
    expect(files.find(({ path }) => path === 'README.md')).toMatchObject({ rows: null })
    expect(readdirSync(out)).toContain('csv')
    expect(holds.map(({ code, stdout }) => [code, stdout])).toEqual([
      [0, 'all holds\n'],
      [0, '{"holds":true,"findings":[]}\n'],
    ])
    expect([written.code, appended.code]).toEqual([0, 0])
    expect([broken.code, broken.stdout]).toEqual([
      5,
      'sums  methods.md has another content than SHA256SUMS says\n',
    ])
  })

  it('publish, and check what was published with the key', async () => {
    const { folder, archiveDir } = await importPages()
    const shared = ['--archive', archiveDir, '--quiet']
    const [out, ids, key] = ['out', 'ids', 'a.key'].map((each) => join(folder, each)) as [
      ...[string, string, string],
    ]

    const codes = [
      await run(['export', '--out', out, '--publish', ...shared]),
      await run(['verify', '--dataset', out, ...shared]),
      await run([
        'export',
        '--out',
        ids,
        '--publish',
        '--profile',
        'ids',
        '--pseudonym-key',
        key,
        ...shared,
      ]),
      await run(['verify', '--dataset', ids, ...shared]),
      await run(['verify', '--dataset', ids, '--pseudonym-key', key, ...shared]),
      await run(['export', '--out', out, '--append', '--profile', 'full', ...shared]),
      await run([
        'export',
        '--out',
        join(folder, 'no'),
        '--publish',
        '--profile',
        'full',
        ...shared,
      ]),
    ].map(({ code }) => code)

    expect(codes).toEqual([0, 0, 0, 5, 0, 2, 2])
    expect(readdirSync(join(ids, 'data'))).toContain('remixes.parquet')
    expect(readdirSync(join(ids, 'data'))).not.toContain('media.parquet')
    expect(existsSync(`${archiveDir}.pseudonym-key`)).toBe(true)
  })

  it('end with 5 where finished files name a person, and publish nothing', async () => {
    const { folder, archiveDir } = await importPages()
    const out = join(folder, 'out')
    const flags = ['--publish', '--title', 'Of user-0123456789abcdefghij', '--archive', archiveDir]

    const { code, stderr } = await run(['export', '--out', out, ...flags])

    expect(code).toBe(5)
    expect(stderr).toContain('README.md: the id of a person')
    expect(existsSync(out)).toBe(false)
  })

  it('end with 2 where the title holds the key, and do not tell it', async () => {
    const { folder, archiveDir } = await importPages(['feed.json'])
    const out = join(folder, 'out')
    const flags = ['--title', 'a TOPSECRET-API-KEY b', '--archive', archiveDir]

    const { code, stderr } = await run(['export', '--out', out, ...flags], {
      key: 'TOPSECRET-API-KEY',
    })

    expect(code).toBe(2)
    expect(stderr).toContain('--title holds the API key')
    expect(stderr).not.toContain('TOPSECRET')
    expect(existsSync(out)).toBe(false)
  })

  it('end with 2 on wrong input, and change nothing', async () => {
    const { folder, archiveDir } = await importPages(['feed.json'])
    const out = join(folder, 'out')
    const wrong = [
      ['--format', 'xml'],
      ['--format', ','],
      ['--license', 'WTFPL'],
      ['--seeds', 'nobody'],
      ['--since', '2025-10-02', '--until', '2025-10-01'],
      ['--part-rows', '0'],
      ['--format', 'warc', '--warc-bytes', '0'],
      ['--format', 'warc', '--publish'],
      ['--format', 'parquet,wacz', '--profile', 'ids'],
      ['--format', 'wacz', '--tombstones', 'drop'],
      ['--append'],
      ['--seeds', 'search:nobody'],
      ['--seeds', '@nowhere.txt'],
      ['--parquet', 'compat', '--format', 'sqlite'],
      ['--part-rows', '7', '--format', 'csv,graphml'],
      ['--by-month', '--format', 'threads'],
      ['--csv-safe'],
      ['--warc-bytes', '7'],
      ['--tables', 'posts', '--format', 'warc'],
      ['--since', '2025-10-02', '--format', 'wacz'],
      ['--until', '2025-10-02', '--format', 'wacz'],
      ['--pseudonym-key', 'a.key'],
    ]

    for (const flags of wrong) {
      const { code } = await run(['export', '--out', out, ...flags, '--archive', archiveDir])
      expect([flags[0], code, existsSync(out)]).toEqual([flags[0], 2, false])
    }
    const about = ['--archive', archiveDir]
    expect((await run(['verify', '--dataset', folder, ...about])).code).toBe(2)
    for (const flags of [['--dataset-only'], ['--pseudonym-key', 'a.key']]) {
      const { code, stderr } = await run(['verify', ...flags, ...about])
      expect([code, stderr]).toEqual([
        2,
        `afterfeed: ${flags[0]} is for a package: name it with --dataset DIR\n`,
      ])
    }
  })

  it('take seeds from a file, and say what an option would not change', async () => {
    const { folder, archiveDir } = await importPages()
    const shared = ['--archive', archiveDir, '--quiet']
    const [out, file] = [join(folder, 'out'), join(folder, 'seeds.txt')]
    const posts = await run(['export', '--out', out, '--format', 'ndjson', ...shared])
    const { post_id } = JSON.parse(
      readFileSync(join(out, 'ndjson', 'posts.ndjson'), 'utf8').split('\n')[0]!,
    ) as { post_id: string }
    writeFileSync(file, `# of mine\npost:${post_id}\n`)

    const cut = await run([
      'export',
      '--out',
      out,
      '--format',
      'ndjson',
      '--seeds',
      `@${file}`,
      ...shared,
    ])
    const idle = await run(['export', '--out', out, '--csv-safe', ...shared])

    expect([posts.code, cut.code, idle.code]).toEqual([0, 0, 2])
    expect(readFileSync(join(out, 'ndjson', 'posts.ndjson'), 'utf8').split('\n')).toHaveLength(2)
    expect(idle.stderr).toBe(
      'afterfeed: --csv-safe changes nothing in parquet, sqlite; leave it out, or name one of csv with --format\n',
    )
  })

  it('end with 130 when interrupted, and leave the folder as it was', async () => {
    const folder = temporaryFolder()
    const posts = Array.from({ length: 60_000 }, (_, place) => ({
      post_id: `s_${place}`,
      text: 'text '.repeat(80),
    }))
    const archivePath = makeArchive(folder, { posts })
    const out = join(folder, 'out')

    const flags = ['--out', out, '--archive', dirname(archivePath), '--json']
    const running = start(['export', ...flags, '--format', 'parquet,sqlite,csv'])
    await running.line('stderr', (line) => line.includes('"rows":2'))
    running.process.kill('SIGINT')

    const { code, stderr } = await running.ended
    expect([code, existsSync(out)]).toEqual([130, false])
    expect(stderr).not.toContain('bug')
  })
})
