import type { Messages } from '../../lib/messages.ts'

export const masterKey: Messages['masterKey'] = {
  title: 'Hauptschlüssel',
  text: 'Ein Schlüssel versiegelt jeden SSH-Schlüssel und jedes Passwort in der Datenbank. Wer beides hat, hat deine Maschinen.',
  forbidden: 'Nur Administratoren sehen, wo der Schlüssel liegt.',
  key: 'Schlüssel',
  keyHint: 'Vier Zeichen, an denen man Schlüssel unterscheidet; sie verraten nichts über ihn.',
  source: 'Aufbewahrt',
  place: 'Wo',
  changed: 'In Gebrauch seit',
  first: 'dem ersten Start',
  sources: {
    generated: 'In einer Datei, die dieser Server angelegt hat',
    passphrase: 'In einer Datei, mit einer Passphrase verschlossen',
    file: 'In einer Datei von dir',
    command: 'Ein Befehl liefert ihn',
  },
  fine: 'Gut aufbewahrt',
  concerns: {
    'readable-by-others': {
      title: 'Andere können ihn lesen',
      text: 'Andere Benutzer der Maschine können diese Datei lesen oder ändern.',
      fix: (place) => `chmod 600 ${place}`,
    },
    'beside-data': {
      title: 'Neben den Daten',
      text: 'Eine Kopie des Datenordners enthält auch den Schlüssel. Verschließe ihn mit einer Passphrase, oder verwahre ihn anderswo mit MASTER_KEY_FILE oder MASTER_KEY_COMMAND.',
      fix: null,
    },
    'same-disk': {
      title: 'Auf derselben Platte',
      text: 'Eine Kopie der ganzen Platte enthält Daten und Schlüssel. Ein Docker-Secret oder ein Befehl würde beide trennen.',
      fix: null,
    },
  },

  kit: {
    title: 'Notfallblatt',
    text: 'Eine Seite mit dem Schlüssel und dem Weg zur Wiederherstellung. Ohne sie heißt eine verlorene Platte oder eine vergessene Passphrase: alle Zugangsdaten neu eingeben.',
    textElsewhere:
      'Eine Seite, die sagt, woher der Schlüssel kommt und wie man wiederherstellt. Der Schlüssel selbst steht nicht darauf: den verwahrst du.',
    due: 'Noch nicht geholt',
    taken: 'Geholt',
    declined: 'Nicht gewünscht',
    by: 'von',
    get: 'Notfallblatt holen',
    getAgain: 'Noch einmal holen',
    decline: 'Ich möchte keines',
    declineTitle: 'Ohne Notfallblatt bleiben?',
    declineText:
      'Bis der Schlüssel gewechselt wird, erinnert niemand mehr daran. Hier ist es weiterhin zu haben.',
    declineConfirm: 'Ohne bleiben',
    isDeclined: 'Es wird nicht mehr daran erinnert',
    madeTitle: 'Verwahre diese Seite an einem sicheren Ort',
    madeText:
      'Auf Papier oder in einem Passwortmanager, aber nicht auf diesem Server. Dass sie gezeigt wurde, steht im Audit-Trail.',
    download: 'Herunterladen',
    print: 'Drucken',
    done: 'Sie ist an einem sicheren Ort',
    region: 'das Notfallblatt',
  },

  sheet: {
    title: 'Notfallblatt von Claude Agent Runner Lite',
    server: 'Server',
    instance: 'Instanz',
    keyId: 'Schlüssel',
    made: 'Erstellt',
    masterKey: 'Hauptschlüssel (base64)',
    comesFrom: 'Der Schlüssel kommt von',
    warning:
      'Mit diesem Schlüssel und einer Kopie der Datenbank kann sich jeder auf deinen Maschinen anmelden.',
    warningElsewhere:
      'Der Schlüssel steht nicht auf dieser Seite. Sorge dafür, dass eine Kopie von ihm an einem zweiten Ort liegt.',
    restore: 'Wiederherstellen',
    steps: [
      'Claude Agent Runner Lite in derselben oder einer neueren Version installieren, noch nicht starten.',
      'core.db aus der neuesten Sicherung, und logs/ falls aufgehoben, in einen leeren Datenordner legen.',
      'Den Hauptschlüssel oben als eine Zeile in eine Datei außerhalb dieses Ordners schreiben: chmod 600.',
      'Mit MASTER_KEY_FILE auf diese Datei und DATA_DIR auf den Ordner starten. Ist es ein anderer Schlüssel, sagt der Server, welcher fehlt.',
    ],
    stepsElsewhere: [
      'Claude Agent Runner Lite in derselben oder einer neueren Version installieren, noch nicht starten.',
      'core.db aus der neuesten Sicherung, und logs/ falls aufgehoben, in einen leeren Datenordner legen.',
      'Denselben Schlüssel wieder geben lassen, mit MASTER_KEY_FILE oder MASTER_KEY_COMMAND.',
      'Mit DATA_DIR auf den Ordner starten. Ist es ein anderer Schlüssel, sagt der Server, welcher fehlt.',
    ],
    backups:
      'Sicherungen von vor einem Wechsel des Schlüssels brauchen den Schlüssel von davor, und dessen Notfallblatt.',
  },

  rotate: {
    title: 'Schlüssel wechseln',
    text: 'Jedes Geheimnis wird mit einem neuen Schlüssel versiegelt, während der Server läuft. Sinnvoll, wenn jemand den alten gesehen haben könnte.',
    button: 'Schlüssel wechseln',
    dialogTitle: 'Den Hauptschlüssel wechseln?',
    dialogText:
      'Der Server läuft dabei weiter, und wird er angehalten, macht er danach von selbst fertig. Ältere Sicherungen brauchen weiterhin den alten Schlüssel und dessen Notfallblatt.',
    how: 'Wie der neue Schlüssel aufbewahrt wird',
    ways: {
      generated: { title: 'In einer Datei', text: 'Startet von selbst. Die Datei liegt im Datenordner.' },
      passphrase: {
        title: 'Mit einer Passphrase verschlossen',
        text: 'Nach jedem Start muss jemand den Server öffnen; bis dahin läuft nichts.',
      },
    },
    passphrase: 'Neue Passphrase',
    passphraseHint: 'Fünf oder mehr Wörter, die niemand zusammenstellen würde.',
    again: 'Noch einmal',
    notSame: 'Die beiden sind nicht gleich.',
    elsewhere: (place) =>
      `Dein Schlüssel kommt von ${place}. Schreibe dort einen neuen in eine zweite Zeile unter den jetzigen und mach dann hier weiter. Ist es fertig, entferne die erste Zeile.`,
    command: 'Ein neuer Schlüssel, zum Beispiel:',
    running: 'Der Schlüssel wird gewechselt',
    progress: (done, total) => `${done} von ${total} Geheimnissen`,
    fromTo: (from, to) => `von ${from} zu ${to}`,
    stalled: 'Es geht nicht weiter; jede Minute ein neuer Versuch.',
    begun: 'Der Schlüssel wird gewechselt',
    done: (key) => `Der Schlüssel ist gewechselt: ${key}`,
  },
}
