import type { ErrorCatalogue } from './meaning.ts'

/** Agents, their manifests and their options. */
export const agentErrors = {
  'agent.not_found': { status: 404, title: 'There is no such agent', fix: 'Reload the list of agents.' },
  'agent.manifest_invalid': {
    status: 422,
    title: 'The manifest of this agent is not valid',
    fix: 'Correct agent.yaml as the detail says.',
  },
  'agent.exists': {
    status: 409,
    title: 'There is an agent of this name',
    fix: 'Choose another name, or remove its folder first.',
  },
  'agent.name_invalid': {
    status: 422,
    title: 'An agent cannot be called that',
    fix: 'Use lower-case words joined by hyphens, for example big-logs.',
  },
  'agent.no_python': {
    status: 503,
    title: 'No Python is installed here',
    fix: 'Install Python 3.8 or newer on this machine, or run the command on one that has it.',
  },
  'agent.options_invalid': {
    status: 422,
    title: 'Some options of the agent are not valid',
    fix: 'Correct the options named under issues.',
  },
} as const satisfies ErrorCatalogue
