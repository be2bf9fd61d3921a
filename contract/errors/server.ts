import type { ErrorCatalogue } from './meaning.ts'

/** What the server says of itself. */
export const serverErrors = {
  'server.bug': {
    status: 500,
    title: 'Something went wrong on the server',
    fix: 'Look for the request id in the server log, and report it if it happens again.',
  },
  'server.upgrading': {
    status: 503,
    title: 'The server upgrades its database',
    fix: 'Wait; it goes on by itself. Its log says each step, and at the end the way back.',
  },
  'server.not_ready': {
    status: 503,
    title: 'The server is starting or stopping',
    fix: 'Try again in a few seconds.',
  },
  'server.not_running': {
    status: 503,
    title: 'No server runs on this data folder',
    fix: 'Start it with `npm start`, or set CARL_URL and CARL_TOKEN to reach another one.',
  },
  'server.no_answer': {
    status: 502,
    title: 'The server did not answer',
    fix: 'Check that the server runs, that its address is right, and what any proxy between says.',
  },
} as const satisfies ErrorCatalogue
