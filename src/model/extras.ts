import type { EndpointName } from './endpoints.js'

/** A step that a walk takes only if asked to: more is told, at a price. */
export interface ExtraStep {
  name: ExtraName
  endpoint: EndpointName
  about: string
}

/** The names of the extra steps. */
export const extraNames = [
  ...(['profiles', 'ancestors', 'followers', 'appearances', 'second_look'] as const),
] as const

/** Name of an extra step. */
export type ExtraName = (typeof extraNames)[number]

/** Every extra step; all are off unless named. */
export const extraSteps: readonly ExtraStep[] = [
  {
    name: 'profiles',
    endpoint: 'get_user_profile',
    about: 'the full profile of every author of whom only a summary is held: a call each',
  },
  {
    name: 'ancestors',
    endpoint: 'get_post_detail',
    about: 'every post that a remix names as its ancestor and that is not held: a call each',
  },
  {
    name: 'followers',
    endpoint: 'get_user_followers',
    about: 'the followers of every author of a post: a call for 50 of them',
  },
  {
    name: 'appearances',
    endpoint: 'get_user_cameo_appearances',
    about: 'the videos in which the people cast appear, with their threads: a call for 30 of them',
  },
  {
    name: 'second_look',
    endpoint: 'get_post_detail',
    about: 'every post that was young when it was first seen, once after a while: a call each',
  },
]

/** When a post deserves a second look, so that early deletions show. */
export interface SecondLook {
  /** Younger than this at first sight. */
  youngHours: number
  /** Not seen again for so long after it. */
  afterHours: number
}

/** Most deletions come early. */
export const defaultSecondLook: SecondLook = { youngHours: 48, afterHours: 24 }
