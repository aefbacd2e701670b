import { isDeepStrictEqual } from 'node:util'
import { findWrongColumn, type FileRows } from './file-rows.js'
import type { FileFormat, PackagedTable } from './format.js'
import type { Resource } from './manifest.js'
import type { PackageCheck } from './package-check.js'
import { toSchema, type Schema } from './package/data-package.js'

/** Checks that a table is described with the columns, types, constraints and keys of the list of tables. */
export function checkDescription(
  check: PackageCheck,
  each: PackagedTable,
  { name, format, schema }: Resource,
): void {
  const wanted = toSchema(check.tables, format as FileFormat, each)
  const isSame = schema !== undefined && isDeepStrictEqual(toRules(schema), toRules(wanted))
  if (!isSame)
    check.find('schema', `${name} is described with other columns than this program knows`)
}

/** What a schema asks of rows; its words are left out. */
const toRules = ({ fields, primaryKey, foreignKeys = [], missingValues = [''] }: Schema) => ({
  fields: fields.map((each) => ({
    ...{ name: each.name, type: each.type, constraints: each.constraints ?? {} },
    missingValues: each.missingValues ?? missingValues,
  })),
  ...{ primaryKey, foreignKeys },
})

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
