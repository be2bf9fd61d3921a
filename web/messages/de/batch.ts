import type { Messages } from '../../lib/messages.ts'

export const batch: Messages['batch'] = {
  title: 'Zusammen gestartet',
  text: (agent, count) => `${agent} auf ${count}`,
  nodes: (count, hasMore) =>
    hasMore ? `mehr als ${count} Nodes` : count === 1 ? '1 Node' : `${count} Nodes`,
  progress: (finished, total) => `${finished} von ${total} beendet`,
  done: 'Alle sind beendet',
  cancelAll: (count) =>
    count === 1 ? 'Die eine abbrechen, die noch läuft' : `Alle ${count} abbrechen, die noch laufen`,
  cancelTitle: 'Alle abbrechen, die noch laufen?',
  leave: 'Alle Ausführungen',
  states: 'Zustände',
}
