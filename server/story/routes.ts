import type { storyApi } from '../../contract/story.ts'
import type { Handlers } from '../lib/routes.ts'
import type { Story } from './story.ts'

export function createStoryRoutes(story: Story): Handlers<typeof storyApi> {
  return {
    story: { ofNode: ({ params, query }, { actor }) => story.ofNode(params.id, query, actor) },
    changes: { list: ({ query }) => story.changes(query) },
    facts: { paths: ({ query }) => story.paths(query), across: ({ query }) => story.across(query) },
    forecasts: { disks: ({ query }) => story.diskForecasts(query.limit) },
  }
}
