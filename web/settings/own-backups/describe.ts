import type { PlaceSettings } from '../../../contract/own-backups.ts'

/** A place in one line. */
export function describePlace(settings: PlaceSettings): string {
  switch (settings.kind) {
    case 'folder':
      return settings.path
    case 'sftp':
      return `${settings.username}@${settings.host}:${settings.folder}`
    case 's3':
      return `${new URL(settings.endpoint).host}/${settings.bucket}/${settings.prefix}`
  }
}
