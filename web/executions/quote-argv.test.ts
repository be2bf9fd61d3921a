import { execFileSync } from 'node:child_process'
import { expect, test } from 'vitest'
import { quoteArgv } from './quote-argv.ts'

test('a shell reads the copied command as exactly the arguments that ran', () => {
  const argv = ['printf', '%s\\n', "it's", '$HOME', 'two words', '', '`id`', 'a\nb', '*', '-n', '"', 'ü']
  const said = execFileSync('sh', ['-c', quoteArgv(argv)], { encoding: 'utf8' })
  expect(said).toBe(`${argv.slice(2).join('\n')}\n`)
})

test.each([
  [['df', '-P', '/var'], 'df -P /var'],
  [['journalctl', '-u', 'backup.service'], 'journalctl -u backup.service'],
  [['echo', 'a b'], "echo 'a b'"],
  [['x', ''], "x ''"],
  [[], ''],
])('%j reads as %s', (argv, line) => {
  expect(quoteArgv(argv)).toBe(line)
})
