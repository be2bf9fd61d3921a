import type { Messages } from '../../lib/messages.ts'

export const findings: Messages['findings'] = {
  title: 'Befunde',
  subtitle: 'Was Regeln über alle Nodes befunden haben, das Schwerste zuerst.',
  list: 'Befunde',
  filters: 'Filter',
  severity: 'Schwere',
  anySeverity: 'Jede Schwere',
  standing: 'Stand',
  open: 'Offen',
  resolved: 'Erledigt',
  clear: 'Filter löschen',
  emptyTitle: 'Alles in Ordnung',
  emptyText: 'Auf keinem Node ist ein Befund offen. Lass einen Agenten laufen, um wieder nachzusehen.',
  unseenTitle: 'Noch hat niemand nachgesehen',
  unseenText:
    'Was Agenten auf deinen Nodes finden, steht hier, das Dringendste zuerst: worauf es beruht und was zu tun ist.',
  noneTitle: 'Kein Befund passt',
  noneText: 'Mit anderen Filtern gibt es vielleicht welche.',
  noneResolvedTitle: 'Noch nichts erledigt',
  noneResolvedText: 'Ein Befund ist erledigt, wenn er zweimal hintereinander weg ist.',
  acknowledged: (many) => `${many} zur Kenntnis genommen`,
  lastSeen: 'Zuletzt gesehen',
  from: 'Bericht',
}
