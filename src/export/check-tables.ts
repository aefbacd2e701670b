import { join } from 'node:path'
import { checkDescription, hasColumns } from './check-schema.js'
import { compareRows, type RowPages, type Truth } from './compare-rows.js'
import { openRows, tableFormats, type FileRows, type TableFormat } from './file-rows.js'
import type { PackagedTable } from './format.js'
import { pathsOf, resourceOf, type Resource } from './manifest.js'
import type { PackageCheck } from './package-check.js'
import type { ReadBack } from './read-back.js'

/** A table in one format. */
interface FormOfTable {
  each: PackagedTable
  format: TableFormat
  resource: Resource
}

/** Reads the files of a package, and compares them with the archive or with each other. */
export class TablesCheck {
  /** The form from which a table was read back; the others that were tried could not be read. */
  readonly #read = new Map<PackagedTable, FormOfTable>()
  readonly #tried = new Set<Resource>()

  constructor(
    readonly check: PackageCheck,
    readonly archive: Truth | null,
    readonly readBack: ReadBack,
  ) {}

  /** The tables that are read back. */
  get held(): PackagedTable[] {
    return [...this.#read.keys()]
  }

  /** Reads a table back from the first of its formats that can be read whole. */
  async readTable(each: PackagedTable): Promise<void> {
    for (const form of this.#formsOf(each)) {
      this.#tried.add(form.resource)
      if (!(await this.#readForm(form))) continue
      this.#read.set(each, form)
      await this.check.step({ check: `order of ${each.table.name}`, done: 0, total: 1 })
      this.readBack.sortTable(each)
      return
    }
  }

  /** Compares what is read back with the archive, and the other formats with it or else with that. */
  async compareTable(each: PackagedTable): Promise<void> {
    const read = this.#read.get(each)
    if (read !== undefined && this.archive !== null) {
      const { path } = read.resource
      const name = Array.isArray(path) ? `data/${each.table.name}` : path
      await this.compareRows(each, { name, pages: this.readBack.readPages(each) })
    }
    for (const form of this.#formsOf(each))
      if (!this.#tried.has(form.resource)) await this.#compareForm(form)
  }

  /** Compares rows with the archive, or else with what was read back; tells how many there are. */
  async compareRows(
    each: PackagedTable,
    { name, pages }: { name: string; pages: RowPages },
  ): Promise<number> {
    const truth = this.#truthFor(each)
    const onRows = (done: number) => this.#step(each, done)
    const { rows, difference } = await compareRows(each, pages, { truth, onRows })
    if (difference !== null && truth !== null) {
      const { table } = each
      this.check.find(
        'values',
        `${table.name} in ${name} is not as in ${truth.name}: ${difference}`,
      )
    }
    return rows
  }

  #formsOf(each: PackagedTable): FormOfTable[] {
    return tableFormats.flatMap((format) => {
      const resource = resourceOf(this.check.manifest, format, each.table.name)
      return resource === undefined ? [] : [{ each, format, resource }]
    })
  }

  /** True if it was read whole. */
  async #readForm(form: FormOfTable): Promise<boolean> {
    const { each, resource } = form
    checkDescription(this.check, each, resource)
    this.readBack.addTable(each)
    let rows = 0
    for (const path of pathsOf(resource)) {
      const before = rows
      const isRead = await this.#useFile(form, path, async (file) => {
        for await (const done of this.readBack.addRows(each, file))
          await this.#step(each, (rows = before + done))
      })
      if (!isRead) return false
      const part = resource.parts?.find((each) => each.path === path)
      if (part !== undefined) this.#checkCount(path, rows - before, part.rows)
    }
    this.#checkCount(each.table.name, rows, resource.rows)
    return true
  }

  async #compareForm(form: FormOfTable): Promise<void> {
    const { each, resource } = form
    checkDescription(this.check, each, resource)
    for (const name of pathsOf(resource))
      await this.#useFile(form, name, async (file) => {
        const rows = await this.compareRows(each, { name, pages: file.readPages() })
        this.#checkCount(name, rows, resource.rows)
      })
  }

  /** True if the file has the right columns, and could be read to its end. */
  async #useFile(
    { each, format }: FormOfTable,
    path: string,
    use: (file: FileRows) => Promise<void>,
  ): Promise<boolean> {
    const { folder, manifest } = this.check
    const isSafe = manifest.afterfeed.options.csv_safe
    let file: FileRows | null = null
    try {
      file = await openRows(format, { path: join(folder, path), columns: each.columns, isSafe })
      if (!hasColumns(this.check, each, { path, file })) return false
      await use(file)
      return true
    } catch (error) {
      this.check.findUnreadable(path, error)
      return false
    } finally {
      await file?.close()
    }
  }

  /** What the rows of a table are compared with; NULL if there is nothing. */
  #truthFor(each: PackagedTable): Truth | null {
    const read = this.#read.get(each)
    if (this.archive !== null || read === undefined) return this.archive
    const [name = ''] = pathsOf(read.resource)
    return { name, readRows: () => this.readBack.readRows(each) }
  }

  #checkCount(name: string, rows: number, said: number): void {
    if (rows !== said) this.check.find('counts', `${name} holds ${rows} rows, not ${said}`)
  }

  #step({ table }: PackagedTable, done: number): Promise<void> {
    const { resources } = this.check.manifest
    const total = resources.find((each) => each.title === table.name)?.rows ?? done
    return this.check.step({ check: table.name, done, total })
  }
}
