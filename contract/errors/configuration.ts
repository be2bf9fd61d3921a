import type { ErrorCatalogue } from './meaning.ts'

/** Configuration as code. */
export const configurationErrors = {
  'configuration.invalid': {
    status: 422,
    title: 'This is no document of a configuration',
    fix: 'Correct what stands in the lines of the detail. `carl export` shows every field.',
  },
  'configuration.reference_missing': {
    status: 409,
    title: 'It refers to something that is not there',
    fix: 'Make that first, or add its document to the text.',
  },
  'configuration.secret_missing': {
    status: 409,
    title: 'A secret is missing',
    fix: 'Exports never hold secrets. Give it along under the name in the detail (`carl apply --secrets FILE`), or make this by hand.',
  },
  'configuration.not_confirmed': {
    status: 409,
    title: 'Nobody said yes',
    fix: 'Look at the difference with `--dry-run`, then apply it with `--yes`.',
  },
  'configuration.partly_failed': {
    status: 409,
    title: 'Some of it could not be applied',
    fix: 'Each document says why. Correct it and apply the text again; what is applied already is left as it is.',
  },
} as const satisfies ErrorCatalogue
