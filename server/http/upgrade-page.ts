import { html } from './escape.ts'
import { sealedStyle } from './sealed-page.ts'

/** How far an upgrade of the database is. */
export interface UpgradeProgress {
  readonly from: string | null
  readonly to: string
  /** 0 while the database is copied, before the first step. */
  readonly at: number
  readonly of: number
}

export const inWords = ({ at, of }: UpgradeProgress): string =>
  at === 0 ? `Copying the database first, then ${of} ${of === 1 ? 'step' : 'steps'}` : `Step ${at} of ${of}`

/** The one page of a server that upgrades its database. It looks again by itself, also where scripts are off. */
export const renderUpgradePage = (progress: UpgradeProgress, basePath: string): string =>
  html`<!doctype html>
<html lang="en" data-base="${basePath}">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<meta name="color-scheme" content="light dark">
<title>Upgrading · Claude Agent Runner Lite</title>
<link rel="stylesheet" href="${basePath}/upgrading.css">
<noscript><meta http-equiv="refresh" content="3"></noscript>
<script src="${basePath}/upgrading.js" defer></script>
</head>
<body>
<main>
<h1>Upgrading the database</h1>
<p>From version ${progress.from ?? 'unknown'} to ${progress.to}. Nothing is lost if it is interrupted: the next start does it again.</p>
<p id="state" role="status">${inWords(progress)}</p>
<p class="quiet">This page goes on by itself. When it is done, the log of the server says the way back.</p>
</main>
</body>
</html>
`.html

/** Goes with the page. While one server hands over to the other nobody answers for a moment, which is no reason to stop. */
export const upgradeScript = `const base = document.documentElement.dataset.base
setInterval(look, 2000)

async function look() {
  const reply = await fetch(base + '/upgrading.json', { cache: 'no-store' }).catch(() => null)
  if (reply === null) return
  if (reply.ok && reply.headers.get('content-type')?.includes('json')) {
    const { words } = await reply.json()
    document.getElementById('state').textContent = words
    return
  }
  const ready = await fetch(base + '/readyz').catch(() => null)
  if (ready?.ok) location.reload()
}
`

export const upgradeStyle = sealedStyle
