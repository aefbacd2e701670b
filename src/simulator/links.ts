import { assetNumber, assetPath, blobFolder, blobNames, hasPicture } from './assets.js'
import type { Variant } from './assets.js'
import type { Network } from './network.js'
import { isMarked, mark } from './marks.js'
import type { Signer } from './signatures.js'

/** Addresses under the simulator's own host, signed at one instant. */
export interface Links {
  origin: string
  /** A file of the video of a node. */
  video(node: number, variant: Variant): string
  /** The picture of a person, or the placeholder, which is not signed. */
  picture(person: number): string
  /** The link preview of a post, not signed. */
  preview(id: string): string
}

/** Path of the placeholder picture. */
export const placeholderPath = '/sora/images/profile_placeholder_v4.png'

/** Path of link previews. */
export const previewPath = '/ogimg/'

/** Signs addresses as of `clock()`. */
export function createLinks(
  network: Network,
  signer: Signer,
  { origin, clock }: { origin: string; clock: () => number },
): Links {
  let folderOf = { node: -1, folder: '' }
  const pathOf = (node: number, variant: Variant): string => {
    const name = blobNames[variant]
    if (name === undefined || isMarked(network, node, mark.keys2026)) {
      return assetPath(network, { node, variant })
    }
    if (folderOf.node !== node) folderOf = { node, folder: blobFolder(network, node) }
    return folderOf.folder + name
  }
  return {
    origin,
    video: (node, variant) =>
      origin + pathOf(node, variant) + signer.query(assetNumber({ node, variant }), clock()),
    picture: (person) =>
      hasPicture(network, person)
        ? origin + assetPath(network, { person }) + signer.query(assetNumber({ person }), clock())
        : origin + placeholderPath,
    preview: (id) => `${origin}${previewPath}?postId=${id}`,
  }
}
