import { api } from '../lib/api.ts'
import { query } from '../lib/query.ts'

export const repositoriesQuery = query(['repositories', 'list'], api.repositories.list, {})
