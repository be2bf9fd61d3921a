import type { Messages } from '../../lib/messages.ts'

export const search: Messages['search'] = {
  title: 'Suche',
  subtitle:
    'In Nodes, Befunden, Fakten, Logs von Ausführungen und dem Audit-Trail: in allem, was du sehen darfst.',
  field: 'Gesuchte Wörter',
  placeholder: 'z. B. sda1 read error',
  kindsLabel: 'Worin gesucht wird',
  all: 'Alles',
  kinds: { node: 'Nodes', finding: 'Befunde', fact: 'Fakten', log: 'Logs', audit: 'Audit-Trail' },
  emptyTitle: 'Was suchst du?',
  emptyText:
    'Zwei Buchstaben oder mehr. Jedes Wort muss vorkommen; Reihenfolge und Großschreibung sind egal.',
  none: 'Hier ist nichts.',
  noneSince: (when) => `Nichts seit ${when}.`,
  lookedBackTo: (when) => `Durchsucht bis ${when}.`,
  further: 'Weiter suchen',
  more: 'Alle zeigen',
  resolved: 'Erledigt',
  lineOf: (agent, node, line) => `${agent} auf ${node}, Zeile ${line}`,
}
