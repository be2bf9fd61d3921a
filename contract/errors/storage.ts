import type { ErrorCatalogue } from './meaning.ts'

/** The server's own database and disk. */
export const storageErrors = {
  'storage.locked': {
    status: 503,
    title: 'Another server already uses this data folder',
    fix: 'Stop the other server, or give this one a data folder of its own.',
  },
  'storage.busy': {
    status: 503,
    title: 'Another program holds the database',
    fix: 'End what else has core.db open, such as sqlite3, and try again. Nothing was changed.',
  },
  'storage.network_filesystem': {
    status: 500,
    title: 'The data folder lies on a network file system',
    fix: 'Put the data folder on a local disk. ALLOW_NETWORK_STORAGE=1 goes on at your own risk.',
  },
  'storage.sqlite_too_old': {
    status: 500,
    title: 'The SQLite library is older than this server needs',
    fix: 'Install the dependencies again with npm ci.',
  },
  'storage.newer_schema': {
    status: 500,
    title: 'This data folder was written by a newer version',
    fix: 'Start the newer version, or restore a backup made with this one.',
  },
  'storage.no_room_to_upgrade': {
    status: 507,
    title: 'There is too little room to upgrade the database safely',
    fix: 'Free space in the data folder and start again, or go on with the version before.',
  },
  'storage.damaged': {
    status: 500,
    title: 'The database is damaged',
    fix: 'Stop the server and restore the newest backup; the damaged file is kept.',
  },
  'storage.failing': {
    status: 503,
    title: 'The disk of the server fails',
    fix: 'Look at the disk and its system log, then restart the server; what was acknowledged is kept.',
  },
  'storage.full': {
    status: 507,
    title: 'The disk of the server is nearly full',
    fix: 'Free space in the data folder or shorten the retention; running executions end normally.',
  },
  'storage.not_writable': {
    status: 500,
    title: 'The data folder cannot be written',
    fix: 'Give the user of the server write access to the data folder.',
  },
} as const satisfies ErrorCatalogue
