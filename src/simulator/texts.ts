import { isComment } from './network.js'
import type { Network } from './network.js'
import { isGone } from './marks.js'
import { mix } from './random.js'
import { usernameOf } from './usernames.js'

/** A text with the mentions in it. */
export interface Text {
  text: string
  /** Half-open, in Unicode code points, with the `@`. */
  mentions: { start: number; end: number; person: number }[]
}

const subjects = ['a paper boat', 'two robots', 'an old cat', 'the last payphone', 'a tiny chef']
const deeds = ['crosses a puddle', 'folds a sheet', 'learns to whistle', 'builds a lighthouse']
const styles = [
  'macro lens',
  '1970s film grain',
  'slow dolly shot',
  'handheld at 4am',
  'claymation',
]

const remarks = ['how long did this take?', 'now everyone is wearing tiny hats', 'that was me 🎧']
const foreign = [
  '海底世界，五彩斑斓的珊瑚礁',
  'Сцена: поезд едет через облака, тёплый свет',
  'قطار يسير بين الغيوم "ببطء"',
  '종이배가 웅덩이를 건넌다',
  'שלום, a mixed line',
]

/** Text of a node, and whom it mentions: always people of its cast. */
export function textOf(network: Network, node: number): Text {
  if (isGone(network, node)) {
    return { text: 'This post has been deleted', mentions: [] }
  }
  const bits = mix(network.seed, node, 61)
  const plain = plainText(bits, isComment(network, node))
  const cast = isComment(network, node) ? [] : [...network.cast.get(node)]
  if (cast.length === 0 || (bits >>> 20) % 4 === 0) return { text: plain, mentions: [] }
  return mentioning(network, { cast, plain, bits })
}

function plainText(bits: number, isRemark: boolean): string {
  const kind = bits % 32
  if (kind === 0) return ''
  const remark = pick(remarks, bits >>> 5)
  if (kind === 1) return pick(foreign, bits >>> 5)
  if (kind === 2) return `${remark}\n\nsecond line\tand a tab`
  if (kind === 3) return `🎬🧵 ${remark} 👩‍👩‍👧`
  if (kind === 4) return `before\u2028after "quoted" \\ ${remark}`
  if (isRemark) return `${remark} (${(bits >>> 8) % 1000})`
  return `${pick(subjects, bits >>> 5)} ${pick(deeds, bits >>> 9)}, ${pick(styles, bits >>> 13)}`
}

function mentioning(
  network: Network,
  { cast, plain, bits }: { cast: number[]; plain: string; bits: number },
): Text {
  let text = (bits >>> 22) % 3 === 0 ? '🦉🎧 ' : ''
  const mentions = cast.map((person) => {
    const start = [...text].length
    text += `@${usernameOf(network, person)} `
    return { start, end: [...text].length - 1, person }
  })
  return { text: text + plain, mentions }
}

const pick = (list: readonly string[], bits: number): string => list[bits % list.length] ?? ''

const glyphs = ['🤬', '🦉', '⛵', '🐱‍💻', '🎧', '🌧️']

/** The glyph of a post; null for few. */
export function emojiOf(network: Network, node: number): string | null {
  const bits = mix(network.seed, node, 62)
  return bits % 40 === 0 ? null : pick(glyphs, bits >>> 8)
}
