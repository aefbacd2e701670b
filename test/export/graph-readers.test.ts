import { join } from 'node:path'
import { describe, expect, it } from 'vitest'
import { exportDataset } from '../../src/export/index.js'
import { makeArchive, temporaryFolder } from './archives.js'
import { printedBy, pythonWith } from './python.js'

type Node = [name: string, label: string, isHeld: boolean]
type Edge = [source: string, target: string]
type Graphs = Record<string, { nodes: Node[] | number[]; edges: Edge[] | [number, number][] }>

/** Signs that XML has words for, or none; no `&`, which igraph leaves as `&#38;` where it is in an id. */
const evil = 'a]]><b>"\'\r\n\t\u2028\ud83e\udd8a 100% \u0001'
const evilId = evil.replace('%', '%0025').replace('\u0001', '%0001')
const seen = { first_seen_at: 1n, last_seen_at: 2n }

async function exported(): Promise<string> {
  const folder = temporaryFolder()
  const archivePath = makeArchive(folder, {
    posts: [{ post_id: 's_1' }, { post_id: 's_2' }, { post_id: 's_lonely' }],
    users: [{ user_id: 'user-1', username: evil, verified: 1, follower_count: 7n }],
    comments: [
      { comment_id: 'c_1', post_id: 's_1', depth: 1n, ...seen },
      { comment_id: 'c_2', parent_comment_id: evil, depth: 2n, ...seen },
    ],
    remixes: [
      { parent_post_id: 's_1', remix_post_id: 's_2', told_by: 'parent_path', ...seen },
      { parent_post_id: 's_2', remix_post_id: 's_2', told_by: 'draft', ...seen },
      { parent_post_id: 's_gone', remix_post_id: 's_1', told_by: 'draft', ...seen },
    ],
    cameos: [{ owner_kind: 'post', owner_id: 's_2', user_id: 'user-1', ...seen }],
  })
  const outDir = join(folder, 'out')
  await exportDataset({ archivePath, outDir, formats: ['graphml'] })
  return outDir
}

const expected: Record<string, { nodes: Node[]; edges: Edge[] }> = {
  remixes: {
    nodes: [
      ['post:s_1', 's_1', true],
      ['post:s_2', 's_2', true],
      ['post:s_gone', 's_gone', false],
    ],
    edges: [
      ['post:s_1', 'post:s_gone'],
      ['post:s_2', 'post:s_1'],
      ['post:s_2', 'post:s_2'],
    ],
  },
  replies: {
    nodes: [
      [`comment:${evilId}`, evil.replace('\u0001', '\ufffd'), false],
      ['comment:c_1', 'c_1', true],
      ['comment:c_2', 'c_2', true],
      ['post:s_1', 's_1', true],
    ],
    edges: [
      ['comment:c_1', 'post:s_1'],
      ['comment:c_2', `comment:${evilId}`],
    ],
  },
  follows: { nodes: [], edges: [] },
  cameos: {
    nodes: [
      ['post:s_2', 's_2', true],
      ['user:user-1', 'user-1', true],
    ],
    edges: [['post:s_2', 'user:user-1']],
  },
}

describe('GraphML', () => {
  for (const library of ['networkx', 'igraph', 'rustworkx', 'networkit']) {
    const python = pythonWith([library])
    it.skipIf(python === undefined)(`is the same graphs to ${library}`, async () => {
      const read = printedBy(python!, 'read_graphs.py', library, await exported()) as Graphs

      const shapes = Object.entries(expected).map(([name, { nodes, edges }]) => {
        const numberOf = (id: string) => nodes.findIndex((each) => each[0] === id)
        const numbers = edges.map((edge) => edge.map(numberOf))
        return [name, { nodes: nodes.map((_, place) => place), edges: numbers }]
      })
      expect(read).toEqual(library === 'networkit' ? Object.fromEntries(shapes) : expected)
    })
  }
})
