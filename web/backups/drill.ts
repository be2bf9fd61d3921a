import { type Repository, validatorId } from '../../contract/repositories.ts'
import type { RunRequest } from '../lib/run-request.ts'

/** A run that restores from this repository alone. Not in `standing.ts`, which home draws with and needs no schemas for. */
export const drillOf = (repository: Repository): RunRequest => ({
  agentId: validatorId,
  targets: [repository.nodeId],
  options: {
    targets: [`${repository.kind}:${repository.location}`],
    discover: false,
    restore_drill: true,
  },
})
