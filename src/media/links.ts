import type { MediaAssets } from '../archive/media-assets.js'
import { checkUrl, type UrlRules } from './safe-url.js'

/** A link of a file. */
export interface Link {
  url: string
  /** When it ends; NULL: it tells no end. */
  deadline: number | null
}

/** Chooses among the links of a file that answers told. */
export class Links {
  constructor(
    private readonly assets: Pick<MediaAssets, 'links'>,
    private readonly rules: UrlRules,
  ) {}

  /** The link that lasts longest of those that may be asked, else of all; undefined if there is none. */
  best(assetKey: string): Link | undefined {
    const links = this.assets.links(assetKey)
    return links.find(({ url }) => checkUrl(url, this.rules).isSafe) ?? links[0]
  }
}
