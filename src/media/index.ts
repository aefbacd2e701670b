/** The room `media`: saves the files behind posts, drafts and profiles before their links end. */
export { saveMedia, saveMediaBeside } from './save-media.js'
export { readOutlook, type MediaOutlook } from './outlook.js'
export type { MediaRoom } from './media-run.js'
export { fillSettings, type MediaOptions, type MediaSettings } from './options.js'
export type { MediaProgress, MediaReport } from './report.js'
export { defaultHosts } from './safe-url.js'
export { defaultVariants, ownerKinds, variantNames, type OwnerKind } from './variants.js'
