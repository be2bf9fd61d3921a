import type { Messages } from '../../lib/messages.ts'

export const firstSteps: Messages['firstSteps'] = {
  title: 'Erste Schritte',
  text: 'Jeder ist getan, wenn du ihn tust: Die Liste weiß es von selbst. Auf einem Node ändert sich nichts ohne dein Ja.',
  progress: (done, all) => `${done} von ${all} erledigt`,
  done: 'Erledigt',
  skipped: 'Übersprungen',
  skip: 'Überspringen',
  skipThis: (step) => `Überspringen: ${step}`,
  takeUp: 'Wieder aufnehmen',
  takeUpThis: (step) => `Wieder aufnehmen: ${step}`,
  putAway: 'Weglegen',
  putAwayText: 'Die Liste ist weggelegt. Strg+K und Einstellungen, Über holen sie zurück.',
  bringBack: 'Auf der Startseite zeigen',
  allDone: 'Alles getan. Du kennst dich hier aus.',
  next: (step) => `Als Nächstes: ${step}`,
  all: 'Alle Schritte zeigen',
  forAdmins: 'Nur wer Administrator ist, kann Schritte überspringen oder die Liste weglegen.',
  waitForNode: 'Zuerst einen Node hinzufügen.',
  emptyViewer: 'Noch kein Node',
  emptyViewerText:
    'Ein Administrator fügt die Maschinen hinzu. Dann stehen hier ihr Zustand, Befunde und Läufe.',
  steps: {
    node: {
      title: 'Node hinzufügen',
      text: 'Eine Maschine, die du über SSH erreichst: Adresse, Benutzer, Schlüssel. Dort wird nichts installiert.',
      action: 'Node hinzufügen',
    },
    key: {
      title: 'Schlüssel bestätigen',
      text: 'Einmal den Fingerabdruck vergleichen, damit sich niemand für den Node ausgeben kann.',
      action: 'Testen und bestätigen',
    },
    run: {
      title: 'System Health starten',
      text: 'Er liest nur. Ein paar Sekunden später weißt du, was dich braucht.',
      action: 'Starten',
    },
    finding: {
      title: 'Einen Befund lesen',
      text: 'Öffne einen, sieh dir an, worauf er beruht, und nimm ihn zur Kenntnis: Er schweigt, bis er schlimmer wird.',
      action: 'Befunde öffnen',
    },
    'second-node': {
      title: 'Einen zweiten Node verbinden',
      text: 'Ab zweien kannst du vergleichen und einen Agenten auf allen zugleich starten.',
      action: 'Noch einen hinzufügen',
    },
    'dry-run': {
      title: 'Einen Probelauf machen',
      text: 'Docker Janitor, Disk Doctor und Update Advisor sehen mehr. Ein Probelauf schlägt nichts vor, das sich freigeben ließe.',
      action: 'Agenten wählen',
    },
    plan: {
      title: 'Eine harmlose Änderung freigeben',
      text: 'Starte Docker Janitor ohne Probelauf, sieh dir die Vorschläge an und gib den kleinsten frei. Was zurückkommen kann, wird zuerst beiseitegelegt.',
      action: 'Freigaben öffnen',
    },
    schedule: {
      title: 'Etwas von selbst laufen lassen',
      text: 'Zum Beispiel System Health jeden Morgen: Vor dem Speichern siehst du die nächsten zehn Male.',
      action: 'Zeitplan anlegen',
    },
    told: {
      title: 'Bescheid bekommen',
      text: 'Eine Mail, eine Nachricht aufs Telefon oder ein Webhook, wenn etwas nicht stimmt.',
      action: 'Kanal hinzufügen',
    },
    kit: {
      title: 'Notfallblatt holen',
      text: 'Ohne es heißt eine verlorene Platte: alle Zugänge neu eintragen.',
      action: 'Hauptschlüssel öffnen',
    },
    money: {
      title: 'Budget setzen oder „ohne KI“ sagen',
      text: 'Jeder Agent arbeitet ohne Modell. Mit einem gilt eine Grenze, bevor etwas ausgegeben wird.',
      action: 'Wählen',
    },
  },
  samples: {
    badge: 'Beispiel',
    onlyShown: 'Das sind Beispieldaten: Man kann sie ansehen, sonst nichts.',
    look: 'Mit Beispieldaten umsehen',
    lookText:
      'Erfundene Nodes mit Berichten, Befunden, einem Plan und einem Zeitplan. Nichts wird angesprochen, verschickt oder gezählt.',
    added: 'Die Beispieldaten sind da',
    ribbon: 'Beispieldaten: Jeder Node namens sample-… ist erfunden. Man kann ihn ansehen, sonst nichts.',
    remove: 'Beispieldaten entfernen',
    removeTitle: 'Alle Beispieldaten entfernen?',
    removeText: 'Die erfundenen Nodes gehen mit allem, was zu ihnen gehört. Eigenes bleibt.',
    removed: 'Die Beispieldaten sind weg',
  },
}
