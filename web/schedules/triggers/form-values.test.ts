import { expect, test } from 'vitest'
import { triggerSpec } from '../../../contract/triggers.ts'
import { toTriggerSpec, toTriggerValues, wrongTriggerFields } from './form-values.ts'
import { aTrigger, triggers } from './samples.ts'

test.each(triggers.map((trigger) => [trigger.name, trigger] as const))(
  '%s goes through the form as it is',
  (_, trigger) => {
    const { id, lastStarted, last, nearMiss, createdBy, createdAt, updatedAt, ...spec } = trigger
    const sent = toTriggerSpec(toTriggerValues(trigger), trigger)
    expect(sent).toEqual(spec)
    expect(triggerSpec.parse(sent)).toEqual(sent)
  },
)

test('a new one lacks a name and an agent, and nothing else', () => {
  expect([...wrongTriggerFields(toTriggerValues({}))]).toEqual(['name', 'agentId'])
})

test('what is called from elsewhere needs nodes, whatever was chosen before', () => {
  const values = { ...toTriggerValues(aTrigger()), kind: 'webhook' } as const
  expect([...wrongTriggerFields(values)]).toEqual(['selection'])
})
