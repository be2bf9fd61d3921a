import type { Node } from '../../contract/nodes.ts'
import { api } from '../lib/api.ts'
import { type BulkAction, tagsAfter } from './bulk.ts'

/** Does it to one node. Tags are read anew first, since the list may be older than what others changed. */
export async function actOn({ id }: Node, action: BulkAction): Promise<void> {
  const params = { id }
  switch (action.kind) {
    case 'tag':
    case 'untag': {
      const tags = tagsAfter((await api.nodes.get({ params })).tags, action.kind, action.tag)
      if (tags) await api.nodes.change({ params, body: { tags } })
      return
    }
    case 'pause':
    case 'resume':
      await api.nodes.change({ params, body: { paused: action.kind === 'pause' } })
      return
    case 'grant':
      await api.nodes.change({ params, body: { allowedAgents: action.agents } })
      return
    case 'rotate':
      // A key that was brought from elsewhere stays: others may use it, and that is decided node by node.
      await api.keys.rotate({ params, body: { removesUploaded: false } })
      return
    case 'remove':
      await api.nodes.remove({ params })
  }
}
