// Without schemas, since the first page needs it.

/** The steps of a rotation, in order. A rotation stands at the step that is to be done next. */
export const rotationSteps = [
  'make',
  'append',
  'try',
  'activate',
  'grace',
  'remove',
  'verify',
  'record',
] as const
/** Successful runs with the new key, or hours, after which the old one goes. */
export const graceRuns = 3
export const graceHours = 24
/** Days before the due date from which a person is reminded. */
export const reminderDays = 14
