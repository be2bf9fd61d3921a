import { expect, test } from 'vitest'
import type { Agent } from '../../contract/agents.ts'
import type { Execution } from '../../contract/executions.ts'
import type { Node } from '../../contract/nodes.ts'
import { palette } from '../messages/en/palette.ts'
import { shell } from '../messages/en/shell.ts'
import { ui } from '../messages/en/ui.ts'
import { commandsOf, type Things } from './commands.ts'
import { lastWord, rank } from './rank.ts'

const node = (name: string, rest: Partial<Node> = {}): Node =>
  ({ id: `nod_${name}`, name, host: `${name}.lan`, tags: [], paused: false, ...rest }) as Node
const agent = (id: string, title: string, actions: string[] = []): Agent =>
  ({ manifest: { id, title, actions, options: { properties: {} } } }) as unknown as Agent
const execution = (id: string, state: Execution['state']): Execution =>
  ({ id, state, agentId: 'system-health', nodeName: 'nas' }) as Execution

const words = { palette, shell, ui }
const things: Things = {
  places: [
    { name: 'home', to: '/', permission: null },
    { name: 'nodes', to: '/nodes', permission: 'node.read' },
  ],
  nodes: [node('nas', { tags: ['storage'] }), node('Zürich'), node('old', { paused: true })],
  agents: [
    agent('system-health', 'System Health'),
    agent('docker-janitor', 'Docker Janitor', ['image.remove']),
  ],
  executions: [execution('exe_1', 'running'), execution('exe_2', 'succeeded')],
}
const root = commandsOf({ kind: 'root' }, things, words)
const titles = (typed: string, recent: string[] = []) => rank(root, typed, recent).map(({ title }) => title)

test.each([
  ['a node by its name', 'nas', 'nas'],
  ['a node without its accent', 'zurich', 'Zürich'],
  ['a node by its tag', 'storage', 'nas'],
  ['an execution by its id', 'exe_2', 'System Health on nas'],
  ['a sentence', 'run health nas', 'Run System Health on nas'],
  ['a sentence in another order', 'nas test', 'Test node nas'],
  ['a place', 'nodes', 'Nodes'],
  ['a preference', 'dark', 'Theme: Dark'],
  ['what a paused node needs', 'resume old', 'Resume node old'],
  ['an execution to cancel', 'cancel health', 'Cancel System Health on nas'],
])('typing finds %s first', (_, typed, wanted) => {
  expect(titles(typed)[0]).toBe(wanted)
})

test('what has nothing to do with the words is not there', () => {
  expect(titles('xyzzy')).toEqual([])
})

test('nothing runs on a paused node', () => {
  expect(titles('run health old')).toEqual([])
})

test('what was chosen last comes first before anything is typed, and wins among equals', () => {
  expect(titles('', ['go /nodes'])[0]).toBe('Nodes')
  expect(titles('theme', ['theme light'])[0]).toBe('Theme: Light')
})

test('a dry run is offered only where something can change', () => {
  expect(titles('dry run')).toEqual(['Dry run of Docker Janitor on…'])
})

test('a step lists what it is about: nodes, their tags, and all of them', () => {
  const run = { kind: 'run', agentId: 'system-health', title: 'System Health', dryRun: false } as const
  const listed = rank(commandsOf(run, things, words), '').map(({ title }) => title)
  expect(listed).toEqual(['nas', 'Zürich', 'Nodes tagged storage', 'All nodes'])
  const cancelled = commandsOf({ kind: 'cancel' }, things, words)
  expect(cancelled.map(({ effect }) => effect)).toEqual([{ kind: 'cancel', executionId: 'exe_1' }])
})

test.each([
  ['test nas', 'nas'],
  [' nas ', 'nas'],
  ['', ''],
])('of %j the server is asked for %j', (typed, wanted) => {
  expect(lastWord(typed)).toBe(wanted)
})
