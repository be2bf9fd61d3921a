import type { ErrorCatalogue } from './meaning.ts'

/** Asking a model. */
export const aiErrors = {
  'ai.off': {
    status: 409,
    title: 'No model is chosen',
    fix: 'Choose who is asked under Settings, AI, and save.',
  },
  'ai.too_many_questions': {
    status: 409,
    title: 'This report has as many questions as it may have',
    fix: 'Read the answers that are there, or run the agent again and ask about the new report.',
  },
  'ai.call_not_found': {
    status: 404,
    title: 'There is no such call to a model',
    fix: 'Calls are kept as long as executions; this one may be older.',
  },
} as const satisfies ErrorCatalogue
