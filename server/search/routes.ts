import type { searchApi } from '../../contract/search.ts'
import type { Handlers } from '../lib/routes.ts'
import type { WordSearch } from './search.ts'

export function createSearchRoutes(search: WordSearch): Handlers<typeof searchApi> {
  return { search: { find: ({ query }, { actor, signal }) => search.find(query, actor, signal) } }
}
