import type { ownBackupsApi } from '../../contract/own-backups.ts'
import type { Handlers } from '../lib/routes.ts'
import type { Backups } from './backups.ts'
import type { RestoreDesk } from './restore-desk.ts'

export function createBackupRoutes(backups: Backups, desk: RestoreDesk): Handlers<typeof ownBackupsApi> {
  return {
    ownBackups: {
      get: () => backups.get(),
      start: (_, { actor }) => backups.start('manual', actor),
      drill: () => backups.drill(),
      cancel: () => ({ cancelled: backups.cancel() }),
      file: async ({ params: { name } }, { actor }) => ({
        mediaType: 'application/octet-stream',
        fileName: name,
        body: await backups.file(name, actor),
      }),
      setRules: ({ body }, { actor }) => backups.setRules(body, actor),
      addPlace: ({ body }, { actor }) => backups.addPlace(body, actor),
      testPlace: ({ params }) => backups.testPlace(params.id),
      removePlace: async ({ params }, { actor }) => {
        await backups.removePlace(params.id, actor)
        return { removed: true }
      },
    },
    restore: {
      begin: ({ body }, { ip, userAgent }) => desk.begin(body, { ip, userAgent }),
      part: ({ body }) => desk.take(body),
      open: ({ body }) => desk.open(body.ticket),
      confirm: ({ body }) => desk.confirm(body.ticket),
    },
  }
}
