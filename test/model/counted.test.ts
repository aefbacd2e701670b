import { describe, expect, it } from 'vitest'
import { counted } from '../../src/model/counted.js'

describe('counted', () => {
  it.each([
    [0, 'post', undefined, '0 posts'],
    [1, 'post', undefined, '1 post'],
    [1511, 'comment', undefined, '1,511 comments'],
    [1, 'person', 'people', '1 person'],
    [2, 'person', 'people', '2 people'],
  ])('says %i of %s (%s) as %s', (number, one, many, words) => {
    expect(counted(number, one, many)).toBe(words)
  })
})
