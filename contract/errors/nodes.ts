import type { ErrorCatalogue } from './meaning.ts'

/** Nodes, and the sample data that stands in for them at first. */
export const nodeErrors = {
  'node.not_found': { status: 404, title: 'There is no such node', fix: 'Reload the list of nodes.' },
  'samples.only_shown': {
    status: 409,
    title: 'This is sample data: it can be looked at, and nothing else',
    fix: 'Add a node of your own. The sample data can be removed at any time.',
  },
  'samples.real_nodes': {
    status: 409,
    title: 'Sample data goes in only while there is no real node',
    fix: 'Nothing is needed: run an agent on one of your nodes instead.',
  },
  'node.name_taken': { status: 409, title: 'Another node has this name', fix: 'Choose another name.' },
  'node.in_use': {
    status: 409,
    title: 'Something still uses this node',
    fix: 'Cancel its executions, or point the nodes that jump through it elsewhere, then try again.',
  },
  'node.jump_loop': {
    status: 422,
    title: 'These jump hosts lead back to the node itself',
    fix: 'Choose a jump host that is reached without this node.',
  },
  'node.none_selected': {
    status: 422,
    title: 'No node matches this selection',
    fix: 'Check the names, globs and tags against the list of nodes.',
  },
  'node.agent_not_allowed': {
    status: 403,
    title: 'This agent is not allowed on this node',
    fix: 'Allow it in the settings of the node, or choose another node.',
  },
  'enrolment.not_possible': {
    status: 422,
    title: 'No block can be written for this',
    fix: 'Choose a key, a user name of small letters, digits, - and _, and addresses as sshd takes them.',
  },
} as const satisfies ErrorCatalogue
