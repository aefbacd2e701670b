import { recognise } from './recognise.js'
import { isWire } from './reading.js'

/** A value inside another, and the filter of `jq` that takes it out. */
interface Inner {
  value: unknown
  filter: string
}

const mostLooked = 500
const deepest = 8

/**
 * Where in JSON that is no answer itself an answer stands, as a filter of `jq`; NULL where none is found
 * among the values that lie least deep. Scripts often keep an answer beside what they asked, or by its
 * cursor, and some keep it as text.
 */
export function answerWithin(body: unknown): string | null {
  let level = innersOf({ value: body, filter: '' })
  for (let depth = 0, looked = 0; depth < deepest && level.length > 0; depth += 1) {
    level = level.slice(0, mostLooked - looked)
    looked += level.length
    const found = level.find(({ value }) => isAnswer(value))
    if (found !== undefined) return found.filter
    level = level.flatMap(innersOf)
  }
  return null
}

/** What was asked for, `{"user_id": …}`, is no profile. */
const isAnswer = (value: unknown): boolean =>
  Object.values(value as object).some((each) => typeof each === 'object' && each !== null) &&
  recognise(value).ok

/** The objects and lists right inside a value, and those that a text inside it holds. */
function innersOf({ value, filter }: Inner): Inner[] {
  if (Array.isArray(value))
    return value.slice(0, mostLooked).flatMap((each) => innerOf(each, eachOf(filter)))
  if (!isWire(value)) return []
  return Object.entries(value)
    .slice(0, mostLooked)
    .flatMap(([key, each]) => innerOf(each, isName.test(key) ? `${filter}.${key}` : eachOf(filter)))
}

/** Keys that are no plain names are cursors and addresses, each another. */
const isName = /^[A-Za-z_]\w*$/

const eachOf = (filter: string): string => `${filter || '.'}[]`

function innerOf(value: unknown, filter: string): Inner[] {
  if (typeof value === 'object' && value !== null) return [{ value, filter }]
  const held = typeof value === 'string' && /^\s*[[{]/.test(value) ? parsed(value) : null
  return held === null ? [] : [{ value: held, filter: `${filter} | fromjson` }]
}

function parsed(text: string): unknown {
  try {
    return JSON.parse(text)
  } catch {
    return null
  }
}
