import { attachmentJson, hasCaptions } from './attachment-json.js'
import { countersOf } from './counters.js'
import { idOf, userIdOf, uuid4 } from './identity.js'
import type { Links } from './links.js'
import { ancestorsOf, authorOf, hasVideo, isComment } from './network.js'
import type { Network } from './network.js'
import { isGone, isMarked, mark } from './marks.js'
import { profileJson, secondsText, summaryJson } from './profile-json.js'
import { mix } from './random.js'
import { emojiOf, textOf } from './texts.js'

const quote = JSON.stringify

/** A post or comment as JSON, cut where its parent is embedded. */
export interface PostParts {
  /** Everything up to and with `"parent_post":`. */
  head: string
  tail: string
}

/** How a post is told: in lists and details, or as TikHub's own (`get_task_detail`). */
export type PostForm = 'listed' | 'own'

/** A post or comment with its 39 keys (`data-shapes.md` 3.2), or more where it is of 2026. */
export function postParts(
  network: Network,
  links: Links,
  { node, now, form = 'listed' }: { node: number; now: number; form?: PostForm },
): PostParts {
  const isNew = isMarked(network, node, mark.keys2026)
  const head =
    `{"id":"${idOf(network, node)}",` +
    ownership(network, node, form) +
    (isNew ? '"post_locations":["public"],' : '') +
    countersText(network, node, isNew) +
    content(network, links, node) +
    ancestry(network, { node, now, isNew }) +
    (form === 'own' ? '' : `"permissions":${permissions(isNew)},`) +
    people(network, links, node) +
    lists(form, isNew)
  return { head, tail: ending(network, links, node) }
}

function ownership(network: Network, node: number, form: PostForm): string {
  if (form === 'own') return '"posted_to_public":false,'
  const author = userIdOf(network, authorOf(network, node))
  const bits = mix(network.seed, node, 131)
  const isOfWorkspace = bits % 150 === 0 && !isComment(network, node)
  const workspace = isOfWorkspace ? `"${uuid4(bits, node)}"` : 'null'
  return (
    `"shared_by":"${author}","is_owner":false,"workspace_id":${workspace},` +
    `"posted_to_public":${isGone(network, node) ? 'null' : 'true'},`
  )
}

/** When the counters or the content changed last, in microseconds. */
const updatedAt = (network: Network, node: number): number =>
  (network.postedAt[node] ?? 0) + 512_345 + (mix(network.seed, node, 132) % 900_000_000)

function countersText(network: Network, node: number, isNew: boolean): string {
  const counters = countersOf(network, node)
  const shares = `"share_count":${counters.share_count},"repost_count":${counters.repost_count},`
  return (
    `"posted_at":${secondsText(network.postedAt[node] ?? 0)},` +
    `"updated_at":${secondsText(updatedAt(network, node))},"like_count":${counters.like_count},` +
    `"recursive_reply_count":${counters.recursive_reply_count},` +
    `"reply_count":${counters.reply_count},"view_count":${counters.view_count},` +
    `"unique_view_count":${counters.unique_view_count},${isNew ? shares : ''}` +
    `"remix_count":${counters.remix_count},"user_liked":false,` +
    `${isNew ? '"user_disliked":false,"has_reposted":false,"dislike_count":0,' : ''}`
  )
}

function content(network: Network, links: Links, node: number): string {
  const isNew = isMarked(network, node, mark.keys2026)
  const text = quote(textOf(network, node).text)
  const video = hasVideo(network, node) ? attachmentJson(network, links, node) : ''
  return (
    `"source":"${isComment(network, node) ? 'project_y' : 'sy'}",${isNew ? '"story_type":null,' : ''}` +
    `"text":${text},"caption":${isNew ? text : 'null'},"cover_photo_url":null,` +
    `"preview_image_url":"${links.preview(idOf(network, node))}","attachments":[${video}],`
  )
}

interface Ancestry {
  node: number
  now: number
  isNew: boolean
}

function ancestry(network: Network, { node, now, isNew }: Ancestry): string {
  const id = idOf(network, node)
  const gone = isGone(network, node)
  const knowsParents = !gone || isComment(network, node)
  const path = knowsParents ? ancestorsOf(network, node).map((each) => idOf(network, each)) : []
  const isLocal = gone || isComment(network, node)
  const permalink = isLocal ? `http://localhost:3000/s/${id}` : `https://sora.chatgpt.com/p/${id}`
  const repost = '"repost_of_post_id":null,"repost_of_user_id":null,"original_poster":null,'
  return (
    `${isNew ? repost : ''}"parent_post_id":${quote(path[0] ?? null)},` +
    `"root_post_id":${quote(path.at(-1) ?? null)},` +
    `"parent_path":${path.length > 0 ? quote(path) : 'null'},` +
    `"tombstoned_at":${gone ? secondsText(now * 1000) : 'null'},"permalink":"${permalink}",` +
    `${isNew ? '"share_ref":null,' : ''}`
  )
}

const permissions = (isNew: boolean): string =>
  `{"can_read":true,"can_write":true,"can_delete":false,` +
  `${isNew ? '"can_remix":true,' : ''}"share_setting":"public"}`

function people(network: Network, links: Links, node: number): string {
  const cast = isComment(network, node) ? [] : [...network.cast.get(node)]
  const facets = textOf(network, node).mentions.map(({ start, end, person }) => {
    const profile = summaryJson(network, links, person)
    return `{"start":${start},"end":${end},"type":"mention","profile":${profile}}`
  })
  const profiles = cast.map((person) => profileJson(network, links, person)).join(',')
  const ids = quote(cast.map((person) => userIdOf(network, person)))
  return (
    `"text_facets":[${facets.join(',')}],"cameo_profiles":${cast.length > 0 ? `[${profiles}]` : 'null'},` +
    `"disabled_cameo_user_ids":${cast.length > 0 ? ids : 'null'},`
  )
}

function lists(form: PostForm, isNew: boolean): string {
  const nothing = form === 'own' ? '{"items":[],"cursor":null}' : 'null'
  const rooms = form === 'own' ? '"groups":[],' : '"rooms":[],"groups":[],'
  const between = isNew
    ? '"verifications":[],"verification_info":null,"audience_description":null,"topic_labels":[],'
    : '"user_disliked":false,"verifications":[],"dislike_count":0,'
  return `${rooms}${between}"remix_posts":${nothing},"ancestors":${nothing},"parent_post":`
}

function ending(network: Network, links: Links, node: number): string {
  const isPlain = isComment(network, node) || isGone(network, node)
  const emoji = isPlain ? 'null' : quote(emojiOf(network, node))
  const start = `,"emoji":${emoji},"is_featured":null`
  if (!isMarked(network, node, mark.keys2026)) return `${start}}`
  const hasSubtitles = hasCaptions(network, node)
  const address = (variant: 'srt' | 'vtt') =>
    hasSubtitles ? `"${links.video(node, variant)}"` : 'null'
  return (
    `${start},"visibility":null,"discovery_phrase":"paper boat puddle",` +
    `"srt_url":${address('srt')},"vtt_url":${address('vtt')},"ranking_session_id":null}`
  )
}
