import { getEventListeners } from 'node:events'
import { describe, expect, it } from 'vitest'
import { followSignal } from '../../src/api/follow-signal.js'

describe('followSignal', () => {
  it('aborts when the signal comes, for its reason', () => {
    const outer = new AbortController()
    const inner = new AbortController()
    followSignal(inner, outer.signal)
    const before = inner.signal.aborted

    outer.abort('interrupted')

    expect([before, inner.signal.aborted, inner.signal.reason]).toEqual([
      false,
      true,
      'interrupted',
    ])
  })

  it('aborts at once where the signal came before', () => {
    const inner = new AbortController()

    followSignal(inner, AbortSignal.abort('before'))

    expect(inner.signal.reason).toBe('before')
  })

  it('leaves the signal alone where the controller aborts by itself', () => {
    const outer = new AbortController()
    const inner = new AbortController()
    followSignal(inner, outer.signal)

    inner.abort()

    expect(outer.signal.aborted).toBe(false)
  })

  it('lets go of the signal', () => {
    const outer = new AbortController()
    const inner = new AbortController()
    const letGo = followSignal(inner, outer.signal)
    const held = getEventListeners(outer.signal, 'abort').length

    letGo()
    outer.abort()

    expect([held, getEventListeners(outer.signal, 'abort')]).toEqual([1, []])
    expect(inner.signal.aborted).toBe(false)
  })

  it('follows nothing where there is no signal', () => {
    const inner = new AbortController()

    followSignal(inner, undefined)()

    expect(inner.signal.aborted).toBe(false)
  })
})
