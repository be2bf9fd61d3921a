import type { Page } from '@playwright/test'
import { layoutFaults } from './in-page/layout-faults.ts'
import { plainTexts } from './in-page/plain-texts.ts'
import { smallTargets } from './in-page/small-targets.ts'

/** What a page does wrong with its room, as it stands. Each fault is a line that names the element. */
export const findLayoutFaults = (page: Page): Promise<string[]> => page.evaluate(layoutFaults)

/** What on a page is smaller than a finger needs, so many pixels in both directions. */
export const findSmallTargets = (page: Page, px: number): Promise<string[]> => page.evaluate(smallTargets, px)

/** Dates and times, for which the pseudo-locale has the words of English. */
const ofIntl =
  /^(?:\W|\d|am|pm|GMT|h|min|kB|[MGT]B|(?:Sun|Mon|Tues?|Wed(?:nes)?|Thu(?:rs)?|Fri|Sat(?:ur)?)(?:day)?|Jan(?:uary)?|Feb(?:ruary)?|Mar(?:ch)?|Apr(?:il)?|May|June?|July?|Aug(?:ust)?|Sep(?:tember)?|Oct(?:ober)?|Nov(?:ember)?|Dec(?:ember)?|yesterday|today|tomorrow|now|in|ago|last|next|seconds?|minutes?|hours?|days?|weeks?|months?|years?)*$/i
/** Names that are the same in every language: zones of time, ids, targets, programs and protocols. */
const ofTheWorld =
  /^(?:[A-Z]\w+\/[\w/+-]+|UTC|tag:.*|\w{3}_\w{26}|[a-z-]+\.[a-z-]+|claude-[\w-]+|Claude Agent Runner Lite)$/

/** Words on a page in the pseudo-locale that went past its catalogue; what the server said is none of them. */
export async function findPlainEnglish(page: Page, replies: string): Promise<string[]> {
  const found = await page.evaluate(plainTexts)
  return found.filter((text) =>
    text
      .split(/ · |, |: |^: /)
      .some((part) => !replies.includes(part) && !ofIntl.test(part) && !ofTheWorld.test(part)),
  )
}
