import type { Messages } from '../../lib/messages.ts'

export const executionList: Messages['executionList'] = {
  subtitle: 'Alles, was auf deinen Nodes gelaufen ist, das Neueste zuerst.',
  cancelThis: (agent, node) => `${agent} auf ${node} abbrechen`,
  cancelTitle: 'Diese Ausführung abbrechen?',
  cancelText:
    'Sie und alles, was sie auf dem Node gestartet hat, wird beendet. Was sie bisher gefunden hat, bleibt.',
  keep: 'Weiterlaufen lassen',
  filters: 'Filter',
  anyAgent: 'Alle Agenten',
  anyNode: 'Alle Nodes',
  anyState: 'Alle Zustände',
  clear: 'Filter löschen',
  nodeFilter: 'Nach Node filtern',
  emptyTitle: 'Noch ist nichts gelaufen',
  emptyText: 'Starte einen Agenten auf einem Node; hier steht dann, was er gesagt und gefunden hat.',
  noMatchTitle: 'Nichts passt zu diesen Filtern',
  noMatchText: 'Wähle andere Filter oder lösche sie.',
}
