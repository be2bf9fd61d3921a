import type { Messages } from '../../lib/messages.ts'

export const audit: Messages['audit'] = {
  title: 'Aktivität',
  subtitle:
    'Wer was getan hat, und jeder Befehl, der auf einem Node lief. Zeilen sind verkettet, damit eine entfernte auffällt.',
  forbiddenTitle: 'Die Aktivität lesen nur Administratoren',
  forbiddenText: (role) => `Die eigene Rolle ist ${role}. Ein Administrator kann nachsehen.`,
  caption: 'Aktivität, Neuestes zuerst',
  action: 'Aktion',
  allActions: 'Alle Aktionen',
  target: 'Worum es ging',
  targetHint: 'Id oder Name',
  clear: 'Filter löschen',
  none: 'Noch ist nichts geschehen',
  noneText: 'Anmeldungen, Änderungen und Befehle erscheinen hier.',
  noneFound: 'Nichts passt zu diesen Filtern',
  noneFoundText: 'Ältere Zeilen können weg sein: die Einstellungen sagen, wie lange sie bleiben.',
  when: 'Wann',
  who: 'Wer',
  address: 'Von',
  number: 'Nummer',
  hash: 'Hash',
  details: 'Einzelheiten',
  showDetails: (action) => `Einzelheiten zu ${action}`,
  noDetails: 'Mehr gibt es nicht zu sagen.',
  filterBy: (value) => `Nur ${value} zeigen`,
  kinds: {
    user: 'Benutzer',
    token: 'Token',
    local: 'An der Maschine',
    server: 'Der Server',
  },
}
