import { backupName } from '../../contract/own-backups.ts'

export type BackupKind = 'nightly' | 'manual'

/** What the name of a backup says. */
export interface NamedBackup {
  readonly name: string
  /** The first eight digits of the id of the server it is of. */
  readonly instance: string
  readonly at: Date
  readonly kind: BackupKind
}

export const instanceOf = (instanceId: string): string =>
  instanceId.replace(/-/g, '').slice(0, 8).toLowerCase()

export function nameOf(instanceId: string, at: Date, kind: BackupKind): string {
  return `carl-${instanceOf(instanceId)}-${at.toISOString().replace(/[-:.]/g, '')}-${kind}.carl`
}

/** Reads the name of a file; null for what is no backup of ours. */
export function readName(name: string): NamedBackup | null {
  if (!backupName.safeParse(name).success) return null
  const [, instance = '', stamp = '', rest = ''] = name.split('-')
  const digits = /^(\d{4})(\d\d)(\d\d)T(\d\d)(\d\d)(\d\d)(\d{3})Z$/.exec(stamp)
  if (!digits) return null
  const [, y, mo, d, h, mi, s, ms] = digits
  const at = new Date(`${y}-${mo}-${d}T${h}:${mi}:${s}.${ms}Z`)
  if (Number.isNaN(at.getTime())) return null
  return { name, instance, at, kind: rest === 'nightly.carl' ? 'nightly' : 'manual' }
}
