import { isTableFormat } from './file-rows.js'
import { answerFormats, type FormatName, type Outgoing } from './format.js'
import { graphsOf } from './graph/graphs.js'
import type { Resource } from './manifest.js'
import type { PackageCheck } from './package-check.js'
import { resourceName, sqliteResource } from './package/data-package.js'
import { manifestName } from './package/write-package.js'

/**
 * Checks that the package tells, once each, of just the files that its options ask for: what is left
 * out, or stands there unasked, no other check would look at.
 */
export function checkAsked(check: PackageCheck): void {
  const { resources } = check.manifest
  const asked = namesAsked(check)
  const told = resources.map(toAsked)
  for (const name of asked.filter((each) => !told.includes(each)))
    check.find('files', `${manifestName} does not tell of ${name}, which its options ask for`)
  for (const name of told.filter((each) => !asked.includes(each)))
    check.find('files', `${manifestName} tells of ${name}, which its options do not ask for`)
  const names = resources.map((each) => each.name)
  for (const name of names.filter((each, place) => names.indexOf(each) !== place))
    check.find('files', `${manifestName} tells more than once of ${name}`)
}

/** Files with answers are as many as their size wants: what is asked for is their format. */
const toAsked = ({ name, format }: Resource): string =>
  answerFormats.some((each) => each === format) ? format : name

function namesAsked({ manifest, tables }: PackageCheck): string[] {
  const outgoing = tables.map((each): Outgoing => ({ ...each, rows: 0, slices: null }))
  const edges = graphsOf(outgoing).map(({ graph }) => graph.edges)
  return manifest.afterfeed.options.formats.flatMap((format) => {
    if (isTableFormat(format)) return tables.map(({ table }) => resourceName(table.name, format))
    const named: Partial<Record<FormatName, readonly string[]>> = {
      sqlite: [sqliteResource],
      edges,
      graphml: edges.map((each) => resourceName(each, 'graphml')),
      threads: ['threads'],
    }
    return named[format] ?? [format]
  })
}
