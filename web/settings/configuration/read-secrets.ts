/** Lines of a name, a colon with a blank, and a secret: as in a simple file of YAML. Says the first line that is none. */
export function readSecrets(text: string): { secrets: Record<string, string>; wrongLine: number | null } {
  const secrets: Record<string, string> = {}
  for (const [index, line] of text.split('\n').entries()) {
    if (line.trim() === '' || line.trimStart().startsWith('#')) continue
    // From the left: a secret may have a colon, and so may a name, but not with a blank behind it and no slash before.
    const match = /^\s*([a-z-]+\/.+?):\s+(.+?)\s*$/.exec(line)
    if (!match) return { secrets, wrongLine: index + 1 }
    secrets[unquoted(match[1] as string)] = unquoted(match[2] as string)
  }
  return { secrets, wrongLine: null }
}

const unquoted = (text: string): string => /^"(.*)"$/.exec(text)?.[1] ?? /^'(.*)'$/.exec(text)?.[1] ?? text
