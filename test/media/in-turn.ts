import type { Waiting } from '../../src/media/order.js'
import { uses } from '../../src/media/wanted.js'

/** Files in turn, by a plain reading of the rule: by deadline, then use, then size. */
export const inTurn = <File extends Waiting>(files: readonly File[]): File[] =>
  [...files].sort(
    (one, other) =>
      compare(one.deadline ?? Infinity, other.deadline ?? Infinity) ||
      uses.indexOf(one.use) - uses.indexOf(other.use) ||
      one.bytes - other.bytes,
  )

const compare = (one: number, other: number): number => (one < other ? -1 : one > other ? 1 : 0)
