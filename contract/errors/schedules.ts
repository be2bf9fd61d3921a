import type { ErrorCatalogue } from './meaning.ts'

/** Schedules and their documents. */
export const scheduleErrors = {
  'schedule.not_found': {
    status: 404,
    title: 'There is no such schedule',
    fix: 'Reload the list of schedules.',
  },
  'schedule.name_taken': {
    status: 409,
    title: 'Another schedule has this name',
    fix: 'Choose another name; documents find a schedule by it.',
  },
  'schedule.document_invalid': {
    status: 422,
    title: 'This is no document of schedules',
    fix: 'Correct what the detail names. The guide on schedules shows every field.',
  },
  'schedule.address_needs_admin': {
    status: 403,
    title: 'Only an administrator names addresses that messages go to',
    fix: 'Name a channel that is set up (notifications: channel: NAME), or let an administrator apply the document.',
  },
  'schedule.changed_meanwhile': {
    status: 409,
    title: 'A schedule was changed meanwhile',
    fix: 'Look at the conflicts again; they may be others by now.',
  },
} as const satisfies ErrorCatalogue
