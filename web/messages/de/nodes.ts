import type { Messages } from '../../lib/messages.ts'

export const nodes: Messages['nodes'] = {
  title: 'Nodes',
}
