import type { ErrorCatalogue } from './meaning.ts'

/** What models have cost. */
export const costErrors = {
  'call.not_found': { status: 404, title: 'There is no such call', fix: 'Reload the list of calls.' },
  'price.not_found': {
    status: 404,
    title: 'There is no price of yours for this model',
    fix: 'Reload the list of prices.',
  },
  'call.not_held': {
    status: 409,
    title: 'The bill of this call is known already',
    fix: 'Reload the list of calls.',
  },
} as const satisfies ErrorCatalogue
