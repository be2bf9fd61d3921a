/**
 * One word for a POSIX shell, whatever it holds but NUL. The one place where text is made part of a command; wherever
 * there is a choice, things travel on standard input instead.
 */
export function quote(word: string): string {
  if (word.includes('\0')) throw new Error('a word for a shell cannot hold NUL')
  return `'${word.replaceAll("'", `'\\''`)}'`
}
