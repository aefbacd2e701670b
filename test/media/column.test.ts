import { describe, expect, it } from 'vitest'
import { Column } from '../../src/media/column.js'

describe('Column', () => {
  it('keeps what was set, however far the places go, and 0 elsewhere', () => {
    const column = new Column(Float64Array)
    const places = [0, 1, 1023, 1024, 5000, 1_000_000]

    for (const place of places) column.set(place, place + 0.5)

    expect(places.map((place) => column.at(place))).toEqual(places.map((place) => place + 0.5))
    expect([column.at(2), column.at(999_999), column.at(9e9)]).toEqual([0, 0, 0])
  })
})
