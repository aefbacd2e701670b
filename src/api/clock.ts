/** Tells the time, in microseconds since 1970. */
export type Clock = () => number

/** The longest a timer can run: Node ends one that is to run longer at once. */
export const longestTimerMs = 2 ** 31 - 1

/** The machine's clock as it is, whatever it is set to. */
const wallClock: Clock = () => Date.now() * 1000

/** Milliseconds since some instant, in even steps whatever the machine's clock is set to. */
const machineSteps = (): number => performance.now()

/** A clock that differs by more from the machine's own steps was set (50 ms, in microseconds). */
const setMicros = 50_000

/**
 * A clock made fit for an order of events: it never goes back and never stands still, even if the one
 * below it is set back; set forward, or after a sleep, it follows, and is not ahead of a clock that was
 * only for a while set back. It begins after `begin` (microseconds), so that what comes later in an
 * archive is later.
 */
export function steadyClock(clock: Clock, begin = 0, stepsMs: () => number = machineSteps): Clock {
  let last = begin
  let told = -Infinity
  let steps = stepsMs()
  return () => {
    const [now, stepsNow] = [clock(), stepsMs()]
    const elapsed = Math.round((stepsNow - steps) * 1000)
    const step = now - told
    const isSet = step < 0 || step > elapsed + setMicros
    last += Math.max(1, isSet ? Math.max(elapsed, now - last) : step)
    told = now
    steps = stepsNow
    return last
  }
}

/** The machine's clock, as `steadyClock` has it. */
export const systemClock = (begin = 0): Clock => steadyClock(wallClock, begin)
