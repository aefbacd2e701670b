import { videoParts } from './attachment-json.js'
import { lacks } from './assets.js'
import { countersOf } from './counters.js'
import { idOf, userIdOf } from './identity.js'
import type { Links } from './links.js'
import { hasVideo } from './network.js'
import type { Network } from './network.js'
import { secondsText } from './profile-json.js'
import { textOf } from './texts.js'
import { displayNameOf, usernameOf } from './usernames.js'

const quote = JSON.stringify

/** TikHub's own short record of a post. */
export function downloadInfoJson(network: Network, links: Links, node: number): string {
  const author = hasVideo(network, node) ? (network.author[node] ?? -1) : -1
  const counters = countersOf(network, node)
  return (
    `{"post_id":"${idOf(network, node)}","title":${quote(textOf(network, node).text)},` +
    `"video":${videoJson(network, links, node)},"author":{"user_id":"${userIdOf(network, author)}",` +
    `"username":"${usernameOf(network, author)}",` +
    `"display_name":${quote(author < 0 ? null : displayNameOf(network, author))},` +
    `"avatar":"${links.picture(author)}"},"stats":{"like_count":${counters.like_count},` +
    `"view_count":${counters.view_count},"comment_count":${counters.reply_count},` +
    `"remix_count":${counters.remix_count}},` +
    `"permalink":"https://sora.chatgpt.com/p/${idOf(network, node)}",` +
    `"created_at":${secondsText(network.postedAt[node] ?? 0)}}`
  )
}

function videoJson(network: Network, links: Links, node: number): string {
  if (!hasVideo(network, node)) {
    return '{"no_watermark":null,"watermark":null,"width":null,"height":null,"thumbnail":null,"preview_gif":null,"medium_quality":null}'
  }
  const { url, downloadableUrl, width, height } = videoParts(network, links, node)
  const medium = lacks(network, node, 'md') ? null : links.video(node, 'md')
  return (
    `{"no_watermark":"${url}","watermark":${quote(downloadableUrl)},"width":${width},` +
    `"height":${height},"thumbnail":"${links.video(node, 'thumbnail')}",` +
    `"preview_gif":"${links.video(node, 'gif')}","medium_quality":${quote(medium)}}`
  )
}
