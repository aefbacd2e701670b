import type { PageReader } from './page.js'
import { readDraft, readDrafts } from './read-drafts.js'
import { readExport } from './read-export.js'
import { readPostList } from './read-posts-page.js'
import { readPendingTasks } from './read-task.js'
import { readPeople } from './read-users-page.js'
import { Reading } from './reading.js'

const readOneDraft: PageReader = (data) => {
  const reading = new Reading()
  reading.aboutId = readDraft(reading, data, null)
  return reading.toPage()
}

/** Answers that the app got and TikHub never relayed; they come in by import only. */
const nativePages = {
  native_drafts: readDrafts,
  native_draft: readOneDraft,
  native_pending_tasks: readPendingTasks,
  native_export: readExport,
  native_people: readPeople,
  native_posts: readPostList('user'),
} satisfies Readonly<Record<string, PageReader>>

/** Kind of such an answer. */
export type NativePage = keyof typeof nativePages

const byName = new Map<string, PageReader>(Object.entries(nativePages))

/** What reads answers of that kind; undefined if it is none. */
export const findNativePage = (name: string): PageReader | undefined => byName.get(name)
