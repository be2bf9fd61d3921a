import type { ColumnType } from 'kysely'

/** An instant: ISO 8601 UTC text with milliseconds, which sorts as text. */
export type Instant = string
export type Json = string
/** A truth value. */
export type Flag = 0 | 1
/** Written once and never changed. */
export type Fixed<T> = ColumnType<T, T, never>
