import { writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { beforeAll, describe, expect, it } from 'vitest'
import { detail, openRoom, person, postId, userId, wrapped, envelope } from '../import/room.js'
import { buildProgram, run } from './program.js'

beforeAll(buildProgram)

/** An archive with two posts of one person, and a third that another wrote. */
async function newArchive() {
  const room = openRoom()
  const other = { post: { ...wrapped(3).post, shared_by: userId(2) }, profile: person(2) }
  const files = [
    detail(1),
    detail(2),
    envelope('get_post_detail', { post_id: postId(3) }, other, 3),
  ]
  await room.take(files.map((each, index) => room.put(`${index}.json`, each)))
  return room
}

describe('afterfeed forget', () => {
  it('ends with 0 and tells what it took out, and what it does not reach', async () => {
    const { archiveDir, rows } = await newArchive()

    const told = await run(['forget', `user:${userId(1)}`, '--archive', archiveDir, '--json'])
    const verified = await run(['verify', '--archive', archiveDir])

    expect(told.code).toBe(0)
    expect(JSON.parse(told.stdout)).toEqual({
      ...{ outcome: 'done', subjects: 1, users: 1, posts: 2, comments: 0, drafts: 0, answers: 2 },
      ...{ answers_rewritten: 2, requests_skipped: 0, media_files: 0, media_bytes: 0 },
      unknown_handles: 0,
      ...{
        found_again: [],
        not_reached: expect.arrayContaining([expect.stringMatching(/^backups/)]),
      },
    })
    expect(told.stderr + told.stdout).not.toContain(userId(1))
    expect(rows('SELECT post_id FROM posts')).toEqual([{ post_id: postId(3) }])
    expect(verified).toMatchObject({ code: 0, stdout: 'all holds\n' })
  })

  it('takes a file of seeds, says it in words, and is known by the crawl and the rebuild', async () => {
    const { archiveDir, folder } = await newArchive()
    const list = join(folder, 'leave.txt')
    writeFileSync(
      list,
      `# asked on Monday\npost:${postId(1)}\nhttps://sora.chatgpt.com/p/${postId(2)}\n`,
    )
    const archive = ['--archive', archiveDir]

    const told = await run(['forget', `@${list}`, '--reason', 'asked', ...archive])
    const rebuilt = await run(['rebuild', ...archive])
    const crawled = await run(['crawl', `post:${postId(1)}`, ...archive], { key: 'k' })

    expect(told.stdout).toMatch(
      /^taken out: 0 people, 2 posts, 0 comments, 0 drafts, 0 media files/,
    )
    expect(told.stdout).toMatch(/The whole archive was searched: no name is left\.\nnot reached:\n/)
    expect(told.stdout).toContain('\n  what was published: older versions, the history of a repo')
    expect(rebuilt.code).toBe(0)
    expect(crawled.code).toBe(2)
    expect(crawled.stderr).toMatch(/was forgotten in this archive for good/)
  })

  it('is told of by an import of an archive that forgot somebody whom this one holds', async () => {
    const [one, other] = [await newArchive(), await newArchive()]
    await run(['forget', `user:${userId(1)}`, '--archive', other.archiveDir])

    const imported = await run(['import', other.archiveDir, '--archive', one.archiveDir])
    const again = await run(['import', other.archiveDir, '--archive', one.archiveDir])
    const told = await run(['forget', '--archive', one.archiveDir])

    const denied = /^\d+ names that were forgotten there are denied here, too: `afterfeed forget` /m
    expect(imported.stdout).toMatch(denied)
    expect(again.stdout).not.toMatch(denied)
    expect(told.code).toBe(0)
    expect(one.rows('SELECT post_id FROM posts')).toEqual([{ post_id: postId(3) }])
  })

  it('counts with --dry-run and changes nothing', async () => {
    const { archiveDir, rows } = await newArchive()

    const args = ['forget', `user:${userId(1)}`, '--dry-run', '--archive', archiveDir]
    const told = await run(args)

    expect(told.code).toBe(0)
    expect(told.stdout).toMatch(
      /^would take out: 1 person, 2 posts, .*; at least 2 answers would be written anew\./,
    )
    expect(rows('SELECT count(*) AS n FROM posts')).toEqual([{ n: 3 }])
  })

  it.each([
    [['user:bob'], /user:bob names nothing that can be forgotten/],
    [[], /name whom or what to forget/],
    [['--dry-run'], /name whom or what to forget/],
  ])('ends with 2 for %j, and changes nothing', async (args, message) => {
    const { archiveDir, rows } = await newArchive()

    const told = await run(['forget', ...args, '--archive', archiveDir])

    expect(told.code).toBe(2)
    expect(told.stderr).toMatch(message)
    expect(rows('SELECT * FROM forgetting')).toEqual([])
  })

  it('ends with 2 where there is no archive, and makes none', async () => {
    const { folder } = openRoom()

    const told = await run(['forget', `user:${userId(1)}`, '--archive', join(folder, 'none')])

    expect(told).toMatchObject({ code: 2, stdout: '' })
    expect(told.stderr).toMatch(/there is no archive at/)
  })
})
