/** Longest answer that is read, characters: what is asked for fits in a twentieth. */
export const maxAnswerChars = 200_000

/** The JSON object in what a model wrote, without its thinking aloud and a fence around; null when there is none. */
export function readAnswer(text: string): Record<string, unknown> | null {
  if (text.length > maxAnswerChars) return null
  const bare = text
    .replace(/^\s*<think>[\s\S]*?<\/think>/, '')
    .trim()
    .replace(/^```(?:json)?\s*\n([\s\S]*)\n```$/, '$1')
  try {
    const value: unknown = JSON.parse(bare)
    return value !== null && typeof value === 'object' && !Array.isArray(value)
      ? (value as Record<string, unknown>)
      : null
  } catch {
    return null
  }
}
