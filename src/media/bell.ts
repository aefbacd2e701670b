/** Wakes who waits for something to happen. */
export class Bell {
  private wake: (() => void) | null = null
  private hasRung = false

  /** Something happened. */
  ring(): void {
    this.hasRung = true
    this.wake?.()
  }

  /** Waits until something happens, or has happened since the last wait; at most so long. */
  async wait(mostMs: number): Promise<void> {
    if (!this.hasRung)
      await new Promise<void>((resolve) => {
        const timer = setTimeout(resolve, mostMs)
        this.wake = () => {
          clearTimeout(timer)
          resolve()
        }
      })
    this.wake = null
    this.hasRung = false
  }
}
