import type { ErrorCatalogue } from './meaning.ts'

/** Backups of nodes. */
export const repositoryErrors = {
  'repository.not_found': {
    status: 404,
    title: 'There is no such repository',
    fix: 'Reload the list of backups.',
  },
  'repository.exists': {
    status: 409,
    title: 'This repository is in the list already',
    fix: 'Open it there, and replace its secret if that is what you want.',
  },
  'repository.too_many': {
    status: 409,
    title: 'This node has as many repositories as it can have',
    fix: 'Forget those that are gone.',
  },
  'repository.no_secret': {
    status: 422,
    title: 'Nothing opens backups of this kind with a password',
    fix: 'Leave the password out: only restic, Borg, Kopia and duplicity take one.',
  },
} as const satisfies ErrorCatalogue
