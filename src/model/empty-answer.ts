import { toBodyKind } from './envelope.js'
import { isForgottenMark } from './forgotten-mark.js'
import { isWire } from './reading.js'

/**
 * True for data that tells nothing at all: `null`, `{}`, an object of nothing but nulls, such as a tree
 * whose `children` are, or what was forgotten.
 */
function isEmptyData(data: unknown): boolean {
  if (data === null || data === undefined || data === '' || isForgottenMark(data)) return true
  if (typeof data !== 'object') return false
  return Object.entries(data).every(
    ([key, value]) => value === null || value === '' || (key === 'children' && isNulls(value)),
  )
}

const isNulls = (value: unknown): boolean =>
  isWire(value) && Object.values(value).every((each) => each === null || each === '')

/** True for a parsed answer that tells nothing at all, in an envelope or without. */
export function isEmptyAnswer(value: unknown): boolean {
  const body = toBodyKind(value)
  if (body.kind === 'envelope') return isEmptyData(body.envelope.data)
  const isEnvelope = isWire(value) && ('code' in value || 'router' in value)
  return body.kind === 'bare' && (isEnvelope || isEmptyData(value))
}
