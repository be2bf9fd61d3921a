import { expect, test } from 'vitest'
import { partsOfFix } from './fix-parts.ts'

/** Commands between backticks, words as they are. */
const drawn = (fix: string) =>
  partsOfFix(fix).map(({ kind, text }) => (kind === 'command' ? `\`${text}\`` : text))

test.each([
  [
    'Free some space: the largest directories are log and lib/docker.',
    ['Free some space: the largest directories are log and lib/docker.'],
  ],
  [
    'Install: sudo apt-get update && sudo apt-get dist-upgrade. To have them come by themselves: sudo apt-get install unattended-upgrades.',
    [
      'Install:',
      '`sudo apt-get update && sudo apt-get dist-upgrade`',
      'To have them come by themselves:',
      '`sudo apt-get install unattended-upgrades`',
    ],
  ],
  [
    "What listens: sudo ss -ltnp 'sport = :4444. x'; stop it.",
    ['What listens:', "`sudo ss -ltnp 'sport = :4444. x'`", 'stop it.'],
  ],
  [
    'Look: ip route; ip -br address. Bring the network up again: sudo systemctl restart networking.service.',
    [
      'Look:',
      '`ip route`',
      '`ip -br address`',
      'Bring the network up again:',
      '`sudo systemctl restart networking.service`',
    ],
  ],
  ['Run sudo apt-get update and read its answer.', ['Run', '`sudo apt-get update`', 'and read its answer.']],
  [
    'See what keeps it right: timedatectl (chronyc tracking, ntpq -p).',
    ['See what keeps it right: timedatectl (chronyc tracking, ntpq -p).'],
  ],
  ['Raise that limit (docker run -m, MemoryMax=).', ['Raise that limit (docker run -m, MemoryMax=).']],
  [
    'Check the disk first (sudo smartctl -a /dev/sda).',
    ['Check the disk first (sudo smartctl -a /dev/sda).'],
  ],
  [
    'Look at what grows: `du -xh /var | sort -h | tail`. The log of journald alone takes 4.1 GB.',
    ['Look at what grows:', '`du -xh /var | sort -h | tail`', 'The log of journald alone takes 4.1 GB.'],
  ],
  ['', []],
])('%s', (fix, expected) => {
  expect(drawn(fix)).toEqual(expected)
})
