import type { Messages } from '../../lib/messages.ts'

export const runDialog: Messages['runDialog'] = {
  agent: 'Agent',
  chooseAgent: 'Agent auswählen',
  noAgents: 'Der Server hat keine Agenten.',
  nodes: 'Nodes',
  options: 'Optionen und Zeitlimit',
  optionsChanged: (count) => (count === 1 ? '1 geändert' : `${count} geändert`),
  timeLimit: 'Zeitlimit in Sekunden',
  timeLimitHint: (usual, most) => `Leer für die üblichen ${usual}; höchstens ${most}.`,
  timeLimitWrong: (most) => `Eine ganze Zahl von Sekunden, von 1 bis ${most}.`,
  readsOnly: 'Er liest nur: Auf den Nodes wird nichts geändert.',
  dryRunLabel: 'Probelauf',
  dryRunHint: 'Er sagt, was er ändern würde, und ändert nichts.',
  costFree: 'Keine KI, keine Kosten.',
  cost: (likely, most) => `KI: etwa ${likely}, höchstens ${most}, nichts, wenn nichts neu ist`,
  costPaid: 'KI: nichts zusätzlich zu deinem Abo',
  start: (count) => (count === 1 ? 'Auf 1 Node ausführen' : `Auf ${count} Nodes ausführen`),
  startNone: 'Ausführen',
  startDry: (count) => (count === 1 ? 'Probelauf auf 1 Node' : `Probelauf auf ${count} Nodes`),
}
