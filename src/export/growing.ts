import type { Table } from '../model/table.js'

/** Tables whose rows never change once they are there: new ones go to new parts. */
export const isAppendOnly = ({ kind, name }: Table): boolean =>
  kind === 'entry' || name === 'absences'
