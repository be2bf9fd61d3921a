import { describe, expect, test } from 'vitest'
import type { ChannelKind, Notice } from '../../contract/notifications.ts'
import { payloadsWith } from '../../testbed/hostile-corpus.ts'
import { toApprise } from './channels/apprise.ts'
import { toEvents } from './channels/broker.ts'
import { toDiscord } from './channels/discord.ts'
import type { ToRequest, Wanted } from './channels/form.ts'
import { toGotify } from './channels/gotify.ts'
import { toMail } from './channels/mail.ts'
import { toNtfy } from './channels/ntfy.ts'
import { toPing } from './channels/ping.ts'
import { toPushover } from './channels/pushover.ts'
import { toSlack } from './channels/slack.ts'
import { toTelegram } from './channels/telegram.ts'
import { toWebhook } from './channels/webhook.ts'
import { toHomeAssistant } from './home-assistant.ts'
import { compose } from './message.ts'
import { aNotice } from '../../testbed/notification-floor.ts'

/** Whatever a node says, it stays text: nobody is called by it, nothing is led elsewhere, nothing is added. */

const tricks = [
  '@everyone @here <@123> <@&456> <#789> <!channel> <!here> @channel',
  '[click me](https://evil.example/x) <https://evil.example|here>',
  'https://evil.example/?q=1 www.evil.example mailto:a@evil.example javascript:alert(1)',
  '**bold** _it_ `code` ```\nblock\n``` ~~gone~~ ||spoiler|| # head > quote',
  '</code></b><a href="https://evil.example">x</a><tg-spoiler>',
  'x\r\nBcc: victim@example.com\r\n\r\nbody',
  'Subject: x\nTo: victim@example.com',
  'carl/#/+/$SYS/../../homeassistant/switch/x/set',
  '{{ states("x") }} {% for x in y %}',
  '\u202egnp.exe\u202c\u200b\u2066hidden\u2069\u0000\u001b[31m',
  '"},{"title":"injected","severity":"info"}',
  'x&status=up&priority=2&url=https://evil.example',
  `${'a'.repeat(100_000)}`,
  '\ud800 lone surrogate',
]
const payloads = [...tricks, ...payloadsWith('CANARY')]

/** Its own words may change with the language; what is harmless may not. */
const inGerman = { language: 'de', zone: 'Europe/Berlin' } as const
const noticeOf = (text: string, key = 'k'): Notice => ({
  ...aNotice({
    key,
    title: text.slice(0, 2_000),
    nodeName: text.slice(0, 200),
    detail: text.slice(0, 8_000),
  }),
  id: 'ntc_01jd0000000000000000000001' as Notice['id'],
  at: '2026-11-26T12:00:00.000Z',
})

const dlv = 'dlv_01jd0000000000000000000001' as never
const messagesOf = (text: string) => [
  compose(dlv, '2026-11-26T12:00:00.000Z', [noticeOf(text)], inGerman),
  compose(dlv, '2026-11-26T12:00:00.000Z', [noticeOf(text), noticeOf(text, 'other')], inGerman),
]

function wantedOf<Kind extends ChannelKind>(
  message: ReturnType<typeof compose>,
  settings: object,
  secrets: object,
): Wanted<Kind> {
  return {
    message,
    link: (page) => `https://carl.home.lan${page}`,
    settings: settings as Wanted<Kind>['settings'],
    secrets: secrets as Wanted<Kind>['secrets'],
    now: new Date('2026-11-26T12:00:00.000Z'),
  }
}

const server = 'https://push.home.lan'
const url = 'https://push.home.lan/hook'
/** Each takes its own settings; the table gives each the ones it takes. */
const way = (toRequest: unknown) => toRequest as ToRequest<never>
const ways: Readonly<Record<string, [ToRequest<never>, object, object]>> = {
  webhook: [way(toWebhook), {}, { url, secret: 'sixteen characters' }],
  discord: [way(toDiscord), {}, { url }],
  slack: [way(toSlack), {}, { url }],
  telegram: [way(toTelegram), { server, chatId: '1' }, { token: '1:a' }],
  ntfy: [way(toNtfy), { server, topic: 'carl' }, {}],
  gotify: [way(toGotify), { server }, { token: 't' }],
  pushover: [way(toPushover), { server }, { token: 't', user: 'u' }],
  apprise: [way(toApprise), { server, tag: '' }, { configKey: 'k' }],
}

/** Every text that the other side finds in a body. */
function textsIn(body: string): string[] {
  if (!body.startsWith('{')) return [...new URLSearchParams(body).values()]
  const texts: string[] = []
  JSON.parse(body, (_, value: unknown) => (typeof value === 'string' ? texts.push(value) : 0, value))
  return texts
}

const bodiesOf = (way: keyof typeof ways, text: string) =>
  messagesOf(text).map((message) => {
    const [toRequest, settings, secrets] = ways[way] as (typeof ways)[string]
    const request = toRequest(wantedOf<never>(message, settings, secrets))
    return { request, body: String(request?.body) }
  })

describe.each(Object.keys(ways))('%s', (way) => {
  test(`takes ${payloads.length} hostile texts as text`, () => {
    for (const text of payloads) {
      for (const { request, body } of bodiesOf(way, text)) {
        expect(new URL(request?.url ?? '').origin).toBe('https://push.home.lan')
        // The only address in it is ours.
        const texts = textsIn(body)
        const addresses = texts.flatMap((found) => found.match(/\w+:\/\/[^\s"'|<>)]+/g) ?? [])
        expect(addresses.filter((found) => !found.startsWith('https://carl.home.lan/'))).toEqual([])
        expect(texts.join()).not.toMatch(/[\u202a-\u202e\u2066-\u2069\u200b\u0000\u001b]/)
        expect(texts.every((found) => found.isWellFormed())).toBe(true)
        expect(body.length).toBeLessThan(32_000)
      }
    }
  })
})

test('Discord calls nobody and takes no markup', () => {
  for (const text of payloads) {
    for (const { body } of bodiesOf('discord', text)) {
      const { allowed_mentions, embeds } = JSON.parse(body) as {
        allowed_mentions: { parse: string[] }
        embeds: { title: string; description: string }[]
      }
      expect(allowed_mentions).toEqual({ parse: [] })
      for (const { title, description } of embeds) {
        expect(`${title}\n${description}`).not.toMatch(/(?<!\\)(?:\\\\)*[@<>*_`~|[\]]/)
        expect(title.length).toBeLessThanOrEqual(256)
        expect(description.length).toBeLessThanOrEqual(4_096)
      }
    }
  }
})

test('Slack gets it as plain text, and the link beside it is ours', () => {
  for (const text of payloads) {
    for (const { body } of bodiesOf('slack', text)) {
      const { text: head, blocks } = JSON.parse(body) as {
        text: string
        blocks: { text: { type: string; text: string } }[]
      }
      expect(head).not.toMatch(/[<>]/)
      const marked = blocks.filter(({ text: { type } }) => type !== 'plain_text')
      expect(marked.map(({ text: part }) => part.text)).toEqual([
        expect.stringMatching(/^<https:\/\/carl\.home\.lan\/[^|<>]*\|Dashboard öffnen>$/),
      ])
    }
  }
})

test('Telegram knows no tag in it but ours', () => {
  for (const text of payloads) {
    for (const { body } of bodiesOf('telegram', text)) {
      const { text: html } = JSON.parse(body) as { text: string }
      const tags = new Set(html.match(/<[^>]*>/g))
      for (const tag of tags) {
        expect(tag).toMatch(/^<(?:\/?b|\/?code|\/a|a href="https:\/\/carl\.home\.lan\/[^"]*")>$/)
      }
      expect(html.match(/<code>/g)?.length).toBe(html.match(/<\/code>/g)?.length)
      expect(Buffer.byteLength(html)).toBeLessThan(4_096)
    }
  }
})

test('a mail gets no header of it', () => {
  for (const text of payloads) {
    for (const message of messagesOf(text)) {
      const { mail } = toMail(wantedOf<'email'>(message, { from: 'a@b.c', to: ['d@e.f'], username: '' }, {}))
      expect(mail.subject).not.toMatch(/[\r\n]/)
      expect(mail.text).not.toMatch(/\r/)
      expect(mail.to).toEqual(['d@e.f'])
    }
  }
})

test('a broker gets no topic of it, and Home Assistant no template', () => {
  const settings = { topic: 'carl', discovery: true, discoveryPrefix: 'homeassistant' } as never
  for (const text of payloads) {
    const published = [
      ...messagesOf(text).flatMap((message) => toEvents(wantedOf<'mqtt'>(message, settings, {}))),
      ...toHomeAssistant(
        settings,
        [
          {
            id: 'nod_01jd0000000000000000000001',
            name: text,
            health: 'ok',
            openFindings: 0,
            worst: null,
            lastRunAt: null,
            lastSeenAt: null,
            diskUsedPct: null,
            costMonthUsd: 0,
          },
        ],
        { version: '1', costTodayUsd: 0, costMonthUsd: 0, approvalsPending: 0, findingsOpen: 0 },
      ),
    ]
    for (const { topic, payload } of published) {
      expect(topic).toMatch(/^[\w/]+$/)
      const { value_template: template } = JSON.parse(payload) as { value_template?: string }
      expect(template ?? '{{ value_json.none }}').toMatch(/^\{\{ value_json\.\w+ \}\}$/)
    }
  }
})

test('a watchman is asked for nothing but its own address', () => {
  for (const text of payloads) {
    const notice = { ...noticeOf(text), kind: 'run.failed' as const }
    const message = compose(dlv, '2026-11-26T12:00:00.000Z', [notice], inGerman)
    const kuma = toPing(wantedOf<'ping'>(message, { flavour: 'uptime-kuma' }, { url: `${url}?status=up` }))
    const asked = new URL(kuma?.url ?? '')
    expect(`${asked.origin}${asked.pathname}`).toBe(url)
    expect([...asked.searchParams.keys()].toSorted()).toEqual(['msg', 'status'])
    expect(asked.searchParams.get('status')).toBe('down')
  }
})
