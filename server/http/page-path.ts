/** First parts of paths that belong to programs: what is not there is told in JSON, and never looks like a page. */
const ofPrograms = new Set(['api', 'assets', 'healthz', 'readyz'])

/** Whether the dashboard may have a screen at this path, as it stands in the request, without its query. */
export function isPagePath(path: string, basePath: string): boolean {
  if (!path.startsWith(`${basePath}/`) || path.includes('//')) return false
  const parts = partsOf(path.slice(basePath.length + 1))
  return parts !== null && !ofPrograms.has(parts[0] ?? '') && parts.every(isPlain)
}

function partsOf(path: string): string[] | null {
  try {
    return path.split('/').map(decodeURIComponent)
  } catch {
    return null
  }
}

/** Nothing that leads elsewhere when somebody else takes the path apart. */
const isPlain = (part: string): boolean => part !== '.' && part !== '..' && !/[/\\\p{Cc}]/u.test(part)
