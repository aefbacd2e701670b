import { isUnmarked, lacks } from './assets.js'
import type { Variant } from './assets.js'
import { generationIdOf, idOf, taskIdOf } from './identity.js'
import type { Links } from './links.js'
import { assetSize } from './media.js'
import type { Network } from './network.js'
import { isMarked, mark } from './marks.js'
import { mix } from './random.js'

/** A video: what is told of it by a post, a generation, a download record. */
export interface VideoParts {
  url: string
  downloadableUrl: string | null
  width: number
  height: number
  frames: number
  encodings: string
}

const sizes = [
  [352, 640],
  [640, 352],
  [512, 896],
] as const

/** Addresses, size and encodings of the video of a node, in the form of its year. */
export function videoParts(network: Network, links: Links, node: number): VideoParts {
  const bits = mix(network.seed, node, 121)
  const [width, height] = sizes[bits % 3] ?? sizes[0]
  const frames = bits % 5 === 0 ? 450 : 300
  const source = links.video(node, 'source')
  if (isMarked(network, node, mark.keys2026)) {
    const encodings = newEncodings(network, links, { node, source, seconds: frames / 30 + 0.1 })
    return {
      url: links.video(node, 'md'),
      downloadableUrl: source,
      width,
      height,
      frames,
      encodings,
    }
  }
  const isBare = isUnmarked(network, node)
  const encodings = oldEncodings(network, links, { node, source, isBare })
  return { url: source, downloadableUrl: isBare ? null : source, width, height, frames, encodings }
}

function oldEncodings(
  network: Network,
  links: Links,
  { node, source, isBare }: { node: number; source: string; isBare: boolean },
): string {
  const md = lacks(network, node, 'md') ? 'null' : `{"path":"${links.video(node, 'md')}"}`
  return (
    `{"source":{"path":"${source}"},"source_wm":${isBare ? 'null' : `{"path":"${source}"}`},` +
    `"thumbnail":{"path":"${links.video(node, 'thumbnail')}"},"unfurl":null,"md":${md},` +
    `"gif":{"path":"${links.video(node, 'gif')}"}}`
  )
}

function newEncodings(
  network: Network,
  links: Links,
  { node, source, seconds }: { node: number; source: string; seconds: number },
): string {
  const measured = (variant: Variant, path: string, ssim: number, more = ''): string => {
    const size = assetSize(network, { node, variant })
    return `{"path":"${path}","size":${size},"ssim":${ssim}${more}}`
  }
  const plain = (variant: Variant): string =>
    `{"path":"${links.video(node, variant)}","size":null,"ssim":null}`
  const full = measured('source', source, 0.9920422, `,"duration_secs":${seconds.toFixed(1)}`)
  return (
    `{"source":${full},"source_wm":${full},"endcard_wm":null,"thumbnail":${plain('thumbnail')},` +
    `"unfurl":${plain('unfurl')},"md":${measured('md', links.video(node, 'md'), 0.9296981)},` +
    `"ld":${measured('ld', links.video(node, 'ld'), 0.9158503)},"gif":${plain('gif')}}`
  )
}

/** Captions exist for half of the videos of 2026. */
export const hasCaptions = (network: Network, node: number): boolean =>
  isMarked(network, node, mark.keys2026) && mix(network.seed, node, 122) % 2 === 0

/** The attachment of a node: 17 keys, and those of 2026 where the node has them. */
export function attachmentJson(network: Network, links: Links, node: number): string {
  const parts = videoParts(network, links, node)
  const isNew = isMarked(network, node, mark.keys2026)
  const quoted = parts.downloadableUrl === null ? 'null' : `"${parts.downloadableUrl}"`
  const task = mix(network.seed, node, 123) % 2 === 0 ? `"${taskIdOf(network, node)}"` : 'null'
  const seconds = (parts.frames / 30 + 0.1).toFixed(1)
  const downloads = `"download_urls":{"watermark":${quoted},"no_watermark":null,"endcard_watermark":null},`
  const captions = hasCaptions(network, node)
  return (
    `{"id":"${idOf(network, node)}-attachment-0","tags":["sora"],"kind":"sora",` +
    `"generation_id":"${generationIdOf(network, node)}","generation_type":"video_gen",` +
    `"url":"${parts.url}","downloadable_url":${quoted},${isNew ? downloads : ''}` +
    `"width":${parts.width},"height":${parts.height},` +
    `${isNew ? `"duration_s":${seconds},"n_frames":${parts.frames},` : ''}` +
    `"prompt":null,"task_id":${task},"output_blocked":false,"title":null,"source":null,` +
    `"encodings":${parts.encodings},"asset_pointer":null,"conversation_id":null` +
    `${isNew ? `,"can_create_character":true,"style":null,"has_captions":${captions}` : ''}}`
  )
}
