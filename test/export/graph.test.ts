import { execFileSync } from 'node:child_process'
import { readFileSync, statSync } from 'node:fs'
import { join } from 'node:path'
import { DOMParser, type Element } from '@xmldom/xmldom'
import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import type { ExportOptions } from '../../src/export/index.js'
import { toNodeId, toXmlText } from '../../src/export/graph/xml.js'
import { InputError } from '../../src/model/errors.js'
import { exportedTables } from '../../src/model/tables.js'
import { exportRows, hostileRows, type Fields } from './archives.js'
import { readWithDuckDb } from './read-back.js'

const at = (iso: string) => BigInt(Date.parse(iso)) * 1000n
const evil = 'a]]>&lt;<b>"\'\u0000\u0008\u001f\r\n\t\u2028\ud83e\udd8a\ufffe\uffff %41'
const seen = { first_seen_at: 1n, last_seen_at: 2n }

const rows: Record<string, Fields[]> = {
  posts: [
    { post_id: 's_1', author_id: 'user-1', posted_at: at('2025-10-15T16:03:16Z'), like_count: 7n },
    { post_id: 's_2', posted_at: at('2025-10-16T00:00:00Z') },
    { post_id: 's_lonely' },
  ],
  users: [{ user_id: 'user-1', username: evil, verified: 1, follower_count: 2n ** 62n }],
  comments: [
    { comment_id: 'c_1', post_id: 's_1', depth: 1n, posted_at: 5n, ...seen },
    { comment_id: 'c_2', post_id: 's_1', parent_comment_id: 'c_1', depth: 2n, ...seen },
    { comment_id: 'c_3', parent_comment_id: 'c_gone', ...seen },
    { comment_id: 'c_4', post_id: 's_gone', depth: 1n, ...seen },
    { comment_id: 'c_5', post_id: 's_1', ...seen },
  ],
  remixes: [
    { parent_post_id: 's_1', remix_post_id: 's_2', told_by: 'parent_path', ...seen },
    { parent_post_id: 's_gone', remix_post_id: 's_1', told_by: 'draft', ...seen },
    { parent_post_id: 's_2', remix_post_id: 's_2', told_by: 'remix_list', ...seen },
  ],
  follows: [{ follower_id: 'user-1', followee_id: 'user-2', ...seen }],
  cameos: [
    { owner_kind: 'post', owner_id: 's_2', user_id: 'user-1', ...seen },
    { owner_kind: 'comment', owner_id: 'c_1', user_id: 'ch_1', ...seen },
    { owner_kind: 'generation', owner_id: 'c_1', user_id: 'ch_1', ...seen },
    { owner_kind: 'planet', owner_id: evil, user_id: 'user-1', ...seen },
  ],
}

async function exported(given: Record<string, Fields[]>, options: Partial<ExportOptions> = {}) {
  const formats = ['edges', 'graphml'] as const
  const { archivePath, outDir } = await exportRows(given, { formats, ...options })
  return { archivePath, outDir, graph: (name: string) => join(outDir, 'graph', name) }
}

interface ReadGraph {
  nodes: Record<string, Record<string, string>>
  edges: { source: string; target: string; facts: Record<string, string> }[]
}

/** Only a U+FFFD, which is a character like others, is no reason to stop. */
function stopAtAll(_level: string, message: string): void {
  if (!message.startsWith('Unicode replacement character')) throw new Error(message)
}

/** A GraphML file, read by another implementation, which stops at whatever is not well-formed. */
function readGraphml(path: string): ReadGraph {
  const text = readFileSync(path, 'utf8')
  const parser = new DOMParser({ onError: stopAtAll })
  const root = parser.parseFromString(text, 'text/xml').documentElement!
  expect(root.namespaceURI).toBe('http://graphml.graphdrawing.org/xmlns')
  const all = (name: string): Element[] => [...root.getElementsByTagName(name)]
  const names = new Map(
    all('key').map((key) => [key.getAttribute('id')!, key.getAttribute('attr.name')!]),
  )
  const dataOf = (element: Element) =>
    Object.fromEntries(
      [...element.getElementsByTagName('data')].map((each) => [
        names.get(each.getAttribute('key')!)!,
        each.textContent!,
      ]),
    )
  const nodes = all('node').map((node) => [node.getAttribute('id')!, dataOf(node)] as const)
  expect(new Set(nodes.map(([id]) => id)).size).toBe(nodes.length)
  const edges = all('edge').map((edge) => ({
    source: edge.getAttribute('source')!,
    target: edge.getAttribute('target')!,
    facts: dataOf(edge),
  }))
  return { nodes: Object.fromEntries(nodes), edges }
}

const times = {
  first_seen_at: '1970-01-01T00:00:00.000001Z',
  last_seen_at: '1970-01-01T00:00:00.000002Z',
}
const node = (kind: string, label: string, held: boolean, more = {}) => ({
  ...{ kind, label, held: String(held) },
  ...more,
})

describe('--format graphml', () => {
  it('has every node that an edge names, with what is known of it, and placeholders', async () => {
    const { graph } = await exported(rows)

    expect(readGraphml(graph('remixes.graphml'))).toEqual({
      nodes: {
        'post:s_1': node('post', 's_1', true, {
          author_id: 'user-1',
          posted_at: '2025-10-15T16:03:16.000000Z',
          like_count: '7',
        }),
        'post:s_2': node('post', 's_2', true, { posted_at: '2025-10-16T00:00:00.000000Z' }),
        'post:s_gone': node('post', 's_gone', false),
      },
      edges: [
        {
          source: 'post:s_1',
          target: 'post:s_gone',
          facts: { at: '2025-10-15T16:03:16.000000Z', told_by: 'draft', ...times },
        },
        {
          source: 'post:s_2',
          target: 'post:s_1',
          facts: { at: '2025-10-16T00:00:00.000000Z', told_by: 'parent_path', ...times },
        },
        {
          source: 'post:s_2',
          target: 'post:s_2',
          facts: { at: '2025-10-16T00:00:00.000000Z', told_by: 'remix_list', ...times },
        },
      ],
    })
  })

  it('tells of nodes and edges of every kind what their tables tell', async () => {
    const { graph } = await exported({
      ...rows,
      users: [...rows['users']!, { user_id: 'ch_1', verified: 0, created_at: 3n }],
      generations: [{ generation_id: 'c_1', created_at: 4n, duration_s: 0.5 }],
    })

    const { nodes, edges } = readGraphml(graph('cameos.graphml'))

    const iso = (micros: number) => `1970-01-01T00:00:00.00000${micros}Z`
    expect(nodes).toMatchObject({
      'comment:c_1': node('comment', 'c_1', true, {
        posted_at: iso(5),
        post_id: 's_1',
        depth: '1',
      }),
      'generation:c_1': node('generation', 'c_1', true, { created_at: iso(4), duration_s: '0.5' }),
      'post:s_2': node('post', 's_2', true, { posted_at: '2025-10-16T00:00:00.000000Z' }),
      'user:ch_1': node('user', 'ch_1', true, { verified: 'false', created_at: iso(3) }),
    })
    expect(edges.map(({ source, facts }) => [source.split(':')[0], facts['at']])).toEqual([
      ['comment', iso(5)],
      ['generation', iso(4)],
      ['planet', undefined],
      ['post', '2025-10-16T00:00:00.000000Z'],
    ])
  })

  it('draws a reply to what it answers, and none where that is not known', async () => {
    const { graph } = await exported(rows)

    const { nodes, edges } = readGraphml(graph('replies.graphml'))

    expect(edges.map(({ source, target, facts }) => [source, target, facts['depth']])).toEqual([
      ['comment:c_1', 'post:s_1', '1'],
      ['comment:c_2', 'comment:c_1', '2'],
      ['comment:c_3', 'comment:c_gone', undefined],
      ['comment:c_4', 'post:s_gone', '1'],
    ])
    const held = Object.entries(nodes).map(([id, { held }]) => [id, held])
    expect(held).toEqual([
      ['comment:c_1', 'true'],
      ['comment:c_2', 'true'],
      ['comment:c_3', 'true'],
      ['comment:c_4', 'true'],
      ['comment:c_gone', 'false'],
      ['post:s_1', 'true'],
      ['post:s_gone', 'false'],
    ])
  })

  it('tells things of one id and different kinds apart', async () => {
    const { graph } = await exported(rows)

    const { nodes, edges } = readGraphml(graph('cameos.graphml'))

    expect(nodes['comment:c_1']!['held']).toBe('true')
    expect(nodes['generation:c_1']!['held']).toBe('false')
    expect(edges.map(({ source, target }) => `${source} ${target}`)).toContain(
      'post:s_2 user:user-1',
    )
  })

  it('holds text that no XML can break, and numbers to the last digit', async () => {
    const { graph } = await exported(rows)

    const { nodes } = readGraphml(graph('follows.graphml'))
    const planet = Object.values(readGraphml(graph('cameos.graphml')).nodes).at(2)!

    expect(nodes['user:user-1']).toEqual(
      node('user', 'user-1', true, {
        username: 'a]]>&lt;<b>"\'\ufffd\ufffd\ufffd\r\n\t\u2028🦊\ufffd\ufffd %41',
        verified: 'true',
        follower_count: '4611686018427387904',
      }),
    )
    expect(nodes['user:user-2']).toEqual(node('user', 'user-2', false))
    expect(planet).toMatchObject({ kind: 'planet', held: 'false' })
  })

  it.runIf(hasNetworkx())('is read by networkx', async () => {
    const { graph } = await exported(rows)
    const script = `import networkx, json, sys
g = networkx.read_graphml(sys.argv[1])
print(json.dumps([g.number_of_nodes(), g.number_of_edges(), g.is_directed(), g.nodes["user:user-1"]["follower_count"], g.nodes["user:user-2"]["held"]]))`

    const printed = execFileSync('/usr/bin/python3', ['-c', script, graph('follows.graphml')])

    expect(JSON.parse(printed.toString())).toEqual([2, 1, true, 4611686018427387904, false])
  })
})

function hasNetworkx(): boolean {
  try {
    execFileSync('/usr/bin/python3', ['-c', 'import networkx'], { stdio: 'ignore' })
    return true
  } catch {
    return false
  }
}

/** The id that a node's id stands for. */
const fromNodeId = (id: string): string =>
  id.replace(/%([0-9A-F]{4})/g, (_, code: string) => String.fromCharCode(parseInt(code, 16)))

describe('toXmlText', () => {
  it('gives any text back, but for what XML cannot hold', () => {
    const forbidden = /[^\t\n\r\u0020-\ud7ff\ue000-\ufffd\u{10000}-\u{10ffff}]/gu
    fc.assert(
      fc.property(fc.string({ unit: 'binary' }), fc.string({ unit: 'binary' }), (one, other) => {
        const xml = `<a b="${toXmlText(one)}">${toXmlText(other)}</a>`
        const read = new DOMParser({ onError: stopAtAll }).parseFromString(xml, 'text/xml')
        const root = read.documentElement!
        expect([root.getAttribute('b'), root.textContent]).toEqual([
          one.replace(forbidden, '\ufffd'),
          other.replace(forbidden, '\ufffd'),
        ])
      }),
    )
  })

  it('makes no two ids one', () => {
    const ids = ['\u0001F', '\u001f', '%001F', '%', '%25', '\ufffd', '\ud800', '\ud801']

    expect(new Set(ids.map((each) => toNodeId('post', each))).size).toBe(ids.length)
    expect(toNodeId('post', 's_1')).toBe('post:s_1')
  })
})

describe('--format edges', () => {
  it('has a row an edge, in the order of its ends', async () => {
    const { graph } = await exported(rows)

    expect(await readWithDuckDb(graph('remixes.parquet'))).toEqual([
      ['post', 's_1', 'post', 's_gone', 1n, 0n, at('2025-10-15T16:03:16Z'), 'draft', 1n, 2n],
      ['post', 's_2', 'post', 's_1', 1n, 1n, at('2025-10-16T00:00:00Z'), 'parent_path', 1n, 2n],
      ['post', 's_2', 'post', 's_2', 1n, 1n, at('2025-10-16T00:00:00Z'), 'remix_list', 1n, 2n],
    ])
    expect(await readWithDuckDb(graph('replies.parquet'))).toEqual([
      ['comment', 'c_1', 'post', 's_1', 1n, 1n, 5n, 1n, 1n, 2n],
      ['comment', 'c_2', 'comment', 'c_1', 1n, 1n, null, 2n, 1n, 2n],
      ['comment', 'c_3', 'comment', 'c_gone', 1n, 0n, null, null, 1n, 2n],
      ['comment', 'c_4', 'post', 's_gone', 1n, 0n, null, 1n, 1n, 2n],
    ])
    expect(await readWithDuckDb(graph('follows.parquet'))).toEqual([
      ['user', 'user-1', 'user', 'user-2', 1n, 0n, 1n, 2n],
    ])
    expect((await readWithDuckDb(graph('cameos.parquet'))).map((each) => each.slice(0, 6))).toEqual(
      [
        ['comment', 'c_1', 'user', 'ch_1', 1n, 0n],
        ['generation', 'c_1', 'user', 'ch_1', 0n, 0n],
        ['planet', evil, 'user', 'user-1', 0n, 1n],
        ['post', 's_2', 'user', 'user-1', 1n, 1n],
      ],
    )
  })

  it('is the same graph as GraphML, whatever the tables hold', async () => {
    const hostile = Object.fromEntries(
      exportedTables(true).map((each) => [each.name, hostileRows(each, 30)]),
    )
    const { graph } = await exported(hostile)

    for (const name of ['remixes', 'replies', 'follows', 'cameos']) {
      const { nodes, edges } = readGraphml(graph(`${name}.graphml`))
      const table = await readWithDuckDb(graph(`${name}.parquet`))
      expect(table.length, name).toBe(edges.length)
      const ends = table.map(([sourceKind, source, targetKind, target]) => [
        `${String(sourceKind)}:${String(source)}`,
        `${String(targetKind)}:${String(target)}`,
      ])
      expect(ends).toEqual(
        edges.map(({ source, target }) => [fromNodeId(source), fromNodeId(target)]),
      )
      for (const [place, { source, target }] of edges.entries())
        expect([nodes[source]!['held'], nodes[target]!['held']]).toEqual(
          table[place]!.slice(4, 6).map((held) => String(held === 1n)),
        )
    }
  })

  it('calls held what this dataset holds: what is cut away is a placeholder', async () => {
    const since = Number(at('2025-10-16T00:00:00Z'))
    const { graph } = await exported(rows, { since })

    const read = await readWithDuckDb(graph('remixes.parquet'))

    expect(read.map((row) => [row[1], row[3], row[4], row[5]])).toEqual([
      ['s_2', 's_1', 1n, 0n],
      ['s_2', 's_2', 1n, 1n],
    ])
  })

  it('is written in parts, and with the graphs of the chosen tables alone', async () => {
    const { outDir, graph } = await exported(rows, {
      tables: ['remixes', 'users'],
      rowsPerPart: 2,
    })

    expect(statSync(graph('remixes/part-00001.parquet')).size).toBeGreaterThan(0)
    const read = await readWithDuckDb(graph('remixes/*.parquet'))
    expect(read.map((row) => row.slice(4, 6))).toEqual([
      [0n, 0n],
      [0n, 0n],
      [0n, 0n],
    ])
    expect(() => statSync(graph('follows.graphml'))).toThrow('ENOENT')
    expect(readFileSync(join(outDir, 'README.md'), 'utf8')).toContain('graph/remixes.graphml')
  })

  it('is refused where the tables with edges are left out', async () => {
    const none = exported(rows, { tables: ['posts'] })

    await expect(none).rejects.toThrow(InputError)
    await expect(none).rejects.toThrow('edges is made of remixes or comments')
  })
})
