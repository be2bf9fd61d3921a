import type { AgentProblem } from '../../../contract/agents.ts'

/** `agent.yaml:7:3`: what terminals and editors turn into a link. */
export const placeOf = ({ file, line, column }: AgentProblem): string =>
  [file, line, column].filter((part) => part !== null).join(':')
