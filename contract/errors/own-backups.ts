import type { ErrorCatalogue } from './meaning.ts'

/** Backups of the server itself, and restoring them. */
export const ownBackupErrors = {
  'own-backup.running': {
    status: 409,
    title: 'A backup or a drill is under way',
    fix: 'Wait until it has ended, or cancel it.',
  },
  'own-backup.none': {
    status: 409,
    title: 'There is no backup yet',
    fix: 'Make one first.',
  },
  'own-backup.not_found': {
    status: 404,
    title: 'There is no such backup in the data folder',
    fix: 'Reload the list; only some of each week and month are kept.',
  },
  'own-backup.cancelled': {
    status: 409,
    title: 'It was cancelled',
    fix: 'Start it again when it suits.',
  },
  'own-backup.place_not_found': {
    status: 404,
    title: 'There is no such place for backups',
    fix: 'Reload the list of places.',
  },
  'own-backup.too_many_places': {
    status: 409,
    title: 'There are as many places as there may be',
    fix: 'Remove one first.',
  },
  'own-backup.secret_missing': {
    status: 422,
    title: 'This place needs something that opens it',
    fix: 'Enter the password or the private key for SFTP, or the secret access key for S3.',
  },
  'own-backup.host_key_unknown': {
    status: 409,
    title: 'The host key of this SFTP server is not confirmed yet',
    fix: 'Compare the fingerprint with the one the server itself shows, and confirm it.',
  },
  'own-backup.place_refused': {
    status: 502,
    title: 'The place for backups did not work',
    fix: 'Check address, folder, rights and free space there, then test the place again.',
  },
  'restore.no_key': {
    status: 422,
    title: 'There is no key in what was given as the recovery kit',
    fix: 'Give the whole text of the kit, or the line with the master key: 44 characters that end with =.',
  },
  'restore.not_a_backup': {
    status: 422,
    title: 'This file is no backup of Carl',
    fix: 'Choose a file whose name ends with .carl, or a snapshot from before an upgrade.',
  },
  'restore.wrong_key': {
    status: 422,
    title: 'This recovery kit does not open this backup',
    fix: 'Use the kit with the four digits that are named. A backup from before a change of the key needs the kit from before.',
  },
  'restore.damaged': {
    status: 422,
    title: 'This backup is damaged',
    fix: 'Take another copy of it, or the backup of the day before.',
  },
  'restore.data_there': {
    status: 409,
    title: 'There is a database in the data folder already',
    fix: 'Restore into an empty folder, or add --replace: what is there is then moved aside, not removed.',
  },
  'restore.ticket_invalid': {
    status: 409,
    title: 'This restore is over or was begun anew',
    fix: 'Begin again with the backup and the recovery kit.',
  },
} as const satisfies ErrorCatalogue
