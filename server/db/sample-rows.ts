import { sql } from 'kysely'
import { sampleLike } from '../../contract/sample-ids.ts'

/** Rows whose id in this column is not that of a sample. */
export const isReal = (idColumn: string) => sql<boolean>`${sql.ref(idColumn)} not like ${sampleLike}`

/** Rows whose id in this column is that of a sample. */
export const isSample = (idColumn: string) => sql<boolean>`${sql.ref(idColumn)} like ${sampleLike}`
