import type { Messages } from '../../lib/messages.ts'

export const firstSteps: Messages['firstSteps'] = {
  title: 'Drei Schritte bis zum ersten Bericht',
  text: 'Auf einem Node wird nichts installiert und nichts geändert.',
  progress: (done) => `${done} von 3 erledigt`,
  node: 'Node hinzufügen',
  nodeText: 'Ein Rechner, den du über SSH erreichst: Adresse, Benutzer, Schlüssel.',
  nodeAction: 'Node hinzufügen',
  key: 'Schlüssel bestätigen',
  keyText: 'Einmal den Fingerabdruck vergleichen, damit sich niemand für den Node ausgeben kann.',
  keyAction: 'Testen und bestätigen',
  run: 'System Health ausführen',
  runText: 'Ein paar Sekunden später weißt du, was dich braucht.',
  runAction: 'Ausführen',
  done: 'Erledigt',
}
