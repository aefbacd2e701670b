import { readPage, type ReadBody } from '../model/read-page.js'
import { responseIdOf } from '../model/response-id.js'
import type { Archive } from './archive.js'
import type { KeptAnswer } from './held-answers.js'

/** A kept answer, read again. */
export interface ReadKept {
  kept: KeptAnswer
  read: ReadBody
  /** By what its rows know it; an answer that was held when it came has a row of its own besides. */
  responseId: string
}

/**
 * Reads the answer of a row of the ledger again.
 * @throws Error if its body is missing
 */
export function readKept({ answers, bodies, intake }: Archive, rowId: string): ReadKept {
  const kept = answers.of(rowId)
  const { endpoint, params, bodySha256 } = kept
  const text = bodySha256 === null ? undefined : bodies.read(bodySha256)
  if (bodySha256 === null || text === undefined)
    throw new Error(`the body of the answer ${rowId} is missing`)
  const isItsOwn = rowId.startsWith('r_')
  const responseId = isItsOwn
    ? rowId
    : (intake.answerIdOf(rowId) ?? responseIdOf({ endpoint, params, bodySha256 }))
  return { kept, read: readPage(endpoint, params, text), responseId }
}
