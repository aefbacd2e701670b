import { InputError } from '../../model/errors.js'

/** A licence that a dataset may be given. */
export interface License {
  /** By SPDX. */
  id: string
  title: string
  url: string
  /** By Hugging Face. */
  huggingFace: string
  /** By the Open Definition, as Data Packages call it. */
  openDefinition: string
}

const creativeCommons = (kind: string, title: string): License => ({
  id: `CC-${kind.toUpperCase()}-4.0`,
  title: `Creative Commons ${title} 4.0 International`,
  url: `https://creativecommons.org/licenses/${kind}/4.0/`,
  huggingFace: `cc-${kind}-4.0`,
  openDefinition: `CC-${kind.toUpperCase()}-4.0`,
})

const openData = (
  path: string,
  title: string,
  names: Pick<License, 'id' | 'huggingFace' | 'openDefinition'>,
): License => ({
  ...names,
  title: `Open Data Commons ${title}`,
  url: `https://opendatacommons.org/licenses/${path}/`,
})

/** The licences that can be chosen by name. */
const licenses: readonly License[] = [
  {
    id: 'CC0-1.0',
    title: 'Creative Commons Zero 1.0 Universal',
    url: 'https://creativecommons.org/publicdomain/zero/1.0/',
    huggingFace: 'cc0-1.0',
    openDefinition: 'CC0-1.0',
  },
  creativeCommons('by', 'Attribution'),
  creativeCommons('by-sa', 'Attribution-ShareAlike'),
  creativeCommons('by-nc', 'Attribution-NonCommercial'),
  creativeCommons('by-nc-sa', 'Attribution-NonCommercial-ShareAlike'),
  openData('pddl', 'Public Domain Dedication and License 1.0', {
    ...{ id: 'PDDL-1.0', huggingFace: 'pddl', openDefinition: 'ODC-PDDL-1.0' },
  }),
  openData('by', 'Attribution License 1.0', {
    ...{ id: 'ODC-By-1.0', huggingFace: 'odc-by', openDefinition: 'ODC-BY-1.0' },
  }),
  openData('odbl', 'Open Database License 1.0', {
    ...{ id: 'ODbL-1.0', huggingFace: 'odbl', openDefinition: 'ODbL-1.0' },
  }),
]

/**
 * The licence that SPDX, or a package written before (as the Open Definition has it), calls so.
 * @throws InputError for an unknown one
 */
export function licenseOf(name: string): License {
  const license = licenses.find(({ id, openDefinition }) =>
    [id, openDefinition].some((each) => each.toLowerCase() === name.toLowerCase()),
  )
  if (license) return license
  const known = licenses.map((each) => each.id).join(', ')
  throw new InputError(`no licence ${name} is known here; known: ${known}`)
}

/** The file LICENSE: which licence was chosen, what it covers, and where its words are. */
export const toLicenseFile = ({ title, id, url }: License): string =>
  `${title} (${id})

The full text of this licence is at ${url}

It was chosen by whoever made this dataset, and covers what is theirs to license: the selection,
the arrangement and the descriptions. Texts, pictures and videos that people posted, and their
names, remain theirs; this licence gives no right to them.
`
