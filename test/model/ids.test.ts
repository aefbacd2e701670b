import { describe, expect, it } from 'vitest'
import {
  isAnonymous,
  isCommentId,
  isGenerationId,
  isPostId,
  isTaskId,
  isUserId,
  postIdOfPermalink,
  timeOfId,
} from '../../src/model/ids.js'

const digits = '68f544f63ff681918afdd8f9f3986527'
const ulid = '01k7z067p3j2cp16nmzvdpbweg'

const kinds = {
  post: isPostId,
  comment: isCommentId,
  user: isUserId,
  generation: isGenerationId,
  task: isTaskId,
  anonymous: isAnonymous,
}

const kindsOf = (id: unknown): string[] =>
  Object.entries(kinds)
    .filter(([, is]) => is(id))
    .map(([kind]) => kind)

describe('the kinds of ids', () => {
  it.each([
    [`s_${digits}`, ['post']],
    [digits, ['comment', 'generation']],
    ['user-OM0Hav3gXpAe7cj6OcVbxVRZ', ['user']],
    [`ch_${digits}`, ['user']],
    [`gen_${ulid}`, ['generation']],
    [`task_${ulid}`, ['task']],
    ['anonymous', ['anonymous']],
    ['s_68e466aa780c8191b', []],
    [`S_${digits}`, []],
    [`s_${digits.toUpperCase()}`, []],
    [`s_${digits}\n`, []],
    [` s_${digits}`, []],
    [`s_${digits}0`, []],
    [`gen_${ulid}x`, []],
    ['user-', []],
    ['user-a b', []],
    ['', []],
    [null, []],
    [undefined, []],
    [17, []],
    [[`s_${digits}`], []],
  ])('%j is %j', (id, expected) => {
    const found = kindsOf(id)

    expect(found).toEqual(expected)
  })
})

describe('timeOfId', () => {
  it.each([
    ['a post: its second', `s_${digits}`, 1760904438_000000],
    ['a comment: its second', '68f54b0c036081918cc97f90faef42bf', 1760905996_000000],
    ['a failed draft: its second', '69831bc0766c8191814242093e6be5ef', 1770200000_000000],
    ['a generation: its millisecond', 'gen_01k7z067p30000000000000000', 1760903241_411_000],
    ['a task: its millisecond', 'task_01k7z067p4ffffffffffffffff', 1760903241_412_000],
    ['an upload: its millisecond', 'media_01k7z067p30000000000000000', 1760903241_411_000],
    ['nothing before 2015', 's_00000000000081910000000000000000', null],
    ['nothing from 2100 on', 's_ffffffffffff81910000000000000000', null],
    ['nothing where a letter is no digit (u)', 'gen_01k7zu67p30000000000000000', null],
    ['nothing in a user', 'user-OM0Hav3gXpAe7cj6OcVbxVRZ', null],
    ['nothing in a short id', 's_68e466aa780c8191b', null],
    ['nothing in nothing', '', null],
  ])('reads from %s', (_, id, expected) => {
    const micros = timeOfId(id)

    expect(micros).toBe(expected)
  })
})

describe('postIdOfPermalink', () => {
  it.each([
    [`https://sora.chatgpt.com/p/s_${digits}`, `s_${digits}`],
    [`https://sora.com/p/s_${digits}/`, `s_${digits}`],
    [`https://sora.chatgpt.com/p/s_${digits}?psh=x`, `s_${digits}`],
    [`https://sora.chatgpt.com/p/s_${digits}#top`, `s_${digits}`],
    [`https://sora.chatgpt.com/p/s_${digits}0`, null],
    [`http://localhost:3000/s/${digits}`, null],
    [`https://sora.chatgpt.com.evil.example/p/s_${digits}`, null],
    [`https://evil.example/https://sora.chatgpt.com/p/s_${digits}`, null],
    ['https://sora.chatgpt.com/profile/nimbuspatch', null],
  ])('%s names %s', (permalink, expected) => {
    const postId = postIdOfPermalink(permalink)

    expect(postId).toBe(expected)
  })
})
