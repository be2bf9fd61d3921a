import type { ErrorCatalogue } from './meaning.ts'

/** The audit trail. */
export const auditErrors = {
  'audit.broken': {
    status: 500,
    title: 'The audit trail was tampered with',
    fix: 'Keep the data folder as it is, and compare the trail with a backup from before.',
  },
} as const satisfies ErrorCatalogue
