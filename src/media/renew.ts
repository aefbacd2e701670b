import type { EndpointName } from '../model/endpoints.js'
import type { Params } from '../model/page.js'
import { isPostId, isUserId } from '../model/ids.js'
import type { OwnerKind } from './variants.js'
import type { Use } from './wanted.js'

/** Whose a file is. */
export interface Owner {
  owner_kind: OwnerKind
  owner_id: string
}

/** An owner in the archive. */
export interface KnownOwner extends Owner {
  /** A number that stands for it, from 1 on. */
  place: number
}

/** True for a file of a draft. */
export const isOfDraft = ({ owners }: { owners: readonly Owner[] }): boolean =>
  owners.some(({ owner_kind }) => owner_kind === 'generation')

/** A call whose answer signs all files of one owner anew. */
export interface Renewal {
  endpoint: EndpointName
  params: Params
  owner: Owner
}

/**
 * The call that signs the files of an owner anew; NULL where no call does: drafts are told by no
 * endpoint of TikHub, a comment's video by none for sure.
 */
export function renewalOf(owner: Owner): Renewal | null {
  const { owner_kind, owner_id } = owner
  if (owner_kind === 'post' && isPostId(owner_id))
    return { endpoint: 'get_post_detail', params: { post_id: owner_id }, owner }
  if (owner_kind === 'user' && isUserId(owner_id))
    return { endpoint: 'get_user_profile', params: { user_id: owner_id }, owner }
  return null
}

/** A file that only a fresh signature can save. */
export interface Stale {
  /** Place of the first of its owners whom a call renews. */
  renewer: number
  use: Use
}

/** Worth of a file beside the price of a call: what can be played first. */
const worth: Readonly<Record<Use, number>> = { playable: 100, thumbnail: 10, rest: 1 }

/**
 * Files in the order of the calls that bring them back, those of one call together: the call that brings
 * back the most for its price first.
 */
export function planRenewals<File>(files: readonly File[], staleOf: (file: File) => Stale): File[] {
  const worths = new Map<number, number>()
  for (const file of files) {
    const { renewer, use } = staleOf(file)
    worths.set(renewer, (worths.get(renewer) ?? 0) + worth[use])
  }
  const renewers = [...worths.keys()].sort((one, other) => worths.get(other)! - worths.get(one)!)
  const ranks = new Map(renewers.map((renewer, rank) => [renewer, rank]))
  const rankOf = (file: File) => ranks.get(staleOf(file).renewer)!
  return [...files].sort((one, other) => rankOf(one) - rankOf(other))
}

/** The call that renews a file, by the first of its owners whom one renews; NULL if none does. */
export function renewalFor({ owners }: { owners: readonly Owner[] }): Renewal | null {
  const owner = owners.find(isRenewable)
  return owner === undefined ? null : renewalOf(owner)
}

/** Place of the owner by whom a call renews a file; 0: no call does. */
export const renewerOf = ({ owners }: { owners: readonly KnownOwner[] }): number =>
  owners.find(isRenewable)?.place ?? 0

const isRenewable = (owner: Owner): boolean => renewalOf(owner) !== null

/** One text for an owner. */
export const keyOf = ({ owner_kind, owner_id }: Owner): string => `${owner_kind} ${owner_id}`

/** What a file is after the call that was to renew it. */
export interface Renewed {
  /** The answer named the file. */
  isTold: boolean
  /** Its newest link; NULL: none is known. */
  link: { deadline: number | null; isNew: boolean } | null
}

/** `fresh`: to be saved now. `not_renewed`: the same link again, or one that ends as soon. */
export type RenewedState = 'fresh' | 'not_told' | 'not_renewed'

/** What a call for a fresh signature came to for one file; `now` and `margin` in microseconds. */
export function stateAfter(
  { isTold, link }: Renewed,
  { now, margin }: { now: number; margin: number },
): RenewedState {
  if (!isTold) return 'not_told'
  const isGood = link !== null && (link.deadline === null || link.deadline > now + margin)
  return isGood && link.isNew ? 'fresh' : 'not_renewed'
}
