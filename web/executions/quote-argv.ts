/** Arguments as one line that a shell would read as exactly these; what came from a node stays text. */
export const quoteArgv = (argv: readonly string[]): string => argv.map(quote).join(' ')

const quote = (word: string): string =>
  /^[\w@%+=:,./-]+$/.test(word) ? word : `'${word.replaceAll("'", String.raw`'\''`)}'`
