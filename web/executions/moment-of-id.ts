const digits = '0123456789abcdefghjkmnpqrstvwxyz'

/** The moment an id was made, milliseconds since 1970; its first ten characters hold it. */
export function momentOfId(id: string): number {
  let time = 0
  for (const digit of (id.split('_')[1] ?? '').slice(0, 10)) time = time * 32 + digits.indexOf(digit)
  return time
}
