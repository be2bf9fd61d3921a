import type { ErrorCatalogue } from './meaning.ts'

/** Triggers and the webhooks that call them. */
export const triggerErrors = {
  'trigger.not_found': {
    status: 404,
    title: 'There is no such trigger',
    fix: 'Reload the list of triggers. For a webhook, check the address; a new one can be made on the page of the trigger.',
  },
  'trigger.name_taken': {
    status: 409,
    title: 'Another trigger has this name',
    fix: 'Choose another name; documents find a trigger by it.',
  },
  'trigger.no_webhook': {
    status: 409,
    title: 'This trigger is not called by a webhook',
    fix: 'Change what it waits for first.',
  },
  'trigger.signature_invalid': {
    status: 401,
    title: 'This call is not signed as it should be',
    fix: 'Sign the body with the key that was shown with the address, as the guide on triggers says. Check the clock of the machine that sends.',
  },
} as const satisfies ErrorCatalogue
