import type { Answer, Question } from './answers.js'
import { listingOf } from './listings.js'
import type { ListingName } from './listings.js'
import type { Network } from './network.js'
import { piece } from './objects.js'
import type { Objects, Piece } from './objects.js'
import type { Settings } from './options.js'
import { pageAt } from './paging.js'
import type { Stretch } from './paging.js'
import { refusals } from './refusals.js'

/** A page that is asked for. */
export interface PageQuestion {
  /** Index of the node or person whose list it is; -1: there is none. */
  subject: number
  question: Question
  item: (index: number) => Piece[]
  /** This list tells `has_more`, if any does. */
  tellsMore?: boolean
}

/** Answers that are pages of lists. */
export interface PagedAnswers {
  list(endpoint: ListingName, asked: PageQuestion): Answer
  /** Comments or replies: a tree of one level under the object itself. */
  tree(
    endpoint: 'get_post_comments' | 'get_comment_replies',
    node: number,
    question: Question,
  ): Answer
}

/** Pages out of a network. */
export function createPagedAnswers(
  network: Network,
  settings: Settings,
  objects: Objects,
): PagedAnswers {
  const list: PagedAnswers['list'] = (endpoint, { subject, question, item, tellsMore }) => {
    if (subject < 0) return refusals.missing
    const listing = listingOf(network, settings, { endpoint, subject })
    const stretch = pageAt(listing, question.params.cursor ?? '')
    if (!stretch) return refusals.parameters
    return listBody(stretch, item, tellsMore ? settings.hasMore : 'absent')
  }
  return {
    list,
    tree(endpoint, subject, question) {
      const isNative = settings.shape === 'native'
      const item = isNative ? objects.treeNode : objects.flatComment
      const children = list(endpoint, { subject, question, item, tellsMore: true })
      if (!Array.isArray(children)) return children
      if (!isNative) return [piece('{"children":'), ...children, piece('}')]
      const top = objects.wrapper(subject, piece(',"children":')).slice(0, -1)
      return [...top, ...children, piece(',"cursor":null}')]
    },
  }
}

/** An item that no reader can read. */
const brokenItem = piece('{"post":{"id":null,"text":17},"profile":"?"}')

function listBody(
  { items, cursor, isBroken }: Stretch,
  item: (index: number) => Piece[],
  hasMore: Settings['hasMore'],
): Piece[] {
  const isTrue = (cursor !== null) === (hasMore === 'present')
  const advice = hasMore === 'absent' ? '' : `,"has_more":${isTrue}`
  const told = items.map((each) => item(each))
  const pieces = joined(isBroken ? [[brokenItem], ...told] : told)
  return [piece('{"items":['), ...pieces, piece(`],"cursor":${JSON.stringify(cursor)}${advice}}`)]
}

const comma = piece(',')

/** Items with commas between them. */
export const joined = (items: Piece[][]): Piece[] =>
  items.flatMap((item, index) => (index === 0 ? item : [comma, ...item]))
