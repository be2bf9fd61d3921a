import type { ErrorCatalogue } from './meaning.ts'

/** What the server is started with. */
export const environmentErrors = {
  'config.invalid': {
    status: 500,
    title: 'The configuration is not valid',
    fix: 'Correct the environment variable named in the detail.',
  },
  'config.port_taken': {
    status: 500,
    title: 'The port is already in use',
    fix: 'Stop the other program, or set PORT to a free one.',
  },
} as const satisfies ErrorCatalogue
