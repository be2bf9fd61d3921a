import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { readModules } from './bundle.ts'

const kitFiles = {
  'agent_kit.py': 'def main():\n    import agent_kit_actions\n    import agent_kit_commands\n',
  'agent_kit_actions.py': 'from agent_kit import clean\n',
  'agent_kit_commands.py': '',
  'agent_kit_disks.py': 'from agent_kit_files import Files\n',
  'agent_kit_files.py': '',
  'agent_kit_docker.py': '',
  'testing.py': '',
}
let place: string
beforeAll(() => {
  place = mkdtempSync(join(tmpdir(), 'carl-bundle-'))
  for (const [name, text] of Object.entries(kitFiles)) writeFileSync(join(place, name), text)
})
afterAll(() => rmSync(place, { recursive: true }))

function modulesOf(agent: Readonly<Record<string, string>>, makesChanges = false): string[] {
  const folder = mkdtempSync(join(place, 'agent-'))
  for (const [name, text] of Object.entries(agent)) writeFileSync(join(folder, name), text)
  return readModules(folder, place, makesChanges).map(({ name }) => name)
}

describe('what travels with an agent', () => {
  const always = ['agent_kit', 'agent_kit_commands']

  test.each<[what: string, agent: Record<string, string>, makesChanges: boolean, modules: string[]]>([
    ['no part that nobody names', { 'agent.py': 'from agent_kit import main' }, false, [...always, 'agent']],
    [
      'a part, and what that part needs',
      { 'agent.py': 'import agent_kit_disks' },
      false,
      [...always, 'agent_kit_disks', 'agent_kit_files', 'agent'],
    ],
    [
      'a part that another module names, where it is used',
      { 'agent.py': '', 'more.py': 'def f():\n    from agent_kit_docker import x' },
      false,
      [...always, 'agent_kit_docker', 'agent', 'more'],
    ],
    [
      'the part for changes, where it makes some',
      { 'agent.py': '' },
      true,
      ['agent_kit', 'agent_kit_actions', 'agent_kit_commands', 'agent'],
    ],
    [
      'no tests, and nothing for their sake',
      { 'agent.py': '', 'test_agent.py': 'import agent_kit_docker' },
      false,
      [...always, 'agent'],
    ],
    ['no part that there is not', { 'agent.py': 'import agent_kit_nothing' }, false, [...always, 'agent']],
  ])('%s', (_, agent, makesChanges, modules) => {
    expect(modulesOf(agent, makesChanges)).toEqual(modules)
  })
})
