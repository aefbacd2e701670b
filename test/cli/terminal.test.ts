import { describe, expect, it } from 'vitest'
import { dollars } from '../../src/cli/terminal.js'

describe('dollars', () => {
  it.each([
    [0, '$0.00'],
    [0.05, '$0.05'],
    [12.7, '$12.70'],
    [10385.95, '$10,385.95'],
  ])('writes %d as %s', (usd, expected) => {
    expect(dollars(usd)).toBe(expected)
  })
})
