import type { Messages } from '../../lib/messages.ts'

export const dashboard: Messages['dashboard'] = {
  title: 'Start',
  arrange: 'Anordnen',

  needsYou: 'Braucht dich',
  needsYouMore: (count) => `Alle ${count} zeigen`,
  needsYouFewer: 'Weniger zeigen',
  settings: 'Einstellungen öffnen',
  on: (node) => `auf ${node}`,
  acknowledge: 'Zur Kenntnis nehmen',
  acknowledgeThis: (title) => `Zur Kenntnis nehmen: ${title}`,
  acknowledged: (title) => `Zur Kenntnis genommen: ${title}`,
  acknowledgedText: 'Er meldet sich wieder, wenn es schlimmer wird.',
  confirmKey: 'Schlüssel vergleichen und bestätigen',
  sshKey: 'SSH-Schlüssel',
  keyOverdue: 'Der SSH-Schlüssel ist überfällig',
  keyDueSoon: 'Der SSH-Schlüssel ist bald fällig',
  keyDue: 'fällig',
  keyDueFix: 'Erneuern: Der alte Schlüssel geht erst, wenn der neue gezeigt hat, dass er funktioniert.',
  openKey: 'Zum Schlüssel',
  openKeyOf: (node) => `Zum Schlüssel von ${node}`,
  test: 'Testen',
  testThis: (node) => `${node} testen`,
  testWorked: (node) => `${node} ist erreichbar`,
  testWorkedText: 'Jeder Schritt der Verbindung gelingt.',
  whatToDo: 'Was jetzt hilft',
  notContacted: 'Er war nicht zu erreichen.',

  plans: {
    mark: 'Freigabe',
    title: (count) =>
      count === 1
        ? '1 Änderung wartet auf eine Entscheidung'
        : `${count} Änderungen warten auf eine Entscheidung`,
    text: 'Auf einem Node ändert sich nichts, bevor es jemand freigibt.',
    open: 'Ansehen',
  },
  kit: {
    mark: 'Notfallblatt',
    title: 'Das Notfallblatt des Hauptschlüssels ist noch nicht geholt',
    text: 'Ohne es heißt eine verlorene Platte: alle Zugangsdaten neu eingeben.',
    open: 'Öffnen',
  },

  quickActions: 'Jetzt ausführen',
  allAgents: 'Alle Agenten',
  lastResult: (node) => `Zuletzt auf ${node}`,
  neverRan: 'Ist noch nicht gelaufen.',
  noAgentsTitle: 'Keine Agenten',
  noAgentsText: 'Der Server hat keine Agenten, die man ausführen könnte.',
  runOn: (agent) => `Nodes für ${agent}`,

  recent: 'Letzte Ausführungen',
  allExecutions: 'Alle Ausführungen',
  runs: 'Zuletzt',
  runOf: (agent, node, when) => `${agent} auf ${node}, ${when}`,
  nothingRanTitle: 'Noch ist nichts gelaufen',
  nothingRanText: 'Was du startest, erscheint hier sofort.',

  nodes: 'Nodes',
  allNodes: 'Alle Nodes',
  moreNodes: (count) => `Die ersten ${count} nach Namen`,
  lastSeen: 'Gesehen',
  neverSeen: 'Nie gesehen',
  diskAt: (mount) => `Platte ${mount}`,
  memory: 'Speicher',
  noMeters: 'Noch keine Messwerte',
  openFindings: 'Offene Befunde',
}
