import type { Messages } from '../../lib/messages.ts'

export const explanation: Messages['explanation'] = {
  title: 'Was es bedeutet',
  byRules:
    'Die Befunde darunter stammen von festen Regeln und bleiben, wie sie sind. Das hier ist, wie ein Modell sie liest.',
  off: 'KI ist aus. Die Befunde darunter brauchen keine.',
  turnOn: 'Modell wählen',
  notAsked: {
    batched: 'KI wurde nicht gefragt.',
    called: 'KI wurde nicht gefragt.',
    off: 'KI ist für diesen Node oder Agenten aus.',
    no_novelty: 'KI wurde nicht gefragt: nichts Neues, das die Regeln nicht erklären.',
    cache_exact: 'KI wurde nicht gefragt: Die Worte von vorher gelten.',
    cache_similar: 'KI wurde nicht gefragt: Die Worte von vorher gelten.',
    budget: 'KI wurde nicht gefragt: Eine Ausgabengrenze ist erreicht.',
    circuit_open: 'KI wurde nicht gefragt: Das Modell ist mehrmals hintereinander ausgefallen.',
    no_key: 'KI wurde nicht gefragt: Es gibt keinen Schlüssel.',
    day_limit: 'KI wurde nicht gefragt: Claude Code wurde heute so oft gefragt, wie es darf.',
  },
  pending: 'Zu diesem Bericht wurde keine KI gefragt.',
  resets: (when) => `Sie darf ab ${when} wieder gefragt werden.`,
  asking:
    'Ein Modell liest diesen Bericht. Das kann eine Minute dauern; der Bericht ist auch so vollständig.',
  batched: (when) =>
    `Zum halben Preis eingereicht; die Erklärung kommt bis ${when}. Der Bericht ist auch ohne vollständig.`,
  failed: 'Es gibt keine Erklärung. Der Bericht ist auch so vollständig.',
  explain: 'Erklären',
  again: 'Neu erklären',
  deep: 'Genauer hinsehen',
  deepHint: 'Fragt das Modell, das dafür eingestellt ist; es kostet mehr.',
  reused: 'Übernommen',
  reusedFrom: (when, percent) =>
    `Gesagt über den Lauf vom ${when}, der in dem, was entscheidet, zu ${percent} gleich war`,
  happened: 'Was wahrscheinlich geschehen ist',
  lookAt: 'Was anzusehen ist',
  suggestions: 'Was sich tun ließe',
  noVerdict: 'Die Zusammenfassung des Modells hielt diesem Lauf nicht stand und fehlt daher.',
  nothingHeld: 'Nichts, was das Modell gesagt hat, hielt diesem Lauf stand; deshalb wird nichts gezeigt.',
  dropped: (count) =>
    count === 1
      ? '1 Aussage fehlt: Sie hielt diesem Lauf nicht stand.'
      : `${count} Aussagen fehlen: Sie hielten diesem Lauf nicht stand.`,
  evidence: 'Beruht auf',
  by: (model) => `Von ${model}`,
  cost: (price) => `kostete ${price}`,
  free: 'kostete nichts',
  exchange: 'Was gesendet wurde',
  exchangeTitle: 'Was gesendet wurde und was zurückkam',
  request: 'Gesendet',
  answer: 'Zurückgekommen',
  noAnswer: 'Es kam nichts zurück.',
  ask: 'Frage zu diesem Bericht',
  askLabel: 'Deine Frage',
  askHint:
    'Beantwortet wird sie aus diesem Bericht und daraus, wie oft seine Befunde vorher bestanden, aus nichts sonst.',
  placeholder: 'Warum hat das angefangen?',
  price: 'Was würde es kosten?',
  send: 'Fragen',
  sendAt: (likely, most) => `etwa ${likely}, höchstens ${most}`,
  sendFree: 'kostet nichts',
  unknownPrice: 'Der Preis dieses Modells ist nicht bekannt; der teuerste wird angenommen.',
  you: (name) => `${name} hat gefragt`,
  thinking: 'Liest …',
  noReply: 'Nichts Gesagtes hielt diesem Lauf stand.',
  questionFailed: 'Keine Antwort.',
}
