/** What tells a Parquet file as ours; in the form that Parquet readers parse. */
export const createdBy = 'afterfeed version 1 (build parquet-wasm 0.8)'

/** What tells a `dataset.sqlite` as ours (`PRAGMA application_id`): "feds" in ASCII. */
export const datasetApplicationId = 0x66656473

/** The file with all tables, in the folder of an export. */
export const sqliteName = 'dataset.sqlite'
