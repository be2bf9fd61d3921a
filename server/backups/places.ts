import type { BackupPlaceId } from '../../contract/ids.ts'
import type { BackupPlace, PlaceSettings } from '../../contract/own-backups.ts'
import type { Clock } from '../lib/clock.ts'
import { fail } from '../lib/errors.ts'
import type { Secret } from '../lib/secret.ts'
import type { OutgoingFetch, OutgoingSocket } from '../outgoing/outgoing.ts'
import { createFolderPlace, markFolder } from './places/folder.ts'
import type { Place } from './places/place.ts'
import { createS3Place } from './places/s3.ts'
import { createSftpPlace } from './places/sftp.ts'

/** How copies leave this machine. */
export interface Ways {
  readonly fetch: OutgoingFetch
  readonly sftp: OutgoingSocket
}

interface PlaceTools {
  readonly ways: Ways
  readonly clock: Clock
  readonly open: (id: BackupPlaceId, sealed: Buffer) => Secret
}

/** Makes of the settings of a place something that copies can be put into. */
export function createPlaces({ ways, clock, open }: PlaceTools) {
  /** Throws `own-backup.secret_missing`. */
  function from(id: BackupPlaceId, settings: PlaceSettings, secret: Secret | null): Place {
    if (settings.kind === 'folder') return createFolderPlace(settings.path, id)
    if (secret === null) throw fail('own-backup.secret_missing')
    return settings.kind === 'sftp'
      ? createSftpPlace(settings, secret, ways.sftp)
      : createS3Place(settings, secret, { fetch: ways.fetch, clock })
  }

  return {
    from,
    of: ({ id, settings }: Pick<BackupPlace, 'id' | 'settings'>, sealed: Buffer | null): Place =>
      from(id, settings, sealed && open(id, sealed)),
    mark: markFolder,
    describe: describePlace,
  }
}

/** A place in one word, without anything secret. */
export function describePlace(settings: PlaceSettings): string {
  switch (settings.kind) {
    case 'folder':
      return settings.path
    case 'sftp':
      return `sftp://${settings.username}@${settings.host}:${settings.port}/${settings.folder.replace(/^\/+/, '')}`
    case 's3':
      return `${settings.endpoint.replace(/\/+$/, '')}/${settings.bucket}/${settings.prefix}`
  }
}
