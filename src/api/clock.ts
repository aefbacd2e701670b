/** Tells the time, in microseconds since 1970. */
export type Clock = () => number

/** The machine's clock; within one process it never goes back and never stands still. */
export function systemClock(): Clock {
  const start = Date.now() * 1000 - performance.now() * 1000
  let last = 0
  return () => {
    last = Math.max(last + 1, Math.round(start + performance.now() * 1000))
    return last
  }
}
