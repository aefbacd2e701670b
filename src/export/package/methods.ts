import type { Dataset } from './dataset.js'
import { collection, count, percent } from './words.js'

/** `methods.md`: a paragraph ready for a paper. */
export function toMethods(dataset: Dataset): string {
  const { facts, outgoing, digest } = dataset
  const rows = (name: string) => count(outgoing.find((each) => each.table.name === name)?.rows ?? 0)
  const { comments_and_replies: thread, remixes } = facts.coverage
  const paragraph = [
    ...collection(dataset),
    `The dataset holds ${rows('posts')} posts, ${rows('comments')} comments and replies, ` +
      `${rows('remixes')} remix relations and ${rows('users')} people.`,
    `Of the comments and replies that counters announced, ${percent(thread.held, thread.announced)} are held, ` +
      `of the remixes ${percent(remixes.held, remixes.announced)}; counters include what was removed or hidden, ` +
      'and rows that were removed since are kept, so a share may be above 100 %.',
    `${count(facts.requests.failed)} requests failed for good and ${count(facts.requests.pending)} were not asked; ` +
      `${count(facts.anomalies)} places in answers could not be read as expected and are listed.`,
    'Per column the newest answer wins, whatever the order in which answers came; earlier values are kept beside.',
    `The files are the same, byte by byte, whenever they are made from the same answers (SHA-256 ${digest}).`,
  ]
  return `# Methods\n\n${paragraph.join(' ')}\n`
}
