import type { ErrorCatalogue } from './meaning.ts'

/** Executions and how they can end. */
export const executionErrors = {
  'execution.not_found': {
    status: 404,
    title: 'There is no such execution',
    fix: 'Reload the list of executions.',
  },
  'execution.finished': {
    status: 409,
    title: 'This execution has already finished',
    fix: 'Nothing to do: look at its report.',
  },
  'execution.no_report': {
    status: 404,
    title: 'This execution has no report',
    fix: 'A report exists once the agent has delivered its result; look at the outcome and the log.',
  },
  'execution.agent_failed': {
    status: 500,
    title: 'The agent stopped with an error',
    fix: 'Read the last lines of the log; the traceback names the line.',
  },
  'execution.protocol_broken': {
    status: 500,
    title: 'The agent broke the protocol',
    fix: 'Look at the log for what it sent, and at agents/README.md for what it may send.',
  },
  'execution.timed_out': {
    status: 500,
    title: 'The agent did not finish in time and was stopped',
    fix: 'Raise the time limit of the execution, or find what hangs in the timeline.',
  },
  'execution.lost': {
    status: 500,
    title: 'The link to the agent was lost and it could not be found again',
    fix: 'Check that the node is up, then run the agent again. Nothing of it is left running.',
  },
  'execution.node_full': {
    status: 507,
    title: 'The node has no room left for the run',
    fix: 'Free space on the node where runs lie, in the XDG_RUNTIME_DIR of its user, /dev/shm or /tmp; then run it again.',
  },
} as const satisfies ErrorCatalogue
