/** Tells the time, in microseconds since 1970. */
export type Clock = () => number

/** The machine's clock; within one process it never goes back and never stands still. */
export function systemClock(): Clock {
  let last = 0
  return () => {
    last = Math.max(last + 1, Date.now() * 1000)
    return last
  }
}
