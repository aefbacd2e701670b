import { findWrongColumn, type FileRows } from './file-rows.js'
import type { PackagedTable } from './format.js'
import type { Resource } from './manifest.js'
import type { PackageCheck } from './package-check.js'
import { fieldTypes } from './package/data-package.js'

/** Checks that a table is described with the columns, types and key of the list of tables. */
export function checkDescription(
  check: PackageCheck,
  { table, columns }: PackagedTable,
  { name, schema }: Resource,
): void {
  const said = schema?.fields.map((each) => `${each.name} ${each.type}`).join()
  const wanted = columns.map((each) => `${each.name} ${fieldTypes[each.type]}`).join()
  if (said !== wanted || schema?.primaryKey.join() !== table.key.join())
    check.find('schema', `${name} is described with other columns than this program knows`)
}

/** True if a file has the columns, and as far as it tells them the types, of the list of tables. */
export function hasColumns(
  check: PackageCheck,
  { columns }: PackagedTable,
  { path, file }: { path: string; file: FileRows },
): boolean {
  const wrong = findWrongColumn(file.columns, columns)
  if (wrong !== null)
    check.find('schema', `${path} has other columns than the list of tables says, from ${wrong} on`)
  return wrong === null
}
