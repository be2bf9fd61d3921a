import type { Severity } from '../../../contract/agent-protocol.ts'
import type { ChannelKind, SecretsOf, SettingsOf } from '../../../contract/notifications.ts'
import { tongueOf } from '../../notices/say.ts'
import type { Message } from '../message.ts'

/** A message with all that a channel needs to put it into its own form. */
export interface Wanted<Kind extends ChannelKind> {
  readonly message: Message
  /** The address of a page of the dashboard; null when the server does not know its own. */
  readonly link: (page: string) => string | null
  readonly settings: SettingsOf<Kind>
  readonly secrets: SecretsOf<Kind>
  readonly now: Date
}

/** One request that says it all. */
export interface HttpRequest {
  readonly method: 'GET' | 'POST'
  readonly url: string
  readonly headers: Readonly<Record<string, string>>
  readonly body: string | Uint8Array<ArrayBuffer> | null
}

/** Puts a message into the words of one kind of channel; null when there is nothing to say there. */
export type ToRequest<Kind extends ChannelKind> = (wanted: Wanted<Kind>) => HttpRequest | null

export const postJson = (
  url: string,
  body: object,
  headers: Record<string, string> = {},
): HttpRequest & { readonly body: string } => ({
  method: 'POST',
  url,
  headers: { 'content-type': 'application/json', ...headers },
  body: JSON.stringify(body),
})

/** Everything but the title, line by line; the text of a single line is the title already. */
export function linesOf({ lines, detail }: Message): string[] {
  return lines.length === 1 ? [...detail] : [...lines.map(({ text }) => `• ${text}`), ...detail]
}

/** What stands on a link that opens the dashboard. */
export const openText = ({ language }: Message): string => tongueOf(language).openDashboard

/** Whole lines as far as they fit; nothing is cut in the middle of what an escape stands for. */
export function fit(lines: readonly string[], max: number, by = (line: string) => line.length): string[] {
  const kept: string[] = []
  let room = max - 2
  for (const line of lines) {
    room -= by(line) + 1
    if (room < 0) return [...kept, '…']
    kept.push(line)
  }
  return kept
}

export const colors: Readonly<Record<Severity, number>> = {
  critical: 0xd92d20,
  high: 0xe8590c,
  warning: 0xd9a514,
  info: 0x3b82c4,
}

/** Whether a message only tells that something is over or went well. */
export const isGoodNews = ({ lines }: Message): boolean =>
  lines.every(({ kind }) => kind === 'finding.recovered' || kind === 'run.succeeded')
