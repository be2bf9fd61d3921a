import type { ErrorCatalogue } from './meaning.ts'

/** Tokens of the API. */
export const tokenErrors = {
  'token.not_found': { status: 404, title: 'There is no such token', fix: 'Reload the list of tokens.' },
} as const satisfies ErrorCatalogue
