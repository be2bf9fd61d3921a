import { randomInt } from 'node:crypto'

/** Without letters and digits that are taken for others. */
const letters = 'abcdefghjkmnpqrstuvwxyz23456789'
const groupLength = 5

/** Random text to read out or to write down, as `groups` of five letters: 24.8 bits each. */
export const newReadableText = (groups: number): string =>
  Array.from({ length: groups }, () =>
    Array.from({ length: groupLength }, () => letters[randomInt(letters.length)]).join(''),
  ).join('-')
