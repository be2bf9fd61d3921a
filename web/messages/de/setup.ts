import type { Messages } from '../../lib/messages.ts'

export const setup: Messages['setup'] = {
  title: 'Carl einrichten',
  way: 'Schritte der Einrichtung',
  later: 'Den Rest später',
  done: '(erledigt)',
  whatHappens: 'Was geschieht, und wo',
  byCommand: 'Dasselbe per Befehl',
  steps: {
    claim: {
      name: 'Administrator',
      title: 'Nimm diesen Server in Besitz',
      text: 'Wer den Einrichtungslink hat, darf das einmal. Von da an bist du der Administrator.',
    },
    node: {
      name: 'Erster Node',
      title: 'Füge deinen ersten Node hinzu',
      text: 'Jede Maschine, die du per SSH erreichst und die Python 3.8 oder neuer hat. Nichts wird auf ihr installiert.',
    },
    connection: {
      name: 'Verbindung',
      title: 'Prüfe die Verbindung',
      text: 'Jeder Schritt vom Namen bis zur Uhr. Beim ersten Mal vergleichst du den Fingerabdruck der Maschine.',
    },
    run: {
      name: 'Erster Lauf',
      title: 'Sieh dir den Node an',
      text: 'System Health liest, was da ist, und sagt, was jemanden braucht. Es ändert nichts.',
    },
  },
  about: {
    claim: {
      happens: [
        'Dein Passwort liegt als Argon2id-Hash in der Datenbank dieses Servers.',
        'Der Link gilt nicht mehr, sobald es einen Administrator gibt.',
        'Nichts verlässt diesen Server.',
      ],
      command: 'ADMIN_PASSWORD_FILE=/pfad/zur/datei npm start',
    },
    node: {
      happens: [
        'Schlüssel oder Passwort werden mit dem Schlüssel dieses Servers versiegelt und nie wieder gezeigt.',
        'Nichts wird kontaktiert, bevor du prüfst oder etwas startest.',
      ],
      command: 'curl -H "Authorization: Bearer $CARL_TOKEN" $CARL_URL/api/v1/nodes …',
    },
    connection: {
      happens: [
        'Der Server meldet sich einmal an, führt ein paar harmlose Befehle aus und meldet sich ab.',
        'Der bestätigte Fingerabdruck wird behalten. Ändert er sich später, läuft nichts, bis du es sagst.',
      ],
      command: 'carl doctor NAME',
    },
    run: {
      happens: [
        'Der Agent reist über die SSH-Verbindung und läuft im Speicher.',
        'Wenn er endet, bleibt nichts von ihm auf dem Node.',
        'Log und Bericht bleiben auf diesem Server.',
      ],
      command: 'carl run system-health --node NAME',
    },
  },
  claim: {
    token: 'Einrichtungs-Token',
    tokenHint: 'Er steht hinter #token= in dem Link, den der Server beim Start ausgegeben hat.',
    name: 'Name',
    password: 'Passwort',
    passwordHint: 'Mindestens 12 Zeichen. Vier zufällige Wörter sind gut.',
    again: 'Passwort noch einmal',
    unequal: 'Die beiden sind nicht gleich.',
    submit: 'Administrator anlegen',
  },
  connection: {
    node: 'Node:',
    goOn: 'Weiter',
    skip: 'Ohne Prüfung weiter',
    change: 'Node ändern',
  },
  run: {
    start: (node) => `System Health auf ${node} ausführen`,
    harmless: 'Es dauert ein paar Sekunden.',
    waiting: 'Startet …',
    lines: 'Was der Lauf sagt',
    toReport: 'Bericht öffnen',
    toHome: 'Zur Startseite',
    again: 'Noch einmal ausführen',
  },
  finished: {
    title: 'Alles eingerichtet',
    text: 'Es gibt einen Administrator, einen Node und einen Bericht über ihn. Eines fehlt noch, für den Tag, an dem etwas kaputtgeht: das Notfallblatt.',
    toHome: 'Zur Startseite',
    toKit: 'Notfallblatt holen',
  },
}
