import { Link } from '@tanstack/react-router'
import { useMessages } from '../lib/messages.ts'
import { Badge } from '../ui/badge.tsx'

/** Tags of a node; each leads to all nodes that have it. */
export function TagLinks({ tags }: { readonly tags: readonly string[] }) {
  const t = useMessages('nodes').list
  if (tags.length === 0) return null
  return (
    <ul aria-label={t.tags} className="flex min-w-0 flex-wrap gap-1">
      {tags.map((tag) => (
        <li key={tag} className="max-w-full">
          <Link
            to="/nodes"
            search={(search) => ({ ...('view' in search && { view: search.view as 'list' | 'grid' }), tag })}
            className="flex max-w-full rounded-full py-0.5 hover:brightness-95 dark:hover:brightness-125"
          >
            <Badge className="max-w-40">{tag}</Badge>
          </Link>
        </li>
      ))}
    </ul>
  )
}
