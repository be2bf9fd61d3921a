import type { Migration } from 'kysely/migration'
import * as first from './0001-first.ts'

/** Every migration by name, oldest first. Listed by hand, so that a bundled server has them too. */
export const migrations: Record<string, Migration> = {
  '0001-first': first,
}
