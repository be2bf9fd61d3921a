import { commonPhrases, commonWords } from './common-passwords.ts'

const leastLength = 12
/** What must be left of a password once everything is taken away that a guesser tries first. */
const leastOwn = 6
const longestRepeat = 8
const shortestRun = 3

/** Orders that fingers and minds follow; backwards too. */
const orders = [
  'abcdefghijklmnopqrstuvwxyz',
  '01234567890',
  'qwertyuiop',
  'asdfghjkl',
  'zxcvbnm',
  'qwertzuiopü',
  'yxcvbnm',
  'azertyuiop',
  'qsdfghjklm',
  'wxcvbn',
  '1q2w3e4r5t6y7u8i9o0p',
  '1qaz2wsx3edc4rfv5tgb6yhn7ujm8ik9ol0p',
  'qazwsxedcrfvtgbyhnujmikolp',
  '!@#$%^&*()',
  '!"§$%&/()=',
].flatMap((order) => [order, [...order].reverse().join('')])

/** The product by its names: who sets one up in a hurry thinks of these first. */
const productWords = ['claudeagentrunner', 'claude', 'anthropic', 'runner', 'agent', 'carl', 'lite']

/**
 * Says why a password is too easy to guess; null when it is not. Needs no kinds of characters: length and what is
 * one's own decide. (ASVS 6.2: at least 12 characters, not a known one, not made of the context.)
 */
export function weaknessOf(password: string, name: string): string | null {
  const lower = password.normalize('NFC').toLowerCase()
  const characters = [...lower]
  if (characters.length < leastLength) {
    return `It has ${characters.length} characters; at least ${leastLength} are needed.`
  }
  if (isRepeated(characters)) return 'It repeats the same few characters.'
  if (commonPhrases.has(toPlainLetters(lower).replace(/[^\p{L}]/gu, ''))) return 'It is a well-known phrase.'
  const own = withoutWords(toPlainLetters(withoutYears(withoutRuns(lower))), [
    ...wordsOf(name),
    ...commonWords,
    ...productWords,
  ])
  return [...own].length < leastOwn
    ? 'It is made of common words, names, years or neighbouring keys, which are guessed first.'
    : null
}

/** `aaaaaaaaaaaa`, `abcabcabcabc`, or only two or three different characters. */
function isRepeated(characters: readonly string[]): boolean {
  if (new Set(characters).size < 4) return true
  for (let period = 1; period <= longestRepeat; period++) {
    if (characters.every((character, at) => at < period || character === characters[at - period])) return true
  }
  return false
}

/** Takes away every piece of three or more characters that follows one of the orders. */
function withoutRuns(text: string): string {
  let own = ''
  for (let at = 0; at < text.length; ) {
    const length = runAt(text, at)
    if (length < shortestRun) own += text[at]
    at += length < shortestRun ? 1 : length
  }
  return own
}

/** How many characters from `at` on follow one of the orders. */
function runAt(text: string, at: number): number {
  let longest = 0
  for (const order of orders) {
    const start = order.indexOf(text[at] as string)
    if (start < 0) continue
    let length = 1
    while (start + length < order.length && order[start + length] === text[at + length]) length += 1
    longest = Math.max(longest, length)
  }
  return longest
}

const withoutYears = (text: string): string => text.replace(/(?:19|20)\d\d/g, '')

const lookalikes: Readonly<Record<string, string>> = {
  '0': 'o',
  '1': 'l',
  '3': 'e',
  '4': 'a',
  '5': 's',
  '7': 't',
  '8': 'b',
  '@': 'a',
  $: 's',
  '€': 'e',
}

/** `p@ssw0rd` as `password`. */
const toPlainLetters = (text: string): string =>
  text.replace(/[0134578@$€]/g, (character) => lookalikes[character] ?? character)

function withoutWords(text: string, words: readonly string[]): string {
  return words.reduce((rest, word) => rest.replaceAll(word, ''), text)
}

/** A name and its parts, as plain letters: `anna.smith` as itself, `anna` and `smith`. */
const wordsOf = (name: string): string[] =>
  [name, ...name.split(/[^\p{L}\p{N}]+/u)]
    .map((word) => toPlainLetters(word.normalize('NFC').toLowerCase()))
    .filter((word) => word.length >= 3)
    .sort((one, other) => other.length - one.length)
