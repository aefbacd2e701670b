import { endpoints } from './endpoints.js'
import type { Params } from './page.js'

/** What the app's own addresses tell besides: which feed it is. */
const ofApp = ['cut']

const namesIn = (parameters: readonly { name: string }[]): string[] =>
  parameters.map(({ name }) => name)

/** Of answers of no endpoint of the list, such as drafts, what any endpoint knows is kept. */
const allNames = new Set([...endpoints.flatMap((each) => namesIn(each.parameters)), ...ofApp])

const namesOf = new Map<string, ReadonlySet<string>>(
  endpoints.map(({ name, parameters }) => [name, new Set([...namesIn(parameters), ...ofApp])]),
)

/**
 * What is kept of the parameters of a call that somebody else made: those that its endpoint knows, and
 * of an address what is before its query. Whatever else was in the query, keys and tokens among it, is
 * no part of what was asked.
 * @returns the same object if nothing is left out
 */
export function knownParams(endpoint: string, params: Params): Params {
  const names = namesOf.get(endpoint) ?? allNames
  const told = Object.entries(params)
  const known = told
    .filter(([name]) => names.has(name))
    .map(([name, value]) => [name, name === 'post_url' ? value.replace(/[?#].*/s, '') : value])
  const isSame =
    known.length === told.length && known.every(([, value], place) => value === told[place]![1])
  return isSame ? params : (Object.fromEntries(known) as Params)
}
