import type { ErrorCatalogue } from './meaning.ts'

/** What reports are made of. */
export const reportErrors = {
  'finding.not_found': {
    status: 404,
    title: 'There is no such finding',
    fix: 'Reload the list of findings.',
  },
} as const satisfies ErrorCatalogue
