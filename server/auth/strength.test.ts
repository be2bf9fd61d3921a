import { describe, expect, test } from 'vitest'
import { weaknessOf } from './strength.ts'

describe('a password is refused when it', () => {
  test.each([
    ['is too short', 'k7#xQ9!mR2$'],
    ['is one character', 'aaaaaaaaaaaaaa'],
    ['repeats two characters', 'ababababababab'],
    ['repeats a word', 'hunter2hunter2'],
    ['repeats a few characters', 'xkqfxkqfxkqfx'],
    ['counts', '123456789012'],
    ['counts down', '9876543210987'],
    ['is the alphabet', 'abcdefghijklm'],
    ['is a row of keys', 'qwertyuiopasdf'],
    ['is a row of German keys', 'qwertzuiopasd'],
    ['is columns of keys', '1qaz2wsx3edc4rfv'],
    ['is a zigzag of keys', '1q2w3e4r5t6y'],
    ['is a common word with figures', 'password1234'],
    ['is a common word in disguise', 'P@ssw0rd2026!'],
    ['is a common word twice', 'PasswordPassword'],
    ['is a season and a year', 'Summer2026!!'],
    ['is several common words', 'letmeinletmein1'],
    ['is what setting up suggests', 'changeme-admin1'],
    ['is the product', 'carl-runner-2026'],
    ['is the product in full', 'ClaudeAgentRunnerLite'],
    ['is the own name with figures', 'anna.smith1234'],
    ['is part of the own name', 'smithsmith!!99'],
    ['is the own name in disguise', '@nna.5mith!2026'],
    ['is a well-known phrase', 'Correct Horse Battery Staple'],
  ])('%s', (_why, password) => {
    expect(weaknessOf(password, 'anna.smith')).toEqual(expect.any(String))
  })
})

describe('a password is good enough when it is', () => {
  test.each([
    ['twelve random characters', 'k7#xQ9!mR2$w'],
    ['four random words', 'violet tram over gravel'],
    ['random words with a common one', 'river home stone lantern'],
    ['a sentence in another script', 'зелёный чайник поёт'],
    ['a sentence with the own name in it', 'anna waters the cactus'],
    ['256 characters', 'The quick tram. '.repeat(16)],
    ['made of emoji and words', '🦀🪁🫖 kettle drum'],
  ])('%s', (_what, password) => {
    expect(weaknessOf(password, 'anna.smith')).toBeNull()
  })
})

test('characters are counted, not the bytes they take', () => {
  expect(weaknessOf('🦀🪁🫖🌵🎻🧶', 'anna')).toBe('It has 6 characters; at least 12 are needed.')
})
