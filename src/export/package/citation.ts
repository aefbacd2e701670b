import { toYaml } from './card.js'
import { describe } from './data-package.js'
import { dayOf, type Dataset } from './dataset.js'
import { toPlainLine } from './escape.js'

/** The format wants an author. */
const nobody = 'The makers of this dataset (not named yet)'

/** `CITATION.cff` (Citation File Format 1.2). */
export const toCitation = (dataset: Dataset): string => {
  const { naming, license, version, at, digest } = dataset
  return toYaml({
    'cff-version': '1.2.0',
    message: 'If you use this dataset, please cite it as below.',
    type: 'dataset',
    title: toPlainLine(naming.title),
    abstract: describe(dataset),
    authors: (naming.creators.length === 0 ? [nobody] : naming.creators).map((name) => ({ name })),
    version,
    ...(at === null ? {} : { 'date-released': dayOf(at) }),
    ...(license === null ? {} : { license: license.id }),
    ...(naming.url === null ? {} : { url: naming.url }),
    identifiers: [
      { type: 'other', value: `sha256:${digest}`, description: 'Digest of all data files.' },
    ],
    keywords: ['social media', 'video', 'sora'],
  })
}
