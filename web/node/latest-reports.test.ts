import { expect, test } from 'vitest'
import { anExecution, executionIdOf } from '../fixtures.ts'
import { latestReports } from './latest-reports.ts'

test('the last word of an agent is its newest report, not its newest attempt', () => {
  const executions = [
    anExecution({ id: executionIdOf(3), verdict: null }),
    anExecution({ id: executionIdOf(2), verdict: 'All is well.' }),
    anExecution({ id: executionIdOf(1), verdict: 'One thing needs you.' }),
  ]
  expect(latestReports(executions).map(({ id }) => id)).toEqual([executionIdOf(2)])
})
