/** Whether a call costs: answered ones do, refused ones do not, lost ones may. */
export type Billed = 'yes' | 'no' | 'unknown'
